/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pending.h"

#include <string.h>

static struct assay_slice digest_of(const struct assay_user_event *ev, uint16_t alg)
{
	for (size_t i = 0; i < ev->ndigests; i++)
		if (ev->digests[i].alg == alg)
			return (struct assay_slice){ ev->digests[i].b, ev->digests[i].n };
	return (struct assay_slice){ 0 };
}

bool pending_count(struct assay_crypto *crypto, const struct userlog *log, uint32_t pcr,
		   uint16_t alg, const uint8_t *start, const uint8_t *current, size_t *count)
{
	size_t size = assay_alg_size(alg), left = 0;
	struct assay_bank bank;

	if (!assay_bank_reset(&bank, alg))
		return false;
	memcpy(bank.value[pcr], start, size);
	for (size_t i = 0; i < log->n; i++)
		left += log->events[i].pcr == pcr;

	bool met = memcmp(bank.value[pcr], current, size) == 0;
	for (size_t i = 0; i < log->n && !met; i++) {
		const struct assay_user_event *ev = &log->events[i];
		if (ev->pcr != pcr)
			continue;
		struct assay_slice digest = digest_of(ev, alg);
		if (digest.n == 0 || !assay_bank_extend(crypto, &bank, pcr, digest))
			return false;
		left--;
		met = memcmp(bank.value[pcr], current, size) == 0;
	}
	if (met)
		*count = left;
	return met;
}
