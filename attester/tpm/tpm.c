/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/tpm/tpm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

/* The code as the TPM gave it: a resource manager in between adds its layer, the
 * kernel's as 11, user space's as 12 for what the TPM said and 11 for its own
 * word in the TPM's terms. */
static TSS2_RC tpm_code(TSS2_RC rc)
{
	switch (rc & TSS2_RC_LAYER_MASK) {
	case TSS2_TPM_RC_LAYER:
	case TSS2_RESMGR_RC_LAYER:
	case TSS2_RESMGR_TPM_RC_LAYER:
		return rc & ~TSS2_RC_LAYER_MASK;
	default:
		return rc;
	}
}

bool attester_tpm_again(TSS2_RC rc, unsigned tries)
{
	TSS2_RC code = tpm_code(rc);

	if (code != TPM2_RC_RETRY && code != TPM2_RC_YIELDED && code != TPM2_RC_TESTING)
		return false;
	if (tries >= 8)
		return false;
	long ms = 15L << tries;
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
	return true;
}

/* For format-one codes the parameter, session or handle number is dropped: they
 * differ by call, what a person does about them does not. */
static const char *hint_for(TSS2_RC rc)
{
	TSS2_RC code = tpm_code(rc);

	if ((rc & TSS2_RC_LAYER_MASK) == TSS2_TCTI_RC_LAYER)
		return "is there a TPM? On bare hardware look for /dev/tpmrm0 and be root or "
		       "in "
		       "group tss; --tcti or TPM2TOOLS_TCTI names another way to it";
	if (code & TPM2_RC_FMT1)
		code &= TPM2_RC_FMT1 | 0x3f;
	switch (code) {
	case TPM2_RC_RETRY:
	case TPM2_RC_YIELDED:
	case TPM2_RC_TESTING:
		return "the TPM is busy with something else; try again later";
	case TPM2_RC_OBJECT_MEMORY:
	case TPM2_RC_SESSION_MEMORY:
	case TPM2_RC_MEMORY:
	case TPM2_RC_OBJECT_HANDLES:
		return "the TPM's slots are full: use a resource manager (device:/dev/tpmrm0) "
		       "or "
		       "flush contexts (tpm2_flushcontext -t)";
	case TPM2_RC_AUTH_FAIL:
	case TPM2_RC_BAD_AUTH:
		return "the hierarchy has a password: make a persistent attestation key once "
		       "and "
		       "name it with --ak";
	case TPM2_RC_HIERARCHY:
		return "this hierarchy is switched off; enable it in the firmware's setup";
	case TPM2_RC_LOCKOUT:
		return "the TPM is locked after wrong passwords; wait, or "
		       "tpm2_dictionarylockout -c";
	case TPM2_RC_INITIALIZE:
		return "the TPM was not started: firmware does it; for swtpm use --flags "
		       "startup-clear";
	case TPM2_RC_FAILURE:
		return "the TPM is in failure mode: power the machine off and on";
	case TPM2_RC_CURVE:
	case TPM2_RC_SCHEME:
	case TPM2_RC_ASYMMETRIC:
		return "the TPM does not know this kind of key; try --key-type rsa";
	case TPM2_RC_SIZE:
		return "the TPM finds a parameter too long; a nonce of 32 bytes suits every "
		       "TPM";
	case TPM2_RC_LOCALITY:
		return "this PCR may not be extended from the operating system";
	default:
		return "";
	}
}

bool attester_tpm_good(TSS2_RC rc, const char *what, struct platform_message *why)
{
	if (rc == TSS2_RC_SUCCESS)
		return true;
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "%s", what);
	platform_message_why(why, "%s (0x%x)", Tss2_RC_Decode(rc), rc);
	platform_message_hint(why, "%s", hint_for(rc));
	return false;
}

bool attester_tpm_open(struct attester_tpm *tpm, const char *conf, struct platform_message *why)
{
	char what[256];

	setenv("TSS2_LOG", "all+none", 0);
	if (!conf)
		conf = getenv("TPM2TOOLS_TCTI");
	if (!conf || !*conf)
		conf = ATTESTER_TPM_DEFAULT;
	*tpm = (struct attester_tpm){ .conf = conf };

	TSS2_RC rc = Tss2_TctiLdr_Initialize(conf, &tpm->tcti);
	if (rc == TSS2_RC_SUCCESS)
		rc = Esys_Initialize(&tpm->esys, tpm->tcti, NULL);
	if (rc == TSS2_RC_SUCCESS)
		return true;
	snprintf(what, sizeof what, "cannot reach the TPM at %s", conf);
	attester_tpm_close(tpm);
	(void)attester_tpm_good(rc, what, why);
	/* the loader reports whatever its last library said; the cause is the same for a person
	 */
	if (!why->hint[0])
		platform_message_hint(why, "%s", hint_for(TSS2_TCTI_RC_IO_ERROR));
	return false;
}

void attester_tpm_close(struct attester_tpm *tpm)
{
	Esys_Finalize(&tpm->esys);
	Tss2_TctiLdr_Finalize(&tpm->tcti);
}
