/* SPDX-License-Identifier: Apache-2.0
 * Tokens whose header tries to choose the algorithm; see README.md beside this file. */
#include "core/base/slice.h"
#include "core/codec/base64.h"
#include "tests/tap.h"
#include <assay/result.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <stdlib.h>

static struct assay_crypto *crypto;

static bool verifies(struct assay_key *key, const char *token, enum assay_fault *fault)
{
	static uint8_t mem[4096];
	struct assay_arena arena = { mem, sizeof mem, 0 };
	struct assay_err err;
	struct assay_jws jws;
	bool read = assay_jws_read(slice_str(token), &arena, &jws, &err);

	*fault = err.fault;
	return read && assay_jws_verify(crypto, key, &jws);
}

static void encode(char *out, size_t cap, const char *header, const uint8_t *sig, size_t n)
{
	struct text t = text_over(out, cap);

	base64url_write(&t, slice_str(header));
	text_str(&t, ".");
	base64url_write(&t, slice_str("{\"ear.status\":\"affirming\"}"));
	if (n > 0)
		text_str(&t, ".");
	base64url_write(&t, (struct assay_slice){ sig, n });
}

/* The header and payload as they are signed, then the token with sig. */
static bool attack(struct assay_key *key, const char *header, const uint8_t *sig, size_t n)
{
	char token[1024];
	enum assay_fault fault;

	encode(token, sizeof token, header, sig, n);
	return verifies(key, token, &fault);
}

static size_t hmac(const char *header, struct assay_slice secret, uint8_t *sig)
{
	char input[512];
	unsigned n = 0;

	encode(input, sizeof input, header, NULL, 0);
	HMAC(EVP_sha256(), secret.p, (int)secret.n, (const uint8_t *)input, strlen(input), sig,
	     &n);
	return n;
}

static struct assay_slice pem_of(EVP_PKEY *pkey, bool private)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;

	if (private)
		PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL);
	else
		PEM_write_bio_PUBKEY(bio, pkey);

	long n = BIO_get_mem_data(bio, &data);
	struct assay_slice s = slice_str(strndup(data, (size_t)n));

	BIO_free(bio);
	return s;
}

static void test_none(struct assay_key *key)
{
	static const char *const headers[] = { "{\"alg\":\"none\"}", "{\"alg\":\"None\"}",
					       "{\"alg\":\"nOnE\"}", "{}" };
	static const uint8_t zeros[64] = { 0 };
	char token[1024];
	enum assay_fault fault;

	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		encode(token, sizeof token - 1, headers[i], NULL, 0);
		strcat(token, ".");
		tap_ok(!verifies(key, token, &fault) && fault == ASSAY_F_MISSING,
		       "no signature, header %s", headers[i]);
		tap_ok(!attack(key, headers[i], (const uint8_t *)"x", 1),
		       "one byte of signature, header %s", headers[i]);
		tap_ok(!attack(key, headers[i], zeros, sizeof zeros), "r = s = 0, header %s",
		       headers[i]);
	}
}

static void test_hmac(struct assay_key *key, EVP_PKEY *pkey)
{
	static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
	struct assay_slice pem = pem_of(pkey, false);
	uint8_t sig[EVP_MAX_MD_SIZE], twice[64], *der = NULL;
	int nder = i2d_PUBKEY(pkey, &der);

	size_t n = hmac(header, pem, sig);

	tap_ok(n == 32 && !attack(key, header, sig, n), "HMAC under the public key's PEM");
	memcpy(twice, sig, 32);
	memcpy(twice + 32, sig, 32);
	tap_ok(!attack(key, header, twice, 64), "the same, as long as an ES256 signature");
	n = hmac(header, (struct assay_slice){ der, (size_t)nder }, sig);
	tap_ok(nder > 0 && !attack(key, header, sig, n), "HMAC under the public key's DER");
	OPENSSL_free(der);
	free((void *)(uintptr_t)pem.p);
}

/* One verifier's keys are of several types: a token for one is no token for another. */
static void test_other_key(struct assay_key *key, struct assay_key *other)
{
	char token[1024];
	enum assay_fault fault;

	size_t n = assay_jws_sign(crypto, key, NULL, slice_str("{}"), token, sizeof token);

	tap_ok(n > 0 && verifies(key, token, &fault), "the key itself verifies");
	tap_ok(n > 0 && !verifies(other, token, &fault), "a key of another type does not");
}

int main(void)
{
	EVP_PKEY *p256 = EVP_EC_gen("P-256"), *p384 = EVP_EC_gen("P-384");

	crypto = assay_crypto_new(NULL, NULL);
	if (!crypto || !p256 || !p384)
		return 1;

	struct assay_slice pem = pem_of(p256, true), pem384 = pem_of(p384, true);
	struct assay_key *key = assay_key_pem(crypto, pem, true);
	struct assay_key *other = assay_key_pem(crypto, pem384, true);

	if (tap_ok(key && other, "keys")) {
		test_none(key);
		test_hmac(key, p256);
		test_other_key(key, other);
		test_other_key(other, key);
	}
	assay_key_free(key);
	assay_key_free(other);
	free((void *)(uintptr_t)pem.p);
	free((void *)(uintptr_t)pem384.p);
	EVP_PKEY_free(p256);
	EVP_PKEY_free(p384);
	assay_crypto_free(crypto);
	return tap_done();
}
