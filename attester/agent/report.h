/* SPDX-License-Identifier: Apache-2.0
 *
 * report - what the agent tells the verifier: a quote, and as much of the logs as the verifier
 * has not judged. It knows how far that is: the receipt, and the entries that it covers.
 *
 *   whole       no receipt, another boot, other PCRs, another list: all logs
 *   going on    the entries behind the receipt that the quote covers; none when nothing changed
 *
 * A report that was made is `settled` by the verifier's answer; one that was lost is made anew.
 */
#pragma once
#include "attester/agent/desk.h"
#include "attester/agent/follow.h"
#include "attester/agent/list.h"

struct agent_report {
	struct agent_desk *desk;
	const char *root, *node;
	void (*note)(const char *text); /* told what is absent */
	/* what the verifier gave */
	struct assay_slice challenge, receipt; /* malloced */
	/* its own */
	struct agent_list list;
	struct agent_follow judged; /* where the receipt ends */
	struct agent_follow next;   /* where the report under way ends */
	size_t covered;             /* bytes of it in the list */
	bool whole;                 /* the report under way is whole */
};

/* crypto: this thread's. */
ASSAY_MUST_USE bool agent_report_open(struct agent_report *r, struct assay_crypto *crypto,
				      struct platform_message *why);
void agent_report_close(struct agent_report *r);

/* An evidence message (malloced) that answers the challenge. */
ASSAY_MUST_USE bool agent_report_make(struct agent_report *r, struct assay_slice *out,
				      struct platform_message *why);

/* It was appraised: the receipt covers it. challenge, receipt: copied; the receipt may be
 * empty. */
ASSAY_MUST_USE bool agent_report_settle(struct agent_report *r, struct assay_slice challenge,
					struct assay_slice receipt);
/* It was not: a challenge for the next (empty: the one there stays); all: that one is whole. */
ASSAY_MUST_USE bool agent_report_again(struct agent_report *r, struct assay_slice challenge,
				       bool all);

/* Entries of the IMA list that the verifier has seen; false when that cannot be known, because
 * the list explains no quote. */
bool agent_report_entries(const struct agent_report *r, uint64_t *n);
