/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/crypto.h - one narrow contract; OpenSSL 3 behind it, always through
 * EVP with a library context and a property query, so that a card, an HSM or
 * an FPGA provider is a setting of the caller's and not a port.
 *
 *   threads   a struct assay_crypto and a struct assay_key hold contexts that
 *             calls reuse: one thread at a time each
 */
#ifndef ASSAY_CRYPTO_H
#define ASSAY_CRYPTO_H

#include <assay/base.h>

/* TPM_ALG_ID of hash algorithms (TCG Algorithm Registry 1.34, table 3). */
enum {
	ASSAY_SHA1 = 0x0004,
	ASSAY_SHA256 = 0x000b,
	ASSAY_SHA384 = 0x000c,
	ASSAY_SHA512 = 0x000d,
	ASSAY_SM3_256 = 0x0012,
	ASSAY_SHA3_256 = 0x0027,
	ASSAY_SHA3_384 = 0x0028,
	ASSAY_SHA3_512 = 0x0029,
};

/* Bytes of a digest of alg; 0 for an algorithm unknown to assay. */
ASSAY_API size_t assay_alg_size(uint16_t alg);
/* "sha1", "sha256", "sha384", "sha512", "sm3_256"...; NULL when unknown. */
ASSAY_API const char *assay_alg_name(uint16_t alg);
/* 0 when the name is unknown. */
ASSAY_API uint16_t assay_alg_by_name(struct assay_slice name);
/* True for the banks that assay computes: SHA-1, -256, -384, -512. */
ASSAY_API bool assay_alg_computable(uint16_t alg);

struct assay_digest {
	uint16_t alg;
	uint16_t n;
	uint8_t b[ASSAY_DIGEST_MAX];
};

struct assay_crypto; /* fetched algorithms and contexts, reused by every call */

/* libctx: an OSSL_LIB_CTX *, or NULL for the default. properties: a property
 * query, or NULL. NULL when SHA-256 cannot be had or memory is short. */
ASSAY_API struct assay_crypto *assay_crypto_new(void *libctx, const char *properties);
ASSAY_API void assay_crypto_free(struct assay_crypto *crypto);

/* Digest of the parts one after the other. False when alg is not computable or
 * the library fails; *out is then untouched. */
ASSAY_API ASSAY_MUST_USE bool assay_hash(struct assay_crypto *crypto, uint16_t alg,
					 const struct assay_slice *parts, size_t nparts,
					 struct assay_digest *out);

/* The same for one part, n bytes of digest written to out[ASSAY_DIGEST_MAX]. */
ASSAY_API ASSAY_MUST_USE bool assay_hash1(struct assay_crypto *crypto, uint16_t alg,
					  struct assay_slice in, uint8_t *out);

/* The PCRs of one bank as replayed. */
struct assay_bank {
	uint16_t alg;
	uint16_t size;     /* bytes of each value */
	uint32_t extended; /* bit i: PCR i was extended */
	uint8_t value[ASSAY_PCRS][ASSAY_DIGEST_MAX];
};

/* Reset values: zero, and 0xff for PCR 17-22 (PC Client PTP 1.06, 4.6.2).
 * False when alg is not computable. */
ASSAY_API ASSAY_MUST_USE bool assay_bank_reset(struct assay_bank *bank, uint16_t alg);

/* value[pcr] = H(value[pcr] || digest), digest of bank->size bytes. */
ASSAY_API ASSAY_MUST_USE bool assay_bank_extend(struct assay_crypto *crypto,
						struct assay_bank *bank, uint32_t pcr,
						struct assay_slice digest);

/* A public or private key, built from numbers and kept (building costs more
 * than a verification). */
struct assay_key;

enum assay_key_type { ASSAY_KEY_RSA = 1, ASSAY_KEY_EC, ASSAY_KEY_ED25519 };

/* TPM_ECC_CURVE (Part 2, 6.4) of the curves that assay takes. */
enum { ASSAY_P256 = 0x0003, ASSAY_P384 = 0x0004, ASSAY_P521 = 0x0005 };

/* n: modulus, big-endian, 1024 to 8192 bits (policy may want more);
 * exponent: odd and > 1. NULL when refused. */
ASSAY_API struct assay_key *assay_key_rsa(struct assay_crypto *crypto, struct assay_slice n,
					  uint64_t exponent);
/* curve: ASSAY_P256...; x, y big-endian, at most the field's size. NULL when
 * the curve is not taken or the point is not on it. */
ASSAY_API struct assay_key *assay_key_ec(struct assay_crypto *crypto, uint16_t curve,
					 struct assay_slice x, struct assay_slice y);
ASSAY_API struct assay_key *assay_key_ed25519(struct assay_crypto *crypto,
					      struct assay_slice pub);
/* One PEM object: SubjectPublicKeyInfo, a certificate (its key), or with
 * want_private a PKCS#8 / traditional private key without a passphrase. */
ASSAY_API struct assay_key *assay_key_pem(struct assay_crypto *crypto, struct assay_slice pem,
					  bool want_private);
/* The key in a DER certificate (strict DER is not asked for). */
ASSAY_API struct assay_key *assay_key_cert(struct assay_crypto *crypto, struct assay_slice der);
ASSAY_API void assay_key_free(struct assay_key *key);

ASSAY_API enum assay_key_type assay_key_type(const struct assay_key *key);
ASSAY_API size_t assay_key_bits(const struct assay_key *key);    /* RSA modulus, curve size */
ASSAY_API uint16_t assay_key_curve(const struct assay_key *key); /* 0 when not EC */
/* True when both have the same public numbers. */
ASSAY_API bool assay_key_equal(const struct assay_key *a, const struct assay_key *b);
/* Public numbers for a JWK: RSA n and e; EC x and y padded to the field size;
 * Ed25519 x alone. a, b: buffers of 1024 bytes; lengths in *na, *nb. */
ASSAY_API ASSAY_MUST_USE bool assay_key_numbers(const struct assay_key *key, uint8_t *a,
						size_t *na, uint8_t *b, size_t *nb);

/* X.509 certificates that the operator trusts, built once and used for many
 * chains. What is added as a root is an anchor, signed by itself or not; an
 * intermediate helps to reach one and is trusted for nothing else. Never add what a node sent.
 * It uses the crypto that it was made with, for as long as it lives. */
struct assay_anchors;

enum assay_anchor { ASSAY_ANCHOR_ROOT = 1, ASSAY_ANCHOR_INTERMEDIATE };

/* NULL when memory is short. */
ASSAY_API struct assay_anchors *assay_anchors_new(struct assay_crypto *crypto);
/* One DER certificate. One that was there already is no error. */
ASSAY_API ASSAY_MUST_USE bool assay_anchors_add(struct assay_anchors *anchors,
						enum assay_anchor kind, struct assay_slice der,
						struct assay_err *err);
ASSAY_API void assay_anchors_free(struct assay_anchors *anchors);

enum assay_scheme { ASSAY_RSASSA = 0x0014, ASSAY_RSAPSS = 0x0016, ASSAY_ECDSA = 0x0018 };

/* Verifies sig over the digest of msg under hash alg. RSASSA and RSAPSS (a salt of any
 * length: TPMs take the digest's or the longest that fits) take a signature as long as the
 * modulus; ECDSA takes r || s, each padded to the field size.
 * The scheme must suit the key's type, else false. False also when the library
 * fails: a signature that could not be checked is not a good one. */
ASSAY_API ASSAY_MUST_USE bool assay_key_verify(struct assay_crypto *crypto,
					       struct assay_key *key, enum assay_scheme scheme,
					       uint16_t hash, struct assay_slice msg,
					       struct assay_slice sig);

/* JOSE (RFC 7518, RFC 8037): the algorithm follows from the key alone:
 * P-256 ES256, P-384 ES384, Ed25519 EdDSA; NULL for any other. */
ASSAY_API const char *assay_key_jose_alg(const struct assay_key *key);
/* sig: r || s or the 64 bytes of EdDSA. */
ASSAY_API ASSAY_MUST_USE bool assay_key_jose_verify(struct assay_crypto *crypto,
						    struct assay_key *key,
						    struct assay_slice msg,
						    struct assay_slice sig);
/* Writes at most 132 bytes to sig. */
ASSAY_API ASSAY_MUST_USE bool assay_key_jose_sign(struct assay_crypto *crypto,
						  struct assay_key *key, struct assay_slice msg,
						  uint8_t *sig, size_t *n);

/* What a verifier gives out and takes back: authentic (HMAC) or sealed (AEAD), both over
 * SHA-256. */
enum { ASSAY_MAC_SIZE = 32, ASSAY_AEAD_KEY = 32, ASSAY_AEAD_NONCE = 12, ASSAY_AEAD_TAG = 16 };

/* HMAC-SHA-256 (RFC 2104) of the parts one after the other; ASSAY_MAC_SIZE bytes to out. An
 * empty key is refused. */
ASSAY_API ASSAY_MUST_USE bool assay_hmac(struct assay_crypto *crypto, struct assay_slice key,
					 const struct assay_slice *parts, size_t nparts,
					 uint8_t *out);

/* HKDF-SHA-256 (RFC 5869), extract and expand; n bytes to out, at most 255 * 32. info has
 * at most 1024 bytes; an empty key is refused. out is wiped on failure. */
ASSAY_API ASSAY_MUST_USE bool assay_hkdf(struct assay_crypto *crypto, struct assay_slice key,
					 struct assay_slice salt, struct assay_slice info,
					 uint8_t *out, size_t n);

/* AES-256-GCM (SP 800-38D). key: ASSAY_AEAD_KEY bytes; nonce: ASSAY_AEAD_NONCE bytes, never
 * twice under one key. Writes plain.n + ASSAY_AEAD_TAG bytes, ciphertext and tag; out may be
 * plain.p, otherwise they may not overlap. */
ASSAY_API ASSAY_MUST_USE bool assay_aead_seal(struct assay_crypto *crypto, const uint8_t *key,
					      const uint8_t *nonce, struct assay_slice ad,
					      struct assay_slice plain, uint8_t *out);
/* The other way; writes sealed.n - ASSAY_AEAD_TAG bytes. False when anything differs from
 * what was sealed, or the library fails; out is then wiped, not left as it was. */
ASSAY_API ASSAY_MUST_USE bool assay_aead_open(struct assay_crypto *crypto, const uint8_t *key,
					      const uint8_t *nonce, struct assay_slice ad,
					      struct assay_slice sealed, uint8_t *out);

/* CT: takes as long for bytes that differ as for bytes that do not. */
ASSAY_API bool assay_secret_equal(struct assay_slice a, struct assay_slice b);
/* Zeroes that no compiler leaves out. */
ASSAY_API void assay_secret_wipe(void *p, size_t n);

#endif
