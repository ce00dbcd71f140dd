/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/internal.h"
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

/* Digest and properties as parameters of a MAC or a KDF, whose names for them are the same. */
static size_t digest_params(const struct assay_crypto *crypto, OSSL_PARAM *param)
{
	size_t n = 0;

	/* OSSL_PARAM takes no const; nobody writes */
	param[n++] =
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA2-256", 0);
	if (crypto->properties)
		param[n++] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_PROPERTIES,
							      crypto->properties, 0);
	param[n] = OSSL_PARAM_construct_end();
	return n;
}

/* What a verifier without secrets never needs is fetched when it is first asked for: it costs
 * as much as all hashes together. What could not be had stays NULL. */
static void secret_fetch(struct assay_crypto *crypto)
{
	OSSL_PARAM param[3];

	if (crypto->secret_fetched)
		return;
	crypto->secret_fetched = true;
	crypto_quiet();
	EVP_MAC *mac = EVP_MAC_fetch(crypto->libctx, "HMAC", crypto->properties);

	digest_params(crypto, param);
	crypto->hmac = mac ? EVP_MAC_CTX_new(mac) : NULL;
	EVP_MAC_free(mac); /* the context holds its own reference */
	if (crypto->hmac && !EVP_MAC_CTX_set_params(crypto->hmac, param)) {
		EVP_MAC_CTX_free(crypto->hmac);
		crypto->hmac = NULL;
	}
	crypto->hkdf = EVP_KDF_fetch(crypto->libctx, "HKDF", crypto->properties);
	crypto->gcm = EVP_CIPHER_fetch(crypto->libctx, "AES-256-GCM", crypto->properties);
	crypto->gcm_ctx = crypto->gcm ? EVP_CIPHER_CTX_new() : NULL;
	crypto_loud();
}

void crypto_secret_free(struct assay_crypto *crypto)
{
	EVP_MAC_CTX_free(crypto->hmac);
	EVP_KDF_free(crypto->hkdf);
	EVP_CIPHER_CTX_free(crypto->gcm_ctx);
	EVP_CIPHER_free(crypto->gcm);
}

bool assay_hmac(struct assay_crypto *crypto, struct assay_slice key,
		const struct assay_slice *parts, size_t nparts, uint8_t *out)
{
	uint8_t mac[ASSAY_MAC_SIZE];
	size_t n = 0;

	/* without a key EVP_MAC_init would go on with the one before */
	secret_fetch(crypto);
	if (!crypto->hmac || key.n == 0)
		return false;
	crypto_quiet();
	bool ok = EVP_MAC_init(crypto->hmac, key.p, key.n, NULL);
	for (size_t i = 0; ok && i < nparts; i++)
		ok = parts[i].n == 0 || EVP_MAC_update(crypto->hmac, parts[i].p, parts[i].n);
	ok = ok && EVP_MAC_final(crypto->hmac, mac, &n, sizeof mac) && n == sizeof mac;
	crypto_loud();
	for (size_t i = 0; ok && i < sizeof mac; i++)
		out[i] = mac[i];
	return ok;
}

bool assay_hkdf(struct assay_crypto *crypto, struct assay_slice key, struct assay_slice salt,
		struct assay_slice info, uint8_t *out, size_t n)
{
	OSSL_PARAM param[6];
	size_t at = digest_params(crypto, param);

	secret_fetch(crypto);
	if (!crypto->hkdf || key.n == 0)
		return false;
	param[at++] =
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key.p, key.n);
	if (salt.n > 0)
		param[at++] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT,
								(void *)salt.p, salt.n);
	if (info.n > 0)
		param[at++] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
								(void *)info.p, info.n);
	param[at] = OSSL_PARAM_construct_end();

	/* a context of its own for each call: an empty salt would leave the last one in place
	 */
	crypto_quiet();
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(crypto->hkdf);
	bool ok = ctx && EVP_KDF_derive(ctx, out, n, param) == 1;
	EVP_KDF_CTX_free(ctx);
	crypto_loud();
	if (!ok)
		OPENSSL_cleanse(out, n);
	return ok;
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
	       EVP_CipherInit_ex2(ctx, crypto->gcm, key, nonce, encrypt, NULL) == 1 &&
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
