/* SPDX-License-Identifier: Apache-2.0
 * Attestation keys and what they sign. */
#include "attester/tpm/tpm.h"

#include <assay/evidence/tpm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_mu.h>

/* Changing a byte of these templates changes the key of every node: enrolments
 * would be lost. */
static const TPMT_PUBLIC ecc_template = {
	.type = TPM2_ALG_ECC,
	.nameAlg = TPM2_ALG_SHA256,
	.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
			    TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
			    TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT,
	.parameters.eccDetail = {
		.symmetric.algorithm = TPM2_ALG_NULL,
		.scheme = { .scheme = TPM2_ALG_ECDSA,
			    .details.ecdsa.hashAlg = TPM2_ALG_SHA256 },
		.curveID = TPM2_ECC_NIST_P256,
		.kdf.scheme = TPM2_ALG_NULL,
	},
};

static const TPMT_PUBLIC rsa_template = {
	.type = TPM2_ALG_RSA,
	.nameAlg = TPM2_ALG_SHA256,
	.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
			    TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
			    TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT,
	.parameters.rsaDetail = {
		.symmetric.algorithm = TPM2_ALG_NULL,
		.scheme = { .scheme = TPM2_ALG_RSASSA,
			    .details.rsassa.hashAlg = TPM2_ALG_SHA256 },
		.keyBits = 2048,
	},
};

bool attester_key_primary(struct attester_tpm *tpm, enum attester_key_type type,
			  struct attester_key *out, struct platform_message *why)
{
	const TPM2B_PUBLIC template = {
		.publicArea = type == ATTESTER_KEY_RSA ? rsa_template : ecc_template,
	};
	const TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	const TPM2B_DATA outside = { 0 };
	const TPML_PCR_SELECTION creation_pcrs = { 0 };
	TPM2B_PUBLIC *public = NULL;
	ESYS_TR handle = ESYS_TR_NONE;
	TSS2_RC rc;

	ATTESTER_TPM_CALL(rc,
			  Esys_CreatePrimary(tpm->esys, ESYS_TR_RH_ENDORSEMENT,
					     ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
					     &sensitive, &template, &outside, &creation_pcrs,
					     &handle, &public, NULL, NULL, NULL));
	if (!attester_tpm_good(rc, "cannot make the attestation key", why))
		return false;
	*out = (struct attester_key){ .handle = handle, .transient = true, .public = *public };
	Esys_Free(public);
	return true;
}

/* Restricted and born in this TPM: otherwise it could sign a quote that no TPM made. */
static bool is_attestation_key(const TPMT_PUBLIC *public)
{
	return (public->objectAttributes & ASSAY_OBJECT_ATTESTATION) ==
		       ASSAY_OBJECT_ATTESTATION &&
	       !(public->objectAttributes & ASSAY_OBJECT_NOT_ATTESTATION);
}

bool attester_key_persistent(struct attester_tpm *tpm, TPM2_HANDLE handle,
			     struct attester_key *out, struct platform_message *why)
{
	struct attester_key key = { .handle = ESYS_TR_NONE };
	TPM2B_PUBLIC *public = NULL;
	char what[64];
	TSS2_RC rc;

	snprintf(what, sizeof what, "cannot use the key 0x%08x", handle);
	ATTESTER_TPM_CALL(rc, Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE,
						    ESYS_TR_NONE, ESYS_TR_NONE, &key.handle));
	if (!attester_tpm_good(rc, what, why)) {
		platform_message_hint(why,
				      "`tpm2_getcap handles-persistent` lists what there is");
		return false;
	}
	ATTESTER_TPM_CALL(rc, Esys_ReadPublic(tpm->esys, key.handle, ESYS_TR_NONE, ESYS_TR_NONE,
					      ESYS_TR_NONE, &public, NULL, NULL));
	bool good = attester_tpm_good(rc, what, why);
	if (good) {
		key.public = *public;
		Esys_Free(public);
		good = is_attestation_key(&key.public.publicArea);
		if (!good) {
			*why = (struct platform_message){ 0 };
			platform_message_what(why, "%s", what);
			platform_message_why(why,
					     "it is not an attestation key (restricted, sign, "
					     "fixedTPM, fixedParent, sensitiveDataOrigin)");
			platform_message_hint(why,
					      "tpm2_createak makes one; without --ak assay "
					      "uses its own");
		}
	}
	if (!good) {
		attester_key_close(tpm, &key);
		return false;
	}
	*out = key;
	return true;
}

void attester_key_close(struct attester_tpm *tpm, struct attester_key *key)
{
	TSS2_RC rc = TSS2_RC_SUCCESS;

	if (key->handle == ESYS_TR_NONE)
		return;
	if (key->transient)
		ATTESTER_TPM_CALL(rc, Esys_FlushContext(tpm->esys, key->handle));
	else
		rc = Esys_TR_Close(tpm->esys, &key->handle);
	(void)rc; /* nothing can be done about it, and the result is already there */
	key->handle = ESYS_TR_NONE;
}

static bool copy_out(const uint8_t *p, size_t n, struct assay_slice *out)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		return false;
	memcpy(copy, p, n);
	out->p = copy;
	out->n = n;
	return true;
}

bool attester_key_write(const struct attester_key *key, struct assay_slice *out)
{
	uint8_t buffer[sizeof key->public + 64];
	size_t n = 0;

	return Tss2_MU_TPM2B_PUBLIC_Marshal(&key->public, buffer, sizeof buffer, &n) ==
		       TSS2_RC_SUCCESS &&
	       copy_out(buffer, n, out);
}

static bool write_quote(const TPM2B_ATTEST *quoted, const TPMT_SIGNATURE *signature,
			struct assay_slice *msg, struct assay_slice *sig)
{
	uint8_t buffer[sizeof *signature + 64];
	size_t n = 0;

	if (Tss2_MU_TPMT_SIGNATURE_Marshal(signature, buffer, sizeof buffer, &n) !=
	    TSS2_RC_SUCCESS)
		return false;
	if (!copy_out(quoted->attestationData, quoted->size, msg))
		return false;
	if (copy_out(buffer, n, sig))
		return true;
	free((void *)(uintptr_t)msg->p);
	*msg = (struct assay_slice){ 0 };
	return false;
}

bool attester_tpm_quote(struct attester_tpm *tpm, const struct attester_key *key,
			struct assay_slice nonce, const TPML_PCR_SELECTION *pcrs,
			struct assay_slice *msg, struct assay_slice *sig,
			struct platform_message *why)
{
	const TPMT_SIG_SCHEME by_key = { .scheme = TPM2_ALG_NULL };
	TPM2B_DATA qualifying = { .size = (UINT16)nonce.n };
	TPMT_SIGNATURE *signature = NULL;
	TPM2B_ATTEST *quoted = NULL;
	TSS2_RC rc = TSS2_ESYS_RC_BAD_SIZE;

	if (nonce.n <= sizeof qualifying.buffer) {
		memcpy(qualifying.buffer, nonce.p, nonce.n);
		ATTESTER_TPM_CALL(rc, Esys_Quote(tpm->esys, key->handle, ESYS_TR_PASSWORD,
						 ESYS_TR_NONE, ESYS_TR_NONE, &qualifying,
						 &by_key, pcrs, &quoted, &signature));
	}
	if (!attester_tpm_good(rc, "the TPM did not quote", why))
		return false;
	bool good = quoted && signature && write_quote(quoted, signature, msg, sig);
	Esys_Free(quoted);
	Esys_Free(signature);
	return good || attester_tpm_good(TSS2_ESYS_RC_MEMORY, "cannot keep the quote", why);
}
