/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/encrypt.h"
#include "core/crypto/internal.h"
#include <openssl/core_names.h>
#include <openssl/params.h>

static bool mac(EVP_MAC_CTX *ctx, size_t slot, char *properties, struct assay_slice key,
		const struct assay_slice *parts, size_t nparts, uint8_t *out)
{
	/* OSSL_PARAM knows no const; it is read only */
	char *digest = (char *)(uintptr_t)crypto_slot_name(slot);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
		OSSL_PARAM_construct_end(),
	};

	if (properties)
		params[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_PROPERTIES,
							     properties, 0);
	size_t n = 0, size = crypto_slot_size(slot);

	if (EVP_MAC_init(ctx, key.p, key.n, params) != 1)
		return false;
	for (size_t i = 0; i < nparts; i++)
		if (parts[i].n > 0 && EVP_MAC_update(ctx, parts[i].p, parts[i].n) != 1)
			return false;
	return EVP_MAC_final(ctx, out, &n, size) == 1 && n == size;
}

bool crypto_hmac(struct assay_crypto *crypto, uint16_t alg, struct assay_slice key,
		 const struct assay_slice *parts, size_t nparts, uint8_t *out)
{
	size_t slot = crypto_slot(alg);

	/* with a key of no bytes libcrypto would take the key before */
	if (slot >= SLOTS || key.n == 0)
		return false;
	crypto_quiet();
	EVP_MAC *hmac = EVP_MAC_fetch(crypto->libctx, "HMAC", crypto->properties);
	EVP_MAC_CTX *ctx = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
	bool ok = ctx && mac(ctx, slot, crypto->properties, key, parts, nparts, out);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(hmac);
	crypto_loud();
	return ok;
}
