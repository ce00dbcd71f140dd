/* SPDX-License-Identifier: Apache-2.0
 * What the regressions of IMA lists share: building records and lines. */
#pragma once
#include <assay/evidence/ima.h>
#include <string.h>

#include "core/base/slice.h"
#include "tests/tap.h"

struct list {
	uint8_t p[4096];
	size_t n;
};

static inline void list_add(struct list *l, const void *p, size_t n)
{
	memcpy(l->p + l->n, p, n);
	l->n += n;
}

static inline void list_u32(struct list *l, size_t v)
{
	const uint8_t le[4] = { (uint8_t)v, (uint8_t)(v >> 8), 0, 0 };

	list_add(l, le, sizeof le);
}

/* A record of PCR 10; violation: with a template hash of zeros. */
static inline void list_record(struct list *l, struct assay_crypto *crypto,
			       const char *template, struct assay_slice data, bool violation)
{
	uint8_t hash[ASSAY_DIGEST_MAX] = { 0 };

	if (!violation && !assay_hash1(crypto, ASSAY_SHA1, data, hash))
		return;
	list_u32(l, 10);
	list_add(l, hash, 20);
	list_u32(l, strlen(template));
	list_add(l, template, strlen(template));
	if (strcmp(template, "ima") != 0)
		list_u32(l, data.n);
	list_add(l, data.p, data.n);
}

/* Template data d-ng|n-ng and, where last.p is not NULL, one field more. */
static inline struct assay_slice ima_data(struct list *l, const char *alg,
					  struct assay_slice digest, const char *name,
					  struct assay_slice last)
{
	l->n = 0;
	list_u32(l, strlen(alg) + 2 + digest.n);
	list_add(l, alg, strlen(alg));
	list_add(l, ":", 2);
	list_add(l, digest.p, digest.n);
	list_u32(l, strlen(name) + 1);
	list_add(l, name, strlen(name) + 1);
	if (last.p) {
		list_u32(l, last.n);
		list_add(l, last.p, last.n);
	}
	return (struct assay_slice){ l->p, l->n };
}

static inline struct assay_slice list_slice(const struct list *l)
{
	return (struct assay_slice){ l->p, l->n };
}
