/* SPDX-License-Identifier: Apache-2.0
 *
 * result_read - reading a signed result (EAR as a compact JWS, RFC 7515), by
 * anybody who relies on one. The order is the safe one: take the token apart,
 * choose a key that the caller already has, verify, and only then read claims.
 *
 *   header   strict JSON object; "alg" must be the key's own algorithm, "crit"
 *            is refused; "jwk", "jku", "x5c", "x5u" are never looked at
 *   payload  EAR in both generations: "ear.status" (draft-fv-rats-ear to
 *            draft-ietf-rats-ear-02) and "ear_status" (-03 and later); the two
 *            names of one claim together are a fault (CONFLICT)
 *
 * Stricter than the drafts: no member twice; a trust claim is an integer of -128 to 127,
 * known by name or not; eat_profile is one of those below.
 * Laxer: iat, exp and nbf may be floats without a fraction (Go writes them).
 *
 *   ownership  _drop what a _read filled; texts live as long as its JSON
 */
#pragma once
#include "platform/json.h"

#include <assay/result.h>

struct result_token {
	struct assay_jws jws;
	bool is_signed; /* false: the third part is empty (alg "none") */
	json_t *header;
	const char *alg, *kid; /* kid: NULL when there is none */
	void *memory;
};

/* White space around the token is passed over. Offsets count from in. */
ASSAY_MUST_USE bool result_token_read(struct assay_slice in, struct result_token *out,
				      struct assay_err *err);
void result_token_drop(struct result_token *t);

/* The payload as strict JSON, an object; NULL and a fault. Drop it with json_decref. */
json_t *result_payload(const struct result_token *t, struct assay_err *err);

struct result_submod {
	const char *name;
	enum assay_tier status;
	bool has_vector;
	enum assay_tier vector; /* the worst tier that the vector asserts */
};

struct result_claims {
	const char *profile, *developer, *build;
	bool new_names; /* "ear_status" and its like */
	int64_t iat, exp, nbf;
	bool has_exp, has_nbf;
	bool has_status; /* "ear_status" of the whole */
	enum assay_tier status;
	struct result_submod *submods;
	size_t nsubmods;
};

ASSAY_MUST_USE bool result_claims_read(const json_t *payload, struct result_claims *out,
				       struct assay_err *err);
void result_claims_drop(struct result_claims *c);

/* What whoever relies on a result asks it. One line each: code, word, sentence. */
#define RESULT_ANSWERS(X)                                                                      \
	X(AFFIRMING, "affirming", "the signature is good, the result lives, all is affirming") \
	X(SIGNATURE, "signature-bad", "the signature is not of that key")                      \
	X(UNSIGNED, "unsigned", "the token carries no signature")                              \
	X(ALGORITHM, "algorithm-refused", "the header's alg is not the algorithm of the key")  \
	X(KEY, "key-unknown", "no key of the set has the token's kid and algorithm")           \
	X(EXPIRED, "expired", "its life is over")                                              \
	X(TOO_OLD, "too-old", "it was issued longer ago than --max-age allows")                \
	X(EARLY, "not-yet-valid", "its life has not begun")                                    \
	X(FUTURE, "issued-in-the-future", "it was issued more than 60 seconds from now")       \
	X(INCONSISTENT, "status-above-vector", "a status is better than what it is made of")   \
	X(SUBJECT, "other-subject", "it does not speak of this node")                          \
	X(NOT_AFFIRMING, "not-affirming", "a submodule is not affirming")

enum result_answer {
#define X(code, word, text) RESULT_##code,
	RESULT_ANSWERS(X)
#undef X
};

const char *result_answer_word(enum result_answer a);
const char *result_answer_text(enum result_answer a);

/* The keys that somebody trusts: a PEM public key or certificate, a JWK, or a set. */
enum { RESULT_KEYS_MAX = 64 };
struct result_keys {
	bool set; /* from a set: a token's kid chooses, always */
	size_t n;
	struct {
		struct assay_key *key;
		char *kid; /* NULL when it has none */
	} key[RESULT_KEYS_MAX];
};

/* set: a JWK set and nothing else is taken. All keys must be P-256, P-384 or Ed25519. */
ASSAY_MUST_USE bool result_keys_read(struct assay_crypto *crypto, struct assay_slice file,
				     bool set, struct result_keys *out, struct assay_err *err);
void result_keys_drop(struct result_keys *keys);

/* AFFIRMING when a key verifies the token, else why not. */
enum result_answer result_verify(struct assay_crypto *crypto, const struct result_keys *keys,
				 const struct result_token *t);

/* Judges claims that are verified, at a given time. max_age: seconds, 0: none. */
enum result_answer result_judge(const struct result_claims *c, int64_t now, int64_t max_age);
