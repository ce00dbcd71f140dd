/* SPDX-License-Identifier: Apache-2.0
 * Whether a result whose signature is good may be relied on now. */
#include "cli/result_read.h"

enum { FUTURE_SECONDS = 60 };

static const struct {
	const char *word, *text;
} answers[] = {
#define X(code, word, text) { word, text },
	RESULT_ANSWERS(X)
#undef X
};

const char *result_answer_word(enum result_answer a)
{
	return answers[a].word;
}

const char *result_answer_text(enum result_answer a)
{
	return answers[a].text;
}

/* The two are of different lengths of life: exp is the verifier's word, max_age the reader's.
 */
static enum result_answer judge_time(const struct result_claims *c, int64_t now,
				     int64_t max_age)
{
	if (c->has_exp && c->exp <= now)
		return RESULT_EXPIRED;
	if (c->has_nbf && c->nbf > now)
		return RESULT_EARLY;
	if (c->iat > now && c->iat - now > FUTURE_SECONDS)
		return RESULT_FUTURE;
	if (max_age > 0 && c->iat <= now && now - c->iat > max_age)
		return RESULT_TOO_OLD;
	return RESULT_AFFIRMING;
}

static bool better(enum assay_tier a, enum assay_tier than)
{
	return a != than && assay_tier_worse(a, than) == than;
}

enum result_answer result_judge(const struct result_claims *c, int64_t now, int64_t max_age)
{
	enum result_answer a = judge_time(c, now, max_age);
	enum assay_tier worst = ASSAY_AFFIRMING;

	if (a != RESULT_AFFIRMING)
		return a;
	for (size_t k = 0; k < c->nsubmods; k++) {
		const struct result_submod *m = &c->submods[k];
		if (m->has_vector && better(m->status, m->vector))
			return RESULT_INCONSISTENT;
		worst = assay_tier_worse(worst, m->status);
	}
	if (c->has_status && better(c->status, worst))
		return RESULT_INCONSISTENT;
	if (c->has_status)
		worst = assay_tier_worse(worst, c->status);
	return worst == ASSAY_AFFIRMING && c->nsubmods > 0 ? RESULT_AFFIRMING
							   : RESULT_NOT_AFFIRMING;
}
