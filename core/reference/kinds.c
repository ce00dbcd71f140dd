/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include <assay/reference.h>

static const struct {
	const char *word;
	enum assay_stage stage;
} kinds[] = {
#define X(code, word, stage) { word, ASSAY_STAGE_##stage },
	ASSAY_KINDS(X)
#undef X
};

static const char *const stages[] = {
#define X(code, word) word,
	ASSAY_STAGES(X)
#undef X
};

static const char *const states[] = { "current", "announced", "retiring", "revoked" };

const char *assay_kind_word(enum assay_kind kind)
{
	return (size_t)kind < ASSAY_REF_KINDS_N ? kinds[kind].word : "other";
}

int assay_kind_by_word(struct assay_slice word)
{
	for (int i = 0; i < ASSAY_REF_KINDS_N; i++)
		if (slice_is(word, kinds[i].word))
			return i;
	return -1;
}

enum assay_stage assay_kind_stage(enum assay_kind kind)
{
	return (size_t)kind < ASSAY_REF_KINDS_N ? kinds[kind].stage : ASSAY_STAGE_OTHER;
}

const char *assay_stage_word(enum assay_stage stage)
{
	return (size_t)stage < ASSAY_STAGES_N ? stages[stage] : "other";
}

const char *assay_ref_state_word(enum assay_ref_state state)
{
	return (size_t)state < ASSAY_REF_STATES_N ? states[state] : "revoked";
}

int assay_ref_state_by_word(struct assay_slice word)
{
	for (int i = 0; i < ASSAY_REF_STATES_N; i++)
		if (slice_is(word, states[i]))
			return i;
	return -1;
}
