/* SPDX-License-Identifier: Apache-2.0
 *
 * TPMT_PUBLIC, TPM2B_PUBLIC - the public area of an RSA or ECC key.
 * TPM 2.0 Library v1.84, Part 2, TPMT_PUBLIC, TPMS_RSA_PARMS, TPMS_ECC_PARMS.
 *
 *   offset  size  field
 *        0     2  size                  of TPM2B_PUBLIC alone: what follows
 *        0     2  type                  0001 RSA, 0023 ECC
 *        2     2  nameAlg
 *        4     4  objectAttributes      reserved bits are zero
 *        8   2+n  authPolicy            empty, or a digest of nameAlg
 *        .     2  symmetric             0010 NULL, or a cipher, then
 *        .   2+2  keyBits, mode           of the cipher
 *        .     2  scheme                0010 NULL, or a scheme, then
 *        .     2  hashAlg                 where the scheme has one
 *        .     2  count                   of ECDAA
 *   RSA  .     2  keyBits               1024 to 8192, in whole bytes
 *        .     4  exponent              0 means 65537; else odd and above 2
 *        .   2+n  unique                exactly keyBits
 *   ECC  .     2  curveID               0003 P-256, 0004 P-384, 0005 P-521
 *        .     2  kdf                   0010 NULL, or a function, then
 *        .     2  hashAlg                 of the function
 *        .   2+n  unique.x              1 byte to the field's size
 *        .   2+n  unique.y              1 byte to the field's size
 *
 * Sized or not: when the first two bytes are the number of bytes that follow
 * it is a TPM2B_PUBLIC, else, when they are a type of object, a TPMT_PUBLIC,
 * else a TPM2B_PUBLIC of a wrong size. (Both at once would be a TPMT_PUBLIC of
 * 3 bytes, or an ECC one of 37, which has no room for a point.)
 *
 * Stricter: other types and curves are not read (a curve that assay cannot
 * vouch for must stop here and not at a signature), unique has the size that the
 * parameters say, nothing follows. */
#include "core/evidence/tpm/tpm.h"

enum {
	OBJECT_RESERVED = ~(ASSAY_OBJECT_ATTESTATION | ASSAY_OBJECT_stClear |
			    ASSAY_OBJECT_userWithAuth | ASSAY_OBJECT_adminWithPolicy |
			    ASSAY_OBJECT_firmwareLimited | ASSAY_OBJECT_svnLimited |
			    ASSAY_OBJECT_noDA | ASSAY_OBJECT_encryptedDuplication |
			    ASSAY_OBJECT_decrypt | ASSAY_OBJECT_x509sign),
	RSA_BITS_MIN = 1024,
	RSA_BITS_MAX = 8192,
	RSA_EXPONENT = 65537,
};

size_t tpm_curve_size(uint16_t curveID)
{
	switch (curveID) {
	case ASSAY_P256:
		return 32;
	case ASSAY_P384:
		return 48;
	case ASSAY_P521:
		return 66;
	default:
		return 0;
	}
}

static bool object_type(uint16_t type)
{
	return type == TPM_ALG_RSA || type == TPM_ALG_ECC || type == TPM_ALG_KEYEDHASH ||
	       type == TPM_ALG_SYMCIPHER;
}

static void head_read(struct cur *c, struct assay_public *pub)
{
	pub->type = (uint16_t)cur_be(c, 2, "type");
	if (!object_type(pub->type))
		cur_fail(c, ASSAY_F_RANGE, "type");
	if (pub->type != TPM_ALG_RSA && pub->type != TPM_ALG_ECC)
		cur_fail(c, ASSAY_F_UNSUPPORTED, "type");

	pub->nameAlg = tpm_hash(c, "nameAlg");
	pub->objectAttributes = (uint32_t)cur_be(c, 4, "objectAttributes");
	if (pub->objectAttributes & (uint32_t)OBJECT_RESERVED)
		cur_fail(c, ASSAY_F_RANGE, "objectAttributes");

	pub->authPolicy = tpm_2b(c, ASSAY_DIGEST_MAX, "authPolicy");
	if (pub->authPolicy.n != 0 && pub->authPolicy.n != assay_alg_size(pub->nameAlg))
		cur_fail(c, ASSAY_F_RANGE, "authPolicy");
}

/* TPMT_SYM_DEF_OBJECT */
static void symmetric_read(struct cur *c, struct assay_public *pub)
{
	pub->symmetric = (uint16_t)cur_be(c, 2, "symmetric");
	switch (pub->symmetric) {
	case TPM_ALG_NULL:
		return;
	case TPM_ALG_AES:
	case TPM_ALG_TDES:
	case TPM_ALG_SM4:
	case TPM_ALG_CAMELLIA:
		break;
	default:
		cur_fail(c, ASSAY_F_RANGE, "symmetric");
	}

	uint64_t bits = cur_be(c, 2, "symmetric.keyBits");
	if (bits != 128 && bits != 192 && bits != 256)
		cur_fail(c, ASSAY_F_RANGE, "symmetric.keyBits");
	uint64_t mode = cur_be(c, 2, "symmetric.mode");
	if (mode != TPM_ALG_NULL && (mode < TPM_ALG_CTR || mode > TPM_ALG_ECB))
		cur_fail(c, ASSAY_F_RANGE, "symmetric.mode");
	pub->symmetricBits = (uint16_t)bits;
	pub->symmetricMode = (uint16_t)mode;
}

static bool scheme_of_type(uint16_t type, uint16_t scheme)
{
	switch (scheme) {
	case TPM_ALG_NULL:
		return true;
	case ASSAY_RSASSA:
	case ASSAY_RSAPSS:
	case TPM_ALG_RSAES:
	case TPM_ALG_OAEP:
		return type == TPM_ALG_RSA;
	case ASSAY_ECDSA:
	case TPM_ALG_ECDH:
	case TPM_ALG_ECDAA:
	case TPM_ALG_SM2:
	case TPM_ALG_ECSCHNORR:
	case TPM_ALG_ECMQV:
		return type == TPM_ALG_ECC;
	default:
		return false;
	}
}

/* TPMT_RSA_SCHEME, TPMT_ECC_SCHEME */
static void scheme_read(struct cur *c, struct assay_public *pub)
{
	pub->scheme = (uint16_t)cur_be(c, 2, "scheme");
	if (!scheme_of_type(pub->type, pub->scheme))
		cur_fail(c, ASSAY_F_RANGE, "scheme");

	pub->schemeHash = TPM_ALG_NULL;
	if (pub->scheme == TPM_ALG_NULL || pub->scheme == TPM_ALG_RSAES)
		return;
	pub->schemeHash = tpm_hash(c, "scheme.hashAlg");
	if (pub->scheme == TPM_ALG_ECDAA)
		(void)cur_be(c, 2, "scheme.count");
}

static void rsa_read(struct cur *c, struct assay_public *pub)
{
	pub->keyBits = (uint16_t)cur_be(c, 2, "keyBits");
	if (pub->keyBits < RSA_BITS_MIN || pub->keyBits > RSA_BITS_MAX || pub->keyBits % 8 != 0)
		cur_fail(c, ASSAY_F_RANGE, "keyBits");

	pub->exponent = (uint32_t)cur_be(c, 4, "exponent");
	if (pub->exponent == 0)
		pub->exponent = RSA_EXPONENT;
	if (pub->exponent < 3 || pub->exponent % 2 == 0)
		cur_fail(c, ASSAY_F_RANGE, "exponent");

	pub->unique_n = tpm_2b(c, TPM_RSA_MAX, "unique");
	if (pub->unique_n.n != pub->keyBits / 8)
		cur_fail(c, ASSAY_F_CONFLICT, "unique");
}

/* TPMT_KDF_SCHEME */
static void kdf_read(struct cur *c)
{
	switch (cur_be(c, 2, "kdf")) {
	case TPM_ALG_NULL:
		return;
	case TPM_ALG_MGF1:
	case TPM_ALG_KDF1_SP800_56A:
	case TPM_ALG_KDF2:
	case TPM_ALG_KDF1_SP800_108:
		(void)tpm_hash(c, "kdf.hashAlg");
		return;
	default:
		cur_fail(c, ASSAY_F_RANGE, "kdf");
	}
}

static struct assay_slice coordinate_read(struct cur *c, size_t size, const char *field)
{
	struct assay_slice v = tpm_2b(c, size, field);

	if (v.n == 0)
		cur_fail(c, ASSAY_F_RANGE, field);
	return v;
}

static void ecc_read(struct cur *c, struct assay_public *pub)
{
	pub->curveID = (uint16_t)cur_be(c, 2, "curveID");
	size_t size = tpm_curve_size(pub->curveID);

	if (size == 0)
		cur_fail(c, ASSAY_F_UNSUPPORTED, "curveID");
	kdf_read(c);
	pub->unique_x = coordinate_read(c, size, "unique.x");
	pub->unique_y = coordinate_read(c, size, "unique.y");
}

/* The TPMT_PUBLIC in c, which may be sized. */
static struct cur unwrap(struct cur *c, struct assay_public *pub)
{
	struct cur peek = *c;
	struct assay_err unread = { 0 };

	peek.err = &unread;
	uint16_t first = (uint16_t)cur_be(&peek, 2, "size");
	pub->sized = first == cur_left(&peek) || !object_type(first);
	if (!pub->sized)
		return cur_sub(c, cur_left(c), "TPMT_PUBLIC");
	return cur_sub(c, cur_be(c, 2, "size"), "publicArea");
}

bool assay_public_read(struct assay_slice in, struct assay_public *out, struct assay_err *err)
{
	struct cur c = cur_over(in, err);
	struct assay_public pub = { 0 };
	struct cur area = unwrap(&c, &pub);

	pub.tpmt = (struct assay_slice){ area.p, area.n };
	head_read(&area, &pub);
	symmetric_read(&area, &pub);
	scheme_read(&area, &pub);
	if (pub.type == TPM_ALG_RSA)
		rsa_read(&area, &pub);
	else
		ecc_read(&area, &pub);
	if (!cur_done(&area, "TPMT_PUBLIC") || !cur_done(&c, "TPM2B_PUBLIC"))
		return false;
	*out = pub;
	return true;
}
