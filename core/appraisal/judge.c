/* SPDX-License-Identifier: Apache-2.0 */
#include "core/appraisal/judge.h"

static const char *keep(struct judge *j, const char *s)
{
	if (!s)
		return NULL;
	struct text t = { .p = (char *)(uintptr_t)s, .n = strlen(s) };
	const char *copy = text_in(&t, j->arena);

	j->oom |= copy == NULL;
	return copy;
}

/* AR4SI's value for this reason; the worse tier stays, and of two equals the
 * first, except that 99 (the evidence itself is broken) outranks all. */
static void weaken(struct assay_verdict *v, const struct assay_reason_info *info,
		   enum assay_severity severity)
{
	int8_t *claim = &v->vector[info->claim];
	int8_t value =
		severity == ASSAY_SEVERITY_WARNING ? info->warning : info->contraindicated;
	enum assay_tier tier =
		severity == ASSAY_SEVERITY_WARNING ? ASSAY_WARNING : ASSAY_CONTRAINDICATED;

	v->status = assay_tier_worse(v->status, tier);
	if (assay_tier_worse(assay_tier_of(value), assay_tier_of(*claim)) !=
		    assay_tier_of(*claim) ||
	    value == 99)
		*claim = value;
}

enum assay_severity judge_add(struct judge *j, enum assay_reason_code code, const char *where,
			      const char *found, const char *expected)
{
	const struct assay_reason_info *info = assay_reason_info(code);
	enum assay_severity severity = info->fixed ? info->severity : j->policy->severity[code];
	struct assay_verdict *v = &j->out->verdict;

	if (severity != ASSAY_SEVERITY_INFO)
		weaken(v, info, severity);
	/* a flood of one kind must not push another kind out */
	bool again = j->told[code];
	j->told[code] = true;
	if (v->nreasons + (again ? ASSAY_REASON_CODES_N : 0) >= ASSAY_REASONS_MAX) {
		v->omitted++;
		return severity;
	}
	j->reasons[v->nreasons++] = (struct assay_reason){
		.code = code,
		.severity = severity,
		.where = keep(j, where),
		.found = keep(j, found),
		.expected = keep(j, expected),
		.hint = info->hint,
	};
	return severity;
}

bool judge_replayed(const struct judge *j, uint32_t p)
{
	return j->bank >= 0 && p < ASSAY_PCRS &&
	       j->claims->state[j->bank][p] == ASSAY_PCR_REPLAYED;
}

bool judge_accepts_hash(const struct judge *j, uint16_t alg)
{
	for (size_t i = 0; i < j->policy->nhashes; i++)
		if (j->policy->hashes[i] == alg)
			return true;
	return false;
}

void text_pcrs(struct text *t, uint32_t mask)
{
	const char *before = "PCR ";

	for (uint32_t p = 0; p < ASSAY_PCRS; p++) {
		if (!(mask & 1u << p))
			continue;
		text_str(t, before);
		text_u64(t, p);
		mask &= ~(1u << p);
		before = mask & (mask - 1) ? ", " : " and ";
	}
}

void text_digest(struct text *t, uint16_t alg, struct assay_slice digest)
{
	const char *name = assay_alg_name(alg);

	text_str(t, name ? name : "unknown");
	text_str(t, ":");
	text_hex(t, digest);
}
