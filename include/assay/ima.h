/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/ima.h - the measurement list of Linux' Integrity Measurement
 * Architecture (Documentation/security/IMA-templates.rst and
 * security/integrity/ima/ of Linux 6.12).
 *
 * The binary list is authoritative. The ASCII list is read when it comes
 * alone; it cannot hold a newline in a name, and a line that does not hash
 * to its template hash is found by assay_ima_check().
 */
#ifndef ASSAY_IMA_H
#define ASSAY_IMA_H

#include <assay/crypto.h>

struct assay_ima_entry {
	size_t index;                     /* 0 is the first */
	size_t offset, size;              /* the record in its list */
	uint32_t pcr;                     /* < ASSAY_PCRS */
	struct assay_slice template_hash; /* 20 bytes (SHA-1 list) */
	struct assay_slice template_name; /* "ima-sig" or a format "d-ng|n-ng" */
	struct assay_slice data;          /* template data, what is hashed */
	bool legacy;                      /* template "ima" */
	bool violation;                   /* template_hash all zero: nothing below is proven */

	/* fields, empty when the template lacks them */
	bool has_digest;
	uint16_t digest_alg;              /* TPM_ALG_ID; 0 when the name is unknown to assay */
	struct assay_slice digest_alg_name; /* "sha256" */
	bool verity;                      /* d-ngv2 "verity:" */
	struct assay_slice digest;
	struct assay_slice name;          /* without the trailing NUL */
	struct assay_slice sig;
	bool has_buf;
	struct assay_slice buf;
};

struct assay_ima {
	struct assay_slice list;
	struct assay_err *err;
	size_t at, index;
	bool ascii;
	uint8_t *scratch; /* ASCII: where template data is rebuilt */
	size_t scratch_n;
};

/* A binary list (SHA-1 template hashes, the kernel's default file). An empty
 * list (0 bytes) opens and has no entries. */
ASSAY_API ASSAY_MUST_USE bool assay_ima_open(struct assay_ima *ima, struct assay_slice in,
					     struct assay_err *err);
/* An ASCII list; each entry's data is rebuilt in scratch and lives until the
 * next call. scratch_n >= ASSAY_IMA_DATA_MAX never runs out. */
ASSAY_API ASSAY_MUST_USE bool assay_ima_open_ascii(struct assay_ima *ima, struct assay_slice in,
						   uint8_t *scratch, size_t scratch_n,
						   struct assay_err *err);
/* False at the end and on a fault: ask ima->err. */
ASSAY_API ASSAY_MUST_USE bool assay_ima_next(struct assay_ima *ima, struct assay_ima_entry *out);

/* True when template_hash is SHA-1 of the template data (a violation passes). sha1: 20
 * bytes written when not NULL: what the data really hashes to. */
ASSAY_API ASSAY_MUST_USE bool assay_ima_check(struct assay_crypto *crypto,
					      const struct assay_ima_entry *e, uint8_t *sha1);

/* How a kernel extends a bank. */
enum assay_ima_mode {
	ASSAY_IMA_NATIVE = 0, /* H_bank(template data) */
	ASSAY_IMA_PADDED,     /* SHA-1(template data), zeros up to the bank's size */
};

/* What e extends bank alg with: out[ASSAY_DIGEST_MAX], assay_alg_size(alg)
 * bytes; 0xff throughout for a violation. sha1: from assay_ima_check(), may be
 * NULL in native mode. */
ASSAY_API ASSAY_MUST_USE bool assay_ima_extend_value(struct assay_crypto *crypto,
						     const struct assay_ima_entry *e, uint16_t alg,
						     enum assay_ima_mode mode, const uint8_t *sha1,
						     uint8_t *out);

/* boot_aggregate over bank (PCR 0-7 for SHA-1, 0-9 otherwise). */
ASSAY_API ASSAY_MUST_USE bool assay_ima_boot_aggregate(struct assay_crypto *crypto,
						       const struct assay_bank *bank,
						       struct assay_digest *out);

#endif
