/* SPDX-License-Identifier: Apache-2.0
 * The quote itself, before any log. */
#include "core/base/slice.h"
#include "core/evidence/claims/replay.h"

bool claims_fail(struct assay_err *err, enum assay_part part, enum assay_fault fault,
		 const char *field)
{
	if (err->fault == ASSAY_F_OK)
		*err = (struct assay_err){ fault, field, 0, NULL };
	err->artefact = assay_part_name(part);
	return false;
}

static bool read_both(const struct assay_bundle *b, struct assay_quote *quote,
		      struct assay_signature *signature, struct assay_err *err)
{
	if (!b->present[ASSAY_PART_QUOTE_MSG])
		return claims_fail(err, ASSAY_PART_QUOTE_MSG, ASSAY_F_MISSING, "TPMS_ATTEST");
	if (!b->present[ASSAY_PART_QUOTE_SIG])
		return claims_fail(err, ASSAY_PART_QUOTE_SIG, ASSAY_F_MISSING,
				   "TPMT_SIGNATURE");
	if (!assay_quote_read(b->part[ASSAY_PART_QUOTE_MSG], quote, err))
		return claims_fail(err, ASSAY_PART_QUOTE_MSG, ASSAY_F_RANGE, "TPMS_ATTEST");
	if (!assay_signature_read(b->part[ASSAY_PART_QUOTE_SIG], signature, err))
		return claims_fail(err, ASSAY_PART_QUOTE_SIG, ASSAY_F_RANGE, "TPMT_SIGNATURE");
	return true;
}

bool claims_read_quote(struct assay_claims *c, struct assay_err *err)
{
	if (!read_both(&c->bundle, &c->quote, &c->signature, err))
		return false;
	c->digest_fits = c->quote.pcrDigest.n == assay_alg_size(c->signature.hash);
	for (size_t i = 0; i < c->quote.pcrSelect.n; i++) {
		int bank = assay_claim_bank(c->quote.pcrSelect.bank[i].hash);
		if (bank >= 0)
			c->quoted[bank] = c->quote.pcrSelect.bank[i].mask;
		else if (c->quote.pcrSelect.bank[i].mask != 0)
			c->odd_bank = c->quote.pcrSelect.bank[i].hash;
	}
	return true;
}

bool assay_quote_check(struct assay_crypto *crypto, const struct assay_bundle *bundle,
		       const struct assay_ak *ak, struct assay_quote *quote,
		       struct assay_quote_checked *out, struct assay_err *err)
{
	struct assay_signature signature;
	struct assay_quote q;

	*err = (struct assay_err){ 0 };
	if (!read_both(bundle, &q, &signature, err) ||
	    !assay_quote_verify(crypto, ak->key, ak->has_public ? &ak->pub : NULL, &q,
				&signature))
		return false;
	*quote = q;
	*out = (struct assay_quote_checked){ .key = ak->key,
					     .message = bundle->part[ASSAY_PART_QUOTE_MSG],
					     .signature = bundle->part[ASSAY_PART_QUOTE_SIG] };
	return true;
}
