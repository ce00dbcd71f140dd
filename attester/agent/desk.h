/* SPDX-License-Identifier: Apache-2.0
 *
 * desk - one TPM, many who ask. Whoever asks first serves all who wait: the TPM signs once over
 * a batch nonce of all their nonces (assay/merkle.h), and each gets the quote and its path. The
 * agent's own challenge is the first leaf; when nobody else waits it is signed as it is.
 *
 *   threads   any number may ask at once; one quote at a time
 */
#pragma once
#include "attester/agent/signer.h"

#include <assay/merkle.h>

enum { AGENT_DESK_MAX = 256 }; /* who may wait at once, beside the agent */

/* What the TPM signed; drop it with agent_quoted_drop. */
struct agent_quoted {
	struct assay_slice msg, sig, ak_pub; /* malloced */
	uint8_t batch[ASSAY_BATCH_PATH_BYTES];
	size_t batch_n; /* 0: the nonce itself was signed */
};
void agent_quoted_drop(struct agent_quoted *q);

enum agent_asked { AGENT_ASKED_WAITS, AGENT_ASKED_ANSWERED, AGENT_ASKED_FAILED };

struct agent_asker {
	uint8_t nonce[ASSAY_BATCH_NONCE_MAX];
	size_t nonce_n;
	/* the desk's */
	enum agent_asked state;
	struct agent_quoted quoted;  /* ANSWERED */
	struct platform_message why; /* FAILED */
	struct agent_asker *next;
};

struct agent_desk;

/* signer and crypto are the desk's alone from now on. NULL: no memory. */
struct agent_desk *agent_desk_new(struct agent_signer *signer, struct assay_crypto *crypto);
void agent_desk_free(struct agent_desk *d);

/* Puts an asker in the line; it stays the caller's, and in place until agent_desk_serve()
 * was called. False when AGENT_DESK_MAX wait. */
ASSAY_MUST_USE bool agent_desk_wait(struct agent_desk *d, struct agent_asker *asker);
/* Returns when all who were in the line when it was called are answered or have failed. */
void agent_desk_serve(struct agent_desk *d);

/* The agent's own, by one thread alone: ahead of all who wait, and served with them. */
ASSAY_MUST_USE bool agent_desk_quote(struct agent_desk *d, struct assay_slice challenge,
				     struct agent_quoted *out, struct platform_message *why);

/* The signer, for what is no quote (PCRs, enrolment); leave gives it back. */
struct agent_signer *agent_desk_enter(struct agent_desk *d);
void agent_desk_leave(struct agent_desk *d);
