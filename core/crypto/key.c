/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys are built from numbers (EVP_PKEY_fromdata), never through a decoder:
 * d2i_PUBKEY costs ten RSA verifications, and what is judged here is judged
 * for every key, wherever its numbers came from. */
#include "core/base/slice.h"
#include "core/crypto/internal.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/param_build.h>

enum { RSA_BITS_MIN = 1024, RSA_BITS_MAX = 8192, ED25519_SIZE = 32 };

static const struct {
	uint16_t curve;
	uint8_t size;
	uint16_t bits;
	const char *name, *other; /* libcrypto answers with either */
} curves[] = {
	{ ASSAY_P256, 32, 256, "P-256", "prime256v1" },
	{ ASSAY_P384, 48, 384, "P-384", "secp384r1" },
	{ ASSAY_P521, 66, 521, "P-521", "secp521r1" },
};

enum { CURVES = sizeof curves / sizeof *curves };

size_t crypto_curve_size(uint16_t curve)
{
	for (size_t i = 0; i < CURVES; i++)
		if (curves[i].curve == curve)
			return curves[i].size;
	return 0;
}

const char *crypto_curve_name(uint16_t curve)
{
	for (size_t i = 0; i < CURVES; i++)
		if (curves[i].curve == curve)
			return curves[i].name;
	return NULL;
}

/* Takes params over. */
static EVP_PKEY *from_params(struct assay_crypto *crypto, const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx =
		EVP_PKEY_CTX_new_from_name(crypto->libctx, type, crypto->properties);
	EVP_PKEY *pkey = NULL;

	if (ctx && params && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return pkey;
}

static EVP_PKEY *rsa_pkey(struct assay_crypto *crypto, struct assay_slice n, uint64_t exponent)
{
	BIGNUM *bn = BN_bin2bn(n.p, (int)n.n, NULL);
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;

	if (bn && BN_is_odd(bn) && bld &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, bn) &&
	    OSSL_PARAM_BLD_push_uint64(bld, OSSL_PKEY_PARAM_RSA_E, exponent))
		params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY *pkey = from_params(crypto, "RSA", params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(bn);
	return pkey;
}

struct assay_key *assay_key_rsa(struct assay_crypto *crypto, struct assay_slice n,
				uint64_t exponent)
{
	while (n.n > 0 && n.p[0] == 0)
		n = slice_part(n, 1, n.n);
	if (n.n < RSA_BITS_MIN / 8 || n.n > RSA_BITS_MAX / 8 || exponent < 3 ||
	    exponent % 2 == 0)
		return NULL;

	crypto_quiet();
	struct assay_key *key = crypto_key_wrap(rsa_pkey(crypto, n, exponent));
	crypto_loud();
	return key;
}

static EVP_PKEY *ec_pkey(struct assay_crypto *crypto, const char *group, const uint8_t *point,
			 size_t n)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;

	if (bld && OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, n))
		params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY *pkey = from_params(crypto, "EC", params);
	OSSL_PARAM_BLD_free(bld);
	return pkey;
}

struct assay_key *assay_key_ec(struct assay_crypto *crypto, uint16_t curve,
			       struct assay_slice x, struct assay_slice y)
{
	size_t size = crypto_curve_size(curve);
	uint8_t point[1 + RAW_MAX] = { 0x04 }; /* uncompressed: libcrypto checks the equation */

	if (size == 0 || x.n == 0 || x.n > size || y.n == 0 || y.n > size)
		return NULL;
	memcpy(point + 1 + size - x.n, x.p, x.n);
	memcpy(point + 1 + 2 * size - y.n, y.p, y.n);

	crypto_quiet();
	struct assay_key *key =
		crypto_key_wrap(ec_pkey(crypto, crypto_curve_name(curve), point, 1 + 2 * size));
	crypto_loud();
	return key;
}

struct assay_key *assay_key_ed25519(struct assay_crypto *crypto, struct assay_slice pub)
{
	if (pub.n != ED25519_SIZE)
		return NULL;
	crypto_quiet();
	struct assay_key *key = crypto_key_wrap(EVP_PKEY_new_raw_public_key_ex(
		crypto->libctx, "ED25519", crypto->properties, pub.p, pub.n));
	crypto_loud();
	return key;
}

static uint16_t curve_of(const EVP_PKEY *pkey)
{
	char group[32];
	size_t n = 0;

	if (EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group,
					   sizeof group, &n) != 1)
		return 0;
	for (size_t i = 0; i < CURVES; i++)
		if (strcmp(group, curves[i].name) == 0 || strcmp(group, curves[i].other) == 0)
			return curves[i].curve;
	return 0;
}

/* False when the key is of no type or size that assay takes. */
static bool judge(struct assay_key *key)
{
	int bits = EVP_PKEY_get_bits(key->pkey);

	key->bits = bits > 0 ? (size_t)bits : 0;
	if (EVP_PKEY_is_a(key->pkey, "RSA")) {
		key->type = ASSAY_KEY_RSA;
		return key->bits >= RSA_BITS_MIN && key->bits <= RSA_BITS_MAX;
	}
	if (EVP_PKEY_is_a(key->pkey, "EC")) {
		key->type = ASSAY_KEY_EC;
		key->curve = curve_of(key->pkey);
		return key->curve != 0;
	}
	key->type = ASSAY_KEY_ED25519;
	return EVP_PKEY_is_a(key->pkey, "ED25519");
}

struct assay_key *crypto_key_wrap(EVP_PKEY *pkey)
{
	struct assay_key *key = pkey ? OPENSSL_zalloc(sizeof *key) : NULL;

	if (!key) {
		EVP_PKEY_free(pkey);
		return NULL;
	}
	key->pkey = pkey;
	if (judge(key))
		return key;
	assay_key_free(key);
	return NULL;
}

void assay_key_free(struct assay_key *key)
{
	if (!key)
		return;
	for (size_t slot = 0; slot < SLOTS; slot++) {
		EVP_PKEY_CTX_free(key->rsassa[slot]);
		EVP_PKEY_CTX_free(key->rsapss[slot]);
	}
	EVP_PKEY_CTX_free(key->ecdsa);
	EVP_PKEY_CTX_free(key->sign);
	EVP_PKEY_free(key->pkey);
	OPENSSL_free(key);
}

enum assay_key_type assay_key_type(const struct assay_key *key)
{
	return key->type;
}

size_t assay_key_bits(const struct assay_key *key)
{
	return key->bits;
}

uint16_t assay_key_curve(const struct assay_key *key)
{
	return key->curve;
}
