/* SPDX-License-Identifier: Apache-2.0
 *
 * enrol - a node becomes known: token and EK certificate (or registered EK digest) → credential
 * that only the TPM of this EK can open, for this AK alone → AK stored with the node. Stateless
 * between the two messages: the cookie is AEAD-sealed (key derived per cookie from a random
 * salt), good for two minutes, and the token is used up by the second message alone, so a flood
 * of the first fills nothing.
 */
#pragma once
#include "verifier/store/store.h"

#include <assay/endorsement.h>
#include <assay/message.h>
#include <assay/receipt.h>

struct enrol; /* one per worker thread */

struct enrol_config {
	struct assay_crypto *crypto;
	struct assay_anchors *anchors; /* the operator's roots; never changed while in use */
	const struct assay_secret *secrets; /* cookie keys, the first seals */
	size_t nsecrets;
	struct store *store;
};

enum enrol_said {
	ENROL_ANSWER = 0,
	ENROL_MALFORMED, /* err */
	ENROL_REFUSED, /* token, EK or AK; why says which, for the log; the node is told no more
			  than "refused" unless its token was good */
	ENROL_DOWN,    /* the store */
	ENROL_FAILED,
};

struct enrol_answer {
	uint8_t body[12 * 1024]; /* an assay_enrol_answer; done.challenge is left for the
				    caller: see challenge */
	size_t body_n;
	bool done;
	char node[ASSAY_NODE_ID_MAX + 1];
	struct assay_err err;
	struct platform_message why;
};

/* challenge: makes the first challenge for ak_name into out[ASSAY_CHALLENGE_SIZE]. */
typedef bool (*enrol_challenge_fn)(void *ctx, struct assay_slice ak_name, uint64_t now,
				   uint8_t *out);

enum enrol_said enrol_handle(const struct enrol_config *c, struct assay_slice message,
			     uint64_t now, enrol_challenge_fn challenge, void *ctx,
			     struct enrol_answer *out);
