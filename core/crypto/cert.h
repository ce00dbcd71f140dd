/* SPDX-License-Identifier: Apache-2.0
 *
 * crypto/cert - one X.509 certificate, what stands in it, and its chain. It
 * knows no kind of certificate: which usage, which name and which unknown critical
 * extension are good is for the endorsement that asks.
 *
 * Object identifiers are the content bytes of their DER encoding.
 *
 *   ownership  a certificate owns what it holds; nothing aliases the input
 *   threads    one certificate and the anchors: one thread at a time */
#pragma once
#include <assay/crypto.h>

struct crypto_cert;

/* All of der must be the certificate. Strict DER is not asked for (chips have
 * certificates whose SETs are not sorted), as what was signed are the bytes
 * themselves. NULL when it, or an extension that X.509 defines, cannot be read. */
struct crypto_cert *crypto_cert_read(struct assay_crypto *crypto, struct assay_slice der);
void crypto_cert_free(struct crypto_cert *cert);

/* Its key, to be freed; NULL when assay does not take it. */
struct assay_key *crypto_cert_key(struct assay_crypto *crypto, const struct crypto_cert *cert);

/* Seconds since 1970; false when one is not a time. */
ASSAY_MUST_USE bool crypto_cert_validity(const struct crypto_cert *cert, int64_t *not_before,
					 int64_t *not_after);

/* True when extKeyUsage is there, once, and lists oid. */
bool crypto_cert_has_usage(const struct crypto_cert *cert, struct assay_slice oid);
bool crypto_cert_is_ca(const struct crypto_cert *cert);
/* False when keyUsage is there and has neither keyEncipherment nor keyAgreement. */
bool crypto_cert_encrypts(const struct crypto_cert *cert);

/* The value of attribute oid in a directoryName of subjectAltName: writes at most
 * cap bytes, returns its length, 0 when it is not there or longer. */
size_t crypto_cert_alt_name(const struct crypto_cert *cert, struct assay_slice oid,
			    uint8_t *out, size_t cap);

/* What is wrong with a chain. All but the first leave a chain whose signatures
 * hold and that ends in a root. */
enum {
	CRYPTO_CHAIN_UNTRUSTED = 1, /* no chain to a root, or one that is no chain */
	CRYPTO_CHAIN_CRITICAL = 2,  /* a critical extension that nobody accepts */
	CRYPTO_CHAIN_WEAK = 4,      /* a hash or a key below 112 bits of security */
	CRYPTO_CHAIN_EXPIRED = 8,   /* a certificate's time is over */
	CRYPTO_CHAIN_NOT_YET_VALID = 16,
};

struct crypto_chain {
	uint32_t wrong;   /* CRYPTO_CHAIN_*; 0: the chain holds */
	uint32_t ignored; /* bit i: critical extension accept[i] was met and not judged */
	size_t depth;     /* of the certificate that is wrong first; 0 is the one asked about */
};

/* The chain of cert to a root of anchors at a time. accept: critical extensions
 * unknown to libcrypto that do not make it fail (at most 32). False when the library failed:
 * nothing is then known. */
ASSAY_MUST_USE bool crypto_chain_verify(struct assay_crypto *crypto,
					const struct assay_anchors *anchors,
					const struct crypto_cert *cert, int64_t time,
					const struct assay_slice *accept, size_t naccept,
					struct crypto_chain *out);
