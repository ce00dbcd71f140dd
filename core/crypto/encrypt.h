/* SPDX-License-Identifier: Apache-2.0
 *
 * crypto/encrypt - keyed digests and hiding something from all but one key's
 * holder. Each is false when the library fails; outputs are then not to be used.
 *
 *   threads   as struct assay_crypto */
#pragma once
#include <assay/crypto.h>

/* HMAC as assay_hmac(), under any computable hash, as the KDFs of a TPM need it; an empty key
 * is refused. out: the digest's size, at most ASSAY_DIGEST_MAX. */
ASSAY_MUST_USE bool crypto_hmac(struct assay_crypto *crypto, uint16_t alg,
				struct assay_slice key, const struct assay_slice *parts,
				size_t nparts, uint8_t *out);

/* AES-CFB (128-bit feedback) with an IV of zeros under a key of 16, 24 or 32 bytes that is used
 * once. out: in.n bytes. */
ASSAY_MUST_USE bool crypto_aes_cfb(struct assay_crypto *crypto, struct assay_slice key,
				   struct assay_slice in, uint8_t *out);

/* RSAES-OAEP (RFC 8017, 7.1), MGF1 under the same hash; the padding's random bytes come
 * from the library context. out: the modulus' size, at most 1024; *n its length. */
ASSAY_MUST_USE bool crypto_oaep(struct assay_crypto *crypto, const struct assay_key *key,
				uint16_t hash, struct assay_slice label, struct assay_slice in,
				uint8_t *out, size_t *n);

enum { CRYPTO_SCALAR_RANDOM = 66 + 8, CRYPTO_COORDINATE_MAX = 66 };

struct crypto_ecdh {
	size_t n; /* bytes of each, the field's size: zeros in front stay */
	uint8_t x[CRYPTO_COORDINATE_MAX], y[CRYPTO_COORDINATE_MAX]; /* ephemeral public point */
	uint8_t z[CRYPTO_COORDINATE_MAX];                           /* x of the shared point */
};

/* One-pass ECDH with a key pair made of random: CRYPTO_SCALAR_RANDOM bytes, 64 bits more than
 * any order has, taken modulo the order less one and 1 added (FIPS 186-5, A.2.1). */
ASSAY_MUST_USE bool crypto_ecdh(struct assay_crypto *crypto, const struct assay_key *peer,
				const uint8_t *random, struct crypto_ecdh *out);
