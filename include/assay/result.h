/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/result.h - what assay concludes: an AR4SI trust vector
 * (draft-ietf-rats-ar4si-09), the reasons for it, and the signed EAR that
 * carries both (draft-ietf-rats-ear; JWT, RFC 7519).
 */
#ifndef ASSAY_RESULT_H
#define ASSAY_RESULT_H

#include <assay/crypto.h>

/* AR4SI tiers; the numbers are those of EAR's CBOR form. */
enum assay_tier {
	ASSAY_NONE = 0,
	ASSAY_AFFIRMING = 2,
	ASSAY_WARNING = 32,
	ASSAY_CONTRAINDICATED = 96,
};

ASSAY_API const char *assay_tier_name(enum assay_tier tier); /* "affirming" */
/* The tier of a trust claim's value (signed 8 bits; -1, 0 and 1 are none). */
ASSAY_API enum assay_tier assay_tier_of(int8_t value);
/* The worse of two: contraindicated, warning, none, affirming. */
ASSAY_API enum assay_tier assay_tier_worse(enum assay_tier a, enum assay_tier b);

/* AR4SI trust claims, in the order of their CBOR keys. */
#define ASSAY_CLAIMS(X)                                                                        \
	X(INSTANCE_IDENTITY, "instance-identity")                                              \
	X(CONFIGURATION, "configuration")                                                      \
	X(EXECUTABLES, "executables")                                                          \
	X(FILE_SYSTEM, "file-system")                                                          \
	X(HARDWARE, "hardware")                                                                \
	X(RUNTIME_OPAQUE, "runtime-opaque")                                                    \
	X(STORAGE_OPAQUE, "storage-opaque")                                                    \
	X(SOURCED_DATA, "sourced-data")

enum assay_claim {
#define X(code, word) ASSAY_CLAIM_##code,
	ASSAY_CLAIMS(X)
#undef X
		ASSAY_CLAIMS_N
};

ASSAY_API const char *assay_claim_name(enum assay_claim claim);

/* Why a verdict is not better. One line per reason:
 *   code, word (area.what), default severity, may a policy change it,
 *   trust claim it weakens, value of that claim when warning, when
 *   contraindicated, the sentence, what a person does next.
 * The list makes the enum, the JSON, the man page's table and the tests'
 * completeness check. INFO never worsens a verdict. */
#include <assay/result/reasons.h>

enum assay_reason_code {
#define X(code, word, severity, fixed, claim, warn, contra, text, hint) ASSAY_R_##code,
	ASSAY_REASONS(X)
#undef X
		ASSAY_REASON_CODES_N
};

enum assay_severity {
	ASSAY_SEVERITY_INFO = 0,
	ASSAY_SEVERITY_WARNING,
	ASSAY_SEVERITY_CONTRAINDICATED,
};

ASSAY_API const char *assay_severity_name(enum assay_severity severity);

struct assay_reason_info {
	const char *word;
	enum assay_severity severity; /* the default */
	bool fixed;                   /* no policy may change the severity */
	enum assay_claim claim;
	int8_t warning, contraindicated; /* AR4SI values for that claim */
	const char *text, *hint;
};

ASSAY_API const struct assay_reason_info *assay_reason_info(enum assay_reason_code code);
/* -1 when no reason has this word. */
ASSAY_API int assay_reason_by_word(struct assay_slice word);

struct assay_reason {
	enum assay_reason_code code;
	enum assay_severity severity;
	const char *where;    /* artefact, event or entry, offset */
	const char *found;    /* NULL when there is nothing to show */
	const char *expected; /* NULL when there is nothing to show */
	const char *hint;
};

struct assay_verdict {
	enum assay_tier status;
	int8_t vector[ASSAY_CLAIMS_N]; /* 0: no assertion */
	const struct assay_reason *reasons;
	size_t nreasons;
	size_t omitted; /* reasons beyond ASSAY_REASONS_MAX */
};

/* One appraisal inside an EAR. */
struct assay_submod {
	const char *name; /* UTF-8, unique in the EAR */
	const struct assay_verdict *verdict;
	const char *policy_id;
	const char *archive_note; /* NULL unless freshness was waived on purpose */
};

struct assay_ear {
	int64_t iat, exp;              /* seconds since 1970; exp always set */
	struct assay_slice nonce;      /* raw bytes, 8..64; empty when none */
	const char *developer, *build; /* ear.verifier-id */
	const struct assay_submod *submods;
	size_t nsubmods;
};

#define ASSAY_EAR_PROFILE "tag:github.com,2023:veraison/ear"
#define ASSAY_MEDIA_EAR_JWT "application/eat+jwt"

/* A nonce outside these lengths is left out of the EAR (EAT takes 8 to 64 bytes): a caller
 * refuses such a challenge before it appraises anything. */
enum { ASSAY_EAR_NONCE_MIN = 8, ASSAY_EAR_NONCE_MAX = 64 };

/* The EAR payload as JSON, in the generation that today's consumers read (draft-fv-rats-ear and
 * draft-ietf-rats-ear up to -02: "ear.status"; later drafts write "ear_status").
 *
 *   eat_profile      ASSAY_EAR_PROFILE
 *   iat, exp         integers
 *   eat_nonce        base64url
 *   ear.verifier-id  developer, build
 *   submods          name ->
 *     ear.status                  word of the tier
 *     ear.trustworthiness-vector  all eight claims; 0 where nothing is asserted
 *     ear.appraisal-policy-id     unless NULL
 *     assay.reasons               array of code, severity, where, found, expected, hint;
 *                                 null where there is nothing to show
 *     assay.reasons-omitted       when > 0
 *     assay.archive               when freshness was waived
 *
 * Returns its length without the NUL; 0 when it does not fit in cap, and 0 for what no bug may
 * sign: a status better than the worst claim that is asserted (0 is not) or than the worst
 * reason allows, affirming with no claim asserted, a tier, code or severity that does not
 * exist, no submod, two of the same name, exp not after iat. */
ASSAY_API size_t assay_ear_write(const struct assay_ear *ear, char *out, size_t cap);

/* Compact JWS (RFC 7515) over payload, with a NUL after it; the header is
 * {"alg":..,"typ":"JWT"[,"kid":..]}. The algorithm follows from the key. kid may be NULL.
 * Returns the length, 0 when it does not fit or the key cannot sign. */
ASSAY_API size_t assay_jws_sign(struct assay_crypto *crypto, struct assay_key *key,
				const char *kid, struct assay_slice payload, char *out,
				size_t cap);

/* A compact JWS taken apart; nothing is verified. Exactly three parts, base64url without
 * padding and canonical, header and signature not empty, at most ASSAY_JWS_MAX bytes. The arena
 * needs three quarters of the token's length and 64 bytes. */
struct assay_jws {
	struct assay_slice signing_input;   /* aliases the token */
	struct assay_slice header, payload; /* decoded, in the arena */
	struct assay_slice signature;       /* decoded, in the arena */
};
ASSAY_API ASSAY_MUST_USE bool assay_jws_read(struct assay_slice token,
					     struct assay_arena *arena, struct assay_jws *out,
					     struct assay_err *err);

/* Verifies the signature with the key's own algorithm, whatever the header says: "none" and
 * "HS256" verify nothing. The header is JSON that others wrote, so it is read outside the core:
 * callers parse it with a strict parser, want its "alg" to equal assay_key_jose_alg(key), and
 * take no key from its "jwk", "jku", "x5c" or "x5u". */
ASSAY_API ASSAY_MUST_USE bool assay_jws_verify(struct assay_crypto *crypto,
					       struct assay_key *key,
					       const struct assay_jws *jws);

#endif
