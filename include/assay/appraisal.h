/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/appraisal.h - claims x reference values x policy -> trust vector and
 * reasons. A pure function: the same input gives the same output, with no
 * clock, disk, network or global.
 */
#ifndef ASSAY_APPRAISAL_H
#define ASSAY_APPRAISAL_H

#include <assay/evidence/claims.h>
#include <assay/receipt.h>
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
	/* NULL, or what assay_quote_check() filled: the same bytes under the same key are not
	 * verified again. For anything else it says nothing. */
	const struct assay_quote_checked *checked;
};

/* True when the quote answers the nonce: its extraData is the nonce, or, where the bundle has
 * the part `batch`, the batch nonce to which that path leads from the nonce as a leaf. False
 * with a fault when the part cannot be read. Appraisal asks this itself. */
ASSAY_API ASSAY_MUST_USE bool assay_quote_answers(struct assay_crypto *crypto,
						  const struct assay_bundle *bundle,
						  const struct assay_quote *quote,
						  struct assay_slice nonce,
						  struct assay_err *err);

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
	/* what a receipt carries on: every reason of the boot and of the list, good to know
	 * or bad, in the order in which they were found */
	const struct assay_deviation *deviations;
	size_t ndeviations;
	bool forgetful; /* something was found that no receipt can carry */
};

/* Judges claims. The arena holds what *out points to; when it runs out, or libcrypto fails,
 * false and *err (never a verdict): *out then says "none". */
ASSAY_API ASSAY_MUST_USE bool
assay_appraise(struct assay_crypto *crypto, const struct assay_claims *claims,
	       const struct assay_expectation *expect, const struct assay_policy *policy,
	       const struct assay_refs *refs, struct assay_arena *arena,
	       struct assay_appraisal *out, struct assay_err *err);

/* ---- Going on from a receipt ---------------------------------------------------------
 *
 * A full appraisal leaves a receipt; the node's next message says only what is new, and is
 * judged with the receipt's help. Its verdict has the tier and the vector of a full appraisal
 * of the whole under the same references and policy. What cannot be carried on exactly is
 * not carried on: no receipt is made, or going on is refused, and either costs a full
 * appraisal. How a verifier calls this stands in core/appraisal/README.md. */

/* assay_claims_resume() from a receipt that was opened. */
ASSAY_API ASSAY_MUST_USE enum assay_going assay_resume(struct assay_crypto *crypto,
						       const struct assay_bundle *bundle,
						       const struct assay_receipt *last,
						       uint64_t from, struct assay_claims *out,
						       struct assay_err *err);

/* Judges what assay_resume() found to go on from *last: key, signature, challenge and coverage
 * as assay_appraise() does, the new entries, and *last's deviations with the severity that the
 * policy now gives them. generation: this verifier's; newer than the receipt's, with a
 * deviation that counts, it is not gone on. ON: *out as of assay_appraise(), but without the
 * chain and the switches, which only the boot's log tells. Otherwise *out says "none". */
ASSAY_API ASSAY_MUST_USE enum assay_going assay_appraise_resumed(
	struct assay_crypto *crypto, const struct assay_claims *claims,
	const struct assay_expectation *expect, const struct assay_policy *policy,
	const struct assay_refs *refs, const struct assay_receipt *last, uint64_t generation,
	struct assay_arena *arena, struct assay_appraisal *out, struct assay_err *err);

/* What the node's next receipt says of the machine: resetCount, clock, registers, list and
 * deviations. The other members of *out are the caller's, and left as they are; after going on
 * assay_receipt_merge() with the last one follows. False when no receipt can be made, and
 * the node sends all each time: the signature, key or challenge was not good; another bank
 * than the judged one has more than PCR 10 quoted; the list was not judged, is ASCII, has
 * other PCRs than 10 or a padded bank; there are no references; more than
 * ASSAY_DEVIATIONS_MAX deviations; a reason that speaks of the list as far as it went
 * (ima.log-missing, ima.template-hash-mismatch). Slices point into claims, appraisal's arena
 * and what claims were read from. */
ASSAY_API ASSAY_MUST_USE bool assay_receipt_of(const struct assay_claims *claims,
					       const struct assay_appraisal *appraisal,
					       struct assay_arena *arena,
					       struct assay_receipt *out);

/* The id of a component as a verifier stores what nodes showed, 32 bytes: SHA-256 over the
 * deterministic CBOR ["assay-component-1", place, alg, digest, path], path as bytes, empty but
 * for IMA; paths that the /usr merge makes one have one id. False when the library fails. */
enum { ASSAY_COMPONENT_ID = 32 };
ASSAY_API ASSAY_MUST_USE bool assay_component_id(struct assay_crypto *crypto, uint8_t place,
						 uint16_t alg, struct assay_slice digest,
						 struct assay_slice path, uint8_t *out);

/* Walks over what a message newly showed: each proven event of the boot and of user space in
 * the judged bank, each register whose value alone is proven, each quoted entry of the IMA list
 * that has a digest. An id may come more than once. What is shown is to be stored before a
 * receipt covers it. False when shown says so (err without a fault) or on a fault. */
typedef bool (*assay_shown_fn)(void *ctx, const uint8_t *id);
ASSAY_API ASSAY_MUST_USE bool assay_shown(struct assay_crypto *crypto,
					  const struct assay_claims *claims,
					  const struct assay_appraisal *appraisal,
					  assay_shown_fn shown, void *ctx,
					  struct assay_err *err);

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
