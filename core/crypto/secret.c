/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/internal.h"
#include <limits.h>
#include <openssl/crypto.h>
#include <string.h>

enum { BLOCK = 64 }; /* bytes that SHA-256 takes at a time */

/* What a verifier without secrets never needs is fetched when it is first asked for: it costs
 * as much as all hashes together. What could not be had stays NULL. */
static void secret_fetch(struct assay_crypto *crypto)
{
	if (crypto->secret_fetched)
		return;
	crypto->secret_fetched = true;
	crypto_quiet();
	crypto->gcm = EVP_CIPHER_fetch(crypto->libctx, "AES-256-GCM", crypto->properties);
	crypto->gcm_ctx = crypto->gcm ? EVP_CIPHER_CTX_new() : NULL;
	/* once: to name the cipher again would build its state anew each time */
	if (crypto->gcm_ctx &&
	    EVP_CipherInit_ex2(crypto->gcm_ctx, crypto->gcm, NULL, NULL, 1, NULL) != 1) {
		EVP_CIPHER_CTX_free(crypto->gcm_ctx);
		crypto->gcm_ctx = NULL;
	}
	crypto_loud();
}

void crypto_secret_free(struct assay_crypto *crypto)
{
	EVP_CIPHER_CTX_free(crypto->gcm_ctx);
	EVP_CIPHER_free(crypto->gcm);
}

/* H(pad || parts), pad made of a key that fills its block. */
static bool padded_hash(struct assay_crypto *crypto, const uint8_t *block, uint8_t pad,
			const struct assay_slice *parts, size_t nparts, uint8_t *out)
{
	EVP_MD_CTX *ctx = crypto->ctx[SLOT_SHA256];
	uint8_t first[BLOCK];

	for (size_t i = 0; i < sizeof first; i++)
		first[i] = block[i] ^ pad;
	bool ok = ctx && EVP_DigestInit_ex2(ctx, crypto->md[SLOT_SHA256], NULL) &&
		  EVP_DigestUpdate(ctx, first, sizeof first);
	for (size_t i = 0; ok && i < nparts; i++)
		ok = parts[i].n == 0 || EVP_DigestUpdate(ctx, parts[i].p, parts[i].n);
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL);
	OPENSSL_cleanse(first, sizeof first);
	return ok;
}

/* RFC 2104 over the kept SHA-256: EVP_MAC allocates and copies contexts for each, and a message
 * that goes on from a receipt takes eight of them. */
bool assay_hmac(struct assay_crypto *crypto, struct assay_slice key,
		const struct assay_slice *parts, size_t nparts, uint8_t *out)
{
	uint8_t block[BLOCK] = { 0 }, inner[ASSAY_MAC_SIZE], mac[ASSAY_MAC_SIZE];
	struct assay_slice in = { inner, sizeof inner };

	if (key.n == 0)
		return false;
	bool ok = true;
	if (key.n > sizeof block)
		ok = assay_hash1(crypto, ASSAY_SHA256, key, block);
	else
		memcpy(block, key.p, key.n);
	ok = ok && padded_hash(crypto, block, 0x36, parts, nparts, inner) &&
	     padded_hash(crypto, block, 0x5c, &in, 1, mac);
	if (!ok) /* no mark, as for every hash: see hash.c */
		crypto_loud();
	OPENSSL_cleanse(block, sizeof block);
	if (ok)
		memcpy(out, mac, sizeof mac);
	return ok;
}

/* RFC 5869 over that HMAC. */
static bool hkdf(struct assay_crypto *crypto, struct assay_slice key, struct assay_slice salt,
		 struct assay_slice info, uint8_t *out, size_t n)
{
	static const uint8_t zeros[ASSAY_MAC_SIZE]; /* 2.2: the salt when there is none */
	uint8_t prk[ASSAY_MAC_SIZE], block[ASSAY_MAC_SIZE], count = 0;
	struct assay_slice parts[] = { { block, 0 }, info, { &count, 1 } };

	if (salt.n == 0)
		salt = (struct assay_slice){ zeros, sizeof zeros };
	bool ok = assay_hmac(crypto, salt, &key, 1, prk);
	for (size_t at = 0; ok && at < n; at += sizeof block) {
		count++;
		ok = assay_hmac(crypto, (struct assay_slice){ prk, sizeof prk }, parts, 3,
				block);
		for (size_t i = 0; ok && i < sizeof block && at + i < n; i++)
			out[at + i] = block[i];
		parts[0].n = sizeof block;
	}
	OPENSSL_cleanse(prk, sizeof prk);
	OPENSSL_cleanse(block, sizeof block);
	return ok;
}

bool assay_hkdf(struct assay_crypto *crypto, struct assay_slice key, struct assay_slice salt,
		struct assay_slice info, uint8_t *out, size_t n)
{
	enum { BLOCKS_MAX = 255, INFO_MAX = 1024 };

	if (key.n > 0 && info.n <= INFO_MAX && n <= BLOCKS_MAX * ASSAY_MAC_SIZE &&
	    hkdf(crypto, key, salt, info, out, n))
		return true;
	OPENSSL_cleanse(out, n);
	return false;
}

/* Key, nonce and associated data into the kept context. */
static bool gcm_start(struct assay_crypto *crypto, const uint8_t *key, const uint8_t *nonce,
		      struct assay_slice ad, int encrypt)
{
	int n;

	secret_fetch(crypto);
	EVP_CIPHER_CTX *ctx = crypto->gcm_ctx;
	/* BOUNDS: EVP takes lengths as int */
	return ctx && ad.n <= INT_MAX &&
	       EVP_CipherInit_ex2(ctx, NULL, key, nonce, encrypt, NULL) == 1 &&
	       (ad.n == 0 || EVP_CipherUpdate(ctx, NULL, &n, ad.p, (int)ad.n) == 1);
}

static bool gcm_text(EVP_CIPHER_CTX *ctx, struct assay_slice in, uint8_t *out)
{
	int n = 0;

	return in.n == 0 ||
	       (EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.n) == 1 && (size_t)n == in.n);
}

bool assay_aead_seal(struct assay_crypto *crypto, const uint8_t *key, const uint8_t *nonce,
		     struct assay_slice ad, struct assay_slice plain, uint8_t *out)
{
	uint8_t tag[ASSAY_AEAD_TAG];
	int n;

	if (plain.n > INT_MAX - ASSAY_AEAD_TAG)
		return false;
	crypto_quiet();
	bool ok =
		gcm_start(crypto, key, nonce, ad, 1) && gcm_text(crypto->gcm_ctx, plain, out) &&
		EVP_CipherFinal_ex(crypto->gcm_ctx, tag, &n) == 1 &&
		EVP_CIPHER_CTX_ctrl(crypto->gcm_ctx, EVP_CTRL_AEAD_GET_TAG, sizeof tag, tag) ==
			1;
	crypto_loud();
	for (size_t i = 0; ok && i < sizeof tag; i++)
		out[plain.n + i] = tag[i];
	if (!ok) /* half of it is nothing that anybody could open, nor may it be plain text */
		OPENSSL_cleanse(out, plain.n);
	return ok;
}

bool assay_aead_open(struct assay_crypto *crypto, const uint8_t *key, const uint8_t *nonce,
		     struct assay_slice ad, struct assay_slice sealed, uint8_t *out)
{
	if (sealed.n < ASSAY_AEAD_TAG || sealed.n > INT_MAX)
		return false;

	struct assay_slice text = { sealed.p, sealed.n - ASSAY_AEAD_TAG };
	uint8_t tag[ASSAY_AEAD_TAG], none[ASSAY_AEAD_TAG];
	int n;

	for (size_t i = 0; i < sizeof tag; i++) /* out may be sealed.p */
		tag[i] = sealed.p[text.n + i];
	crypto_quiet();
	bool ok =
		gcm_start(crypto, key, nonce, ad, 0) && gcm_text(crypto->gcm_ctx, text, out) &&
		EVP_CIPHER_CTX_ctrl(crypto->gcm_ctx, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) ==
			1 &&
		EVP_CipherFinal_ex(crypto->gcm_ctx, none, &n) == 1;
	crypto_loud();
	if (!ok)
		OPENSSL_cleanse(out, text.n);
	return ok;
}

bool assay_secret_equal(struct assay_slice a, struct assay_slice b)
{
	return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

void assay_secret_wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}
