/* SPDX-License-Identifier: Apache-2.0
 * Target: a whole bundle (CMW collection), read, claimed and appraised with its own key and no
 * references. Properties: an error is located, and nothing ever affirms: no reference is known.
 */
#include <assay/appraisal.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct assay_crypto *crypto;
	static struct assay_arena arena;
	static struct assay_policy policy;
	static struct assay_claims claims;
	static struct assay_appraisal out;
	static const struct assay_refs none;
	struct assay_bundle bundle;
	struct assay_ak ak = { 0 };
	struct assay_err err;

	if (!crypto) {
		crypto = assay_crypto_new(NULL, NULL);
		arena.n = assay_appraisal_bytes();
		arena.p = malloc(arena.n);
		assay_policy_default(&policy);
	}
	assert(crypto && arena.p);
	arena.at = 0;
	if (!assay_bundle_read((struct assay_slice){ data, size }, &bundle, &err)) {
		assert(err.fault != ASSAY_F_OK && err.field && err.offset <= size);
		return 0;
	}
	if (bundle.present[ASSAY_PART_AK_PUB] &&
	    !assay_ak_read(crypto, bundle.part[ASSAY_PART_AK_PUB], &ak, &err))
		assert(err.fault != ASSAY_F_OK && err.field);
	struct assay_expectation x = { .ak = ak.key ? &ak : NULL,
				       .bundle_ak = ak.key ? &ak : NULL,
				       .archive = true };
	if (!assay_claims_read(crypto, &bundle, NULL, 0, &arena, &claims, &err))
		assert(err.fault != ASSAY_F_OK && err.field && err.artefact);
	else if (!assay_appraise(crypto, &claims, &x, &policy, &none, &arena, &out, &err))
		assert(err.fault != ASSAY_F_OK && err.field);
	else
		assert(out.verdict.status != ASSAY_AFFIRMING && out.verdict.nreasons > 0);
	assay_key_free(ak.key);
	return 0;
}
