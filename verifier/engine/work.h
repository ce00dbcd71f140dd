/* SPDX-License-Identifier: Apache-2.0
 *
 * work - one message of a node on its way through a thread. Each step either goes on (GO) or
 * says what becomes of the message; the order of the steps is the order of the checks, and
 * nothing that a node says is believed before the step that proves it:
 *
 *   read     form; whose key it says                                  work_read.c
 *   hears    may this verifier vouch at all?                          work_read.c
 *   fresh    the challenge is ours, for this key, and lives           work_read.c
 *   known    the node is enrolled with this key; nothing is revoked   work_known.c
 *   proven   the key signed the quote, which answers the challenge    work_known.c
 *   recall   the receipt, if there is one                             work_judge.c
 *   judge    logs, references, policy: the verdict                    work_judge.c
 *   keep     what it showed, then the verdict, into the store         work_keep.c
 *   tell     the answer with result, challenge, receipt               work_tell.c
 */
#pragma once
#include "verifier/engine/internal.h"

enum {
	GO = -1,
	AGAIN = -2, /* a revocation was heard of meanwhile: from `known` on, anew */
};

struct work {
	struct engine *e;
	struct engine_thread *t;
	struct snapshot *s;
	struct engine_answer *out;
	uint64_t now;
	uint64_t life; /* of a result, ms */

	struct assay_evidence_message m;
	struct assay_bundle bundle;
	uint8_t name[ASSAY_AK_NAME_MAX + 2];
	struct assay_slice ak_name;
	uint64_t issued, ends, due;

	struct revoked_of revoked;
	uint32_t doubts;
	uint64_t enrolled;
	const struct assay_ak *ak;
	struct assay_quote quote;
	struct assay_quote_checked checked;
	struct store_order order;

	struct assay_appraisal appraisal;
	struct assay_verdict verdict; /* the appraisal's, and what is revoked */
	bool shows_revoked;
	uint8_t fingerprint[32];
	struct assay_slice jwt, reasons;
};

int work_read(struct work *w, struct assay_slice message);
int work_hears(struct work *w);
int work_fresh(struct work *w);
int work_known(struct work *w);
int work_proven(struct work *w);
int work_recall(struct work *w);
int work_judge(struct work *w);
int work_keep(struct work *w);
int work_tell(struct work *w);

/* An answer without a result: another challenge, or all of it. */
int work_outcome(struct work *w, enum assay_outcome outcome);
/* A fault: the node's, or a failure of ours. */
int work_fault(struct work *w, const struct assay_err *err);
/* The store did not do it. */
int work_down(struct work *w, enum store_status status, const char *what);
