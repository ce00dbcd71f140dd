/* SPDX-License-Identifier: Apache-2.0
 *
 * crypto/internal - what the files of this room share: the two objects behind
 * the contract, and the mark that keeps libcrypto's error queue as it was.
 *
 *   invariant  no call leaves an error in libcrypto's queue that was not
 *              there before
 *   ownership  an object owns every pointer in it */
#pragma once
#include <assay/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

/* The computable algorithms in the order of their slots. */
enum { SLOT_SHA1, SLOT_SHA256, SLOT_SHA384, SLOT_SHA512, SLOTS };

/* < SLOTS, or SLOTS when alg is not computable. */
size_t crypto_slot(uint16_t alg);
/* OpenSSL's name of the slot's algorithm, and bytes of its digest. */
const char *crypto_slot_name(size_t slot);
size_t crypto_slot_size(size_t slot);

struct assay_crypto {
	OSSL_LIB_CTX *libctx;
	EVP_MD *md[SLOTS];      /* NULL: the provider does not have it */
	EVP_MD_CTX *ctx[SLOTS]; /* NULL where md is */
	char *properties;       /* copy, or NULL */
	/* as for md: NULL when the provider does not have it */
	bool secret_fetched;
	EVP_CIPHER *gcm;
	EVP_CIPHER_CTX *gcm_ctx;
};

void crypto_secret_free(struct assay_crypto *crypto);

enum { NUMBER_MAX = 1024 }; /* bytes of a key's longest number, a modulus of 8192 bits */
enum { RAW_MAX = 2 * 66, DER_MAX = 2 + 1 + 2 * (2 + 1 + 66) };

struct assay_key {
	EVP_PKEY *pkey;
	enum assay_key_type type;
	size_t bits;    /* of the RSA modulus or of the field */
	uint16_t curve; /* 0 when not EC */
	/* one initialised context per scheme and hash, made when first needed;
	 * an EC key's does not depend on the hash */
	EVP_PKEY_CTX *rsassa[SLOTS], *rsapss[SLOTS], *ecdsa, *sign;
};

/* Bytes of a coordinate, 0 for a curve that assay does not take. */
size_t crypto_curve_size(uint16_t curve);
const char *crypto_curve_name(uint16_t curve);

/* Wraps pkey (taken over, freed on failure) after judging its type and size. */
struct assay_key *crypto_key_wrap(EVP_PKEY *pkey);
/* The same (and NULL stays NULL), taken to its numbers and built again from them,
 * so that it is judged as any other. */
struct assay_key *crypto_key_rebuild(struct assay_crypto *crypto, EVP_PKEY *pkey);

/* r || s, each `field` bytes, as a minimal ECDSA-Sig-Value. der holds DER_MAX
 * bytes. 0 when raw is not 2 * field bytes or a number is zero. */
size_t crypto_raw_to_der(struct assay_slice raw, size_t field, uint8_t *der);
/* The other way; raw holds RAW_MAX bytes. False when der is not one. */
ASSAY_MUST_USE bool crypto_der_to_raw(struct assay_slice der, size_t field, uint8_t *raw);

/* Verifies r || s over a digest; hash is not judged. */
ASSAY_MUST_USE bool crypto_ecdsa_verify(struct assay_crypto *crypto, struct assay_key *key,
					const struct assay_digest *digest,
					struct assay_slice sig);

/* Between these two, whatever fails in libcrypto leaves no trace. */
static inline void crypto_quiet(void)
{
	ERR_set_mark();
}

static inline void crypto_loud(void)
{
	ERR_pop_to_mark();
}
