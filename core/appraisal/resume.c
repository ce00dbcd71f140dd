/* SPDX-License-Identifier: Apache-2.0
 *
 * Going on from a receipt: what a message says anew, beside what is remembered of all that it
 * does not say again. */
#include "core/appraisal/judge.h"

enum assay_going assay_resume(struct assay_crypto *crypto, const struct assay_bundle *bundle,
			      const struct assay_receipt *last, uint64_t from,
			      struct assay_claims *out, struct assay_err *err)
{
	struct assay_resume resume = {
		.resetCount = last->resetCount,
		.clock = last->clock,
		.pcr_alg = last->pcr_alg,
		.pcr_mask = last->pcr_mask,
		.pcrs = last->pcrs,
		.nbanks = last->nbanks,
	};

	*err = (struct assay_err){ 0 };
	if (last->nbanks == 0 || last->nbanks > ASSAY_CLAIM_BANKS)
		return ASSAY_GOING_FORM;
	for (size_t i = 0; i < last->nbanks; i++) {
		/* entries and registers move together: one list, one place */
		if (last->bank[i].index != last->bank[0].index)
			return ASSAY_GOING_FORM;
		resume.bank[i].alg = last->bank[i].alg;
		resume.bank[i].pcr10 = last->bank[i].pcr10;
	}
	resume.index = last->bank[0].index;
	return assay_claims_resume(crypto, bundle, &resume, from, out, err);
}

/* A reason that was found before, with the severity that the policy now gives it. */
static void tell_again(struct judge *j, const struct assay_deviation *d,
		       enum assay_reason_code code)
{
	char place[128], found[256];
	struct text w = text_over(place, sizeof place), f = text_over(found, sizeof found);

	if (slice_starts(d->reason, "ima.")) {
		text_str(&w, assay_part_name(ASSAY_PART_IMA_BINARY));
		text_str(&w, ", entry ");
	} else {
		text_str(&w, "logs of the boot, number ");
	}
	text_u64(&w, d->index);
	text_str(&w, ", judged before");
	if (!slice_all(d->digest, 0))
		text_digest(&f, d->alg, d->digest);
	judge_at_nothing(j);
	j->at.carried = d;
	judge_add(j, code, place, f.n ? found : NULL, NULL);
	judge_at_nothing(j);
}

static enum assay_going carry_on(struct judge *j, const struct assay_receipt *last, bool newer)
{
	for (size_t i = 0; i < last->ndeviations; i++) {
		const struct assay_deviation *d = &last->deviation[i];
		int code = assay_reason_by_word(d->reason);
		if (code < 0)
			return ASSAY_GOING_REASON;
		if (newer &&
		    judge_severity(j, (enum assay_reason_code)code) != ASSAY_SEVERITY_INFO)
			return ASSAY_GOING_GENERATION;
		tell_again(j, d, (enum assay_reason_code)code);
	}
	return ASSAY_GOING_ON;
}

/* What a full appraisal now would judge as the receipt's did. */
static enum assay_going same_ground(const struct judge *j, const struct assay_receipt *last)
{
	if (!j->policy->ima || j->bank < 0 || j->out->bank != last->pcr_alg)
		return ASSAY_GOING_POLICY;
	if (j->refs->n == 0 || !assay_refs_has_alg(j->refs, j->out->bank))
		return ASSAY_GOING_REFERENCES;
	return ASSAY_GOING_ON;
}

static enum assay_going judge_resumed(struct judge *j, const struct assay_receipt *last,
				      uint64_t generation)
{
	enum assay_going going;

	if (!judge_begin(j) || !judge_identity(j))
		return ASSAY_GOING_FAULT;
	/* what nobody signed is not looked at */
	if (!j->out->signature_ok)
		return ASSAY_GOING_ON;
	judge_coverage(j);
	going = same_ground(j, last);
	if (going == ASSAY_GOING_ON)
		going = carry_on(j, last, generation > last->generation);
	if (going == ASSAY_GOING_ON && !judge_new_entries(j))
		going = ASSAY_GOING_FAULT;
	return going;
}

enum assay_going assay_appraise_resumed(
	struct assay_crypto *crypto, const struct assay_claims *claims,
	const struct assay_expectation *expect, const struct assay_policy *policy,
	const struct assay_refs *refs, const struct assay_receipt *last, uint64_t generation,
	struct assay_arena *arena, struct assay_appraisal *out, struct assay_err *err)
{
	struct assay_appraisal result = { .verdict.status = ASSAY_NONE };
	struct judge j = {
		.crypto = crypto,
		.claims = claims,
		.expect = expect,
		.policy = policy,
		.refs = refs,
		.arena = arena,
		.out = &result,
		.err = err,
		.bank = -1,
	};
	enum assay_going going;

	*out = (struct assay_appraisal){ .verdict.status = ASSAY_NONE };
	*err = (struct assay_err){ 0 };
	if (!claims->resumed || claims->pcrs.p != last->pcrs.p)
		return ASSAY_GOING_FORM;
	going = judge_resumed(&j, last, generation);
	if (going == ASSAY_GOING_ON && !judge_end(&j, out))
		going = ASSAY_GOING_FAULT;
	return going;
}
