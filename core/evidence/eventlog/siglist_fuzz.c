/* SPDX-License-Identifier: Apache-2.0
 * Target: assay_siglist_next, assay_device_path_file. Properties: it ends; what it returns lies
 * in the input, in order; a refusal is located; each signature has an owner and data. */
#include <assay/evidence/eventlog.h>
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct assay_slice s, const uint8_t *data, size_t size)
{
	assert(s.n == 0 || (s.p >= data && s.n <= size && s.p + s.n <= data + size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct assay_slice in = { data, size };
	struct assay_err err;
	struct assay_siglist sig;
	size_t at = 0, inner = 0, n = 0;
	const uint8_t *last = NULL;

	while (assay_siglist_next(in, &at, &inner, &sig, &err)) {
		inside(sig.type, data, size);
		inside(sig.owner, data, size);
		inside(sig.data, data, size);
		assert(sig.type.n == 16 && sig.owner.n == 16 && sig.data.n > 0);
		assert(!last || sig.owner.p > last);
		last = sig.owner.p;
		assert(++n <= size / 17);
	}
	assert(err.fault == ASSAY_F_OK ? at == size : err.field && err.offset <= size);

	struct assay_slice file = assay_device_path_file(in);
	inside(file, data, size);
	assert(file.n % 2 == 0);
	return 0;
}
