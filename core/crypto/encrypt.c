/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/encrypt.h"
#include "core/crypto/internal.h"
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

enum { RSA_SIZE_MAX = 1024 };

static const char *cfb_name(size_t key)
{
	switch (key) {
	case 16:
		return "AES-128-CFB";
	case 24:
		return "AES-192-CFB";
	case 32:
		return "AES-256-CFB";
	default:
		return NULL;
	}
}

bool crypto_aes_cfb(struct assay_crypto *crypto, struct assay_slice key, struct assay_slice in,
		    uint8_t *out)
{
	static const uint8_t iv[16] = { 0 };
	const char *name = cfb_name(key.n);
	int n = 0;

	if (!name || in.n > INT_MAX)
		return false;
	crypto_quiet();
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(crypto->libctx, name, crypto->properties);
	EVP_CIPHER_CTX *ctx = cipher ? EVP_CIPHER_CTX_new() : NULL;
	bool ok = ctx && EVP_EncryptInit_ex2(ctx, cipher, key.p, iv, NULL) == 1 &&
		  EVP_EncryptUpdate(ctx, out, &n, in.p, (int)in.n) == 1 && n == (int)in.n;
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	crypto_loud();
	return ok;
}

static bool oaep(EVP_PKEY_CTX *ctx, size_t slot, char *properties, struct assay_slice label,
		 struct assay_slice in, uint8_t *out, size_t *n)
{
	/* OSSL_PARAM knows no const; they are read only */
	char *hash = (char *)(uintptr_t)crypto_slot_name(slot);
	char *mode = (char *)(uintptr_t)OSSL_PKEY_RSA_PAD_MODE_OAEP;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, mode, 0),
		OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, hash, 0),
		OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, hash, 0),
		OSSL_PARAM_construct_octet_string(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL,
						  (void *)(uintptr_t)label.p, label.n),
		OSSL_PARAM_construct_end(),
		OSSL_PARAM_construct_end(),
		OSSL_PARAM_construct_end(),
	};

	if (properties) {
		params[4] = OSSL_PARAM_construct_utf8_string(
			OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST_PROPS, properties, 0);
		params[5] = OSSL_PARAM_construct_utf8_string(
			OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST_PROPS, properties, 0);
	}

	return EVP_PKEY_encrypt_init_ex(ctx, params) == 1 &&
	       EVP_PKEY_encrypt(ctx, out, n, in.p, in.n) == 1;
}

bool crypto_oaep(struct assay_crypto *crypto, const struct assay_key *key, uint16_t hash,
		 struct assay_slice label, struct assay_slice in, uint8_t *out, size_t *n)
{
	size_t slot = crypto_slot(hash), size = RSA_SIZE_MAX;

	if (key->type != ASSAY_KEY_RSA || slot >= SLOTS)
		return false;
	crypto_quiet();
	EVP_PKEY_CTX *ctx =
		EVP_PKEY_CTX_new_from_pkey(crypto->libctx, key->pkey, crypto->properties);
	bool ok = ctx && oaep(ctx, slot, crypto->properties, label, in, out, &size);
	EVP_PKEY_CTX_free(ctx);
	crypto_loud();
	if (ok)
		*n = size;
	return ok;
}
