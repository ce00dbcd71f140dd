/* SPDX-License-Identifier: Apache-2.0
 * Target: assay_signature_read. Properties: a refusal is located and leaves
 * *out as it was; what is accepted has the numbers of its scheme, and these
 * account for every byte. */
#include <assay/evidence/tpm.h>
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct assay_err err;
	struct assay_signature s, before;

	memset(&s, 0x77, sizeof s);
	before = s;
	bool ok = assay_signature_read((struct assay_slice){ data, size }, &s, &err);
	assert(ok == (err.fault == ASSAY_F_OK));
	if (!ok) {
		assert(err.field && err.offset <= size);
		assert(memcmp(&s, &before, sizeof s) == 0);
		return 0;
	}
	assert(assay_alg_size(s.hash) > 0);
	if (s.sigAlg == ASSAY_ECDSA) {
		assert(s.sig.n == 0 && s.signatureR.n > 0 && s.signatureS.n > 0);
		assert(8 + s.signatureR.n + s.signatureS.n == size);
	} else {
		assert(s.sigAlg == ASSAY_RSASSA || s.sigAlg == ASSAY_RSAPSS);
		assert(s.sig.n > 0 && s.signatureR.n == 0 && 6 + s.sig.n == size);
	}
	return 0;
}
