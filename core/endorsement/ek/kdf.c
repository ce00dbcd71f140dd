/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/crypto/encrypt.h"
#include "core/endorsement/ek/ek.h"

static void put_u32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static bool size_ok(uint16_t hash, uint32_t bits)
{
	return assay_alg_computable(hash) && bits > 0 && bits % 8 == 0 &&
	       bits <= 8 * ASSAY_DIGEST_MAX;
}

/* Part 1: the label is NUL-terminated and its NUL is hashed. */
static struct assay_slice label_of(const char *label)
{
	return (struct assay_slice){ (const uint8_t *)label, strlen(label) + 1 };
}

bool ek_kdfa(struct assay_crypto *crypto, uint16_t hash, struct assay_slice key,
	     const char *label, struct assay_slice contextU, struct assay_slice contextV,
	     uint32_t bits, uint8_t *out)
{
	uint8_t counter[4], length[4], block[ASSAY_DIGEST_MAX];
	const struct assay_slice parts[] = {
		{ counter, 4 }, label_of(label), contextU, contextV, { length, 4 }
	};
	size_t size = assay_alg_size(hash), n = bits / 8;

	if (!size_ok(hash, bits))
		return false;
	put_u32(length, bits);
	for (uint32_t i = 1; n > 0; i++) {
		size_t take = n < size ? n : size;
		put_u32(counter, i);
		if (!crypto_hmac(crypto, hash, key, parts, 5, block))
			return false;
		memcpy(out, block, take);
		out += take;
		n -= take;
	}
	return true;
}

bool ek_kdfe(struct assay_crypto *crypto, uint16_t hash, struct assay_slice z,
	     const char *label, struct assay_slice partyU, struct assay_slice partyV,
	     uint32_t bits, uint8_t *out)
{
	uint8_t counter[4];
	struct assay_digest block;
	const struct assay_slice parts[] = {
		{ counter, 4 }, z, label_of(label), partyU, partyV
	};
	size_t size = assay_alg_size(hash), n = bits / 8;

	if (!size_ok(hash, bits))
		return false;
	for (uint32_t i = 1; n > 0; i++) {
		size_t take = n < size ? n : size;
		put_u32(counter, i);
		if (!assay_hash(crypto, hash, parts, 5, &block))
			return false;
		memcpy(out, block.b, take);
		out += take;
		n -= take;
	}
	return true;
}
