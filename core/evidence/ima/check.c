/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/evidence/ima/fields.h"

/* What the kernel hashes (ima_calc_field_array_hash_tfm). */
static bool data_hash(struct assay_crypto *crypto, uint16_t alg,
		      const struct assay_ima_entry *e, uint8_t out[ASSAY_DIGEST_MAX])
{
	static const uint8_t zeros[IMA_LEGACY_NAME_MAX + 1];

	if (!e->legacy)
		return assay_hash1(crypto, alg, e->data, out);
	if (e->name.n > IMA_LEGACY_NAME_MAX)
		return false;

	const struct assay_slice parts[] = { e->digest,
					     e->name,
					     { zeros, sizeof zeros - e->name.n } };
	struct assay_digest d;
	if (!assay_hash(crypto, alg, parts, 3, &d))
		return false;
	memcpy(out, d.b, sizeof d.b);
	return true;
}

bool assay_ima_check(struct assay_crypto *crypto, const struct assay_ima_entry *e,
		     uint8_t *sha1)
{
	uint8_t d[ASSAY_DIGEST_MAX];

	if (sha1 || (e->template_alg == ASSAY_SHA1 && !e->violation)) {
		if (!data_hash(crypto, ASSAY_SHA1, e, d))
			return false;
		if (sha1)
			memcpy(sha1, d, assay_alg_size(ASSAY_SHA1));
	}
	if (e->violation)
		return true;
	if (e->template_alg != ASSAY_SHA1 && !data_hash(crypto, e->template_alg, e, d))
		return false;
	return slice_eq(e->template_hash,
			(struct assay_slice){ d, assay_alg_size(e->template_alg) });
}

bool assay_ima_extend_value(struct assay_crypto *crypto, const struct assay_ima_entry *e,
			    uint16_t alg, enum assay_ima_mode mode, const uint8_t *sha1,
			    uint8_t *out)
{
	const size_t size = assay_alg_size(alg), sha1_size = assay_alg_size(ASSAY_SHA1);
	uint8_t d[ASSAY_DIGEST_MAX] = { 0 };

	if (size < sha1_size)
		return false;
	if (e->violation)
		memset(d, 0xff, size);
	else if (mode == ASSAY_IMA_NATIVE && alg != ASSAY_SHA1) {
		if (!data_hash(crypto, alg, e, d))
			return false;
	} else if (sha1) {
		memcpy(d, sha1, sha1_size);
	} else {
		uint8_t full[ASSAY_DIGEST_MAX];

		if (!data_hash(crypto, ASSAY_SHA1, e, full))
			return false;
		memcpy(d, full, sha1_size);
	}
	memcpy(out, d, size);
	return true;
}

bool assay_ima_buf_check(struct assay_crypto *crypto, const struct assay_ima_entry *e)
{
	uint8_t d[ASSAY_DIGEST_MAX];

	return !e->violation && e->buf.n > 0 && assay_alg_computable(e->digest_alg) &&
	       assay_hash1(crypto, e->digest_alg, e->buf, d) &&
	       slice_eq(e->digest, (struct assay_slice){ d, assay_alg_size(e->digest_alg) });
}

bool assay_ima_boot_aggregate(struct assay_crypto *crypto, const struct assay_bank *bank,
			      struct assay_digest *out)
{
	const size_t n = bank->alg == ASSAY_SHA1 ? 8 : 10;
	struct assay_slice parts[10];

	if (bank->size != assay_alg_size(bank->alg))
		return false;
	for (size_t i = 0; i < n; i++)
		parts[i] = (struct assay_slice){ bank->value[i], bank->size };
	return assay_hash(crypto, bank->alg, parts, n, out);
}
