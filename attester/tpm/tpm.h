/* SPDX-License-Identifier: Apache-2.0
 *
 * tpm - the one door to a TPM 2.0, through tpm2-tss' ESAPI. Everything else
 * in attester/ goes through here, so that each call is retried the same way
 * and each error reads the same.
 *
 *   ownership  what a function opens, its _close gives back to the TPM: no
 *              transient object outlives a call of ours, also after an error
 *   threads    one context belongs to one thread
 */
#pragma once
#include "platform/message.h"

#include <assay/crypto.h>
#include <tss2/tss2_esys.h>

struct attester_tpm {
	ESYS_CONTEXT *esys;
	TSS2_TCTI_CONTEXT *tcti;
	const char *conf; /* what was opened, for messages; the caller's text */
};

#define ATTESTER_TPM_DEFAULT "device:/dev/tpmrm0"

/* conf: a TCTI configuration "NAME:OPTIONS"; NULL: the environment's
 * TPM2TOOLS_TCTI, else the kernel's resource manager. Silences tpm2-tss' own
 * logging unless TSS2_LOG is set. */
ASSAY_MUST_USE bool attester_tpm_open(struct attester_tpm *tpm, const char *conf,
				      struct platform_message *why);
void attester_tpm_close(struct attester_tpm *tpm);

/* Runs a TPM call again while the TPM asks for it (RETRY, YIELDED, TESTING),
 * with growing pauses, about four seconds in all. rc holds the last answer. */
#define ATTESTER_TPM_CALL(rc, call)                                                            \
	do {                                                                                   \
		unsigned tries_ = 0;                                                           \
		do                                                                             \
			(rc) = (call);                                                         \
		while (attester_tpm_again((rc), tries_++));                                    \
	} while (0)
bool attester_tpm_again(TSS2_RC rc, unsigned tries);

/* True when rc is success; else fills why: what could not be done, the decoded
 * code, and what a person can do about the codes that people meet. */
bool attester_tpm_good(TSS2_RC rc, const char *what, struct platform_message *why);

/* PCRs */

/* The banks in which PCRs are allocated. */
ASSAY_MUST_USE bool attester_pcr_banks(struct attester_tpm *tpm, TPML_PCR_SELECTION *out,
				       struct platform_message *why);

/* PCR 0-23 of every active bank that assay can name. */
struct attester_pcrs {
	size_t nbanks;
	uint32_t counter; /* pcrUpdateCounter after the last read */
	struct attester_pcr_bank {
		uint16_t alg;
		uint16_t size;
		uint32_t known; /* bit i: PCR i was read */
		uint8_t value[ASSAY_PCRS][ASSAY_DIGEST_MAX];
	} bank[TPM2_NUM_PCR_BANKS];
};

ASSAY_MUST_USE bool attester_pcrs_read(struct attester_tpm *tpm, struct attester_pcrs *out,
				       struct platform_message *why);
bool attester_pcrs_equal(const struct attester_pcrs *a, const struct attester_pcrs *b);

/* As tpm2_pcrread prints them; malloced text in *out. */
ASSAY_MUST_USE bool attester_pcrs_write(const struct attester_pcrs *pcrs,
					struct assay_slice *out);

/* TPM2_PCR_Extend with one digest per bank. */
ASSAY_MUST_USE bool attester_pcr_extend(struct attester_tpm *tpm, uint32_t pcr,
					const TPML_DIGEST_VALUES *digests,
					struct platform_message *why);

/* Keys */

struct attester_key {
	ESYS_TR handle;
	bool transient; /* flushed by attester_key_close */
	TPM2B_PUBLIC public;
};

enum attester_key_type { ATTESTER_KEY_ECC, ATTESTER_KEY_RSA };

/* The attestation key that needs no state: a primary key of the endorsement
 * hierarchy from a fixed template, so the same key at every call until the
 * TPM is cleared. */
ASSAY_MUST_USE bool attester_key_primary(struct attester_tpm *tpm, enum attester_key_type type,
					 struct attester_key *out,
					 struct platform_message *why);
/* A persistent key (0x81xxxxxx). Refused unless it is an attestation key
 * (ASSAY_OBJECT_ATTESTATION, and none of ASSAY_OBJECT_NOT_ATTESTATION): what another key
 * signs proves nothing. */
ASSAY_MUST_USE bool attester_key_persistent(struct attester_tpm *tpm, TPM2_HANDLE handle,
					    struct attester_key *out,
					    struct platform_message *why);
void attester_key_close(struct attester_tpm *tpm, struct attester_key *key);

/* TPM2B_PUBLIC, malloced. */
ASSAY_MUST_USE bool attester_key_write(const struct attester_key *key, struct assay_slice *out);

/* TPM2_Quote. msg: TPMS_ATTEST, sig: TPMT_SIGNATURE, both malloced. */
ASSAY_MUST_USE bool attester_tpm_quote(struct attester_tpm *tpm, const struct attester_key *key,
				       struct assay_slice nonce, const TPML_PCR_SELECTION *pcrs,
				       struct assay_slice *msg, struct assay_slice *sig,
				       struct platform_message *why);

/* NV memory, and the endorsement key (EK) */

enum { ATTESTER_NV_MAX = 8192 };

/* What lies at index, with the owner's or the index's empty password: *n is 0 when there is no
 * such index, which is no failure. Of what has more than cap bytes nothing is read: false. */
ASSAY_MUST_USE bool attester_nv_read(struct attester_tpm *tpm, TPM2_HANDLE index, uint8_t *out,
				     size_t cap, size_t *n, struct platform_message *why);

/* The EK certificate in the TPM's NV memory, the DER alone, malloced; an empty
 * slice when there is none (which is no failure). *index: where it lay. */
ASSAY_MUST_USE bool attester_ek_cert(struct attester_tpm *tpm, struct assay_slice *out,
				     TPM2_HANDLE *index, struct platform_message *why);

struct attester_ek {
	struct attester_key key;
	struct assay_slice cert; /* DER, malloced; empty when the TPM has none */
};

/* The EK that the certificate is for: a persistent one (0x8101xxxx), else made from the
 * template that belongs to the certificate's NV index (with the maker's own template or
 * nonce, where the TPM has them). Without a certificate the EK 0x81010001, else that of
 * template L-1 (RSA-2048), which every TPM can make. That EK and certificate belong together is
 * the verifier's to judge; here it is only refused when the certificate does not have the key's
 * number anywhere. */
ASSAY_MUST_USE bool attester_ek_open(struct attester_tpm *tpm, struct attester_ek *out,
				     struct platform_message *why);
void attester_ek_close(struct attester_tpm *tpm, struct attester_ek *ek);

/* TPM2_ActivateCredential: the secret (at most ASSAY_DIGEST_MAX bytes to out) that a verifier
 * protected to ek for ak. blob, secret: TPM2B_ID_OBJECT and TPM2B_ENCRYPTED_SECRET with their
 * sizes, nothing behind them. */
ASSAY_MUST_USE bool attester_ek_activate(struct attester_tpm *tpm, const struct attester_ek *ek,
					 const struct attester_key *ak, struct assay_slice blob,
					 struct assay_slice secret, uint8_t *out, size_t *n,
					 struct platform_message *why);
