/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/endorsement.h - what a machine's maker vouches for, and how a key that
 * it vouches for vouches for another.
 *
 * Enrolling a node with a TPM, in this order:
 *
 *   1. assay_ek_verify      the EK certificate, to a root that the operator trusts
 *   2. assay_ek_binds       the EK's public area has the certificate's key, and
 *      assay_ek_template    is a key that only opens what was protected to it
 *   3. assay_credential_make  a secret that this TPM gives out only while an attestation key
 *                           of the Name that was computed here is loaded in it
 *   4. the secret comes back: the AK lies in the TPM of the EK.
 *
 * What is not in 3 is not bound: a secret for one AK says nothing of another.
 *
 *   threads   as struct assay_crypto
 */
#ifndef ASSAY_ENDORSEMENT_H
#define ASSAY_ENDORSEMENT_H

#include <assay/crypto.h>
#include <assay/evidence/tpm.h>

/* Why an EK certificate is not one to trust: code, word, sentence. The later
 * in the list the worse; the worst is told. */
#define ASSAY_EK_TRUSTS(X)                                                                     \
	X(TRUSTED, "trusted", "the chain reaches a root and the certificate is an EK's")       \
	X(NOT_YET_VALID, "not-yet-valid", "a certificate of the chain is not valid yet")       \
	X(EXPIRED, "expired", "a certificate of the chain has expired")                        \
	X(WEAK, "weak", "a key or a signature's hash in the chain is below 112 bits")          \
	X(USAGE, "usage", "the certificate was not issued for an endorsement key")             \
	X(CRITICAL, "critical-extension", "a critical extension that assay does not know")     \
	X(UNTRUSTED, "untrusted", "no chain to a root that the operator trusts")

enum assay_ek_trust {
#define X(code, word, text) ASSAY_EK_##code,
	ASSAY_EK_TRUSTS(X)
#undef X
		ASSAY_EK_TRUSTS_N
};

ASSAY_API const char *assay_ek_trust_word(enum assay_ek_trust trust);
ASSAY_API const char *assay_ek_trust_text(enum assay_ek_trust trust);

enum { ASSAY_EK_TEXT_MAX = 256 };

/* Critical extensions that were met and not judged, as bits. */
enum { ASSAY_EK_IGNORED_subjectDirectoryAttributes = 1 };

struct assay_ek {
	enum assay_ek_trust trust;
	size_t depth;            /* of the certificate that this is about; 0: the EK's own */
	struct assay_slice cert; /* the certificate itself, in the input */
	size_t header, padding;  /* bytes of the NV index before it and behind it */
	uint32_t ignored;        /* ASSAY_EK_IGNORED_* */
	int64_t not_before, not_after; /* of the EK's certificate, seconds since 1970 */
	/* tcg-at-tpmManufacturer ("id:53544D20"), -Model, -Version in subjectAltName, made
	 * safe to show; empty when they are not there. Proven only when trusted. */
	char manufacturer[ASSAY_EK_TEXT_MAX], model[ASSAY_EK_TEXT_MAX],
		version[ASSAY_EK_TEXT_MAX];
	struct assay_key *key; /* the EK; NULL unless trusted */
};

/* in: DER, or what a TPM's NV index holds (see core/endorsement/ek/nv.c for the
 * forms). time: seconds since 1970. True when the certificate could be read: trust says
 * whether to believe it. Then assay_ek_clear(). */
ASSAY_API ASSAY_MUST_USE bool assay_ek_verify(struct assay_crypto *crypto,
					      const struct assay_anchors *anchors,
					      struct assay_slice in, int64_t time,
					      struct assay_ek *out, struct assay_err *err);
ASSAY_API void assay_ek_clear(struct assay_ek *ek); /* frees the key */

/* TPMA_OBJECT bits of an EK (EK Credential Profile 2.5, B.3): of the TPM, and able
 * only to open what was protected to it. */
enum {
	ASSAY_OBJECT_ENDORSEMENT = ASSAY_OBJECT_fixedTPM | ASSAY_OBJECT_fixedParent |
				   ASSAY_OBJECT_sensitiveDataOrigin | ASSAY_OBJECT_restricted |
				   ASSAY_OBJECT_decrypt,
	ASSAY_OBJECT_NOT_ENDORSEMENT = ASSAY_OBJECT_sign | ASSAY_OBJECT_encryptedDuplication |
				       ASSAY_OBJECT_x509sign | ASSAY_OBJECT_stClear,
};

/* True when pub has the essentials of an EK template: those attributes, nameAlg
 * SHA-256 or better, AES-CFB to protect with, no scheme, RSA of 2048 bits at least or a curve.
 * Else *field names what it has not. Nothing but the TPM proves attributes: they are those
 * that the TPM has when it activates a credential. */
ASSAY_API ASSAY_MUST_USE bool assay_ek_template(const struct assay_public *pub,
						const char **field);

/* True when pub's numbers are those of key, the one in the EK certificate. */
ASSAY_API ASSAY_MUST_USE bool assay_ek_binds(struct assay_crypto *crypto,
					     const struct assay_key *key,
					     const struct assay_public *pub);

enum {
	ASSAY_CREDENTIAL_RANDOM = 80, /* bytes of randomness for one credential */
	ASSAY_ID_OBJECT_MAX = 2 + 2 + ASSAY_DIGEST_MAX + 2 + ASSAY_DIGEST_MAX,
	ASSAY_SECRET_MAX = 2 + 1024,
};

struct assay_credential {
	uint8_t id_object[ASSAY_ID_OBJECT_MAX]; /* TPM2B_ID_OBJECT, with its size */
	size_t id_object_n;
	uint8_t secret[ASSAY_SECRET_MAX]; /* TPM2B_ENCRYPTED_SECRET, with its size */
	size_t secret_n;
};

/* TPM2_MakeCredential in software: protects secret (1 to |nameAlg of ek| bytes, fresh and
 * used once) so that only the TPM of ek gives it out, and only for the object whose Name
 * is ak's. random: ASSAY_CREDENTIAL_RANDOM bytes, uniform, secret, never used again; the
 * seed or the ephemeral key is made of them. (RSA's OAEP padding takes
 * its own from the library context.)
 *
 * Refused, as RANGE with artefact "ek" or "ak" and the field's name: an ek without the
 * template's essentials; an ak that is none (ASSAY_OBJECT_ATTESTATION), which could be
 * duplicated or would sign what it is told; an ak whose Name is a SHA-1, of which two keys can
 * be made with one Name, one in the TPM and one outside. */
ASSAY_API ASSAY_MUST_USE bool
assay_credential_make(struct assay_crypto *crypto, const struct assay_public *ek,
		      const struct assay_public *ak, struct assay_slice secret,
		      const uint8_t *random, struct assay_credential *out,
		      struct assay_err *err);

#endif
