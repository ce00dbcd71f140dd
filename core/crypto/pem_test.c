/* SPDX-License-Identifier: Apache-2.0
 * Keys in PEM and certificates, as people hand them in. */
#include "core/base/slice.h"
#include "tests/file.h"
#include "tests/keys.h"
#include "tests/tap.h"
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#define PEM(label, body) "-----BEGIN " label "-----\n" body "-----END " label "-----\n"

static char text[4][8192];

/* BIO's bytes as text i; frees the BIO. */
static char *take(BIO *bio, size_t i)
{
	int n = BIO_read(bio, text[i], (int)sizeof text[i] - 1);

	text[i][n > 0 ? n : 0] = '\0';
	BIO_free(bio);
	return text[i];
}

static char *public_pem(EVP_PKEY *pkey, size_t i)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_PUBKEY(bio, pkey);
	return take(bio, i);
}

static char *private_pem(EVP_PKEY *pkey, bool traditional, const char *pass, size_t i)
{
	BIO *bio = BIO_new(BIO_s_mem());
	const EVP_CIPHER *cipher = pass ? EVP_aes_256_cbc() : NULL;
	void *u = (void *)(uintptr_t)pass;

	if (traditional)
		PEM_write_bio_PrivateKey_traditional(bio, pkey, cipher, NULL, 0, NULL, u);
	else
		PEM_write_bio_PrivateKey(bio, pkey, cipher, NULL, 0, NULL, u);
	return take(bio, i);
}

static char *cert_pem(EVP_PKEY *pkey, size_t i, struct bytes *der)
{
	X509 *cert = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned char *p = der->b;

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 60);
	X509_set_pubkey(cert, pkey);
	X509_sign(cert, pkey, EVP_sha256());
	PEM_write_bio_X509(bio, cert);
	der->n = (size_t)i2d_X509(cert, &p);
	X509_free(cert);
	return take(bio, i);
}

static bool is(struct assay_crypto *crypto, const char *pem, bool want_private,
	       const struct assay_key *want)
{
	struct assay_key *key = assay_key_pem(crypto, slice_str(pem), want_private);
	bool same = want ? key && assay_key_equal(key, want) : !key;

	assay_key_free(key);
	return same;
}

static void test_type(struct assay_crypto *crypto, EVP_PKEY *pkey, const char *name)
{
	static struct bytes der;
	char both[16384];
	struct assay_key *want = assay_key_pem(crypto, slice_str(public_pem(pkey, 0)), false);

	tap_ok(want != NULL, "%s: public", name);
	if (!want)
		return;
	tap_ok(is(crypto, private_pem(pkey, false, NULL, 1), true, want), "%s: private", name);
	tap_ok(!is(crypto, text[0], true, want) && is(crypto, text[0], true, NULL),
	       "%s: a public key is no private one", name);
	tap_ok(is(crypto, text[1], false, NULL),
	       "%s: a private key is not read as a public one", name);
	tap_ok(is(crypto, private_pem(pkey, false, "secret", 2), true, NULL),
	       "%s: a passphrase is not asked for", name);
	if (assay_key_type(want) != ASSAY_KEY_ED25519) {
		tap_ok(is(crypto, private_pem(pkey, true, NULL, 2), true, want),
		       "%s: private, traditional", name);
		tap_ok(is(crypto, private_pem(pkey, true, "secret", 2), true, NULL),
		       "%s: a traditional passphrase neither", name);
		tap_ok(is(crypto, cert_pem(pkey, 2, &der), false, want), "%s: certificate",
		       name);
		tap_ok(is(crypto, text[2], true, NULL), "%s: certificate has no private key",
		       name);
		struct assay_key *key = assay_key_cert(crypto, test_slice(&der));
		tap_ok(key && assay_key_equal(key, want), "%s: certificate, DER", name);
		assay_key_free(key);
		der.n--;
		tap_ok(!assay_key_cert(crypto, test_slice(&der)), "%s: certificate cut short",
		       name);
	}
	snprintf(both, sizeof both, "%s%s", text[0], text[0]);
	tap_ok(is(crypto, both, false, NULL), "%s: two objects are one too many", name);
	snprintf(both, sizeof both, "my key\n\n%s\n", text[0]);
	tap_ok(is(crypto, both, false, want), "%s: words around it", name);
	snprintf(both, sizeof both, "%s", text[0]);
	both[strlen(both) / 2] = '!';
	tap_ok(is(crypto, both, false, NULL), "%s: not base64", name);
	text[0][strlen(text[0]) / 2] = '\0';
	tap_ok(is(crypto, text[0], false, NULL), "%s: cut short", name);
	assay_key_free(want);
}

static void test_refused(struct assay_crypto *crypto)
{
	static const char *const pems[] = {
		"",
		"\n",
		"-----BEGIN ",
		"-----BEGIN -----\n",
		"-----BEGIN PUBLIC KEY-----\n",
		PEM("PUBLIC KEY", ""),
		PEM("CERTIFICATE", ""),
		PEM("CERTIFICATE", "MAA=\n"),
		PEM("PRIVATE KEY", "MAA=\n"),
		PEM("EC PARAMETERS", "BggqhkjOPQMBBw==\n"),
	};

	for (size_t i = 0; i < sizeof pems / sizeof *pems; i++)
		tap_ok(is(crypto, pems[i], false, NULL) && is(crypto, pems[i], true, NULL),
		       "no key in text %zu", i);
	static uint8_t big[65 * 1024];
	tap_ok(!assay_key_pem(crypto, (struct assay_slice){ big, sizeof big }, false) &&
		       !assay_key_cert(crypto, (struct assay_slice){ big, sizeof big }) &&
		       !assay_key_cert(crypto, (struct assay_slice){ 0 }),
	       "no key in too much, no key in nothing");

	EVP_PKEY *others[] = { test_ec("secp256k1"), test_ec("P-224"), EVP_RSA_gen(1016),
			       EVP_PKEY_Q_keygen(NULL, NULL, "X25519"),
			       EVP_PKEY_Q_keygen(NULL, NULL, "ED448") };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		tap_ok(others[i] && is(crypto, public_pem(others[i], 0), false, NULL) &&
			       is(crypto, private_pem(others[i], false, NULL, 1), true, NULL),
		       "a key that is not taken, %zu", i);
		EVP_PKEY_free(others[i]);
	}
}

/* Old tools write the curve in front of the key. */
static void test_ec_parameters(struct assay_crypto *crypto, EVP_PKEY *pkey)
{
	char both[16384];
	struct assay_key *want = assay_key_pem(crypto, slice_str(public_pem(pkey, 0)), false);

	snprintf(both, sizeof both, PEM("EC PARAMETERS", "BggqhkjOPQMBBw==\n") "%s",
		 private_pem(pkey, true, NULL, 1));
	tap_ok(want && is(crypto, both, true, want), "EC PARAMETERS before the key");
	assay_key_free(want);
}

/* An exponent that would be 65537 if it were cut to 64 bits. */
static void test_long_exponent(struct assay_crypto *crypto, EVP_PKEY *rsa)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY *pkey = NULL;
	BIGNUM *n = NULL, *e = NULL;

	if (EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
	    !BN_hex2bn(&e, "10000000000010001") || !OSSL_PARAM_BLD_push_BN(bld, "n", n) ||
	    !OSSL_PARAM_BLD_push_BN(bld, "e", e))
		abort();
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		abort();
	tap_ok(is(crypto, public_pem(pkey, 0), false, NULL), "RSA: an exponent of 65 bits");
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(n);
	BN_free(e);
}

static void test_ek(struct assay_crypto *crypto)
{
	struct assay_slice der = test_file("tests/evidence/clean-a/ek.crt");
	struct assay_key *key = assay_key_cert(crypto, der);

	tap_ok(key && assay_key_type(key) == ASSAY_KEY_RSA && assay_key_bits(key) == 2048,
	       "EK certificate of a TPM");
	assay_key_free(key);
	free((void *)(uintptr_t)der.p);
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	EVP_PKEY *keys[] = { test_rsa(2048), test_ec("P-256"), test_ec("P-384"),
			     test_ec("P-521"), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") };
	static const char *const names[] = { "RSA", "P-256", "P-384", "P-521", "Ed25519" };

	if (!crypto)
		return 1;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		test_type(crypto, keys[i], names[i]);
	test_refused(crypto);
	test_ec_parameters(crypto, keys[1]);
	test_long_exponent(crypto, keys[0]);
	test_ek(crypto);
	tap_ok(ERR_peek_error() == 0, "no error is left behind");
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		EVP_PKEY_free(keys[i]);
	assay_crypto_free(crypto);
	return tap_done();
}
