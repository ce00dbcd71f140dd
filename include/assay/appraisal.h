/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/appraisal.h - claims x reference values x policy -> trust vector and
 * reasons. A pure function: the same input gives the same output, with no
 * clock, disk, network or global.
 */
#ifndef ASSAY_APPRAISAL_H
#define ASSAY_APPRAISAL_H

#include <assay/evidence/claims.h>
#include <assay/reference.h>
#include <assay/result.h>

enum { ASSAY_POLICY_ALGS_MAX = 4, ASSAY_POLICY_WORDS_MAX = 32 };

/* What must hold, and how bad it is when it does not. */
struct assay_policy {
	const char *id;                        /* goes into the result */
	uint16_t banks[ASSAY_POLICY_ALGS_MAX]; /* accepted PCR banks, best first */
	size_t nbanks;
	uint16_t hashes[ASSAY_POLICY_ALGS_MAX]; /* accepted hashes of signatures and files */
	size_t nhashes;
	uint32_t min_rsa_bits;
	uint32_t pcrs_quoted;    /* bit i: PCR i must be quoted */
	uint32_t pcrs_judged;    /* bit i: each event in PCR i must match a reference */
	uint32_t present;        /* bit k: a reference of kind k must have been measured */
	bool secure_boot;        /* must be on */
	uint32_t min_sbat_level; /* YYYYMMDDNN, 0: the references decide */
	struct assay_slice forbidden[ASSAY_POLICY_WORDS_MAX]; /* words in boot commands */
	size_t nforbidden;
	bool ima;             /* a quoted IMA list is needed */
	uint32_t result_life; /* seconds */
	enum assay_severity severity[ASSAY_REASON_CODES_N];
};

/* The secure defaults; `assay policy default` prints them. */
ASSAY_API void assay_policy_default(struct assay_policy *policy);

/* Who asks: never taken from the bundle. */
struct assay_expectation {
	const struct assay_ak *ak;        /* NULL: nobody said whose key it is */
	const struct assay_ak *bundle_ak; /* the bundle's own ak.pub, or NULL */
	bool nonce_given;
	struct assay_slice nonce;
	bool archive; /* freshness is waived on purpose */
};

/* One component of the boot, as a person asks for it. */
struct assay_component {
	enum assay_kind kind; /* of the reference that matches, else by position and name */
	uint32_t pcr;
	size_t event, offset;      /* in the event log */
	struct assay_slice digest; /* in the judged bank */
	const char *name;          /* unproven unless proven is true */
	bool proven;               /* name is text or data that the digest covers */
	enum assay_match match;
	const char *signer;      /* as the reference tells it; NULL when it does not */
	const char *provenance;  /* of the matching reference; NULL when none */
	struct assay_slice data; /* AUTHORITY: EFI_SIGNATURE_DATA or certificate, proven */
	const char *authority;   /* name of the authority, where the order decides it */
};

enum assay_switch { ASSAY_UNKNOWN_STATE = 0, ASSAY_OFF, ASSAY_ON };

struct assay_appraisal {
	struct assay_verdict verdict;
	uint16_t bank; /* the bank that was judged; 0 when none could be */
	bool signature_ok;
	const struct assay_component *chain; /* in log order */
	size_t nchain, chain_omitted;
	enum assay_switch secure_boot, setup_mode, debug;
	const char *sbat_level; /* NULL when not measured */
	uint32_t pinned;        /* PCRs whose value a reference pins */
	size_t ima_judged, ima_good;
};

/* Judges claims. The arena holds what *out points to; when it runs out, or libcrypto fails,
 * false and *err (never a verdict): *out then says "none". */
ASSAY_API ASSAY_MUST_USE bool
assay_appraise(struct assay_crypto *crypto, const struct assay_claims *claims,
	       const struct assay_expectation *expect, const struct assay_policy *policy,
	       const struct assay_refs *refs, struct assay_arena *arena,
	       struct assay_appraisal *out, struct assay_err *err);

/* Arena bytes that any appraisal fits into. */
ASSAY_API size_t assay_appraisal_bytes(void);

/* What a bundle of a machine known to be good teaches. The walk hands each proven component and
 * each quoted file to add; false from add stops the walk (MEMORY).
 * *refused: NULL, or why nothing may be learned from it (static text); then, and after a fault,
 * what add was handed is worth nothing. */
typedef bool (*assay_learn_fn)(void *ctx, const struct assay_ref *ref);
ASSAY_API ASSAY_MUST_USE bool
assay_learn(struct assay_crypto *crypto, const struct assay_claims *claims,
	    const struct assay_expectation *expect, struct assay_slice provenance,
	    struct assay_arena *arena, assay_learn_fn add, void *ctx, const char **refused,
	    struct assay_err *err);

#endif
