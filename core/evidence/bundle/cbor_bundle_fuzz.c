/* SPDX-License-Identifier: Apache-2.0
 * Target: assay_bundle_read. Properties: refusal is always located and leaves *out untouched;
 * what is accepted writes back to the very same bytes. */
#include <assay/evidence/bundle.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct assay_err err;
	struct assay_bundle b;

	memset(&b, 0, sizeof b);
	b.part[0].n = 77;
	if (!assay_bundle_read((struct assay_slice){ data, size }, &b, &err)) {
		assert(err.fault != ASSAY_F_OK && err.field && err.offset <= size);
		assert(b.part[0].n == 77 && b.part[0].p == NULL);
		return 0;
	}

	uint8_t *again = malloc(size);

	assert(assay_bundle_write(&b, NULL, 0) == size);
	assert(again && assay_bundle_write(&b, again, size) == size);
	assert(memcmp(again, data, size) == 0);
	free(again);
	return 0;
}
