/* SPDX-License-Identifier: Apache-2.0
 *
 * inspect - what any single artefact is, one function per format. A function
 * writes members into the object that is open in show, and latches err when the
 * bytes are not what the format says; nothing is appraised.
 *
 * The format is decided by the artefact's first bytes, one decision and then one
 * parser: none is tried to see whether it works. */
#pragma once
#include "cli/show.h"

#include <assay/evidence/claims.h>
#include <assay/merkle.h>

/* One line per format: code, the word of "format" and of --as, inspect_FUNCTION. */
/* clang-format off */
#define INSPECT_FORMATS(X) \
	X(UNKNOWN, "unknown", unknown) \
	X(TPMS_ATTEST, "tpms-attest", attest) \
	X(TPMT_SIGNATURE, "tpmt-signature", signature) \
	X(TPM2B_PUBLIC, "tpm2b-public", public) \
	X(TPMT_PUBLIC, "tpmt-public", public_bare) \
	X(PEM_PUBLIC_KEY, "pem-public-key", pem_key) \
	X(X509, "x509-certificate", x509) \
	X(EVENTLOG, "tcg-eventlog", eventlog) \
	X(IMA_BINARY, "ima-binary", ima) \
	X(IMA_ASCII, "ima-ascii", ima_ascii) \
	X(PCR_VALUES, "pcr-values", pcr_values) \
	X(MEASURE_LOG, "tpm2-measure-log", measure_log) \
	X(COLLECTION, "cmw-collection", collection) \
	X(FOLDER, "folder-bundle", folder) \
	X(EAR_JWT, "ear-jwt", ear_jwt) \
	X(REFERENCES, "assay-references", references) \
	X(NONCE, "nonce", nonce)
/* clang-format on */

enum inspect_format {
#define X(code, word, function) INSPECT_##code,
	INSPECT_FORMATS(X)
#undef X
		INSPECT_FORMATS_N
};

struct inspect {
	struct show show;
	const char *path;
	struct assay_slice in; /* what offsets count in */
	struct assay_crypto *crypto;
	uint16_t bank;          /* of --bank; 0: SHA-256, else the first there is */
	struct assay_err err;   /* OK unless malformed */
	bool unreadable;        /* a part of a folder could not be had at all: I/O */
	const char *quirks[16]; /* static texts */
	size_t nquirks;
};

const char *inspect_word(enum inspect_format f);
enum inspect_format inspect_by_word(const char *word); /* UNKNOWN when there is none */

/* Decides by the first bytes; *why tells a person by what. */
enum inspect_format inspect_sniff(struct assay_slice in, const char **why);
/* True for text in base64 that is none of the formats itself. */
bool inspect_is_base64(struct assay_slice in);

void inspect_quirk(struct inspect *i, const char *text);
void inspect_fault(struct inspect *i, enum assay_fault fault, const char *field, size_t offset);

/* "unbound": the ranges, and how many bytes they are. */
void inspect_ranges(struct inspect *i, const struct assay_range *ranges, size_t n);
/* Of tpm2-measure.log, malloced; NULL when it is malformed (latched) or memory is short. */
struct assay_range *inspect_userlog_unbound(struct inspect *i, struct assay_slice part,
					    uint16_t bank, size_t *n);
void inspect_banks(struct inspect *i, const struct assay_bank *banks, size_t n);

#define X(code, word, function) void inspect_##function(struct inspect *i);
INSPECT_FORMATS(X)
#undef X
