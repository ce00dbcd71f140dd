/* SPDX-License-Identifier: Apache-2.0
 *
 * The ephemeral key's public point is computed here, as providers of OpenSSL 3.0
 * make a key of random bytes of their own only; the shared secret is EVP's. */
#include "core/crypto/encrypt.h"
#include "core/crypto/internal.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <string.h>

struct pair {
	EC_GROUP *group;
	BN_CTX *bn;
	BIGNUM *d;
	EC_POINT *q;
};

static int curve_nid(uint16_t curve)
{
	switch (curve) {
	case ASSAY_P256:
		return NID_X9_62_prime256v1;
	case ASSAY_P384:
		return NID_secp384r1;
	case ASSAY_P521:
		return NID_secp521r1;
	default:
		return NID_undef;
	}
}

/* d = random mod (order - 1) + 1, q = d * G */
static bool pair_make(struct assay_crypto *crypto, uint16_t curve, const uint8_t *random,
		      struct pair *p)
{
	p->group = EC_GROUP_new_by_curve_name_ex(crypto->libctx, crypto->properties,
						 curve_nid(curve));
	p->bn = BN_CTX_secure_new_ex(crypto->libctx);
	p->d = BN_secure_new();
	BIGNUM *order = BN_new();
	bool ok = p->group && p->bn && p->d && order &&
		  BN_copy(order, EC_GROUP_get0_order(p->group)) && BN_sub_word(order, 1) &&
		  BN_bin2bn(random, CRYPTO_SCALAR_RANDOM, p->d) &&
		  BN_mod(p->d, p->d, order, p->bn) && BN_add_word(p->d, 1);

	BN_free(order);
	if (!ok)
		return false;
	BN_set_flags(p->d, BN_FLG_CONSTTIME); /* CT */
	p->q = EC_POINT_new(p->group);
	return p->q && EC_POINT_mul(p->group, p->q, p->d, NULL, NULL, p->bn) == 1;
}

static void pair_free(struct pair *p)
{
	EC_POINT_free(p->q);
	BN_clear_free(p->d);
	BN_CTX_free(p->bn);
	EC_GROUP_free(p->group);
}

static EVP_PKEY *pair_pkey(struct assay_crypto *crypto, const struct pair *p, const char *name,
			   const uint8_t *point, size_t n)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx =
		EVP_PKEY_CTX_new_from_name(crypto->libctx, "EC", crypto->properties);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;

	if (bld && OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, name, 0) &&
	    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point, n) &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, p->d))
		params = OSSL_PARAM_BLD_to_param(bld);
	if (ctx && params && EVP_PKEY_fromdata_init(ctx) == 1 &&
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	return pkey;
}

static bool derive(struct assay_crypto *crypto, EVP_PKEY *own, EVP_PKEY *peer, uint8_t *z,
		   size_t size)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(crypto->libctx, own, crypto->properties);
	size_t n = size;
	bool ok = ctx && EVP_PKEY_derive_init(ctx) == 1 &&
		  EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
		  EVP_PKEY_derive(ctx, z, &n) == 1 && n == size;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static bool exchange(struct assay_crypto *crypto, const struct assay_key *peer,
		     const uint8_t *random, size_t size, struct crypto_ecdh *out)
{
	uint8_t point[1 + RAW_MAX];
	struct pair p = { 0 };
	EVP_PKEY *own = NULL;
	bool ok = pair_make(crypto, peer->curve, random, &p) &&
		  EC_POINT_point2oct(p.group, p.q, POINT_CONVERSION_UNCOMPRESSED, point,
				     sizeof point, p.bn) == 1 + 2 * size;

	if (ok)
		own = pair_pkey(crypto, &p, crypto_curve_name(peer->curve), point,
				1 + 2 * size);
	ok = own && derive(crypto, own, peer->pkey, out->z, size);
	if (ok) {
		out->n = size;
		memcpy(out->x, point + 1, size);
		memcpy(out->y, point + 1 + size, size);
	}
	EVP_PKEY_free(own);
	pair_free(&p);
	return ok;
}

bool crypto_ecdh(struct assay_crypto *crypto, const struct assay_key *peer,
		 const uint8_t *random, struct crypto_ecdh *out)
{
	size_t size = crypto_curve_size(peer->curve);

	if (size == 0)
		return false;
	crypto_quiet();
	bool ok = exchange(crypto, peer, random, size, out);
	crypto_loud();
	return ok;
}
