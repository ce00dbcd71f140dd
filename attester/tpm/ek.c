/* SPDX-License-Identifier: Apache-2.0
 * Which key is the endorsement key: TCG EK Credential Profile 2.5, annex B (templates)
 * and 2.2.1.4 (NV indices). */
#include "attester/tpm/tpm.h"
#include "platform/file.h"

#include <assay/endorsement.h>
#include <string.h>
#include <tss2/tss2_mu.h>

/* Where makers and tools put it, and the range of the endorsement hierarchy's keys. */
#define EK_PERSISTENT 0x81010001u
#define EK_PERSISTENT_FIRST 0x81010000u
#define EK_PERSISTENT_LAST 0x8101ffffu

/* PolicySecret(TPM_RH_ENDORSEMENT), and PolicyOR of it with PolicyAuthorizeNV. */
static const TPM2B_DIGEST policy_a_sha256 = {
	.size = 32,
	.buffer = { 0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
		    0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
		    0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa },
};
static const TPM2B_DIGEST policy_b_sha256 = {
	.size = 32,
	.buffer = { 0xca, 0x3d, 0x0a, 0x99, 0xa2, 0xb9, 0x39, 0x06, 0xf7, 0xa3, 0x34,
		    0x24, 0x14, 0xef, 0xcf, 0xb3, 0xa3, 0x85, 0xd4, 0x4c, 0xd1, 0xfd,
		    0x45, 0x90, 0x89, 0xd1, 0x9b, 0x50, 0x71, 0xc0, 0xb7, 0xa0 },
};
static const TPM2B_DIGEST policy_b_sha384 = {
	.size = 48,
	.buffer = { 0xb2, 0x6e, 0x7d, 0x28, 0xd1, 0x1a, 0x50, 0xbc, 0x53, 0xd8, 0x82, 0xbc,
		    0xf5, 0xfd, 0x3a, 0x1a, 0x07, 0x41, 0x48, 0xbb, 0x35, 0xd3, 0xb4, 0xe4,
		    0xcb, 0x1c, 0x0a, 0xd9, 0xbd, 0xe4, 0x19, 0xca, 0xcb, 0x47, 0xba, 0x09,
		    0x69, 0x96, 0x46, 0x15, 0x0f, 0x9f, 0xc0, 0x00, 0xf3, 0xf8, 0x0e, 0x12 },
};

struct ek_template {
	TPM2_HANDLE cert, nonce, template; /* NV indices; nonce 0: none in the high range */
	TPMI_ALG_PUBLIC type;
	TPMI_ALG_HASH nameAlg;
	const TPM2B_DIGEST *policy;
	UINT16 aes;
	UINT16 size; /* bits of the RSA key, or the curve */
	bool low;    /* L: by the hierarchy's policy alone, with a padded unique */
};

static const struct ek_template templates[] = {
	/* L-1, L-2 */
	{ 0x01c00002, 0x01c00003, 0x01c00004, TPM2_ALG_RSA, TPM2_ALG_SHA256, &policy_a_sha256,
	  128, 2048, true },
	{ 0x01c0000a, 0x01c0000b, 0x01c0000c, TPM2_ALG_ECC, TPM2_ALG_SHA256, &policy_a_sha256,
	  128, TPM2_ECC_NIST_P256, true },
	/* H-1, H-2, H-3, H-6 */
	{ 0x01c00012, 0, 0x01c00013, TPM2_ALG_RSA, TPM2_ALG_SHA256, &policy_b_sha256, 128, 2048,
	  false },
	{ 0x01c00014, 0, 0x01c00015, TPM2_ALG_ECC, TPM2_ALG_SHA256, &policy_b_sha256, 128,
	  TPM2_ECC_NIST_P256, false },
	{ 0x01c00016, 0, 0x01c00017, TPM2_ALG_ECC, TPM2_ALG_SHA384, &policy_b_sha384, 256,
	  TPM2_ECC_NIST_P384, false },
	{ 0x01c0001c, 0, 0x01c0001d, TPM2_ALG_RSA, TPM2_ALG_SHA384, &policy_b_sha384, 256, 3072,
	  false },
};

static void fill_template(const struct ek_template *t, TPMT_PUBLIC *out)
{
	const TPMT_SYM_DEF_OBJECT aes = { .algorithm = TPM2_ALG_AES,
					  .keyBits.aes = t->aes,
					  .mode.aes = TPM2_ALG_CFB };

	*out = (TPMT_PUBLIC){
		.type = t->type,
		.nameAlg = t->nameAlg,
		.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
				    TPMA_OBJECT_SENSITIVEDATAORIGIN |
				    TPMA_OBJECT_ADMINWITHPOLICY | TPMA_OBJECT_RESTRICTED |
				    TPMA_OBJECT_DECRYPT |
				    (t->low ? 0 : TPMA_OBJECT_USERWITHAUTH),
		.authPolicy = *t->policy,
	};
	if (t->type == TPM2_ALG_RSA) {
		out->parameters.rsaDetail = (TPMS_RSA_PARMS){ .symmetric = aes,
							      .scheme.scheme = TPM2_ALG_NULL,
							      .keyBits = t->size };
		out->unique.rsa.size = t->low ? t->size / 8 : 0;
	} else {
		out->parameters.eccDetail = (TPMS_ECC_PARMS){ .symmetric = aes,
							      .scheme.scheme = TPM2_ALG_NULL,
							      .curveID = t->size,
							      .kdf.scheme = TPM2_ALG_NULL };
		out->unique.ecc.x.size = out->unique.ecc.y.size = t->low ? 32 : 0;
	}
}

/* The profile's template, or the maker's own in NV; with the maker's nonce, which stands at the
 * front of unique, where there is one. */
static bool read_template(struct attester_tpm *tpm, const struct ek_template *t,
			  TPMT_PUBLIC *out, struct platform_message *why)
{
	uint8_t buffer[ATTESTER_NV_MAX];
	size_t n = 0, at = 0;

	fill_template(t, out);
	if (!attester_nv_read(tpm, t->template, buffer, sizeof buffer, &n, why))
		return false;
	if (n > 0 &&
	    !attester_tpm_good(Tss2_MU_TPMT_PUBLIC_Unmarshal(buffer, n, &at, out),
			       "cannot read the EK template that the TPM's maker left", why))
		return false;
	if (t->nonce && !attester_nv_read(tpm, t->nonce, buffer, sizeof buffer, &n, why))
		return false;
	if (!t->nonce || n == 0)
		return true;
	bool rsa = t->type == TPM2_ALG_RSA;
	size_t room = rsa ? sizeof out->unique.rsa.buffer : sizeof out->unique.ecc.x.buffer;
	if (n > room)
		return attester_tpm_good(TSS2_ESYS_RC_BAD_SIZE,
					 "the EK nonce that the TPM's maker left", why);
	memcpy(rsa ? out->unique.rsa.buffer : out->unique.ecc.x.buffer, buffer, n);
	return true;
}

static bool make(struct attester_tpm *tpm, const struct ek_template *t,
		 struct attester_key *out, struct platform_message *why)
{
	const TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	const TPML_PCR_SELECTION creation_pcrs = { 0 };
	const TPM2B_DATA outside = { 0 };
	TPM2B_PUBLIC template = { 0 }, *public = NULL;
	ESYS_TR handle = ESYS_TR_NONE;
	TSS2_RC rc;

	if (!read_template(tpm, t, &template.publicArea, why))
		return false;
	ATTESTER_TPM_CALL(rc,
			  Esys_CreatePrimary(tpm->esys, ESYS_TR_RH_ENDORSEMENT,
					     ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
					     &sensitive, &template, &outside, &creation_pcrs,
					     &handle, &public, NULL, NULL, NULL));
	if (!attester_tpm_good(rc, "cannot make the endorsement key", why))
		return false;
	*out = (struct attester_key){ .handle = handle, .transient = true, .public = *public };
	Esys_Free(public);
	return true;
}

static bool is_endorsement_key(const TPMT_PUBLIC *public)
{
	return (public->objectAttributes & ASSAY_OBJECT_ENDORSEMENT) ==
		       ASSAY_OBJECT_ENDORSEMENT &&
	       !(public->objectAttributes & ASSAY_OBJECT_NOT_ENDORSEMENT);
}

static bool holds(struct assay_slice in, const uint8_t *p, size_t n)
{
	for (; n > 0 && *p == 0; n--) /* a certificate may write a number shorter */
		p++;
	return n > 0 && memmem(in.p, in.n, p, n) != NULL;
}

static bool suits(struct assay_slice cert, const TPMT_PUBLIC *public)
{
	if (public->type == TPM2_ALG_RSA)
		return holds(cert, public->unique.rsa.buffer, public->unique.rsa.size);
	return holds(cert, public->unique.ecc.x.buffer, public->unique.ecc.x.size) &&
	       holds(cert, public->unique.ecc.y.buffer, public->unique.ecc.y.size);
}

/* The persistent EK at handle; false when there is none that suits, which is no failure. */
static bool take(struct attester_tpm *tpm, TPM2_HANDLE handle, struct assay_slice cert,
		 struct attester_key *out)
{
	struct attester_key key = { .handle = ESYS_TR_NONE };
	TPM2B_PUBLIC *public = NULL;
	TSS2_RC rc;

	ATTESTER_TPM_CALL(rc, Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE,
						    ESYS_TR_NONE, ESYS_TR_NONE, &key.handle));
	if (rc != TSS2_RC_SUCCESS)
		return false;
	ATTESTER_TPM_CALL(rc, Esys_ReadPublic(tpm->esys, key.handle, ESYS_TR_NONE, ESYS_TR_NONE,
					      ESYS_TR_NONE, &public, NULL, NULL));
	bool good = rc == TSS2_RC_SUCCESS;
	if (good) {
		key.public = *public;
		Esys_Free(public);
		good = is_endorsement_key(&key.public.publicArea) &&
		       (cert.n == 0 || suits(cert, &key.public.publicArea));
	}
	if (!good)
		attester_key_close(tpm, &key);
	else
		*out = key;
	return good;
}

static bool find(struct attester_tpm *tpm, struct assay_slice cert, struct attester_key *out)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;
	bool found = false;
	TSS2_RC rc;

	if (cert.n == 0)
		return take(tpm, EK_PERSISTENT, cert, out);
	ATTESTER_TPM_CALL(rc, Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
						 ESYS_TR_NONE, TPM2_CAP_HANDLES,
						 EK_PERSISTENT_FIRST, TPM2_MAX_CAP_HANDLES,
						 &more, &data));
	if (rc != TSS2_RC_SUCCESS)
		return false;
	for (size_t i = 0; i < data->data.handles.count && !found; i++)
		if (data->data.handles.handle[i] <= EK_PERSISTENT_LAST)
			found = take(tpm, data->data.handles.handle[i], cert, out);
	Esys_Free(data);
	return found;
}

static bool open_key(struct attester_tpm *tpm, struct assay_slice cert, TPM2_HANDLE index,
		     struct attester_key *out, struct platform_message *why)
{
	const struct ek_template *t = templates; /* L-1 when there is no certificate */

	if (find(tpm, cert, out))
		return true;
	for (size_t i = 0; i < sizeof templates / sizeof *templates; i++)
		if (cert.n > 0 && templates[i].cert == index)
			t = &templates[i];
	if (!make(tpm, t, out, why))
		return false;
	if (cert.n == 0 || suits(cert, &out->public.publicArea))
		return true;
	attester_key_close(tpm, out);
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot find the key of the EK certificate at 0x%08x",
			      index);
	platform_message_why(why, "it is neither persistent nor what the template makes");
	platform_message_hint(why, "make it persistent at 0x81010001");
	return false;
}

bool attester_ek_open(struct attester_tpm *tpm, struct attester_ek *out,
		      struct platform_message *why)
{
	struct attester_ek ek = { .key.handle = ESYS_TR_NONE };
	TPM2_HANDLE index = 0;

	if (!attester_ek_cert(tpm, &ek.cert, &index, why))
		return false;
	if (!open_key(tpm, ek.cert, index, &ek.key, why)) {
		platform_file_drop(&ek.cert);
		return false;
	}
	*out = ek;
	return true;
}

void attester_ek_close(struct attester_tpm *tpm, struct attester_ek *ek)
{
	attester_key_close(tpm, &ek->key);
	platform_file_drop(&ek->cert);
}
