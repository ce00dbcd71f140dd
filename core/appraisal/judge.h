/* SPDX-License-Identifier: Apache-2.0
 *
 * judge - the state of one appraisal: what is being judged, the reasons so
 * far, and the one rule that turns reasons into a verdict.
 *
 *   invariant  the verdict starts with nothing asserted; only appraise.c
 *              asserts, and only for what was really looked at
 *   invariant  a reason can make the verdict worse, never better
 *   invariant  running out of memory is an error (judge.oom), not a verdict
 */
#pragma once
#include "core/base/arena.h"
#include "core/base/slice.h"
#include "core/base/text.h"
#include <assay/appraisal.h>

enum {
	JUDGE_TEXT = 1024, /* bytes of any text built for a reason */
	IMA_PCR = 10, /* CONFIG_IMA_MEASURE_PCR_IDX; a list may say otherwise, root wrote it */
};

struct judge {
	struct assay_crypto *crypto;
	const struct assay_claims *claims;
	const struct assay_expectation *expect;
	const struct assay_policy *policy;
	const struct assay_refs *refs;
	struct assay_arena *arena;
	struct assay_appraisal *out;
	struct assay_err *err;
	struct assay_reason *reasons;  /* ASSAY_REASONS_MAX */
	struct assay_component *chain; /* ASSAY_COMPONENTS_MAX */
	bool oom;
	bool told[ASSAY_REASON_CODES_N];
	int bank;          /* index of the judged bank, -1: none */
	uint32_t present;  /* kinds that a good reference named */
	uint32_t reported; /* kinds that an unknown component was reported as */
	unsigned searches; /* linear searches for an expectation, bounded */

	/* what is being looked at: a receipt knows a thing that was not good by its index and
	 * digest */
	struct {
		uint64_t index;
		struct assay_slice digest;             /* in the judged bank; empty: none */
		const struct assay_ima_entry *entry;   /* or this one's template data's */
		const struct assay_deviation *carried; /* or as a receipt has it */
	} at;
	struct assay_deviation *deviations; /* ASSAY_DEVIATIONS_MAX, when there is one */
};

/* Adds one reason. Texts are copied; found and expected may be NULL. The
 * severity is the policy's. Returns it. */
enum assay_severity judge_add(struct judge *j, enum assay_reason_code code, const char *where,
			      const char *found, const char *expected);

/* The severity that the policy gives this reason. */
enum assay_severity judge_severity(const struct judge *j, enum assay_reason_code code);

/* What the reasons that follow speak of. */
void judge_at(struct judge *j, uint64_t index, struct assay_slice digest);
void judge_at_entry(struct judge *j, const struct assay_ima_entry *e);
void judge_at_nothing(struct judge *j);

/* Room for the reasons; the best that may be asserted. False when memory is short. */
ASSAY_MUST_USE bool judge_begin(struct judge *j);
/* The verdict of all reasons, to *out; false when memory ran out. */
ASSAY_MUST_USE bool judge_end(struct judge *j, struct assay_appraisal *out);

/* True when PCR p is proven in the judged bank and its log may be believed. */
bool judge_replayed(const struct judge *j, uint32_t p);

/* True when the policy accepts alg for signatures and files. */
bool judge_accepts_hash(const struct judge *j, uint16_t alg);

/* "PCR 4, 8 and 9" of a mask. */
void text_pcrs(struct text *t, uint32_t mask);
/* "sha256:abc..." */
void text_digest(struct text *t, uint16_t alg, struct assay_slice digest);

/* The steps, in order; each false on a fault alone. */
ASSAY_MUST_USE bool judge_identity(struct judge *j);
void judge_coverage(struct judge *j);
void judge_registers(struct judge *j);
void judge_user_events(struct judge *j);
ASSAY_MUST_USE bool judge_boot(struct judge *j);
ASSAY_MUST_USE bool judge_runtime(struct judge *j);
/* What a message that goes on from a receipt newly shows of the list. */
ASSAY_MUST_USE bool judge_new_entries(struct judge *j);

/* What a reference would have had in this place: text for a reason, empty
 * when there is nothing to say. */
void expect_component(struct judge *j, struct text *t, uint32_t pcr, enum assay_kind kind,
		      struct assay_slice text);
void expect_ref(struct text *t, const struct assay_refs *refs, int64_t at, bool with_name);
