/* SPDX-License-Identifier: Apache-2.0
 *
 * collect - one bundle of evidence from the machine we run on.
 *
 * Quote and logs fit together although the system goes on running:
 *   - the quote comes first, the logs that grow are read after it. The kernel
 *     puts an entry into its list before it extends the PCR, so the list always
 *     holds all that the quote covers, and perhaps more, which a verifier expects;
 *   - tpm2-measure.log is locked over quote and reading: its writers, who hold the
 *     lock over log and PCR, are wholly before or wholly after both;
 *   - PCR values are only stored when they are the same before and after the quote.
 *
 *   ownership  attester_evidence_drop gives back what attester_collect made
 */
#pragma once
#include "attester/tpm/tpm.h"

#include <assay/evidence/bundle.h>

struct attester_request {
	const char *root;         /* where /sys and /run are looked for: "" is the real one */
	struct assay_slice nonce; /* 8 to 64 bytes */
	uint32_t pcrs;            /* bit i: quote PCR i */
	uint16_t banks[4];        /* to be quoted; nbanks 0: SHA-256 */
	size_t nbanks;
	TPM2_HANDLE ak; /* persistent key; 0: the primary key of key_type */
	enum attester_key_type key_type;
	bool ascii; /* the ASCII list too, although the binary one is there */
	void (*note)(const char *text); /* told what is absent; may be NULL */
};

/* What is quoted when nobody says otherwise. */
#define ATTESTER_PCRS_DEFAULT 0x7fffu /* 0-14 */

/* Fills *out with malloced parts. */
ASSAY_MUST_USE bool attester_collect(struct attester_tpm *tpm,
				     const struct attester_request *request,
				     struct assay_bundle *out, struct platform_message *why);
void attester_evidence_drop(struct assay_bundle *bundle);

/* A shared lock on tpm2-measure.log; -1 when there is none. close() gives it back. */
int attester_userlog_hold(const struct attester_request *request);

/* What firmware, boot loader and systemd wrote; for who follows the IMA list by himself. */
ASSAY_MUST_USE bool attester_boot_logs_read(const struct attester_request *request,
					    struct assay_bundle *out,
					    struct platform_message *why);

/* The logs alone. A log that is not there stays absent. */
ASSAY_MUST_USE bool attester_logs_read(const struct attester_request *request,
				       struct assay_bundle *out, struct platform_message *why);

/* Writes the parts into folder (made when it is not there), parts of an earlier
 * collection that this one lacks are removed. quote.sig goes first and comes last: whoever
 * is cut short leaves a folder that says that it is incomplete. */
ASSAY_MUST_USE bool attester_folder_write(const char *folder, const struct assay_bundle *bundle,
					  struct platform_message *why);
