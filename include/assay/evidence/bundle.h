/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/evidence/bundle.h - a bundle: one self-contained message of a node, as the
 * bytes of each part. It travels as a CMW collection (RFC 9999) in CBOR, or
 * lies in a folder under the kernel's own file names.
 */
#ifndef ASSAY_BUNDLE_H
#define ASSAY_BUNDLE_H

#include <assay/crypto.h>

/* The parts of a bundle: code, file name and label, media type of the record. */
#define ASSAY_PARTS(X)                                                                         \
	X(QUOTE_MSG, "quote.msg", "application/vnd.assay.tpms-attest")                         \
	X(QUOTE_SIG, "quote.sig", "application/vnd.assay.tpmt-signature")                      \
	X(AK_PUB, "ak.pub", "application/vnd.assay.tpm-public")                                \
	X(EK_CRT, "ek.crt", "application/pkix-cert")                                           \
	X(NONCE, "nonce", "application/vnd.assay.nonce")                                       \
	X(PCRS, "pcrs.txt", "application/vnd.assay.pcr-values")                                \
	X(EVENTLOG, "binary_bios_measurements", "application/vnd.assay.tcg-eventlog")          \
	X(IMA_BINARY, "binary_runtime_measurements", "application/vnd.assay.ima-binary")       \
	X(IMA_ASCII, "ascii_runtime_measurements", "application/vnd.assay.ima-ascii")          \
	X(USERSPACE_LOG, "tpm2-measure.log",                                                   \
	  "application/vnd.assay.tpm2-measure-log+json-seq")                                   \
	X(BATCH, "batch", "application/vnd.assay.batch-path+cbor")

enum assay_part {
#define X(code, name, media) ASSAY_PART_##code,
	ASSAY_PARTS(X)
#undef X
		ASSAY_PARTS_N
};

ASSAY_API const char *assay_part_name(enum assay_part part);
ASSAY_API const char *assay_part_media_type(enum assay_part part);

struct assay_bundle {
	bool present[ASSAY_PARTS_N]; /* a part may be present and empty */
	struct assay_slice part[ASSAY_PARTS_N];
};

/* "__cmwc_t" of our collections. */
#define ASSAY_BUNDLE_TYPE "tag:assay.invalid,2026:bundle-1"

/* A CMW collection: deterministic CBOR (RFC 8949, 4.2.1), labels are the file
 * names above, each a record [media type, bytes]. A label or media type that assay does not
 * know is a fault (UNSUPPORTED): nothing in a bundle is skipped silently. Which parts must be
 * there is for the caller to say; at least one is (MISSING). Parts alias the input. See
 * docs/formats/bundle.md. */
ASSAY_API ASSAY_MUST_USE bool assay_bundle_read(struct assay_slice in, struct assay_bundle *out,
						struct assay_err *err);
/* Returns the bytes written, 0 when cap is too small or no part is present; out == NULL
 * measures. */
ASSAY_API size_t assay_bundle_write(const struct assay_bundle *bundle, uint8_t *out,
				    size_t cap);

/* pcrs.txt, as tpm2_pcrread (version 4 or 5) prints it. Fills the banks named there with what
 * it says; known[i] bit p: PCR p of banks[i] was listed; `extended` is not known and stays 0.
 * More than max banks is a fault (LIMIT); a bank of an unknown algorithm must be well formed
 * and is passed over. *n is written only on success; after a fault banks and known are worth
 * nothing. The values count only where they hash to what a quote signs. */
ASSAY_API ASSAY_MUST_USE bool assay_pcrs_read(struct assay_slice in, struct assay_bank *banks,
					      uint32_t *known, size_t max, size_t *n,
					      struct assay_err *err);

/* An event that user space wrote (systemd's tpm2-measure.log), read outside the core because it
 * is JSON. */
struct assay_user_event {
	size_t line; /* 1 is the first record */
	uint32_t pcr;
	size_t ndigests;
	struct assay_digest digests[4];
	struct assay_slice type;   /* content.eventType, unproven */
	struct assay_slice string; /* content.string; proven where its hash is the digest */
};

#endif
