/* SPDX-License-Identifier: Apache-2.0
 * What the TPM has to offer. */
#include "attester/doctor/doctor.h"

#include "platform/file.h"

#include <stdio.h>
#include <string.h>

/* The four characters of a vendor; what does not print becomes '?'. */
static void vendor_text(uint32_t value, char out[5])
{
	for (int i = 0; i < 4; i++) {
		char c = (char)(value >> (24 - 8 * i));
		out[i] = (char)(c >= ' ' && c < 0x7f ? c : c == 0 ? ' ' : '?');
	}
	out[4] = '\0';
}

static bool property(struct attester_tpm *tpm, TPM2_PT which, uint32_t *out)
{
	TPMS_CAPABILITY_DATA *data = NULL;
	TPMI_YES_NO more;
	TSS2_RC rc;

	ATTESTER_TPM_CALL(rc, Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE,
						 ESYS_TR_NONE, TPM2_CAP_TPM_PROPERTIES, which,
						 1, &more, &data));
	if (rc != TSS2_RC_SUCCESS)
		return false;
	bool found = data->data.tpmProperties.count > 0 &&
		     data->data.tpmProperties.tpmProperty[0].property == which;
	if (found)
		*out = data->data.tpmProperties.tpmProperty[0].value;
	Esys_Free(data);
	return found;
}

static void check_reachable(struct attester_tpm *tpm, struct attester_check *check)
{
	uint32_t vendor = 0, firmware = 0;
	char text[5];

	if (!property(tpm, TPM2_PT_MANUFACTURER, &vendor) ||
	    !property(tpm, TPM2_PT_FIRMWARE_VERSION_1, &firmware)) {
		attester_check_no(
			check, "it is no TPM 2.0, or it is in failure mode: power off and on",
			"%s opens, but does not answer", tpm->conf);
		return;
	}
	vendor_text(vendor, text);
	attester_check_yes(check, "%s: %s firmware %u.%u", tpm->conf, text, firmware >> 16,
			   firmware & 0xffff);
}

/* Only /dev/tpm0 is a real TPM without anybody between: there two programs
 * take each other's slots. */
static void check_shared(const struct attester_tpm *tpm, struct attester_check *check)
{
	bool raw = strncmp(tpm->conf, "device:/dev/tpm", 15) == 0 &&
		   strncmp(tpm->conf, "device:/dev/tpmrm", 17) != 0;

	if (raw)
		attester_check_no(
			check,
			"use the kernel's resource manager: --tcti " ATTESTER_TPM_DEFAULT,
			"%s goes past the resource manager", tpm->conf);
	else
		attester_check_yes(check, "%s", tpm->conf);
}

static void check_bank(struct attester_tpm *tpm, struct attester_check *check)
{
	struct platform_message why = { 0 };
	TPML_PCR_SELECTION banks;
	char list[128] = "";
	bool found = false;

	if (!attester_pcr_banks(tpm, &banks, &why)) {
		attester_check_no(check, why.hint, "%s", why.why);
		return;
	}
	for (size_t i = 0; i < banks.count; i++) {
		uint16_t alg = banks.pcrSelections[i].hash;
		const char *name = assay_alg_name(alg);
		size_t n = strlen(list);
		snprintf(list + n, sizeof list - n, "%s%s", n ? " " : "",
			 name ? name : "other");
		found |= alg == ASSAY_SHA256;
	}
	if (found)
		attester_check_yes(check, "active banks: %s", list);
	else
		attester_check_no(check, "tpm2_pcrallocate sha256:all, then reboot",
				  "active banks: %s", list);
}

static void check_key(struct attester_tpm *tpm, struct attester_check *check)
{
	struct platform_message why = { 0 };
	struct attester_key key;

	if (attester_key_primary(tpm, ATTESTER_KEY_ECC, &key, &why)) {
		attester_key_close(tpm, &key);
		attester_check_yes(check, "ECDSA P-256, in the endorsement hierarchy");
	} else {
		attester_check_no(check, why.hint, "%s", why.why);
	}
}

static void check_ek(struct attester_tpm *tpm, struct attester_check *check)
{
	struct platform_message why = { 0 };
	struct assay_slice cert = { 0 };
	TPM2_HANDLE index = 0;

	if (!attester_ek_cert(tpm, &cert, &index, &why))
		attester_check_no(check, why.hint, "%s", why.why);
	else if (cert.n == 0)
		attester_check_no(check,
				  "some makers serve it: tpm2_getekcertificate; else enrol the "
				  "machine by its attestation key (assay collect --ak-out)",
				  "none in the TPM's NV memory");
	else
		attester_check_yes(check, "%zu bytes at NV 0x%08x", cert.n, index);
	platform_file_drop(&cert);
}

void attester_doctor_tpm(const char *conf, struct attester_check checks[ATTESTER_CHECKS_N])
{
	static const enum attester_check_code others[] = {
		ATTESTER_CHECK_RM, ATTESTER_CHECK_BANK, ATTESTER_CHECK_KEY, ATTESTER_CHECK_EK
	};
	struct platform_message why = { 0 };
	struct attester_tpm tpm;

	if (!attester_tpm_open(&tpm, conf, &why)) {
		attester_check_no(&checks[ATTESTER_CHECK_TPM], why.hint, "%s: %s", why.what,
				  why.why);
		for (size_t i = 0; i < sizeof others / sizeof *others; i++)
			attester_check_no(&checks[others[i]], "make the TPM reachable first",
					  "not known without a TPM");
		return;
	}
	check_reachable(&tpm, &checks[ATTESTER_CHECK_TPM]);
	check_shared(&tpm, &checks[ATTESTER_CHECK_RM]);
	check_bank(&tpm, &checks[ATTESTER_CHECK_BANK]);
	check_key(&tpm, &checks[ATTESTER_CHECK_KEY]);
	check_ek(&tpm, &checks[ATTESTER_CHECK_EK]);
	attester_tpm_close(&tpm);
}
