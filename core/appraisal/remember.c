/* SPDX-License-Identifier: Apache-2.0
 *
 * What is remembered of a message: the receipt's words about the machine. */
#include "core/appraisal/judge.h"

/* True when another bank has no more than PCR 10 quoted: of it a receipt holds no other. */
static bool one_bank(const struct assay_claims *c, size_t judged)
{
	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++)
		if (b != judged && (c->quoted[b] & ~(1u << IMA_PCR)) != 0)
			return false;
	return c->odd_bank == 0;
}

/* True when each register's value is proven, and PCR 10 is the list's doing in each bank. */
static bool registers_proven(const struct assay_claims *c)
{
	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++)
		for (uint32_t p = 0; p < ASSAY_PCRS; p++) {
			enum assay_pcr_state s = c->state[b][p];
			if (s == ASSAY_PCR_UNKNOWN ||
			    (p == IMA_PCR && s != ASSAY_PCR_REPLAYED &&
			     s != ASSAY_PCR_NOT_QUOTED))
				return false;
		}
	return true;
}

static bool list_judged(const struct assay_claims *c, size_t judged)
{
	const struct assay_ima_claims *ima = &c->ima;

	return ima->present && !ima->ascii && ima->proven && ima->quoted > 0 &&
	       ima->bad_hashes == 0 && ima->padded == 0 && ima->pcrs == 1u << IMA_PCR &&
	       c->quoted[judged] & 1u << IMA_PCR;
}

/* The quoted values of the judged bank one after the other, without PCR 10. */
static bool keep_registers(const struct assay_claims *c, size_t judged,
			   struct assay_arena *arena, struct assay_receipt *out)
{
	const struct assay_bank *v = &c->value[judged];
	uint8_t *p;

	out->pcr_alg = assay_claim_alg(judged);
	out->pcr_mask = c->quoted[judged] & ~(1u << IMA_PCR);
	out->pcrs = c->pcrs;
	if (c->resumed || out->pcr_mask == 0)
		return out->pcr_mask != 0;
	p = assay_arena_raw(arena, (size_t)ASSAY_PCRS * v->size);
	out->pcrs = (struct assay_slice){ p, 0 };
	if (!p)
		return false;
	for (uint32_t i = 0; i < ASSAY_PCRS; i++)
		if (out->pcr_mask & 1u << i) {
			memcpy(p + out->pcrs.n, v->value[i], v->size);
			out->pcrs.n += v->size;
		}
	return true;
}

/* Banks ascend by their number, as a receipt wants them. */
static void keep_list(const struct assay_claims *c, struct assay_receipt *out)
{
	out->nbanks = 0;
	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++) {
		const struct assay_bank *v = &c->value[b];
		if (!(c->quoted[b] & 1u << IMA_PCR))
			continue;
		out->bank[out->nbanks].alg = v->alg;
		out->bank[out->nbanks].index = c->ima.quoted;
		out->bank[out->nbanks].pcr10 =
			(struct assay_slice){ v->value[IMA_PCR], v->size };
		out->nbanks++;
	}
}

bool assay_receipt_of(const struct assay_claims *claims,
		      const struct assay_appraisal *appraisal, struct assay_arena *arena,
		      struct assay_receipt *out)
{
	int judged = assay_claim_bank(appraisal->bank);

	if (appraisal->verdict.status == ASSAY_NONE || !appraisal->signature_ok ||
	    appraisal->forgetful || judged < 0)
		return false;
	if (!one_bank(claims, (size_t)judged) || !list_judged(claims, (size_t)judged) ||
	    (!claims->resumed && !registers_proven(claims)) ||
	    !keep_registers(claims, (size_t)judged, arena, out))
		return false;
	keep_list(claims, out);
	out->resetCount = claims->quote.resetCount;
	out->clock = claims->quote.clock;
	out->ndeviations = 0;
	for (size_t i = 0; i < appraisal->ndeviations; i++)
		if (!assay_receipt_deviate(out, &appraisal->deviations[i]))
			return false;
	return true;
}
