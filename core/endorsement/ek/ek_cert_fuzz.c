/* SPDX-License-Identifier: Apache-2.0
 * Target: assay_ek_verify, with the input itself as an intermediate: what a node sends
 * never makes a chain. Properties: refusal is located and leaves *out as it was; without a root
 * nothing is trusted; what is around the certificate adds up. */
#include <assay/endorsement.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct assay_crypto *crypto;
	struct assay_slice in = { data, size };
	struct assay_err err, ignored;
	struct assay_ek ek, before;

	if (!crypto)
		crypto = assay_crypto_new(NULL, NULL);
	struct assay_anchors *anchors = crypto ? assay_anchors_new(crypto) : NULL;
	if (!anchors)
		abort();
	(void)!assay_anchors_add(anchors, ASSAY_ANCHOR_INTERMEDIATE, in, &ignored);

	memset(&ek, 0x77, sizeof ek);
	before = ek;
	bool ok = assay_ek_verify(crypto, anchors, in, 1800000000, &ek, &err);
	assert(ok == (err.fault == ASSAY_F_OK));
	if (ok) {
		assert(ek.trust == ASSAY_EK_UNTRUSTED && !ek.key);
		assert(ek.header + ek.cert.n + ek.padding == size &&
		       ek.cert.p == data + ek.header);
		assert(strlen(ek.manufacturer) < sizeof ek.manufacturer);
	} else {
		assert(err.field && err.offset <= size);
		assert(ek.trust == before.trust && ek.key == before.key &&
		       ek.cert.p == before.cert.p && ek.not_after == before.not_after);
	}
	assay_anchors_free(anchors);
	return 0;
}
