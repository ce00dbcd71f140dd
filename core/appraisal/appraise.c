/* SPDX-License-Identifier: Apache-2.0 */
#include "core/appraisal/judge.h"

size_t assay_appraisal_bytes(void)
{
	/* three texts a reason, three a component (name, signer, provenance), what a receipt
	 * is made of, the scratch of an ASCII list here and in claims */
	return ASSAY_REASONS_MAX * (sizeof(struct assay_reason) + 3 * (JUDGE_TEXT + 16)) +
	       ASSAY_COMPONENTS_MAX * (sizeof(struct assay_component) + JUDGE_TEXT + 3 * 256) +
	       ASSAY_DEVIATIONS_MAX * (sizeof(struct assay_deviation) + ASSAY_DIGEST_MAX) +
	       ASSAY_PCRS * ASSAY_DIGEST_MAX + 2 * ASSAY_IMA_DATA_MAX + 4096;
}

/* What may be asserted at best; reasons then weaken it. */
static void assert_best(struct judge *j)
{
	struct assay_verdict *v = &j->out->verdict;

	v->status = ASSAY_AFFIRMING;
	v->vector[ASSAY_CLAIM_INSTANCE_IDENTITY] = 2;
	v->vector[ASSAY_CLAIM_CONFIGURATION] = 2;
	/* AR4SI: 2 says during and after boot, 3 the boot alone */
	v->vector[ASSAY_CLAIM_EXECUTABLES] = j->policy->ima ? 2 : 3;
}

/* The worst first; of equals in the order of the list of reasons, then as they were found. */
static void sort_reasons(struct assay_reason *r, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct assay_reason one = r[i];
		size_t at = i;
		while (at > 0 &&
		       (r[at - 1].severity < one.severity ||
			(r[at - 1].severity == one.severity && r[at - 1].code > one.code))) {
			r[at] = r[at - 1];
			at--;
		}
		r[at] = one;
	}
}

/* A claim that ended without an assertion is not an affirming one. */
static void settle(struct judge *j)
{
	struct assay_verdict *v = &j->out->verdict;

	sort_reasons(j->reasons, v->nreasons);
	v->reasons = j->reasons;
	j->out->chain = j->chain;
	j->out->deviations = j->deviations;
	for (int c = ASSAY_CLAIM_INSTANCE_IDENTITY; c <= ASSAY_CLAIM_EXECUTABLES; c++)
		v->status = assay_tier_worse(v->status, assay_tier_of(v->vector[c]));
	if (!j->out->signature_ok || j->bank < 0)
		v->status = assay_tier_worse(v->status, ASSAY_CONTRAINDICATED);
}

bool judge_begin(struct judge *j)
{
	j->reasons = arena_room(j->arena, ASSAY_REASONS_MAX, sizeof *j->reasons);
	if (!j->reasons) {
		*j->err = (struct assay_err){ ASSAY_F_MEMORY, "arena", j->arena->at, NULL };
		return false;
	}
	assert_best(j);
	return true;
}

bool judge_end(struct judge *j, struct assay_appraisal *out)
{
	if (j->oom) {
		*j->err = (struct assay_err){ ASSAY_F_MEMORY, "arena", j->arena->at, NULL };
		return false;
	}
	settle(j);
	*out = *j->out;
	return true;
}

bool assay_appraise(struct assay_crypto *crypto, const struct assay_claims *claims,
		    const struct assay_expectation *expect, const struct assay_policy *policy,
		    const struct assay_refs *refs, struct assay_arena *arena,
		    struct assay_appraisal *out, struct assay_err *err)
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
		.chain = arena_room(arena, ASSAY_COMPONENTS_MAX, sizeof *j.chain),
		.bank = -1,
	};

	/* whoever overlooks an error finds no verdict here, least of all an old one */
	*out = (struct assay_appraisal){ .verdict.status = ASSAY_NONE };
	*err = (struct assay_err){ 0 };
	if (!j.chain || claims->resumed) {
		*err = (struct assay_err){ j.chain ? ASSAY_F_CONFLICT : ASSAY_F_MEMORY,
					   j.chain ? "resumed" : "arena", arena->at, NULL };
		return false;
	}
	if (!judge_begin(&j) || !judge_identity(&j))
		return false;
	/* what nobody signed is not looked at */
	if (result.signature_ok) {
		judge_coverage(&j);
		if (j.bank >= 0 && (!judge_boot(&j) || !judge_runtime(&j)))
			return false;
	}
	return judge_end(&j, out);
}
