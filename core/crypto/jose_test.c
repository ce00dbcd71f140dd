/* SPDX-License-Identifier: Apache-2.0
 * JOSE signatures: the RFCs' own examples, and what is refused. */
#include "core/base/slice.h"
#include "tests/keys.h"
#include "tests/tap.h"
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

/* clang-format off */
/* RFC 7515, A.3 */
static const uint8_t es256_x[] = {
	0x7f, 0xcd, 0xce, 0x27, 0x70, 0xf6, 0xc4, 0x5d, 0x41, 0x83, 0xcb, 0xee,
	0x6f, 0xdb, 0x4b, 0x7b, 0x58, 0x07, 0x33, 0x35, 0x7b, 0xe9, 0xef, 0x13,
	0xba, 0xcf, 0x6e, 0x3c, 0x7b, 0xd1, 0x54, 0x45,
};
static const uint8_t es256_y[] = {
	0xc7, 0xf1, 0x44, 0xcd, 0x1b, 0xbd, 0x9b, 0x7e, 0x87, 0x2c, 0xdf, 0xed,
	0xb9, 0xee, 0xb9, 0xf4, 0xb3, 0x69, 0x5d, 0x6e, 0xa9, 0x0b, 0x24, 0xad,
	0x8a, 0x46, 0x23, 0x28, 0x85, 0x88, 0xe5, 0xad,
};
static const uint8_t es256_sig[] = {
	0x0e, 0xd1, 0x21, 0x53, 0x79, 0x63, 0x6c, 0x48, 0x3c, 0x2f, 0x7f, 0x15,
	0x58, 0x07, 0xd4, 0x02, 0xa3, 0xb2, 0x28, 0x03, 0x3a, 0xf9, 0x7c, 0x7e,
	0x17, 0x81, 0x9a, 0xc3, 0x16, 0x9e, 0xa6, 0x65, 0xc5, 0x0a, 0x07, 0xd3,
	0x8c, 0x3c, 0x70, 0xe5, 0xd8, 0xf1, 0x2d, 0xaf, 0x08, 0x4a, 0x54, 0x80,
	0xa6, 0x65, 0x90, 0xc5, 0xf2, 0x93, 0x50, 0x9a, 0x8f, 0x3f, 0x7f, 0x8a,
	0x83, 0xa3, 0x54, 0xd5,
};
static const char es256_msg[] =
	"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
	"cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
/* RFC 8037, A.4 */
static const uint8_t eddsa_x[] = {
	0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3,
	0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25,
	0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
};
static const uint8_t eddsa_sig[] = {
	0x86, 0x0c, 0x98, 0xd2, 0x29, 0x7f, 0x30, 0x60, 0xa3, 0x3f, 0x42, 0x73,
	0x96, 0x72, 0xd6, 0x1b, 0x53, 0xcf, 0x3a, 0xde, 0xfe, 0xd3, 0xd3, 0xc6,
	0x72, 0xf3, 0x20, 0xdc, 0x02, 0x1b, 0x41, 0x1e, 0x9d, 0x59, 0xb8, 0x62,
	0x8d, 0xc3, 0x51, 0xe2, 0x48, 0xb8, 0x8b, 0x29, 0x46, 0x8e, 0x0e, 0x41,
	0x85, 0x5b, 0x0f, 0xb7, 0xd8, 0x3b, 0xb1, 0x5b, 0xe9, 0x02, 0xbf, 0xcc,
	0xb8, 0xcd, 0x0a, 0x02,
};
static const char eddsa_msg[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
/* clang-format on */

#define SLICE(a) ((struct assay_slice){ (a), sizeof(a) })

/* Our key of an OpenSSL key, through PEM as a person hands it in. */
static struct assay_key *key_of(struct assay_crypto *crypto, EVP_PKEY *pkey, bool want_private)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	if (want_private)
		PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
	else
		PEM_write_bio_PUBKEY(bio, pkey);
	long n = BIO_get_mem_data(bio, &text);
	struct assay_key *key = assay_key_pem(
		crypto, (struct assay_slice){ (const uint8_t *)text, (size_t)n }, want_private);
	BIO_free(bio);
	return key;
}

static void test_rfc(struct assay_crypto *crypto, struct assay_key *key, const char *alg,
		     struct assay_slice msg, struct assay_slice sig)
{
	uint8_t bad[64];

	tap_ok(key && strcmp(assay_key_jose_alg(key), alg) == 0, "%s: the key says so", alg);
	tap_ok(assay_key_jose_verify(crypto, key, msg, sig), "%s: the example verifies", alg);
	memcpy(bad, sig.p, 64);
	for (size_t i = 0; i < 64; i += 21) {
		bad[i] ^= 1;
		tap_ok(!assay_key_jose_verify(crypto, key, msg, SLICE(bad)),
		       "%s: byte %zu counts", alg, i);
		bad[i] ^= 1;
	}
	msg.n--;
	tap_ok(!assay_key_jose_verify(crypto, key, msg, sig), "%s: the message counts", alg);
	msg.n++;
	sig.n--;
	tap_ok(!assay_key_jose_verify(crypto, key, msg, sig), "%s: a byte short", alg);
	tap_ok(!assay_key_jose_verify(crypto, key, msg, (struct assay_slice){ 0 }), "%s: empty",
	       alg);
	assay_key_free(key);
}

static void test_both(struct assay_crypto *crypto, EVP_PKEY *pkey, const char *alg, size_t size)
{
	struct assay_key *private = key_of(crypto, pkey, true);
	struct assay_key *public = key_of(crypto, pkey, false);
	struct assay_slice msg = slice_str("header.payload");
	uint8_t sig[132];
	size_t n = 0;
	bool all = private && public;

	/* often enough that r or s is short */
	for (int i = 0; all && i < 300; i++)
		all = assay_key_jose_sign(crypto, private, msg, sig, &n) && n == size &&
		      (i % 50 || assay_key_jose_verify(crypto, public, msg,
						       (struct assay_slice){ sig, n })) &&
		      ((sig[0] && sig[size / 2]) ||
		       assay_key_jose_verify(crypto, public, msg,
					     (struct assay_slice){ sig, n }));
	tap_ok(all, "%s: signs and verifies", alg);
	tap_ok(all && assay_key_equal(private, public) && assay_key_equal(public, private),
	       "%s: both halves are one key", alg);
	n = 77;
	tap_ok(!assay_key_jose_sign(crypto, public, msg, sig, &n) && n == 77,
	       "%s: no signature without the private half", alg);
	assay_key_free(private);
	assay_key_free(public);
	EVP_PKEY_free(pkey);
}

static void test_none(struct assay_crypto *crypto, EVP_PKEY *pkey, const char *what)
{
	struct assay_key *key = key_of(crypto, pkey, true);
	uint8_t sig[132] = { 1 };
	size_t n;

	tap_ok(key && !assay_key_jose_alg(key) &&
		       !assay_key_jose_sign(crypto, key, slice_str("x"), sig, &n) &&
		       !assay_key_jose_verify(crypto, key, slice_str("x"), SLICE(sig)),
	       "%s has no JOSE algorithm here", what);
	assay_key_free(key);
	EVP_PKEY_free(pkey);
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);

	if (!crypto)
		return 1;
	test_rfc(crypto, assay_key_ec(crypto, ASSAY_P256, SLICE(es256_x), SLICE(es256_y)),
		 "ES256", slice_str(es256_msg), SLICE(es256_sig));
	test_rfc(crypto, assay_key_ed25519(crypto, SLICE(eddsa_x)), "EdDSA",
		 slice_str(eddsa_msg), SLICE(eddsa_sig));
	test_both(crypto, test_ec("P-256"), "ES256", 64);
	test_both(crypto, test_ec("P-384"), "ES384", 96);
	test_both(crypto, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "EdDSA", 64);
	test_none(crypto, test_ec("P-521"), "P-521");
	test_none(crypto, test_rsa(2048), "RSA");
	tap_ok(ERR_peek_error() == 0, "no error is left behind");
	assay_crypto_free(crypto);
	return tap_done();
}
