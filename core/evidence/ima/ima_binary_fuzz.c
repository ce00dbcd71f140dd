/* SPDX-License-Identifier: Apache-2.0
 * Target: a binary list, its signatures, its unbound ranges. Properties: those of
 * ima_fuzz.h; ranges lie in the list, in order, and are counted alike. */
#include "tests/ima_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct assay_slice in = { data, size };
	struct assay_range r[4] = { { 0, 0 } };
	struct assay_ima_sig sig;
	struct assay_ima_entry e;
	struct assay_ima ima;
	struct assay_err err, other;
	size_t n = 0, end = 0, ranges = 0;

	if (assay_ima_open(&ima, in, &err))
		while (assay_ima_next(&ima, &e)) {
			fuzz_entry(&ima, &e, n++, end);
			end = e.offset + e.size;
			ranges += e.violation && e.data.n > 0 ? 2 : 1;
			if (assay_ima_sig_read(e.sig, &sig, &other))
				assert(sig.sig.n + 9 == e.sig.n);
		}
	fuzz_end(&ima, end);

	size_t count = assay_ima_unbound(in, r, 4, &other);
	assert(other.fault == err.fault && count == (err.fault == ASSAY_F_OK ? ranges : 0));
	for (size_t i = 0, at = 0; i < count && i < 4; at = r[i].offset + r[i].n, i++)
		assert(r[i].n > 0 && r[i].offset >= at && r[i].offset + r[i].n <= size);
	return 0;
}
