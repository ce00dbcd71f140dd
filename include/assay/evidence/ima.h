/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/evidence/ima.h - the measurement list of Linux' Integrity Measurement
 * Architecture (Documentation/security/IMA-templates.rst and
 * security/integrity/ima/ of Linux 6.12).
 *
 * The binary list is authoritative. The ASCII list is read when it comes
 * alone; it cannot hold a newline in a name, and a line that does not hash
 * to its template hash is found by assay_ima_check().
 *
 * Binary record, integers little-endian (a list of a big-endian host that did
 * not run with ima_canonical_fmt is a RANGE fault at its first pcr):
 *
 *   offset  size  field
 *        0     4  pcr                < 24
 *        4     h  template_hash      20 in the kernel's default file
 *      4+h     4  template_name_len  1 to 255
 *      8+h     n  template_name      no NUL
 *    8+h+n     4  template_data_len  absent in template "ima"
 *        .     d  template_data      per field: u32 length, bytes
 *
 * Template "ima": 20 bytes of digest, u32 strlen, name; hashed as digest ||
 * name padded with zeros to 256 bytes.
 *
 * template_name is hashed by nothing: any record can be relabelled with
 * another name of the same shape. So a template must hold exactly one of d,
 * d-ng, d-ngv2 and exactly one of n, n-ng, and no field twice: then no
 * relabelling hides the digest, as long as they come first: a later field (an xattr's
 * value, a buffer) holds what root put there, and might pass for either (see loose). See
 * also assay_ima_buf_check() and assay_ima_unbound().
 *
 * Stricter than the kernel: lower-case hex and canonical decimals in ASCII,
 * one size of template hash in a list, names that end in their only NUL.
 */
#ifndef ASSAY_IMA_H
#define ASSAY_IMA_H

#include <assay/crypto.h>

struct assay_ima_entry {
	size_t index;                     /* 0 is the first */
	size_t offset, size;              /* the record in its list */
	uint32_t pcr;                     /* < ASSAY_PCRS */
	uint16_t template_alg;            /* what template_hash is hashed with */
	struct assay_slice template_hash; /* 20 bytes (SHA-1 list); 32, 48, 64 in others */
	struct assay_slice template_name; /* "ima-sig" or a format "d-ng|n-ng" */
	struct assay_slice data;          /* template data, what is hashed */
	bool legacy;                      /* template "ima" */
	bool loose;     /* digest and name are not the first two fields: believe neither */
	bool violation; /* template_hash all zero: nothing below is proven */

	/* fields, empty when the template lacks them */
	bool has_digest; /* always; digest.n may be 0 or not suit digest_alg */
	bool verity;     /* d-ngv2 "verity:" */
	bool has_buf;
	uint16_t digest_alg; /* TPM_ALG_ID; 0 when the name is unknown to assay */
	struct assay_slice digest_alg_name; /* "sha256" */
	struct assay_slice digest;
	struct assay_slice name; /* without the trailing NUL */
	struct assay_slice sig;
	struct assay_slice buf;
};

struct assay_ima {
	struct assay_slice list;
	struct assay_err *err;
	size_t at, index;
	bool ascii;
	uint8_t *scratch; /* ASCII: where template data is rebuilt */
	size_t scratch_n;
	uint16_t alg; /* of template_hash; in ASCII 0 until the first line */

	/* the reader's own: the last template seen, the last ASCII template hash */
	struct assay_slice template_name;
	uint8_t fields[ASSAY_IMA_FIELDS_MAX];
	size_t nfields;
	uint8_t hash[ASSAY_DIGEST_MAX];
};

/* A binary list (SHA-1 template hashes, the kernel's default file). An empty
 * list (0 bytes) opens and has no entries. To go on from a record that was read
 * before, set at and index to its offset + size and index + 1 after opening. */
ASSAY_API ASSAY_MUST_USE bool assay_ima_open(struct assay_ima *ima, struct assay_slice in,
					     struct assay_err *err);
/* binary_runtime_measurements_<alg>: template hashes of another algorithm. */
ASSAY_API ASSAY_MUST_USE bool assay_ima_open_alg(struct assay_ima *ima, struct assay_slice in,
						 uint16_t alg, struct assay_err *err);
/* An ASCII list; each entry's data is rebuilt in scratch (its template hash in
 * *ima) and lives until the next call. scratch_n >= ASSAY_IMA_DATA_MAX never runs
 * out. The size of the first template hash tells the list's algorithm. An empty
 * xattrnames is taken for a field without bytes (ASCII cannot tell). */
ASSAY_API ASSAY_MUST_USE bool assay_ima_open_ascii(struct assay_ima *ima, struct assay_slice in,
						   uint8_t *scratch, size_t scratch_n,
						   struct assay_err *err);
/* False at the end and on a fault: ask ima->err. */
ASSAY_API ASSAY_MUST_USE bool assay_ima_next(struct assay_ima *ima,
					     struct assay_ima_entry *out);

/* True when template_hash is the hash (template_alg, SHA-1 by default) of the template
 * data (a violation passes). sha1: 20 bytes written when not NULL: the SHA-1 that the data
 * really has, also when false is returned, unless the library fails. */
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
						     const struct assay_ima_entry *e,
						     uint16_t alg, enum assay_ima_mode mode,
						     const uint8_t *sha1, uint8_t *out);

/* True when e measures its buffer: buf is not empty and digest is its hash. What
 * is called ima-buf and is not this must be judged as a file: a file's entry
 * can be relabelled ima-buf, but its digest is then not that of its "buffer". */
ASSAY_API ASSAY_MUST_USE bool assay_ima_buf_check(struct assay_crypto *crypto,
						  const struct assay_ima_entry *e);

/* boot_aggregate over bank (PCR 0-7 for SHA-1, 0-9 otherwise). */
ASSAY_API ASSAY_MUST_USE bool assay_ima_boot_aggregate(struct assay_crypto *crypto,
						       const struct assay_bank *bank,
						       struct assay_digest *out);

/* The content of a sig field: security.ima or, as a fallback, security.evm
 * (struct signature_v2_hdr after the xattr's type byte).
 *
 *   offset  size  field
 *        0     1  type       3 IMA, 5 EVM portable (not over the file alone), 6 fs-verity
 *        1     1  version    2, or 3: signs a hash of {type, algorithm, digest}
 *        2     1  hash_algo  the kernel's enum hash_algo
 *        3     4  keyid      big-endian
 *        7     2  sig_size   big-endian; exactly what remains
 *        9     n  sig
 */
struct assay_ima_sig {
	uint8_t type, version, hash_algo;
	uint16_t hash; /* TPM_ALG_ID; 0 when it has none */
	uint32_t keyid;
	struct assay_slice sig;
};

ASSAY_API ASSAY_MUST_USE bool
assay_ima_sig_read(struct assay_slice in, struct assay_ima_sig *out, struct assay_err *err);

/* Bytes of a binary list that nothing signed covers when its PCRs are quoted to the list's
 * end: each template_name, and all template data of a violation. Writes at most max ranges
 * in order; returns how many there are. 0 and a fault in *err when the list cannot be read. */
ASSAY_API size_t assay_ima_unbound(struct assay_slice list, struct assay_range *out, size_t max,
				   struct assay_err *err);

#endif
