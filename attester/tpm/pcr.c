/* SPDX-License-Identifier: Apache-2.0
 * The TPM's registers: which there are, reading, printing, extending. */
#include "attester/tpm/tpm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool attester_pcr_banks(struct attester_tpm *tpm, TPML_PCR_SELECTION *out,
			struct platform_message *why)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;
	TSS2_RC rc;

	ATTESTER_TPM_CALL(rc,
			  Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
					     ESYS_TR_NONE, TPM2_CAP_PCRS, 0, 1, &more, &data));
	if (!attester_tpm_good(rc, "cannot ask the TPM for its PCR banks", why))
		return false;

	TPML_PCR_SELECTION active = { 0 };
	const TPML_PCR_SELECTION *all = &data->data.assignedPCR;
	for (size_t i = 0; i < all->count && i < TPM2_NUM_PCR_BANKS; i++) {
		const TPMS_PCR_SELECTION *bank = &all->pcrSelections[i];
		bool allocated = false;
		for (size_t k = 0; k < bank->sizeofSelect && k < TPM2_PCR_SELECT_MAX; k++)
			allocated |= bank->pcrSelect[k] != 0;
		if (allocated)
			active.pcrSelections[active.count++] = *bank;
	}
	Esys_Free(data);
	*out = active;
	return true;
}

/* Takes one answer of TPM2_PCR_Read in: at most eight values, in the order of
 * the selection that came with them. Returns how many PCRs were new. */
static size_t take_values(struct attester_pcr_bank *bank, const TPML_PCR_SELECTION *got,
			  const TPML_DIGEST *values)
{
	size_t taken = 0;
	const TPMS_PCR_SELECTION *sel = &got->pcrSelections[0];

	if (got->count != 1 || sel->hash != bank->alg)
		return 0;
	for (uint32_t pcr = 0; pcr < ASSAY_PCRS && pcr / 8 < sel->sizeofSelect; pcr++) {
		if (!(sel->pcrSelect[pcr / 8] >> pcr % 8 & 1))
			continue;
		if (taken >= values->count || values->digests[taken].size != bank->size)
			return taken;
		memcpy(bank->value[pcr], values->digests[taken].buffer, bank->size);
		bank->known |= 1u << pcr;
		taken++;
	}
	return taken;
}

static bool read_bank(struct attester_tpm *tpm, const TPMS_PCR_SELECTION *sel,
		      struct attester_pcr_bank *bank, uint32_t *counter,
		      struct platform_message *why)
{
	TPML_PCR_SELECTION want = { .count = 1, .pcrSelections = { *sel } };

	for (;;) {
		TPML_PCR_SELECTION *got = NULL;
		TPML_DIGEST *values = NULL;
		bool left = false;
		TSS2_RC rc;

		for (uint32_t pcr = 0; pcr < 8 * TPM2_PCR_SELECT_MAX; pcr++)
			if (pcr >= ASSAY_PCRS || bank->known >> pcr & 1)
				want.pcrSelections[0].pcrSelect[pcr / 8] &=
					(BYTE) ~(1u << pcr % 8);
		for (size_t k = 0; k < TPM2_PCR_SELECT_MAX; k++)
			left |= want.pcrSelections[0].pcrSelect[k] != 0;
		if (!left)
			return true;
		ATTESTER_TPM_CALL(rc,
				  Esys_PCR_Read(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
						ESYS_TR_NONE, &want, counter, &got, &values));
		if (!attester_tpm_good(rc, "cannot read the TPM's PCRs", why))
			return false;
		size_t taken = take_values(bank, got, values);
		Esys_Free(got);
		Esys_Free(values);
		if (taken == 0)
			return true; /* the TPM has no more of this bank */
	}
}

bool attester_pcrs_read(struct attester_tpm *tpm, struct attester_pcrs *out,
			struct platform_message *why)
{
	TPML_PCR_SELECTION active;

	if (!attester_pcr_banks(tpm, &active, why))
		return false;
	*out = (struct attester_pcrs){ 0 };
	for (size_t i = 0; i < active.count; i++) {
		struct attester_pcr_bank *bank = &out->bank[out->nbanks];
		uint16_t alg = active.pcrSelections[i].hash;

		bank->alg = alg;
		bank->size = (uint16_t)assay_alg_size(alg);
		if (bank->size == 0)
			continue; /* a bank that assay cannot name cannot be quoted through it
				     either */
		if (!read_bank(tpm, &active.pcrSelections[i], bank, &out->counter, why))
			return false;
		out->nbanks++;
	}
	return true;
}

/* The counter alone does not tell: extending PCR 16, 21-23 does not move it on
 * PC platforms. */
bool attester_pcrs_equal(const struct attester_pcrs *a, const struct attester_pcrs *b)
{
	if (a->counter != b->counter || a->nbanks != b->nbanks)
		return false;
	for (size_t i = 0; i < a->nbanks; i++)
		if (memcmp(&a->bank[i], &b->bank[i], sizeof a->bank[i]) != 0)
			return false;
	return true;
}

bool attester_pcrs_write(const struct attester_pcrs *pcrs, struct assay_slice *out)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		return false;
	for (size_t i = 0; i < pcrs->nbanks; i++) {
		const struct attester_pcr_bank *bank = &pcrs->bank[i];
		fprintf(f, "  %s:\n", assay_alg_name(bank->alg));
		for (unsigned pcr = 0; pcr < ASSAY_PCRS; pcr++) {
			if (!(bank->known >> pcr & 1))
				continue;
			fprintf(f, "    %-2u: 0x", pcr);
			for (size_t k = 0; k < bank->size; k++)
				fprintf(f, "%02X", bank->value[pcr][k]);
			fputc('\n', f);
		}
	}
	bool good = !ferror(f);
	if (fclose(f) != 0 || !good) {
		free(text);
		return false;
	}
	*out = (struct assay_slice){ (uint8_t *)text, n };
	return true;
}

bool attester_pcr_extend(struct attester_tpm *tpm, uint32_t pcr,
			 const TPML_DIGEST_VALUES *digests, struct platform_message *why)
{
	char what[64];
	TSS2_RC rc;

	snprintf(what, sizeof what, "cannot extend PCR %u", pcr);
	ATTESTER_TPM_CALL(rc, Esys_PCR_Extend(tpm->esys, ESYS_TR_PCR0 + pcr, ESYS_TR_PASSWORD,
					      ESYS_TR_NONE, ESYS_TR_NONE, digests));
	return attester_tpm_good(rc, what, why);
}
