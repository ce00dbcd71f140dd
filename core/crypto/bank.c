/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/internal.h"
#include <string.h>

/* The PCRs that a dynamic launch resets to zero stand at all ones before it. */
enum { FIRST_DYNAMIC = 17, LAST_DYNAMIC = 22 };

bool assay_bank_reset(struct assay_bank *bank, uint16_t alg)
{
	if (!assay_alg_computable(alg))
		return false;
	memset(bank, 0, sizeof *bank);
	bank->alg = alg;
	bank->size = (uint16_t)assay_alg_size(alg);
	for (size_t pcr = FIRST_DYNAMIC; pcr <= LAST_DYNAMIC; pcr++)
		memset(bank->value[pcr], 0xff, bank->size);
	return true;
}

bool assay_bank_extend(struct assay_crypto *crypto, struct assay_bank *bank, uint32_t pcr,
		       struct assay_slice digest)
{
	uint8_t both[2 * ASSAY_DIGEST_MAX];

	if (pcr >= ASSAY_PCRS || digest.n != bank->size || digest.n > ASSAY_DIGEST_MAX)
		return false;
	/* one update of both halves is cheaper than two */
	memcpy(both, bank->value[pcr], digest.n);
	memcpy(both + digest.n, digest.p, digest.n);
	if (!assay_hash1(crypto, bank->alg, (struct assay_slice){ both, 2 * digest.n },
			 bank->value[pcr]))
		return false;
	bank->extended |= UINT32_C(1) << pcr;
	return true;
}
