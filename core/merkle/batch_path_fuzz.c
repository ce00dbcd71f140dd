/* SPDX-License-Identifier: Apache-2.0
 * Target: assay_batch_path_read. Properties: refusal is always located and leaves *out
 * untouched; what is accepted is within the limits and writes back to the same bytes. */
#include <assay/merkle.h>
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct assay_err err;
	struct assay_batch_path path = { .npath = 77 };
	uint8_t again[ASSAY_BATCH_PATH_BYTES];

	if (!assay_batch_path_read((struct assay_slice){ data, size }, &path, &err)) {
		assert(err.fault != ASSAY_F_OK && err.field && err.offset <= size);
		assert(path.npath == 77);
		return 0;
	}
	assert(path.index < path.size && path.size <= ASSAY_BATCH_MAX);
	assert(path.npath <= ASSAY_BATCH_PATH_MAX);
	assert(assay_batch_path_write(&path, again, sizeof again) == size);
	assert(memcmp(again, data, size) == 0);
	return 0;
}
