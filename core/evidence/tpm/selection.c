/* SPDX-License-Identifier: Apache-2.0
 *
 * TPML_PCR_SELECTION - which PCRs of which banks a quote covers.
 * TPM 2.0 Library v1.84, Part 2, TPML_PCR_SELECTION and TPMS_PCR_SELECTION.
 *
 *   offset  size  field
 *        0     4  count                 big-endian; assay takes at most 16
 *      per entry:
 *        0     2  hash                  TPM_ALG_ID
 *        2     1  sizeofSelect          in octets; assay takes at most 4
 *        3     n  pcrSelect             bit b of octet i selects PCR 8*i+b
 *
 * Stricter, on purpose: a bank may appear only once (else one PCR has two
 * places in the digest), no bit above PCR 23 may be set (else the selection
 * says more than assay can tell), and a bank whose digest size assay does not
 * know is not read. The order of the entries is kept: the digest depends on it. */
#include "core/evidence/tpm/tpm.h"

static uint32_t mask_read(struct cur *c)
{
	size_t size = cur_be(c, 1, "sizeofSelect");
	uint32_t mask = 0;

	if (size > ASSAY_PCR_SELECT_MAX)
		cur_fail(c, ASSAY_F_LIMIT, "sizeofSelect");
	struct assay_slice bits = cur_bytes(c, size, "pcrSelect");
	for (size_t i = 0; i < bits.n; i++)
		mask |= (uint32_t)bits.p[i] << 8 * i;
	if (mask >> ASSAY_PCRS != 0)
		cur_fail(c, ASSAY_F_RANGE, "pcrSelect");
	return mask;
}

void tpm_pcr_selection_read(struct cur *c, struct assay_pcr_selection *out)
{
	struct assay_pcr_selection sel = { .n = cur_be(c, 4, "count") };

	if (sel.n > ASSAY_PCR_BANKS_MAX)
		cur_fail(c, ASSAY_F_LIMIT, "count");
	for (size_t i = 0; i < sel.n && cur_ok(c); i++) {
		sel.bank[i].hash = tpm_hash(c, "hash");
		for (size_t j = 0; j < i; j++)
			if (sel.bank[j].hash == sel.bank[i].hash)
				cur_fail(c, ASSAY_F_DUPLICATE, "hash");
		sel.bank[i].mask = mask_read(c);
	}
	if (cur_ok(c))
		*out = sel;
}
