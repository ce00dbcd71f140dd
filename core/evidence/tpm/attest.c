/* SPDX-License-Identifier: Apache-2.0
 *
 * TPMS_ATTEST of type TPM_ST_ATTEST_QUOTE - what the TPM signed.
 * TPM 2.0 Library v1.84, Part 2, TPMS_ATTEST, TPMS_CLOCK_INFO, TPMS_QUOTE_INFO.
 *
 *   offset  size  field
 *        0     4  magic                 ff 54 43 47, TPM_GENERATED_VALUE
 *        4     2  type                  80 18, TPM_ST_ATTEST_QUOTE
 *        6   2+n  qualifiedSigner       TPM2B_NAME, at most 66 bytes
 *        .   2+n  extraData             TPM2B_DATA, at most 66 bytes
 *        .     8  clock                 milliseconds
 *        .     4  resetCount
 *        .     4  restartCount
 *        .     1  safe                  TPMI_YES_NO: 0 or 1
 *        .     8  firmwareVersion
 *        .     .  pcrSelect             see selection.c
 *        .   2+n  pcrDigest             TPM2B_DIGEST of 20, 32, 48 or 64 bytes
 *
 * The magic is the one thing that tells a quote from bytes that an unrestricted
 * key was asked to sign; the type tells it from the other things that a TPM
 * attests. Stricter: a pcrDigest must have the size of some digest (that it is the
 * size of the signature's hash, whoever compares the digest finds out). */
#include "core/evidence/tpm/tpm.h"

static const uint32_t TPM_GENERATED = UINT32_C(0xff544347);

enum { TPM_ST_ATTEST_QUOTE = 0x8018 };

static void head_read(struct cur *c, struct assay_quote *q)
{
	if (cur_be(c, 4, "magic") != TPM_GENERATED)
		cur_fail(c, ASSAY_F_MAGIC, "magic");
	if (cur_be(c, 2, "type") != TPM_ST_ATTEST_QUOTE)
		cur_fail(c, ASSAY_F_RANGE, "type");
	q->qualifiedSigner = tpm_2b(c, TPM_NAME_MAX, "qualifiedSigner");
	q->extraData = tpm_2b(c, TPM_NAME_MAX, "extraData");
}

static void clock_read(struct cur *c, struct assay_quote *q)
{
	q->clock = cur_be(c, 8, "clock");
	q->resetCount = (uint32_t)cur_be(c, 4, "resetCount");
	q->restartCount = (uint32_t)cur_be(c, 4, "restartCount");

	uint64_t safe = cur_be(c, 1, "safe");
	if (safe > 1)
		cur_fail(c, ASSAY_F_RANGE, "safe");
	q->safe = safe == 1;
}

static bool digest_size(size_t n)
{
	return n == 20 || n == 32 || n == 48 || n == 64;
}

bool assay_quote_read(struct assay_slice in, struct assay_quote *out, struct assay_err *err)
{
	struct cur c = cur_over(in, err);
	struct assay_quote q = { .message = in };

	head_read(&c, &q);
	clock_read(&c, &q);
	q.firmwareVersion = cur_be(&c, 8, "firmwareVersion");
	tpm_pcr_selection_read(&c, &q.pcrSelect);

	q.pcrDigest = tpm_2b(&c, ASSAY_DIGEST_MAX, "pcrDigest");
	if (!digest_size(q.pcrDigest.n))
		cur_fail(&c, ASSAY_F_RANGE, "pcrDigest");
	if (!cur_done(&c, "TPMS_ATTEST"))
		return false;
	*out = q;
	return true;
}
