/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/crypto/internal.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>

/* width 0: as short as it is. */
static bool number(const EVP_PKEY *pkey, const char *name, size_t width, uint8_t *out,
		   size_t *n)
{
	BIGNUM *bn = NULL;
	bool ok = EVP_PKEY_get_bn_param(pkey, name, &bn) == 1 && bn;
	size_t need = ok ? (size_t)BN_num_bytes(bn) : 0;

	if (width == 0)
		width = need;
	ok = ok && width >= need && width <= NUMBER_MAX &&
	     BN_bn2binpad(bn, out, (int)width) >= 0;
	if (ok)
		*n = width;
	BN_free(bn);
	return ok;
}

static bool numbers(const struct assay_key *key, uint8_t *a, size_t *na, uint8_t *b, size_t *nb)
{
	size_t size = crypto_curve_size(key->curve);
	size_t n = NUMBER_MAX;

	switch (key->type) {
	case ASSAY_KEY_RSA:
		return number(key->pkey, OSSL_PKEY_PARAM_RSA_N, 0, a, na) &&
		       number(key->pkey, OSSL_PKEY_PARAM_RSA_E, 0, b, nb);
	case ASSAY_KEY_EC:
		return number(key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, size, a, na) &&
		       number(key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, size, b, nb);
	case ASSAY_KEY_ED25519:
		*nb = 0;
		if (EVP_PKEY_get_raw_public_key(key->pkey, a, &n) != 1)
			return false;
		*na = n;
		return true;
	}
	return false;
}

bool assay_key_numbers(const struct assay_key *key, uint8_t *a, size_t *na, uint8_t *b,
		       size_t *nb)
{
	crypto_quiet();
	bool ok = numbers(key, a, na, b, nb);
	crypto_loud();
	return ok;
}

bool assay_key_equal(const struct assay_key *a, const struct assay_key *b)
{
	uint8_t a1[NUMBER_MAX], a2[NUMBER_MAX], b1[NUMBER_MAX], b2[NUMBER_MAX];
	struct assay_slice sa1 = { a1, 0 }, sa2 = { a2, 0 }, sb1 = { b1, 0 }, sb2 = { b2, 0 };

	return a->type == b->type && a->curve == b->curve &&
	       assay_key_numbers(a, a1, &sa1.n, a2, &sa2.n) &&
	       assay_key_numbers(b, b1, &sb1.n, b2, &sb2.n) && slice_eq(sa1, sb1) &&
	       slice_eq(sa2, sb2);
}
