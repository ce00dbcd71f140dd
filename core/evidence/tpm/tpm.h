/* SPDX-License-Identifier: Apache-2.0
 *
 * evidence/tpm - what the readers of this room share. The formats, field by
 * field, stand in front of the reader of each. */
#pragma once
#include "core/base/cursor.h"
#include <assay/evidence/tpm.h>

/* TPM_ALG_ID (TCG Algorithm Registry 1.34, table 3) of what is no hash. */
enum {
	TPM_ALG_RSA = 0x0001,
	TPM_ALG_TDES = 0x0003,
	TPM_ALG_HMAC = 0x0005,
	TPM_ALG_AES = 0x0006,
	TPM_ALG_MGF1 = 0x0007,
	TPM_ALG_KEYEDHASH = 0x0008,
	TPM_ALG_NULL = 0x0010,
	TPM_ALG_SM4 = 0x0013,
	TPM_ALG_RSAES = 0x0015,
	TPM_ALG_OAEP = 0x0017,
	TPM_ALG_ECDH = 0x0019,
	TPM_ALG_ECDAA = 0x001a,
	TPM_ALG_SM2 = 0x001b,
	TPM_ALG_ECSCHNORR = 0x001c,
	TPM_ALG_ECMQV = 0x001d,
	TPM_ALG_KDF1_SP800_56A = 0x0020,
	TPM_ALG_KDF2 = 0x0021,
	TPM_ALG_KDF1_SP800_108 = 0x0022,
	TPM_ALG_ECC = 0x0023,
	TPM_ALG_SYMCIPHER = 0x0025,
	TPM_ALG_CAMELLIA = 0x0026,
	TPM_ALG_CTR = 0x0040,
	TPM_ALG_ECB = 0x0044,
};

enum {
	TPM_NAME_MAX = 2 + ASSAY_DIGEST_MAX,
	TPM_RSA_MAX = 1024, /* bytes of a modulus of 8192 bits */
	TPM_ECC_MAX = 66,   /* bytes of a coordinate of P-521 */
};

/* A TPM2B of at most max bytes; the fault stands at its size. */
static inline struct assay_slice tpm_2b(struct cur *c, size_t max, const char *field)
{
	size_t n = cur_be(c, 2, field);

	if (n > max)
		cur_fail(c, ASSAY_F_LIMIT, field);
	return cur_bytes(c, n, field);
}

/* TPMI_ALG_HASH of a hash that assay knows the size of. */
static inline uint16_t tpm_hash(struct cur *c, const char *field)
{
	uint16_t alg = (uint16_t)cur_be(c, 2, field);

	if (assay_alg_size(alg) == 0)
		cur_fail(c, ASSAY_F_UNSUPPORTED, field);
	return alg;
}

/* Reads one TPML_PCR_SELECTION at c; ask c whether to believe it. */
void tpm_pcr_selection_read(struct cur *c, struct assay_pcr_selection *out);

/* Bytes of a coordinate; 0 for a curve that assay does not take. */
size_t tpm_curve_size(uint16_t curveID);
