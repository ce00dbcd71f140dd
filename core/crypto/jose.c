/* SPDX-License-Identifier: Apache-2.0
 *
 * JOSE signatures (RFC 7518, 3.4; RFC 8037, 3.1). The algorithm follows from the
 * key: a header that names another is refused by whoever reads it. */
#include "core/crypto/internal.h"

enum { ED25519_SIG = 64 };

const char *assay_key_jose_alg(const struct assay_key *key)
{
	if (key->type == ASSAY_KEY_ED25519)
		return "EdDSA";
	if (key->type != ASSAY_KEY_EC)
		return NULL;
	return key->curve == ASSAY_P256 ? "ES256" : key->curve == ASSAY_P384 ? "ES384" : NULL;
}

static uint16_t jose_hash(const struct assay_key *key)
{
	return key->curve == ASSAY_P256 ? ASSAY_SHA256 : ASSAY_SHA384;
}

static bool eddsa_verify(struct assay_crypto *crypto, struct assay_key *key,
			 struct assay_slice msg, struct assay_slice sig)
{
	EVP_MD_CTX *ctx = sig.n == ED25519_SIG ? EVP_MD_CTX_new() : NULL;
	bool ok = ctx &&
		  EVP_DigestVerifyInit_ex(ctx, NULL, NULL, crypto->libctx, crypto->properties,
					  key->pkey, NULL) == 1 &&
		  EVP_DigestVerify(ctx, sig.p, sig.n, msg.p, msg.n) == 1;

	EVP_MD_CTX_free(ctx);
	return ok;
}

bool assay_key_jose_verify(struct assay_crypto *crypto, struct assay_key *key,
			   struct assay_slice msg, struct assay_slice sig)
{
	struct assay_digest digest;

	if (!assay_key_jose_alg(key))
		return false;
	crypto_quiet();
	bool ok = key->type == ASSAY_KEY_ED25519
			  ? eddsa_verify(crypto, key, msg, sig)
			  : assay_hash(crypto, jose_hash(key), &msg, 1, &digest) &&
				    crypto_ecdsa_verify(crypto, key, &digest, sig);
	crypto_loud();
	return ok;
}

static bool eddsa_sign(struct assay_crypto *crypto, struct assay_key *key,
		       struct assay_slice msg, uint8_t *sig, size_t *n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = ED25519_SIG;
	bool ok = ctx &&
		  EVP_DigestSignInit_ex(ctx, NULL, NULL, crypto->libctx, crypto->properties,
					key->pkey, NULL) == 1 &&
		  EVP_DigestSign(ctx, sig, &len, msg.p, msg.n) == 1 && len == ED25519_SIG;

	EVP_MD_CTX_free(ctx);
	if (ok)
		*n = len;
	return ok;
}

/* Made when a key first signs, then kept. */
static EVP_PKEY_CTX *sign_ctx(struct assay_crypto *crypto, struct assay_key *key)
{
	if (key->sign)
		return key->sign;
	key->sign = EVP_PKEY_CTX_new_from_pkey(crypto->libctx, key->pkey, crypto->properties);
	if (key->sign && EVP_PKEY_sign_init(key->sign) != 1) {
		EVP_PKEY_CTX_free(key->sign);
		key->sign = NULL;
	}
	return key->sign;
}

static bool ecdsa_sign(struct assay_crypto *crypto, struct assay_key *key,
		       struct assay_slice msg, uint8_t *sig, size_t *n)
{
	size_t field = crypto_curve_size(key->curve);
	uint8_t der[DER_MAX];
	size_t len = sizeof der;
	struct assay_digest digest;

	if (!assay_hash(crypto, jose_hash(key), &msg, 1, &digest))
		return false;
	EVP_PKEY_CTX *ctx = sign_ctx(crypto, key);
	bool ok = ctx && EVP_PKEY_sign(ctx, der, &len, digest.b, digest.n) == 1 &&
		  crypto_der_to_raw((struct assay_slice){ der, len }, field, sig);
	if (ok)
		*n = 2 * field;
	return ok;
}

bool assay_key_jose_sign(struct assay_crypto *crypto, struct assay_key *key,
			 struct assay_slice msg, uint8_t *sig, size_t *n)
{
	if (!assay_key_jose_alg(key))
		return false;
	crypto_quiet();
	bool ok = key->type == ASSAY_KEY_ED25519 ? eddsa_sign(crypto, key, msg, sig, n)
						 : ecdsa_sign(crypto, key, msg, sig, n);
	crypto_loud();
	return ok;
}
