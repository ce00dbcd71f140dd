/* SPDX-License-Identifier: Apache-2.0
 * eventlog_build - logs made by hand, for tests: crypto-agile, SHA-1 and SHA-256. */
#pragma once
#include <assay/evidence/eventlog.h>
#include <stdlib.h>
#include <string.h>

struct build {
	struct assay_crypto *crypto;
	uint8_t b[16384];
	size_t n;
};

static inline void build_bytes(struct build *l, const void *p, size_t n)
{
	if (n > sizeof l->b - l->n)
		abort();
	if (n > 0)
		memcpy(l->b + l->n, p, n);
	l->n += n;
}

static inline void build_le(struct build *l, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		build_bytes(l, &(uint8_t){ (uint8_t)(v >> 8 * i) }, 1);
}

/* 69 bytes: TCG_PCR_EVENT with TCG_EfiSpecIDEvent. */
static inline void build_header(struct build *l)
{
	static const uint8_t zero[20];

	build_le(l, 0, 4);
	build_le(l, (uint32_t)ASSAY_EV_NO_ACTION, 4);
	build_bytes(l, zero, sizeof zero);
	build_le(l, 37, 4);
	build_bytes(l, "Spec ID Event03", 16);
	build_bytes(l, "\0\0\0\0\0\2\0\2", 8);
	build_bytes(l, "\2\0\0\0\4\0\24\0\13\0\40\0\0", 13);
}

static inline struct assay_slice text_of(const char *s)
{
	return (struct assay_slice){ (const uint8_t *)s, strlen(s) };
}

/* A TCG_PCR_EVENT2 of 88 bytes and the data; hashed.p == NULL: zero digests. */
static inline void build_event(struct build *l, uint32_t pcr, uint32_t type,
			       struct assay_slice data, struct assay_slice hashed)
{
	static const uint16_t algs[2] = { ASSAY_SHA1, ASSAY_SHA256 };

	build_le(l, pcr, 4);
	build_le(l, type, 4);
	build_le(l, 2, 4);
	for (size_t i = 0; i < 2; i++) {
		uint8_t d[ASSAY_DIGEST_MAX] = { 0 };
		build_le(l, algs[i], 2);
		if (hashed.p && !assay_hash1(l->crypto, algs[i], hashed, d))
			abort();
		build_bytes(l, d, assay_alg_size(algs[i]));
	}
	build_le(l, data.n, 4);
	build_bytes(l, data.p, data.n);
}

/* UEFI_VARIABLE_DATA into out[cap]; the name in ASCII. */
static inline struct assay_slice build_variable(uint8_t *out, size_t cap, const char *name,
						const void *data, size_t n)
{
	size_t chars = strlen(name), total = 32 + 2 * chars + n;

	if (total > cap || chars > 255 || n > 255)
		abort();
	memset(out, 0, total);
	memset(out, 0x61, 16);
	out[16] = (uint8_t)chars;
	out[24] = (uint8_t)n;
	for (size_t i = 0; i < chars; i++)
		out[32 + 2 * i] = (uint8_t)name[i];
	if (n > 0)
		memcpy(out + 32 + 2 * chars, data, n);
	return (struct assay_slice){ out, total };
}

static inline struct assay_slice build_log(const struct build *l)
{
	return (struct assay_slice){ l->b, l->n };
}
