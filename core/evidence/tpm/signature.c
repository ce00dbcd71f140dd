/* SPDX-License-Identifier: Apache-2.0
 *
 * TPMT_SIGNATURE - by which scheme and hash, and the numbers.
 * TPM 2.0 Library v1.84, Part 2, TPMT_SIGNATURE, TPMS_SIGNATURE_RSA, _ECC.
 *
 *   offset  size  field
 *        0     2  sigAlg                0014 RSASSA, 0016 RSAPSS, 0018 ECDSA
 *        2     2  hash
 *   RSA  4   2+n  sig                   1 to 1024 bytes
 *   ECC  4   2+n  signatureR            1 to 66 bytes
 *        .   2+n  signatureS            1 to 66 bytes
 *
 * The scheme is what the structure says and nothing else; whether it suits the
 * key is asked where both are known. Stricter: other schemes are not read, no number is
 * empty, nothing follows. */
#include "core/evidence/tpm/tpm.h"

static struct assay_slice number_read(struct cur *c, size_t max, const char *field)
{
	struct assay_slice v = tpm_2b(c, max, field);

	if (v.n == 0)
		cur_fail(c, ASSAY_F_RANGE, field);
	return v;
}

static uint16_t scheme_read(struct cur *c)
{
	uint16_t alg = (uint16_t)cur_be(c, 2, "sigAlg");

	switch (alg) {
	case ASSAY_RSASSA:
	case ASSAY_RSAPSS:
	case ASSAY_ECDSA:
		break;
	case TPM_ALG_HMAC:
	case TPM_ALG_ECDAA:
	case TPM_ALG_SM2:
	case TPM_ALG_ECSCHNORR:
		cur_fail(c, ASSAY_F_UNSUPPORTED, "sigAlg");
		break;
	default:
		cur_fail(c, ASSAY_F_RANGE, "sigAlg");
	}
	return alg;
}

bool assay_signature_read(struct assay_slice in, struct assay_signature *out,
			  struct assay_err *err)
{
	struct cur c = cur_over(in, err);
	struct assay_signature s = { .sigAlg = scheme_read(&c) };

	s.hash = tpm_hash(&c, "hash");
	if (s.sigAlg == ASSAY_ECDSA) {
		s.signatureR = number_read(&c, TPM_ECC_MAX, "signatureR");
		s.signatureS = number_read(&c, TPM_ECC_MAX, "signatureS");
	} else {
		s.sig = number_read(&c, TPM_RSA_MAX, "sig");
	}
	if (!cur_done(&c, "TPMT_SIGNATURE"))
		return false;
	*out = s;
	return true;
}
