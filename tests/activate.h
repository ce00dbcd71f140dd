/* SPDX-License-Identifier: Apache-2.0
 * activate - what a TPM does in TPM2_ActivateCredential, written apart from core/ and
 * with other calls of libcrypto, so that both being wrong in the same way is unlikely. */
#pragma once
#include "tests/keys.h"
#include <openssl/hmac.h>

/* TPMT_PUBLIC of an EK of the L or H templates. */
static inline void put_ek(struct bytes *b, const EVP_PKEY *key, uint16_t curve, uint16_t hash,
			  uint16_t symmetric_bits)
{
	put_be(b, curve ? 0x0023 : 0x0001, 2);
	put_be(b, hash, 2);
	put_be(b, 0x000300b2, 4);
	put_be(b, 0, 2);
	put_be(b, 0x0006, 2);
	put_be(b, symmetric_bits, 2);
	put_be(b, 0x0043, 2);
	put_be(b, 0x0010, 2);
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

struct activate {
	EVP_PKEY *ek;
	uint16_t hash;
	size_t symmetric; /* bytes */
};

static inline void activate_kdfa(const struct activate *t, const uint8_t *seed,
				 const char *label, struct assay_slice context, size_t size,
				 uint8_t *out)
{
	const EVP_MD *md = test_md(t->hash);
	static struct bytes in;
	uint8_t block[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	in.n = 0;
	put_be(&in, 1, 4);
	put(&in, label, strlen(label) + 1);
	put(&in, context.p, context.n);
	put_be(&in, 8 * size, 4);
	if (!HMAC(md, seed, EVP_MD_get_size(md), in.b, in.n, block, &n) || size > n)
		abort();
	memcpy(out, block, size);
}

static inline bool activate_seed_rsa(const struct activate *t, struct assay_slice secret,
				     uint8_t *seed)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(t->ek, NULL);
	size_t n = 1024, want = (size_t)EVP_MD_get_size(test_md(t->hash));
	uint8_t out[1024];
	void *label = OPENSSL_memdup("IDENTITY", 9);
	bool ok = EVP_PKEY_decrypt_init(ctx) == 1 &&
		  EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
		  EVP_PKEY_CTX_set_rsa_oaep_md(ctx, test_md(t->hash)) == 1 &&
		  EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, test_md(t->hash)) == 1 &&
		  EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, 9) == 1 &&
		  EVP_PKEY_decrypt(ctx, out, &n, secret.p, secret.n) == 1 && n == want;

	EVP_PKEY_CTX_free(ctx);
	if (ok)
		memcpy(seed, out, want);
	return ok;
}

/* secret: u16 x, u16 y; every length must be the field's. */
static inline bool activate_seed_ecc(const struct activate *t, struct assay_slice secret,
				     uint8_t *seed)
{
	size_t size = (size_t)(EVP_PKEY_get_bits(t->ek) + 7) / 8, n = 66;
	uint8_t point[1 + 2 * 66] = { 4 }, z[66];
	static struct bytes in, own;
	EVP_PKEY *peer = EVP_PKEY_new();

	if (secret.n != 2 * (2 + size) || secret.p[1] != size || secret.p[3 + size] != size)
		return false;
	memcpy(point + 1, secret.p + 2, size);
	memcpy(point + 1 + size, secret.p + 4 + size, size);
	bool ok = EVP_PKEY_copy_parameters(peer, t->ek) == 1 &&
		  EVP_PKEY_set1_encoded_public_key(peer, point, 1 + 2 * size) == 1;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(t->ek, NULL);
	ok = ok && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
	     EVP_PKEY_derive(ctx, z, &n) == 1 && n == size;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	if (!ok)
		return false;
	in.n = own.n = 0;
	put_be(&in, 1, 4);
	put(&in, z, size);
	put(&in, "IDENTITY", 9);
	put(&in, point + 1, size);
	put_number(&own, t->ek, OSSL_PKEY_PARAM_EC_PUB_X, (int)size);
	put(&in, own.b + 2, size);
	return EVP_Digest(in.b, in.n, seed, NULL, test_md(t->hash), NULL) == 1;
}

/* The bytes of what was protected, in out (64); 0 when the TPM would refuse. Both inputs are
 * TPM2Bs with their sizes. */
static inline size_t activate(const struct activate *t, struct assay_slice name,
			      struct assay_slice id_object, struct assay_slice secret,
			      uint8_t *out)
{
	const EVP_MD *md = test_md(t->hash);
	size_t size = (size_t)EVP_MD_get_size(md);
	uint8_t seed[64], key[64], mac[64], plain[80];
	static struct bytes covered;
	unsigned n = 0;
	int len = 0;

	if (id_object.n < 4 + size || id_object.n > 4 + size + 66 || secret.n < 2 ||
	    (size_t)(id_object.p[0] << 8 | id_object.p[1]) != id_object.n - 2 ||
	    (size_t)(id_object.p[2] << 8 | id_object.p[3]) != size ||
	    (size_t)(secret.p[0] << 8 | secret.p[1]) != secret.n - 2)
		return 0;
	struct assay_slice body = { secret.p + 2, secret.n - 2 };
	if (!(EVP_PKEY_is_a(t->ek, "RSA") ? activate_seed_rsa : activate_seed_ecc)(t, body,
										   seed))
		return 0;

	struct assay_slice hidden = { id_object.p + 4 + size, id_object.n - 4 - size };
	activate_kdfa(t, seed, "INTEGRITY", (struct assay_slice){ 0 }, size, key);
	covered.n = 0;
	put(&covered, hidden.p, hidden.n);
	put(&covered, name.p, name.n);
	if (!HMAC(md, key, (int)size, covered.b, covered.n, mac, &n) ||
	    memcmp(mac, id_object.p + 4, size) != 0)
		return 0;

	activate_kdfa(t, seed, "STORAGE", name, t->symmetric, key);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const EVP_CIPHER *cipher =
		t->symmetric == 16 ? EVP_aes_128_cfb128() : EVP_aes_256_cfb128();
	if (EVP_DecryptInit_ex(ctx, cipher, NULL, key, (const uint8_t[16]){ 0 }) != 1 ||
	    EVP_DecryptUpdate(ctx, plain, &len, hidden.p, (int)hidden.n) != 1)
		abort();
	EVP_CIPHER_CTX_free(ctx);
	size_t got = (size_t)(plain[0] << 8 | plain[1]);
	if (got != hidden.n - 2)
		return 0;
	memcpy(out, plain + 2, got);
	return got;
}
