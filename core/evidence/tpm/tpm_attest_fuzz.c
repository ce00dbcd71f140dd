/* SPDX-License-Identifier: Apache-2.0
 * Target: assay_quote_read. Properties: a refusal is located and leaves *out
 * as it was; what is accepted keeps the limits and points into the input. */
#include <assay/evidence/tpm.h>
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct assay_slice s, const uint8_t *data, size_t size)
{
	assert(s.n == 0 ||
	       (s.p >= data && s.n <= size && s.p - data <= (ptrdiff_t)(size - s.n)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct assay_err err;
	struct assay_quote q, before;

	memset(&q, 0x77, sizeof q);
	before = q;
	bool ok = assay_quote_read((struct assay_slice){ data, size }, &q, &err);
	assert(ok == (err.fault == ASSAY_F_OK));
	if (!ok) {
		assert(err.field && err.offset <= size);
		assert(memcmp(&q, &before, sizeof q) == 0);
		return 0;
	}
	assert(q.message.p == data && q.message.n == size);
	assert(q.pcrSelect.n <= ASSAY_PCR_BANKS_MAX);
	for (size_t i = 0; i < q.pcrSelect.n; i++)
		assert(q.pcrSelect.bank[i].mask >> ASSAY_PCRS == 0);
	assert(q.pcrDigest.n <= ASSAY_DIGEST_MAX);
	inside(q.qualifiedSigner, data, size);
	inside(q.extraData, data, size);
	inside(q.pcrDigest, data, size);
	return 0;
}
