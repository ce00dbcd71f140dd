/* SPDX-License-Identifier: Apache-2.0
 * Target: receipt_read, as if a key had leaked. Properties: refusal is always located and
 * leaves *out untouched; what is accepted is within the limits and writes back to the same
 * bytes. */
#include "core/receipt/contents.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct assay_receipt r;
	struct assay_err err;

	r.nbanks = 77;
	if (!receipt_read((struct assay_slice){ data, size }, &r, &err)) {
		assert(err.fault != ASSAY_F_OK && err.field && err.offset <= size);
		assert(r.nbanks == 77);
		return 0;
	}
	assert(r.nbanks <= ASSAY_RECEIPT_BANKS && r.ndeviations <= ASSAY_DEVIATIONS_MAX);
	assert(r.ends > r.issued && r.pcr_mask != 0);

	uint8_t *again = malloc(size);
	struct cbor_out o = { .p = again, .cap = size };
	assert(again);
	receipt_write(&o, &r);
	assert(!o.full && o.n == size && memcmp(again, data, size) == 0);
	free(again);
	return 0;
}
