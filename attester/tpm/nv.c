/* SPDX-License-Identifier: Apache-2.0
 * NV memory, and the EK certificate in it (TCG EK Credential Profile 2.5, 2.2.1.4). */
#include "attester/tpm/tpm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NV_CHUNK = 512 }; /* every TPM reads so much at a time */

/* RSA-2048, P-256, and the high range: RSA-2048, P-256, P-384, RSA-3072. */
static const TPM2_HANDLE indices[] = { 0x01c00002, 0x01c0000a, 0x01c00012,
				       0x01c00014, 0x01c00016, 0x01c0001c };

static bool nv_exists(struct attester_tpm *tpm, TPM2_HANDLE index, bool *exists,
		      struct platform_message *why)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;
	TSS2_RC rc;

	ATTESTER_TPM_CALL(rc, Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
						 ESYS_TR_NONE, TPM2_CAP_HANDLES, index, 1,
						 &more, &data));
	if (!attester_tpm_good(rc, "cannot ask the TPM for its NV indices", why))
		return false;
	/* the answer is the first index at or after the one asked for */
	*exists = data->data.handles.count > 0 && data->data.handles.handle[0] == index;
	Esys_Free(data);
	return true;
}

static TSS2_RC nv_read(struct attester_tpm *tpm, ESYS_TR nv, size_t cap, uint8_t *out,
		       size_t *n)
{
	TPM2B_NV_PUBLIC *public = NULL;
	size_t at = 0;
	TSS2_RC rc;

	ATTESTER_TPM_CALL(rc, Esys_NV_ReadPublic(tpm->esys, nv, ESYS_TR_NONE, ESYS_TR_NONE,
						 ESYS_TR_NONE, &public, NULL));
	if (rc != TSS2_RC_SUCCESS)
		return rc;
	size_t size = public->nvPublic.dataSize;
	bool own = public->nvPublic.attributes & TPMA_NV_AUTHREAD;
	Esys_Free(public);
	if (size > cap)
		return TSS2_ESYS_RC_BAD_SIZE;

	while (at < size) {
		TPM2B_MAX_NV_BUFFER *part = NULL;
		size_t want = size - at < NV_CHUNK ? size - at : NV_CHUNK;

		ATTESTER_TPM_CALL(rc, Esys_NV_Read(tpm->esys, own ? nv : ESYS_TR_RH_OWNER, nv,
						   ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
						   (UINT16)want, (UINT16)at, &part));
		if (rc != TSS2_RC_SUCCESS)
			return rc;
		bool whole = part->size == want;
		memcpy(out + at, part->buffer, whole ? want : 0);
		Esys_Free(part);
		if (!whole)
			return TSS2_ESYS_RC_MALFORMED_RESPONSE;
		at += want;
	}
	*n = at;
	return TSS2_RC_SUCCESS;
}

bool attester_nv_read(struct attester_tpm *tpm, TPM2_HANDLE index, uint8_t *out, size_t cap,
		      size_t *n, struct platform_message *why)
{
	ESYS_TR nv = ESYS_TR_NONE;
	bool exists = false;
	char what[64];
	TSS2_RC rc;

	*n = 0;
	if (!nv_exists(tpm, index, &exists, why))
		return false;
	if (!exists)
		return true;
	ATTESTER_TPM_CALL(rc, Esys_TR_FromTPMPublic(tpm->esys, index, ESYS_TR_NONE,
						    ESYS_TR_NONE, ESYS_TR_NONE, &nv));
	if (rc == TSS2_RC_SUCCESS) {
		rc = nv_read(tpm, nv, cap, out, n);
		(void)Esys_TR_Close(tpm->esys, &nv);
	}
	snprintf(what, sizeof what, "cannot read the TPM's NV index 0x%08x", index);
	return attester_tpm_good(rc, what, why);
}

/* The DER certificate alone: some makers put TPM 1.2's 7-byte header before it
 * (TCG_PCCLIENT_STORED_CERT), many pad the index behind it. Empty when what lies there is no
 * DER sequence with a two-byte length. */
static struct assay_slice der_alone(const uint8_t *p, size_t n)
{
	if (n > 7 && p[0] == 0x10 && p[1] == 0x01 && p[5] == 0x10 && p[6] == 0x02) {
		p += 7;
		n -= 7;
	}
	if (n < 4 || p[0] != 0x30 || p[1] != 0x82)
		return (struct assay_slice){ 0 };
	size_t whole = 4 + ((size_t)p[2] << 8 | p[3]);
	return whole <= n ? (struct assay_slice){ p, whole } : (struct assay_slice){ 0 };
}

bool attester_ek_cert(struct attester_tpm *tpm, struct assay_slice *out, TPM2_HANDLE *index,
		      struct platform_message *why)
{
	uint8_t buffer[ATTESTER_NV_MAX];

	*out = (struct assay_slice){ 0 };
	for (size_t i = 0; i < sizeof indices / sizeof *indices && out->n == 0; i++) {
		size_t n = 0;
		if (!attester_nv_read(tpm, indices[i], buffer, sizeof buffer, &n, why))
			return false;
		struct assay_slice der = der_alone(buffer, n);
		uint8_t *copy = der.n > 0 ? malloc(der.n) : NULL;
		if (!copy)
			continue;
		memcpy(copy, der.p, der.n);
		*out = (struct assay_slice){ copy, der.n };
		*index = indices[i];
	}
	return true;
}
