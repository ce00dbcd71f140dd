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

/* What becomes of a reason when the next message goes on from a receipt. */
enum carry {
	CARRIED,    /* the receipt holds it: what it speaks of will not be shown again */
	ANEW,       /* each message shows it, or does not */
	FORGETTING, /* with it there is no receipt */
};

static enum carry carry_of(enum assay_reason_code code)
{
	switch (code) {
	case ASSAY_R_IDENTITY_KEY_ATTRIBUTES_UNKNOWN:
	case ASSAY_R_IDENTITY_KEY_ATTRIBUTES:
	case ASSAY_R_IDENTITY_KEY_WEAK:
	case ASSAY_R_IDENTITY_PARENT:
	case ASSAY_R_QUOTE_HASH_WEAK:
	case ASSAY_R_QUOTE_PCR_NOT_QUOTED:
	case ASSAY_R_QUOTE_CLOCK_UNSAFE:
	case ASSAY_R_IMA_ENTRIES_UNQUOTED:
		return ANEW;
	/* nobody knows who said it, or when */
	case ASSAY_R_IDENTITY_KEY_UNKNOWN:
	case ASSAY_R_IDENTITY_KEY_MISMATCH:
	case ASSAY_R_QUOTE_SIGNATURE_INVALID:
	case ASSAY_R_QUOTE_NONCE_MISMATCH:
	case ASSAY_R_QUOTE_FRESHNESS_UNCHECKED:
	case ASSAY_R_QUOTE_ARCHIVE:
	/* or what the registers held, or the list */
	case ASSAY_R_QUOTE_BANK_WEAK:
	case ASSAY_R_QUOTE_DIGEST_MISMATCH:
	case ASSAY_R_IMA_NOT_QUOTED:
	case ASSAY_R_IMA_NOT_PROVEN:
	case ASSAY_R_IMA_TEMPLATE_HASH:
	case ASSAY_R_IMA_BANK_PADDED:
	case ASSAY_R_IMA_ASCII_ONLY:
	/* or it was not judged */
	case ASSAY_R_IMA_LOG_MISSING:
	case ASSAY_R_REFERENCE_NONE:
	case ASSAY_R_REFERENCE_BANK_MISSING:
		return FORGETTING;
	default:
		return CARRIED;
	}
}

/* The digest by which a receipt knows what is being looked at; NULL when there is no memory,
 * or libcrypto fails. */
static const uint8_t *digest_at(struct judge *j)
{
	static const uint8_t none[ASSAY_DIGEST_MAX];
	size_t size = assay_alg_size(j->out->bank);
	uint8_t *p;

	if (!j->at.entry && j->at.digest.n != size)
		return none;
	/* of an entry the buffer of any bank: a violation fills it */
	p = assay_arena_raw(j->arena, ASSAY_DIGEST_MAX);
	if (!p) {
		j->oom = true;
		return NULL;
	}
	if (!j->at.entry)
		return memcpy(p, j->at.digest.p, size);
	return assay_ima_extend_value(j->crypto, j->at.entry, j->out->bank, ASSAY_IMA_NATIVE,
				      NULL, p)
		       ? p
		       : NULL;
}

static void remember(struct judge *j, enum assay_reason_code code)
{
	struct assay_appraisal *out = j->out;
	enum carry carry = carry_of(code);
	const uint8_t *digest;

	out->forgetful |= carry == FORGETTING ||
			  (carry == CARRIED && out->ndeviations == ASSAY_DEVIATIONS_MAX);
	if (carry != CARRIED || out->forgetful)
		return;
	if (!j->deviations)
		j->deviations =
			arena_room(j->arena, ASSAY_DEVIATIONS_MAX, sizeof *j->deviations);
	if (!j->deviations) {
		j->oom = true;
		return;
	}
	if (j->at.carried) {
		j->deviations[out->ndeviations++] = *j->at.carried;
		return;
	}
	digest = digest_at(j);
	if (!digest) {
		out->forgetful = true;
		return;
	}
	j->deviations[out->ndeviations++] = (struct assay_deviation){
		.reason = slice_str(assay_reason_info(code)->word),
		.index = j->at.index,
		.alg = out->bank,
		.digest = { digest, assay_alg_size(out->bank) },
	};
}

void judge_at(struct judge *j, uint64_t index, struct assay_slice digest)
{
	judge_at_nothing(j);
	j->at.index = index;
	j->at.digest = digest;
}

void judge_at_entry(struct judge *j, const struct assay_ima_entry *e)
{
	judge_at_nothing(j);
	j->at.index = e->index;
	j->at.entry = e;
}

void judge_at_nothing(struct judge *j)
{
	memset(&j->at, 0, sizeof j->at);
}

enum assay_severity judge_severity(const struct judge *j, enum assay_reason_code code)
{
	const struct assay_reason_info *info = assay_reason_info(code);

	return info->fixed ? info->severity : j->policy->severity[code];
}

enum assay_severity judge_add(struct judge *j, enum assay_reason_code code, const char *where,
			      const char *found, const char *expected)
{
	const struct assay_reason_info *info = assay_reason_info(code);
	enum assay_severity severity = judge_severity(j, code);
	struct assay_verdict *v = &j->out->verdict;

	if (severity != ASSAY_SEVERITY_INFO)
		weaken(v, info, severity);
	remember(j, code);
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
