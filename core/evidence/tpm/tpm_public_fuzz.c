/* SPDX-License-Identifier: Apache-2.0
 * Target: assay_public_read, and what follows from it: Name, unbound ranges,
 * key. Properties: a refusal is located and leaves *out as it was; what is
 * accepted is the whole input; ranges lie inside it; a key is of the type said. */
#include <assay/evidence/tpm.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void derive(const struct assay_public *pub, size_t size)
{
	static struct assay_crypto *crypto;
	struct assay_range ranges[3];
	uint8_t name[2 + ASSAY_DIGEST_MAX];

	if (!crypto)
		crypto = assay_crypto_new(NULL, NULL);
	if (!crypto)
		abort();

	size_t n = assay_public_name(crypto, pub, name);
	assert(n ==
	       (assay_alg_computable(pub->nameAlg) ? 2 + assay_alg_size(pub->nameAlg) : 0));

	n = assay_public_unbound(pub, ranges, 3);
	assert(n == 2 || n == 3);
	for (size_t i = 0; i < n; i++)
		assert(ranges[i].n > 0 && ranges[i].offset + ranges[i].n <= size);

	struct assay_key *key = assay_public_key(crypto, pub);
	if (key)
		assert((assay_key_type(key) == ASSAY_KEY_RSA) == (pub->type == 1) &&
		       assay_key_curve(key) == pub->curveID);
	assay_key_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct assay_err err;
	struct assay_public pub, before;

	memset(&pub, 0x77, sizeof pub);
	before = pub;
	bool ok = assay_public_read((struct assay_slice){ data, size }, &pub, &err);
	assert(ok == (err.fault == ASSAY_F_OK));
	if (!ok) {
		assert(err.field && err.offset <= size);
		assert(memcmp(&pub, &before, sizeof pub) == 0);
		return 0;
	}
	assert(pub.tpmt.n + (pub.sized ? 2 : 0) == size);
	derive(&pub, size);
	return 0;
}
