/* SPDX-License-Identifier: Apache-2.0
 * keys - keys made on the spot, and what a TPM would write with them: a public
 * area, a quote, a signature. A test says in each what is to be wrong. */
#pragma once
#include <assay/evidence/tpm.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
	uint8_t b[4096];
	size_t n;
};

static inline struct assay_slice test_slice(const struct bytes *b)
{
	return (struct assay_slice){ b->b, b->n };
}

static inline void put(struct bytes *b, const void *p, size_t n)
{
	if (n > sizeof b->b - b->n)
		abort();
	if (n > 0)
		memcpy(b->b + b->n, p, n);
	b->n += n;
}

static inline void put_be(struct bytes *b, uint64_t v, size_t width)
{
	for (size_t i = width; i > 0; i--)
		put(b, &(uint8_t){ (uint8_t)(v >> 8 * (i - 1)) }, 1);
}

static inline void put_2b(struct bytes *b, const void *p, size_t n)
{
	put_be(b, n, 2);
	put(b, p, n);
}

static inline EVP_PKEY *test_rsa(unsigned bits)
{
	return EVP_RSA_gen(bits);
}

static inline EVP_PKEY *test_ec(const char *curve)
{
	return EVP_EC_gen(curve);
}

static inline void put_number(struct bytes *b, const EVP_PKEY *key, const char *name, int width)
{
	uint8_t buf[1024];
	BIGNUM *bn = NULL;

	if (EVP_PKEY_get_bn_param(key, name, &bn) != 1)
		abort();
	int n = width ? width : BN_num_bytes(bn);
	if (BN_bn2binpad(bn, buf, n) < 0)
		abort();
	BN_free(bn);
	put_2b(b, buf, (size_t)n);
}

/* TPMT_PUBLIC of an attestation key; curve 0 for RSA. */
static inline void put_public(struct bytes *b, const EVP_PKEY *key, uint16_t curve,
			      uint16_t scheme, uint16_t hash)
{
	put_be(b, curve ? 0x0023 : 0x0001, 2);
	put_be(b, ASSAY_SHA256, 2);
	put_be(b, ASSAY_OBJECT_ATTESTATION, 4);
	put_be(b, 0, 2);
	put_be(b, 0x0010, 2);
	put_be(b, scheme, 2);
	if (scheme != 0x0010)
		put_be(b, hash, 2);
	if (curve) {
		int size = (EVP_PKEY_get_bits(key) + 7) / 8;
		put_be(b, curve, 2);
		put_be(b, 0x0010, 2);
		put_number(b, key, OSSL_PKEY_PARAM_EC_PUB_X, size);
		put_number(b, key, OSSL_PKEY_PARAM_EC_PUB_Y, size);
	} else {
		put_be(b, (uint64_t)EVP_PKEY_get_bits(key), 2);
		put_be(b, 0, 4);
		put_number(b, key, OSSL_PKEY_PARAM_RSA_N, 0);
	}
}

/* TPMS_ATTEST over one bank. */
static inline void put_quote(struct bytes *b, uint32_t magic, uint16_t type,
			     struct assay_slice nonce, uint16_t bank, uint32_t mask,
			     struct assay_slice digest)
{
	put_be(b, magic, 4);
	put_be(b, type, 2);
	put_be(b, 0, 2);
	put_2b(b, nonce.p, nonce.n);
	put_be(b, 1000, 8);
	put_be(b, 1, 4);
	put_be(b, 0, 4);
	put_be(b, 1, 1);
	put_be(b, 1, 8);
	put_be(b, 1, 4);
	put_be(b, bank, 2);
	put_be(b, 3, 1);
	for (unsigned i = 0; i < 3; i++)
		put_be(b, mask >> 8 * i & 0xff, 1);
	put_2b(b, digest.p, digest.n);
}

static inline const EVP_MD *test_md(uint16_t hash)
{
	return hash == ASSAY_SHA1     ? EVP_sha1()
	       : hash == ASSAY_SHA256 ? EVP_sha256()
	       : hash == ASSAY_SHA384 ? EVP_sha384()
				      : EVP_sha512();
}

/* What OpenSSL signs: raw for RSA, DER for ECDSA. saltlen as for RSA_PSS_SALTLEN_*. */
static inline size_t test_sign(EVP_PKEY *key, uint16_t scheme, int saltlen, uint16_t hash,
			       struct assay_slice msg, uint8_t *sig, size_t max)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;

	if (EVP_DigestSignInit(ctx, &pctx, test_md(hash), NULL, key) != 1)
		abort();
	if (scheme == ASSAY_RSAPSS &&
	    (EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) != 1 ||
	     EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, saltlen) != 1))
		abort();
	if (EVP_DigestSign(ctx, sig, &max, msg.p, msg.n) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	return max;
}

/* r || s, each of size bytes. */
static inline size_t test_sign_raw(EVP_PKEY *key, uint16_t hash, struct assay_slice msg,
				   size_t size, uint8_t *raw)
{
	uint8_t der[256];
	const uint8_t *p = der;
	size_t n = test_sign(key, ASSAY_ECDSA, 0, hash, msg, der, sizeof der);
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)n);

	if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, (int)size) < 0 ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + size, (int)size) < 0)
		abort();
	ECDSA_SIG_free(sig);
	return 2 * size;
}

/* TPMT_SIGNATURE over msg. */
static inline void put_signature(struct bytes *b, EVP_PKEY *key, uint16_t scheme, uint16_t hash,
				 struct assay_slice msg)
{
	uint8_t sig[1024];

	put_be(b, scheme, 2);
	put_be(b, hash, 2);
	if (scheme == ASSAY_ECDSA) {
		size_t size = (size_t)(EVP_PKEY_get_bits(key) + 7) / 8;
		test_sign_raw(key, hash, msg, size, sig);
		put_2b(b, sig, size);
		put_2b(b, sig + size, size);
	} else {
		put_2b(b, sig,
		       test_sign(key, scheme, RSA_PSS_SALTLEN_DIGEST, hash, msg, sig,
				 sizeof sig));
	}
}
