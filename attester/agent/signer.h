/* SPDX-License-Identifier: Apache-2.0
 *
 * signer - the TPM as the agent uses it: opened when it is needed and again after whatever
 * happened to it (a resource manager that was restarted, a suspend, a software TPM that is
 * gone), with its attestation key loaded.
 *
 * A TPM that others can use meanwhile (the kernel's or user space's resource manager) stays
 * open with the key in it: making the key costs a slow TPM more than a quote. Any other way to
 * a TPM shuts others out, so it is closed after each use.
 *
 *   threads   one at a time: see desk.h
 */
#pragma once
#include "attester/tpm/tpm.h"

struct agent_signer {
	const char *conf; /* TCTI; NULL: as attester_tpm_open() */
	TPM2_HANDLE ak;   /* persistent; 0: the primary key of key_type */
	enum attester_key_type key_type;
	/* the signer's own */
	bool open;
	struct attester_tpm tpm;
	struct attester_key key;
	uint16_t bank;             /* what is quoted: SHA-256, or the best that the TPM has */
	struct assay_slice ak_pub; /* TPM2B_PUBLIC of the key that was used last */
};

ASSAY_MUST_USE bool agent_signer_open(struct agent_signer *s, struct platform_message *why);
/* After a use that went well: stays open where that harms nobody. */
void agent_signer_rest(struct agent_signer *s);
/* Gives the TPM back. ak_pub stays until agent_signer_free. */
void agent_signer_close(struct agent_signer *s);
void agent_signer_free(struct agent_signer *s);

/* A quote over ATTESTER_PCRS_DEFAULT of the bank; tries once more on a TPM opened anew. msg,
 * sig: malloced. */
ASSAY_MUST_USE bool agent_signer_quote(struct agent_signer *s, struct assay_slice nonce,
				       struct assay_slice *msg, struct assay_slice *sig,
				       struct platform_message *why);
/* PCRs of all banks; tries once more too. */
ASSAY_MUST_USE bool agent_signer_pcrs(struct agent_signer *s, struct attester_pcrs *out,
				      struct platform_message *why);
