/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/crypto/internal.h"

/* TCG Algorithm Registry 1.34, table 3, with the names that the kernel uses. */
static const struct {
	uint16_t alg;
	uint8_t size;
	const char *name;
} algs[] = {
	{ ASSAY_SHA1, 20, "sha1" },         { ASSAY_SHA256, 32, "sha256" },
	{ ASSAY_SHA384, 48, "sha384" },     { ASSAY_SHA512, 64, "sha512" },
	{ ASSAY_SM3_256, 32, "sm3_256" },   { ASSAY_SHA3_256, 32, "sha3_256" },
	{ ASSAY_SHA3_384, 48, "sha3_384" }, { ASSAY_SHA3_512, 64, "sha3_512" },
};

enum { ALGS = sizeof algs / sizeof *algs };

size_t assay_alg_size(uint16_t alg)
{
	for (size_t i = 0; i < ALGS; i++)
		if (algs[i].alg == alg)
			return algs[i].size;
	return 0;
}

const char *assay_alg_name(uint16_t alg)
{
	for (size_t i = 0; i < ALGS; i++)
		if (algs[i].alg == alg)
			return algs[i].name;
	return NULL;
}

uint16_t assay_alg_by_name(struct assay_slice name)
{
	for (size_t i = 0; i < ALGS; i++)
		if (slice_is(name, algs[i].name))
			return algs[i].alg;
	return 0;
}

bool assay_alg_computable(uint16_t alg)
{
	return crypto_slot(alg) < SLOTS;
}

size_t crypto_slot(uint16_t alg)
{
	switch (alg) {
	case ASSAY_SHA1:
		return SLOT_SHA1;
	case ASSAY_SHA256:
		return SLOT_SHA256;
	case ASSAY_SHA384:
		return SLOT_SHA384;
	case ASSAY_SHA512:
		return SLOT_SHA512;
	default:
		return SLOTS;
	}
}

static const struct {
	const char *name;
	size_t size;
} slots[SLOTS] = {
	[SLOT_SHA1] = { "SHA1", 20 },
	[SLOT_SHA256] = { "SHA2-256", 32 },
	[SLOT_SHA384] = { "SHA2-384", 48 },
	[SLOT_SHA512] = { "SHA2-512", 64 },
};

const char *crypto_slot_name(size_t slot)
{
	return slots[slot].name;
}

size_t crypto_slot_size(size_t slot)
{
	return slots[slot].size;
}
