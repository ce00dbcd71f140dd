/* SPDX-License-Identifier: Apache-2.0
 *
 * enrol - a node becomes known: token and EK certificate (or registered EK digest) → credential
 * that only the TPM of this EK can open, for this AK alone → AK stored with the node. Stateless
 * between the two messages: the cookie is AEAD-sealed (key derived per cookie from a random
 * salt), good for two minutes, and the token is used up by the second message alone, so a flood
 * of the first fills nothing.
 *
 *   threads   a config (its crypto, anchors and store) belongs to one thread at a time
 */
#pragma once
#include "verifier/store/store.h"

#include <assay/endorsement.h>
#include <assay/message.h>
#include <assay/receipt.h>

struct enrol_config {
	struct assay_crypto *crypto;
	struct assay_anchors *anchors;      /* the operator's roots; see enrol_anchors_load */
	const struct assay_secret *secrets; /* cookie keys, the first seals */
	size_t nsecrets;
	struct store *store;
};

enum enrol_said {
	ENROL_ANSWER = 0,
	ENROL_MALFORMED, /* err */
	ENROL_REFUSED, /* token, EK or AK; why says which, for the log; the node is told no more
			  than "refused" unless `tell` */
	ENROL_DOWN,    /* the store */
	ENROL_FAILED,  /* the cryptographic library or the challenge; why says which
			*/
};

struct enrol_answer {
	uint8_t body[12 * 1024]; /* an assay_enrol_answer */
	size_t body_n;
	bool done; /* the body is a "done", else a "credential" */
	bool tell; /* the token was good, or the cookie ours: why is for the node as well */
	char node[ASSAY_NODE_ID_MAX + 1]; /* "" when it cannot be told */
	struct assay_err err;             /* MALFORMED */
	struct platform_message why;      /* REFUSED, DOWN, FAILED */
};

/* challenge: makes the first challenge for ak_name into out[ASSAY_CHALLENGE_SIZE]. */
typedef bool (*enrol_challenge_fn)(void *ctx, struct assay_slice ak_name, uint64_t now,
				   uint8_t *out);

/* message: an assay_enrol_request. now: milliseconds since 1970. */
enum enrol_said enrol_handle(const struct enrol_config *c, struct assay_slice message,
			     uint64_t now, enrol_challenge_fn challenge, void *ctx,
			     struct enrol_answer *out);

/* How long a cookie is good, in milliseconds. */
enum { ENROL_COOKIE_LIFE = 2 * 60 * 1000 };

/* ---- Tokens: "assay-enrol-1." and 32 random bytes in base64url ---- */

enum { ENROL_TOKEN_TEXT = 14 + 43 };

/* text with a NUL; hash: its SHA-256, which is all that the store keeps. False when the
 * library fails. */
bool enrol_token_make(struct assay_crypto *crypto, char text[ENROL_TOKEN_TEXT + 1],
		      uint8_t hash[32]);
/* False when text has not the form of a token (or the library fails). */
bool enrol_token_hash(struct assay_crypto *crypto, struct assay_slice text, uint8_t hash[32]);

/* ---- Roots ---- */

/* Every file of folder is PEM (any number of certificates) or one DER certificate, and a root;
 * those of its folder "intermediates" only help to reach one. Names that begin with a dot are
 * passed over. folder NULL: no roots, then only registered EKs can enrol. *n: certificates. To
 * be freed with assay_anchors_free before crypto. NULL with *why. */
struct assay_anchors *enrol_anchors_load(struct assay_crypto *crypto, const char *folder,
					 size_t *n, struct platform_message *why);
