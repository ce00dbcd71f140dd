/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/evidence/tpm.h - what a TPM 2.0 signs and the keys it signs with.
 * TPM 2.0 Library specification v1.84 (Part 2: Structures), names as there.
 *
 * Readers fill *out only on success and latch the first fault in *err; every
 * slice points into the input.
 */
#ifndef ASSAY_TPM_H
#define ASSAY_TPM_H

#include <assay/crypto.h>

/* TPML_PCR_SELECTION: stricter than Part 2: a bank may appear only once and no
 * bit above PCR 23 may be set. */
struct assay_pcr_selection {
	size_t n;
	struct {
		uint16_t hash;
		uint32_t mask; /* bit i: PCR i */
	} bank[ASSAY_PCR_BANKS_MAX];
};

/* TPMS_ATTEST with type TPM_ST_ATTEST_QUOTE. */
struct assay_quote {
	struct assay_slice message; /* the whole structure, as signed */
	struct assay_slice qualifiedSigner;
	struct assay_slice extraData;
	uint64_t clock; /* milliseconds */
	uint32_t resetCount, restartCount;
	bool safe;
	uint64_t firmwareVersion;
	struct assay_pcr_selection pcrSelect;
	struct assay_slice pcrDigest;
};

ASSAY_API ASSAY_MUST_USE bool assay_quote_read(struct assay_slice in, struct assay_quote *out,
					       struct assay_err *err);

/* TPMT_SIGNATURE: RSASSA, RSAPSS or ECDSA. */
struct assay_signature {
	uint16_t sigAlg, hash;
	struct assay_slice sig;                    /* RSA */
	struct assay_slice signatureR, signatureS; /* ECDSA, as the TPM wrote them */
};

ASSAY_API ASSAY_MUST_USE bool
assay_signature_read(struct assay_slice in, struct assay_signature *out, struct assay_err *err);

/* TPMA_OBJECT bits (Part 2, 8.3.2). */
enum {
	ASSAY_OBJECT_fixedTPM = 1u << 1,
	ASSAY_OBJECT_stClear = 1u << 2,
	ASSAY_OBJECT_fixedParent = 1u << 4,
	ASSAY_OBJECT_sensitiveDataOrigin = 1u << 5,
	ASSAY_OBJECT_userWithAuth = 1u << 6,
	ASSAY_OBJECT_adminWithPolicy = 1u << 7,
	ASSAY_OBJECT_firmwareLimited = 1u << 8,
	ASSAY_OBJECT_svnLimited = 1u << 9,
	ASSAY_OBJECT_noDA = 1u << 10,
	ASSAY_OBJECT_encryptedDuplication = 1u << 11,
	ASSAY_OBJECT_restricted = 1u << 16,
	ASSAY_OBJECT_decrypt = 1u << 17,
	ASSAY_OBJECT_sign = 1u << 18,
	ASSAY_OBJECT_x509sign = 1u << 19,
	/* what an attestation key must have */
	ASSAY_OBJECT_ATTESTATION = ASSAY_OBJECT_fixedTPM | ASSAY_OBJECT_fixedParent |
				   ASSAY_OBJECT_sensitiveDataOrigin | ASSAY_OBJECT_restricted |
				   ASSAY_OBJECT_sign,
	/* and must not: a restricted key either signs or decrypts, one that is
	 * fixed cannot be duplicated, and one that signs certificates is none */
	ASSAY_OBJECT_NOT_ATTESTATION = ASSAY_OBJECT_decrypt |
				       ASSAY_OBJECT_encryptedDuplication |
				       ASSAY_OBJECT_x509sign,
};

/* TPMT_PUBLIC of an RSA or ECC key. */
struct assay_public {
	struct assay_slice tpmt; /* the TPMT_PUBLIC without TPM2B size: what the Name covers */
	bool sized;              /* it came as TPM2B_PUBLIC */
	uint16_t type;           /* 0x0001 RSA, 0x0023 ECC */
	uint16_t nameAlg;
	uint32_t objectAttributes;
	struct assay_slice authPolicy;
	uint16_t symmetric, scheme, schemeHash; /* TPM_ALG_NULL 0x0010 when none */
	uint16_t keyBits;                       /* RSA */
	uint32_t exponent;                      /* RSA; 0 in the structure is 65537 here */
	uint16_t curveID;                       /* ECC */
	struct assay_slice unique_n, unique_x, unique_y;
	uint16_t symmetricBits, symmetricMode; /* of a cipher; 0 when symmetric is NULL */
};

/* TPM2B_PUBLIC or TPMT_PUBLIC; which one follows from the first two bytes and
 * the length, which cannot be both. */
ASSAY_API ASSAY_MUST_USE bool assay_public_read(struct assay_slice in, struct assay_public *out,
						struct assay_err *err);

/* Name = nameAlg || H_nameAlg(TPMT_PUBLIC), Part 1, 16. out: 2 + 64 bytes.
 * Returns its length, 0 when nameAlg cannot be computed. */
ASSAY_API size_t assay_public_name(struct assay_crypto *crypto, const struct assay_public *pub,
				   uint8_t *out);

/* TPM_RH of the hierarchies (Part 2, 7.4). */
enum {
	ASSAY_RH_OWNER = 0x40000001,
	ASSAY_RH_NULL = 0x40000007,
	ASSAY_RH_ENDORSEMENT = 0x4000000b,
	ASSAY_RH_PLATFORM = 0x4000000c,
};

/* Qualified Name of a primary key of the hierarchy: what a quote's
 * qualifiedSigner is when such a key signed. Length as above. */
ASSAY_API size_t assay_public_qualified_name(struct assay_crypto *crypto,
					     const struct assay_public *pub, uint32_t hierarchy,
					     uint8_t *out);
/* The same for a key under a parent, whose Qualified Name is given. */
ASSAY_API size_t assay_public_qualified_name_under(struct assay_crypto *crypto,
						   const struct assay_public *pub,
						   struct assay_slice parent, uint8_t *out);

/* The bytes of the file that matter to no quote when the policy asks for
 * ASSAY_OBJECT_ATTESTATION and refuses ASSAY_OBJECT_NOT_ATTESTATION: nameAlg and
 * authPolicy (they make the Name alone) and the attributes that say how the key may
 * be used. Whoever compares Names binds them. Writes at most max ranges in
 * order, returns how many there are (at most 3). */
ASSAY_API size_t assay_public_unbound(const struct assay_public *pub, struct assay_range *out,
				      size_t max);

/* NULL when the numbers are refused (weak, not on the curve, other type). */
ASSAY_API struct assay_key *assay_public_key(struct assay_crypto *crypto,
					     const struct assay_public *pub);

/* Cryptography alone: sig over q->message with key; the signature's algorithm
 * must suit the key's type, and where pub is given (not NULL) its type, scheme
 * and scheme hash too. That pub's numbers are the key's, that the hash is good
 * enough, and that q->pcrDigest has the size of sig->hash's digest is for whoever holds both to
 * check (the last follows from comparing it with assay_quote_composite()). */
ASSAY_API ASSAY_MUST_USE bool assay_quote_verify(struct assay_crypto *crypto,
						 struct assay_key *key,
						 const struct assay_public *pub,
						 const struct assay_quote *q,
						 const struct assay_signature *sig);

/* The digest over the selected PCRs in selection order, hashed with the
 * signature's hash (Part 3, TPM2_Quote). banks: as replayed, in any order. False when a
 * bank with a PCR selected is not among them. */
ASSAY_API ASSAY_MUST_USE bool assay_quote_composite(struct assay_crypto *crypto,
						    const struct assay_pcr_selection *sel,
						    const struct assay_bank *const *banks,
						    size_t nbanks, uint16_t hash,
						    struct assay_digest *out);

#endif
