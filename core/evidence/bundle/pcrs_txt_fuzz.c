/* SPDX-License-Identifier: Apache-2.0
 * Target: assay_pcrs_read. Properties: refusal is always located and leaves *n untouched; what
 * is accepted has banks of known size, each once, and PCRs in range. */
#include <assay/evidence/bundle.h>
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct assay_bank banks[4];
	uint32_t known[4];
	size_t n = 77;
	struct assay_err err;

	if (!assay_pcrs_read((struct assay_slice){ data, size }, banks, known, 4, &n, &err)) {
		assert(err.fault != ASSAY_F_OK && err.field && err.offset <= size && n == 77);
		return 0;
	}
	assert(n <= 4);
	for (size_t i = 0; i < n; i++) {
		assert(banks[i].size > 0 && banks[i].size == assay_alg_size(banks[i].alg));
		assert(banks[i].extended == 0 && known[i] >> ASSAY_PCRS == 0);
		for (size_t k = 0; k < i; k++)
			assert(banks[k].alg != banks[i].alg);
	}
	return 0;
}
