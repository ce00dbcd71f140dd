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
};

/* Reads the whole bundle. After a fault *out is undefined. quote.msg and quote.sig must be
 * there (MISSING); logs need not. events: of tpm2-measure.log, read outside the core. The arena
 * gives ASSAY_IMA_DATA_MAX bytes when only an ASCII list is there, nothing otherwise. */
ASSAY_API ASSAY_MUST_USE bool
assay_claims_read(struct assay_crypto *crypto, const struct assay_bundle *bundle,
		  const struct assay_user_event *events, size_t nevents,
		  struct assay_arena *arena, struct assay_claims *out, struct assay_err *err);

/* Opens the bundle's IMA list, binary if there is one. scratch as for
 * assay_ima_open_ascii(). */
ASSAY_API ASSAY_MUST_USE bool assay_claims_ima(const struct assay_bundle *bundle,
					       uint8_t *scratch, struct assay_ima *ima,
					       struct assay_err *err);

#endif
