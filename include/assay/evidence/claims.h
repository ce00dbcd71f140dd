/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/evidence/claims.h - what a bundle proves, with no opinion: which PCR values the
 * TPM signed, which of them the logs lead to, and how far the IMA list was quoted.
 */
#ifndef ASSAY_CLAIMS_H
#define ASSAY_CLAIMS_H

#include <assay/evidence/bundle.h>
#include <assay/evidence/eventlog.h>
#include <assay/evidence/ima.h>
#include <assay/evidence/tpm.h>

/* An attestation key as somebody handed it over. */
struct assay_ak {
	struct assay_key *key;
	bool has_public;         /* TPMT_PUBLIC or TPM2B_PUBLIC; PEM has numbers alone */
	struct assay_public pub; /* aliases the input */
	/* its Qualified Name if it were a primary key of the owner hierarchy; 0 bytes: none */
	uint8_t owner_name[2 + ASSAY_DIGEST_MAX];
	size_t owner_name_n;
};

/* TPM2B_PUBLIC, TPMT_PUBLIC or PEM (told by "-----BEGIN "). The caller frees
 * out->key with assay_key_free(). RANGE "unique" when the numbers make no key: who handed them
 * over is to blame, not the library. */
ASSAY_API ASSAY_MUST_USE bool assay_ak_read(struct assay_crypto *crypto, struct assay_slice in,
					    struct assay_ak *out, struct assay_err *err);

/* The banks that claims speak of, by index. */
enum { ASSAY_CLAIM_BANKS = 4 };
ASSAY_API uint16_t assay_claim_alg(size_t bank); /* SHA1, SHA256, SHA384, SHA512 */
ASSAY_API int assay_claim_bank(uint16_t alg);    /* -1: none of them */

enum assay_pcr_state {
	ASSAY_PCR_NOT_QUOTED = 0,
	ASSAY_PCR_UNKNOWN,     /* quoted, but nothing says with which value */
	ASSAY_PCR_UNEXPLAINED, /* its value is proven, and no log leads to it */
	ASSAY_PCR_RESET,       /* proven to be at its reset value, untouched */
	ASSAY_PCR_REPLAYED,    /* proven, and the logs lead to it */
};

enum assay_aggregate {
	ASSAY_AGGREGATE_NONE = 0, /* no boot_aggregate among the quoted entries */
	ASSAY_AGGREGATE_MATCHES,
	ASSAY_AGGREGATE_DIFFERS,
	ASSAY_AGGREGATE_ZERO,
	ASSAY_AGGREGATE_UNCHECKED, /* the boot PCRs of its bank are not known */
};

struct assay_ima_claims {
	bool present, ascii;
	bool proven;            /* the quote covers the first `quoted` entries */
	size_t entries, quoted; /* in the list; under the quote */
	uint32_t pcrs;          /* PCRs that its entries extend */
	uint32_t padded;        /* bit i: bank i got SHA-1 padded with zeros */
	bool trimmed;           /* the first entry is not boot_aggregate */
	enum assay_aggregate aggregate;
	size_t bad_hashes,
		first_bad; /* entries whose template hash is wrong; index of the first */
};

struct assay_claims {
	struct assay_bundle bundle; /* aliases the input */
	struct assay_quote quote;
	struct assay_signature signature;
	uint32_t quoted[ASSAY_CLAIM_BANKS]; /* PCRs by bank */
	uint16_t odd_bank;                  /* a quoted bank that is not computed, or 0 */
	bool digest_fits;   /* pcrDigest has the length of the signature's hash */
	bool replayed;      /* the logs alone lead to pcrDigest */
	bool values_stated; /* pcrs.txt hashes to pcrDigest */
	enum assay_pcr_state state[ASSAY_CLAIM_BANKS][ASSAY_PCRS];
	struct assay_bank value[ASSAY_CLAIM_BANKS];  /* proven values, where state > UNKNOWN */
	struct assay_bank booted[ASSAY_CLAIM_BANKS]; /* what the event log alone leads to */
	bool log_present;
	const char *log_quirk;
	struct assay_startup startup;
	const struct assay_user_event *user_events;
	size_t nuser_events, user_events_used;
	struct assay_ima_claims ima;

	/* assay_claims_resume() alone */
	bool resumed;
	uint64_t from;           /* entries before the list's first; ima counts them too */
	struct assay_slice pcrs; /* of struct assay_resume */
};

/* A signature that was verified, so that it need not be verified twice. Only
 * assay_quote_check() fills one. It speaks of these very bytes in this very place of memory,
 * and of nothing else. */
struct assay_quote_checked {
	const struct assay_key *key;
	struct assay_slice message, signature;
};

/* Whether ak signed the bundle's quote. A verifier asks this before anything else: logs that
 * nobody signed for are not replayed. True and *out filled when it did. False with a fault
 * when quote.msg or quote.sig is missing or cannot be read; false without one when ak did not
 * sign it (or the library fails): then somebody said something about the node, not the node. */
ASSAY_API ASSAY_MUST_USE bool
assay_quote_check(struct assay_crypto *crypto, const struct assay_bundle *bundle,
		  const struct assay_ak *ak, struct assay_quote *quote,
		  struct assay_quote_checked *out, struct assay_err *err);

/* Reads the whole bundle. After a fault *out is undefined. quote.msg and quote.sig must be
 * there (MISSING); logs need not. events: of tpm2-measure.log, read outside the core. The arena
 * gives ASSAY_IMA_DATA_MAX bytes when only an ASCII list is there, nothing otherwise. */
ASSAY_API ASSAY_MUST_USE bool
assay_claims_read(struct assay_crypto *crypto, const struct assay_bundle *bundle,
		  const struct assay_user_event *events, size_t nevents,
		  struct assay_arena *arena, struct assay_claims *out, struct assay_err *err);

/* What became of going on from what an earlier message proved: code, word, sentence. All but
 * ON and FAULT cost a full appraisal, and none of them is a verdict. */
#define ASSAY_GOINGS(X)                                                                        \
	X(ON, "on", "what was proven before and the new entries lead to the quote")            \
	X(FAULT, "fault", "the bundle could not be read")                                      \
	X(FORM, "form", "what was proven before is nothing that can be gone on from")          \
	X(LOGS, "logs", "the bundle brings logs of the boot, which are to be judged")          \
	X(BOOT, "boot", "the machine was started again")                                       \
	X(CLOCK, "clock", "the TPM's clock is behind: the quote is older")                     \
	X(SELECTION, "selection", "other PCRs are quoted")                                     \
	X(PLACE, "place", "the new entries do not begin where the judged ones end")            \
	X(DIGEST, "digest",                                                                    \
	  "what was proven before and the new entries do not lead to the quote")               \
	X(ENTRY, "entry", "a new entry asks for more than is remembered")                      \
	X(POLICY, "policy", "the policy judges another bank, or no list")                      \
	X(REFERENCES, "references", "there is no reference value to compare with")             \
	X(GENERATION, "generation", "what was not good may be good under the new references")  \
	X(REASON, "reason", "a reason that this version does not know")

enum assay_going {
#define X(code, word, text) ASSAY_GOING_##code,
	ASSAY_GOINGS(X)
#undef X
		ASSAY_GOINGS_N
};
ASSAY_API const char *assay_going_word(enum assay_going going);
ASSAY_API const char *assay_going_text(enum assay_going going);

/* What an earlier message proved, as plain numbers: this room knows no receipt. */
struct assay_resume {
	uint32_t resetCount;
	uint64_t clock;
	uint16_t pcr_alg;        /* the judged bank */
	uint32_t pcr_mask;       /* what was quoted of it, without PCR 10 */
	struct assay_slice pcrs; /* those values, from the lowest */
	size_t nbanks;           /* in which PCR 10 was quoted, the judged one among them */
	struct {
		uint16_t alg;
		struct assay_slice pcr10;
	} bank[ASSAY_CLAIM_BANKS];
	uint64_t index; /* entries that lead to them */
};

/* Reads a bundle that says what is new since: quote.msg and quote.sig, and the IMA list from
 * entry `from` on (nothing new when it is absent or empty). Entries beyond the quote are left
 * aside, as in assay_claims_read(). ON: *out says of registers and entries what it would of the
 * whole; indices of entries count from the list's beginning. Otherwise *out is undefined.
 * Nothing is hashed but the quoted registers when nothing is new. */
ASSAY_API ASSAY_MUST_USE enum assay_going
assay_claims_resume(struct assay_crypto *crypto, const struct assay_bundle *bundle,
		    const struct assay_resume *last, uint64_t from, struct assay_claims *out,
		    struct assay_err *err);

/* Opens the bundle's IMA list, binary if there is one. scratch as for
 * assay_ima_open_ascii(). */
ASSAY_API ASSAY_MUST_USE bool assay_claims_ima(const struct assay_bundle *bundle,
					       uint8_t *scratch, struct assay_ima *ima,
					       struct assay_err *err);

#endif
