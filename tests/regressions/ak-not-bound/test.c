/* SPDX-License-Identifier: Apache-2.0
 * The class of CVE-2022-1053 (Keylime) and of enrolments that take an AK on trust: a genuine EK
 * beside a key that is not in its TPM. What must not bind:
 *   - a key outside the TPM: its Name is not the one in the credential;
 *   - a key in the TPM that can leave it, or signs a quote that somebody wrote;
 *   - a key whose Name is a SHA-1, as two public areas can be made with one such Name;
 *   - the public area of another EK than the certificate's. */
#include "core/base/slice.h"
#include "tests/activate.h"
#include "tests/tap.h"
#include <assay/endorsement.h>

static struct assay_crypto *crypto;

static struct assay_public get(const struct bytes *b)
{
	struct assay_public pub = { 0 };
	struct assay_err err;

	if (!assay_public_read(test_slice(b), &pub, &err))
		abort();
	return pub;
}

static bool make(const struct assay_public *ek, const struct assay_public *ak,
		 struct assay_credential *c)
{
	static const uint8_t random[ASSAY_CREDENTIAL_RANDOM] =
		"not so random, but a test's own";
	struct assay_err err;

	return assay_credential_make(crypto, ek, ak, slice_str("secret"), random, c, &err);
}

static bool opens(const struct activate *tpm, const struct assay_credential *c,
		  const struct assay_public *loaded)
{
	uint8_t name[66], out[64];
	size_t n = assay_public_name(crypto, loaded, name);

	return activate(tpm, (struct assay_slice){ name, n },
			(struct assay_slice){ c->id_object, c->id_object_n },
			(struct assay_slice){ c->secret, c->secret_n }, out) > 0;
}

int main(void)
{
	static struct bytes b[4], lie;
	EVP_PKEY *ek_key = test_rsa(2048), *ek2_key = test_rsa(2048);
	EVP_PKEY *in_tpm = test_ec("P-256"), *outside = test_ec("P-256");
	struct activate tpm = { ek_key, ASSAY_SHA256, 16 };
	struct assay_credential c = { 0 };

	crypto = assay_crypto_new(NULL, NULL);
	put_ek(&b[0], ek_key, 0, ASSAY_SHA256, 128);
	put_ek(&b[1], ek2_key, 0, ASSAY_SHA256, 128);
	put_public(&b[2], in_tpm, ASSAY_P256, ASSAY_ECDSA, ASSAY_SHA256);
	put_public(&b[3], outside, ASSAY_P256, ASSAY_ECDSA, ASSAY_SHA256);
	struct assay_public ek = get(&b[0]), ek2 = get(&b[1]), ak = get(&b[2]);
	struct assay_public stranger = get(&b[3]);

	tap_ok(make(&ek, &ak, &c) && opens(&tpm, &c, &ak), "the AK in the TPM is bound");
	tap_ok(make(&ek, &stranger, &c) && !opens(&tpm, &c, &ak),
	       "a key outside is not, whatever the TPM has loaded");

	struct assay_public p = ak;
	p.objectAttributes &= ~(uint32_t)ASSAY_OBJECT_fixedTPM;
	tap_ok(!make(&ek, &p, &c), "nor a key that can leave the TPM");
	p = ak;
	p.objectAttributes &= ~(uint32_t)ASSAY_OBJECT_restricted;
	tap_ok(!make(&ek, &p, &c), "nor one that signs what it is told");
	p = ak;
	p.nameAlg = ASSAY_SHA1;
	tap_ok(!make(&ek, &p, &c), "nor one whose Name is a SHA-1");

	/* attributes are in the Name: said wrongly, it is another key's */
	lie = b[2];
	lie.b[6] ^= ASSAY_OBJECT_noDA >> 8 & 0xff;
	p = get(&lie);
	tap_ok(make(&ek, &p, &c) && !opens(&tpm, &c, &ak) && opens(&tpm, &c, &p),
	       "nor one that lies about itself");

	struct assay_key *key = assay_public_key(crypto, &ek);
	tap_ok(key && assay_ek_binds(crypto, key, &ek) && !assay_ek_binds(crypto, key, &ek2),
	       "another EK is not the certificate's");
	tap_ok(make(&ek2, &ak, &c) && !opens(&tpm, &c, &ak),
	       "and its credential another TPM's");

	assay_key_free(key);
	EVP_PKEY *const keys[] = { ek_key, ek2_key, in_tpm, outside };
	for (size_t i = 0; i < 4; i++)
		EVP_PKEY_free(keys[i]);
	assay_crypto_free(crypto);
	return tap_done();
}
