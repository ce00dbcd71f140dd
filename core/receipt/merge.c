/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include <assay/receipt.h>

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Each bank of *last is in *next, at no smaller index. At the same index the value is the
 * same: entries and PCR 10 move together. */
static bool banks_go_on(const struct assay_receipt *next, const struct assay_receipt *last)
{
	for (size_t i = 0; i < last->nbanks; i++) {
		size_t k = 0;

		while (k < next->nbanks && next->bank[k].alg != last->bank[i].alg)
			k++;
		if (k == next->nbanks || next->bank[k].index < last->bank[i].index)
			return false;
		if (next->bank[k].index == last->bank[i].index &&
		    !slice_eq(next->bank[k].pcr10, last->bank[i].pcr10))
			return false;
	}
	return true;
}

static bool goes_on(const struct assay_receipt *next, const struct assay_receipt *last)
{
	return slice_eq(next->node, last->node) && slice_eq(next->ak_name, last->ak_name) &&
	       next->resetCount == last->resetCount && next->clock >= last->clock &&
	       next->generation >= last->generation && next->pcr_alg == last->pcr_alg &&
	       next->pcr_mask == last->pcr_mask && slice_eq(next->pcrs, last->pcrs) &&
	       banks_go_on(next, last) && next->issued < last->ends;
}

bool assay_receipt_merge(struct assay_receipt *next, const struct assay_receipt *last)
{
	if (!goes_on(next, last))
		return false;
	for (size_t i = 0; i < last->ndeviations; i++)
		if (!assay_receipt_deviate(next, &last->deviation[i]))
			return false;
	next->good_until = earlier(next->good_until, last->good_until);
	next->ends = earlier(next->ends, last->ends);
	return true;
}
