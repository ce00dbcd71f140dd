/* SPDX-License-Identifier: Apache-2.0
 * go-attestation (attest/activation_test.go, TestECCActivationRejectsInsecureCurve): a key
 * on P-224, or a P-256 key relabelled so, reached the signature check. It is refused where
 * it is read, with the field that says the curve, and no key is built of it. */
#include "tests/regressions/tpm.h"
#include "tests/vectors.h"

static void refused(struct assay_slice in, size_t offset, const char *name)
{
	struct assay_public pub;
	struct assay_err err;

	tap_ok(!assay_public_read(in, &pub, &err) && err.fault == ASSAY_F_UNSUPPORTED &&
		       strcmp(err.field, "curveID") == 0 && err.offset == offset,
	       "%s: refused at its curve", name);
}

static struct assay_slice part(struct bytes *b, size_t from, size_t n)
{
	return slice_part(test_slice(b), from, from + n);
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	static struct bytes p224, p256;
	EVP_PKEY *a = test_ec("P-224"), *b = test_ec("P-256");

	put_public(&p224, a, 0x0002, ASSAY_ECDSA, ASSAY_SHA256);
	refused(test_slice(&p224), 16, "a key on P-224");
	tap_ok(!assay_key_ec(crypto, 0x0002, part(&p224, 22, 28), part(&p224, 52, 28)),
	       "no key of its numbers");
	put_public(&p256, b, 0x0002, ASSAY_ECDSA, ASSAY_SHA256);
	refused(test_slice(&p256), 16, "a P-256 key relabelled");
	tap_ok(!assay_key_ec(crypto, 0x0002, part(&p256, 22, 32), part(&p256, 56, 32)),
	       "nor of the relabelled one's");
	/* P-256's own point under the names of its neighbours */
	tap_ok(!assay_key_ec(crypto, ASSAY_P384, part(&p256, 22, 32), part(&p256, 56, 32)) &&
		       !assay_key_ec(crypto, ASSAY_P521, part(&p256, 22, 32),
				     part(&p256, 56, 32)),
	       "nor on a larger curve");

	struct assay_slice json = test_vector("quote/goattest-ak-ecc-insecure-curve.json");
	uint8_t out[1024];
	if (json.p)
		refused(test_json_base64(json, "Public", out), 48, "go-attestation's vector");
	else
		tap_skip("go-attestation's vector", NO_VECTORS);
	free((void *)(uintptr_t)json.p);
	EVP_PKEY_free(a);
	EVP_PKEY_free(b);
	assay_crypto_free(crypto);
	return tap_done();
}
