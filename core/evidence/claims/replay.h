/* SPDX-License-Identifier: Apache-2.0
 *
 * replay - finding how far the logs lead to the quote. The quote may lie
 * before the list's end (a list grows while a TPM signs), and a kernel may have padded SHA-1
 * into a larger bank. The likely case, everything native and to the end, costs one pass; the
 * others are searched. */
#pragma once
#include <assay/evidence/claims.h>

struct replay {
	struct assay_crypto *crypto;
	struct assay_claims *claims;
	struct assay_bank start[ASSAY_CLAIM_BANKS]; /* before the first IMA entry */
	struct assay_bank now[ASSAY_CLAIM_BANKS];
	const struct assay_bank *stated; /* pcrs.txt, proven to be what was quoted; or NULL */
	struct assay_bank
		unquoted[ASSAY_CLAIM_BANKS]; /* of the log, for aggregates; alg 0: not yet */
	size_t looks; /* how often the whole quote was hashed to find the list's place */
	uint8_t *scratch;
};

/* Latches a fault of this artefact, unless one is there, and names the artefact; false. */
bool claims_fail(struct assay_err *err, enum assay_part part, enum assay_fault fault,
		 const char *field);
/* Fills quote, signature and what is quoted. */
ASSAY_MUST_USE bool claims_read_quote(struct assay_claims *c, struct assay_err *err);

/* True when `now` hashes to the quote. */
bool replay_matches(const struct replay *r);

/* Runs the list and finds the entry at which the quote was made: fills claims->ima and, when
 * found, `now`. False on a fault alone. */
ASSAY_MUST_USE bool replay_ima(struct replay *r, struct assay_err *err);
