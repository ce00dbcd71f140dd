/* SPDX-License-Identifier: Apache-2.0
 *
 * A context is initialised once per key, scheme and hash and then reused:
 * what remains per signature is the digest and the public-key operation. */
#include "core/crypto/internal.h"
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

/* params: NULL for ECDSA, whose digest is handed in as it is. */
static EVP_PKEY_CTX *verify_ctx(struct assay_crypto *crypto, EVP_PKEY *pkey,
				const OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx =
		EVP_PKEY_CTX_new_from_pkey(crypto->libctx, pkey, crypto->properties);

	if (ctx && EVP_PKEY_verify_init_ex(ctx, params) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

static EVP_PKEY_CTX *rsa_ctx(struct assay_crypto *crypto, struct assay_key *key,
			     enum assay_scheme scheme, size_t slot)
{
	EVP_PKEY_CTX **at = scheme == ASSAY_RSASSA ? &key->rsassa[slot] : &key->rsapss[slot];
	/* OSSL_PARAM knows no const, the library only reads */
	char *md = (char *)(uintptr_t)crypto_slot_name(slot);
	char pkcs1[] = OSSL_PKEY_RSA_PAD_MODE_PKCSV15, pss[] = OSSL_PKEY_RSA_PAD_MODE_PSS;
	char salt[] = OSSL_PKEY_RSA_PSS_SALT_LEN_AUTO;
	OSSL_PARAM params[5], *p = params;

	if (*at)
		return *at;
	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, md, 0);
	if (crypto->properties)
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PROPERTIES,
							crypto->properties, 0);
	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE,
						scheme == ASSAY_RSASSA ? pkcs1 : pss, 0);
	if (scheme == ASSAY_RSAPSS)
		*p++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, salt,
							0);
	*p = OSSL_PARAM_construct_end();
	*at = verify_ctx(crypto, key->pkey, params);
	return *at;
}

static bool rsa_verify(struct assay_crypto *crypto, struct assay_key *key,
		       enum assay_scheme scheme, const struct assay_digest *digest,
		       struct assay_slice sig)
{
	/* PSS would take a shorter signature as a number with leading zeros. */
	if (sig.n != (key->bits + 7) / 8)
		return false;

	EVP_PKEY_CTX *ctx = rsa_ctx(crypto, key, scheme, crypto_slot(digest->alg));
	return ctx && EVP_PKEY_verify(ctx, sig.p, sig.n, digest->b, digest->n) == 1;
}

bool crypto_ecdsa_verify(struct assay_crypto *crypto, struct assay_key *key,
			 const struct assay_digest *digest, struct assay_slice sig)
{
	uint8_t der[DER_MAX];
	size_t n = crypto_raw_to_der(sig, crypto_curve_size(key->curve), der);

	if (n == 0)
		return false;
	if (!key->ecdsa)
		key->ecdsa = verify_ctx(crypto, key->pkey, NULL);
	return key->ecdsa && EVP_PKEY_verify(key->ecdsa, der, n, digest->b, digest->n) == 1;
}

bool assay_key_verify(struct assay_crypto *crypto, struct assay_key *key,
		      enum assay_scheme scheme, uint16_t hash, struct assay_slice msg,
		      struct assay_slice sig)
{
	struct assay_digest digest;
	bool rsa = scheme == ASSAY_RSASSA || scheme == ASSAY_RSAPSS;
	bool suits = (rsa && key->type == ASSAY_KEY_RSA) ||
		     (scheme == ASSAY_ECDSA && key->type == ASSAY_KEY_EC);

	if (!suits || !assay_hash(crypto, hash, &msg, 1, &digest))
		return false;
	crypto_quiet();
	bool ok = rsa ? rsa_verify(crypto, key, scheme, &digest, sig)
		      : crypto_ecdsa_verify(crypto, key, &digest, sig);
	crypto_loud();
	return ok;
}
