/* SPDX-License-Identifier: Apache-2.0
 * TPM2_ActivateCredential: what only the TPM of this EK can open, and only for this AK. */
#include "attester/tpm/tpm.h"

#include <string.h>
#include <tss2/tss2_mu.h>

/* What a policy of the L templates asks for: the (empty) password of the endorsement
 * hierarchy. */
static bool open_session(struct attester_tpm *tpm, const TPMT_PUBLIC *ek, ESYS_TR *session,
			 struct platform_message *why)
{
	const TPMT_SYM_DEF none = { .algorithm = TPM2_ALG_NULL };
	TSS2_RC rc;

	*session = ESYS_TR_PASSWORD;
	if (ek->objectAttributes & TPMA_OBJECT_USERWITHAUTH)
		return true;
	ATTESTER_TPM_CALL(rc,
			  Esys_StartAuthSession(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
						ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, NULL,
						TPM2_SE_POLICY, &none, ek->nameAlg, session));
	if (!attester_tpm_good(rc, "cannot start a session with the TPM", why))
		return false;
	ATTESTER_TPM_CALL(rc, Esys_PolicySecret(tpm->esys, ESYS_TR_RH_ENDORSEMENT, *session,
						ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
						NULL, NULL, NULL, 0, NULL, NULL));
	if (attester_tpm_good(rc, "the endorsement hierarchy does not let its key be used",
			      why))
		return true;
	(void)Esys_FlushContext(tpm->esys, *session);
	return false;
}

static bool read_blobs(struct assay_slice blob, struct assay_slice secret, TPM2B_ID_OBJECT *id,
		       TPM2B_ENCRYPTED_SECRET *seed, struct platform_message *why)
{
	size_t id_at = 0, seed_at = 0;
	TSS2_RC rc = Tss2_MU_TPM2B_ID_OBJECT_Unmarshal(blob.p, blob.n, &id_at, id);

	if (rc == TSS2_RC_SUCCESS)
		rc = Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal(secret.p, secret.n, &seed_at,
							      seed);
	if (rc == TSS2_RC_SUCCESS && (id_at != blob.n || seed_at != secret.n))
		rc = TSS2_MU_RC_BAD_SIZE;
	return attester_tpm_good(rc, "the credential has not the form of one", why);
}

bool attester_ek_activate(struct attester_tpm *tpm, const struct attester_ek *ek,
			  const struct attester_key *ak, struct assay_slice blob,
			  struct assay_slice secret, uint8_t *out, size_t *n,
			  struct platform_message *why)
{
	TPM2B_ENCRYPTED_SECRET seed = { 0 };
	TPM2B_ID_OBJECT id = { 0 };
	TPM2B_DIGEST *opened = NULL;
	ESYS_TR session;
	TSS2_RC rc;

	if (!read_blobs(blob, secret, &id, &seed, why) ||
	    !open_session(tpm, &ek->key.public.publicArea, &session, why))
		return false;
	ATTESTER_TPM_CALL(rc, Esys_ActivateCredential(tpm->esys, ak->handle, ek->key.handle,
						      ESYS_TR_PASSWORD, session, ESYS_TR_NONE,
						      &id, &seed, &opened));
	if (session != ESYS_TR_PASSWORD)
		(void)Esys_FlushContext(tpm->esys, session);
	if (!attester_tpm_good(rc, "the TPM does not open the credential", why))
		return false;
	bool fits = opened->size > 0 && opened->size <= ASSAY_DIGEST_MAX;
	if (fits) {
		memcpy(out, opened->buffer, opened->size);
		*n = opened->size;
	}
	Esys_Free(opened);
	return fits || attester_tpm_good(TSS2_ESYS_RC_BAD_SIZE,
					 "the TPM does not open the credential", why);
}
