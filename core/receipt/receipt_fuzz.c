/* SPDX-License-Identifier: Apache-2.0
 * Target: assay_receipt_open. Properties: nothing opens but what the keys sealed, so what opens
 * seals to the same bytes again under its own salt; what does not leaves *out untouched and
 * nothing of the contents behind. */
#include "tests/receipt_sample.h"
#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct assay_crypto *crypto;
	static struct assay_receipt r;
	struct assay_receipt_want want = sample_want();
	uint8_t *plain = malloc(size + 1), *again = malloc(size + 1);

	if (!crypto)
		crypto = assay_crypto_new(NULL, NULL);
	assert(crypto && plain && again);
	r.nbanks = 77;
	enum assay_recall recall =
		assay_receipt_open(crypto, sample_secrets, 2, &want,
				   (struct assay_slice){ data, size }, plain, &r);
	assert(recall < ASSAY_RECALLS_N && recall != ASSAY_RECALL_ERROR);
	if (recall == ASSAY_RECALL_GOOD) {
		const struct assay_secret *secret = &sample_secrets[data[1] != 3];
		assert(assay_receipt_seal(crypto, secret, data + 2, &r, again, size) == size);
		assert(memcmp(again, data, size) == 0);
	} else {
		assert(r.nbanks == 77);
		for (size_t i = 0; i < size; i++)
			assert(plain[i] == 0);
	}
	free(again);
	free(plain);
	return 0;
}
