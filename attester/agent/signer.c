/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/signer.h"

#include "attester/collect/collect.h"
#include "platform/file.h"

#include <stdlib.h>
#include <string.h>

/* By preference; the verifier's policy says which it takes. */
static const uint16_t banks[] = { ASSAY_SHA256, ASSAY_SHA384, ASSAY_SHA512, ASSAY_SHA1 };

static bool choose_bank(struct agent_signer *s, struct platform_message *why)
{
	TPML_PCR_SELECTION active;

	if (!attester_pcr_banks(&s->tpm, &active, why))
		return false;
	for (size_t i = 0; i < sizeof banks / sizeof *banks; i++)
		for (size_t k = 0; k < active.count; k++)
			if (active.pcrSelections[k].hash == banks[i]) {
				s->bank = banks[i];
				return true;
			}
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot quote");
	platform_message_why(why, "the TPM has no PCRs allocated in a bank that assay knows");
	platform_message_hint(why, "tpm2_pcrallocate sha256:all, then reboot");
	return false;
}

static bool write_public(struct agent_signer *s, struct platform_message *why)
{
	struct assay_slice public = { 0 };

	if (!attester_key_write(&s->key, &public))
		return attester_tpm_good(TSS2_ESYS_RC_MEMORY, "cannot keep the key's public",
					 why);
	platform_file_drop(&s->ak_pub);
	s->ak_pub = public;
	return true;
}

bool agent_signer_open(struct agent_signer *s, struct platform_message *why)
{
	if (s->open)
		return true;
	if (!attester_tpm_open(&s->tpm, s->conf, why))
		return false;
	s->key = (struct attester_key){ .handle = ESYS_TR_NONE };
	s->open = true;
	if (choose_bank(s, why) &&
	    (s->ak ? attester_key_persistent(&s->tpm, s->ak, &s->key, why)
		   : attester_key_primary(&s->tpm, s->key_type, &s->key, why)) &&
	    write_public(s, why))
		return true;
	agent_signer_close(s);
	return false;
}

void agent_signer_close(struct agent_signer *s)
{
	if (!s->open)
		return;
	attester_key_close(&s->tpm, &s->key);
	attester_tpm_close(&s->tpm);
	s->open = false;
}

void agent_signer_free(struct agent_signer *s)
{
	agent_signer_close(s);
	platform_file_drop(&s->ak_pub);
}

static bool shared(const char *conf)
{
	return strncmp(conf, "device:/dev/tpmrm", 17) == 0 || strncmp(conf, "tabrmd", 6) == 0;
}

void agent_signer_rest(struct agent_signer *s)
{
	if (s->open && !shared(s->tpm.conf))
		agent_signer_close(s);
}

static bool quote(struct agent_signer *s, struct assay_slice nonce, struct assay_slice *msg,
		  struct assay_slice *sig, struct platform_message *why)
{
	TPML_PCR_SELECTION sel = { .count = 1 };

	if (!agent_signer_open(s, why))
		return false;
	sel.pcrSelections[0].hash = s->bank;
	sel.pcrSelections[0].sizeofSelect = 3;
	for (size_t k = 0; k < 3; k++)
		sel.pcrSelections[0].pcrSelect[k] = (BYTE)(ATTESTER_PCRS_DEFAULT >> 8 * k);
	return attester_tpm_quote(&s->tpm, &s->key, nonce, &sel, msg, sig, why);
}

bool agent_signer_quote(struct agent_signer *s, struct assay_slice nonce,
			struct assay_slice *msg, struct assay_slice *sig,
			struct platform_message *why)
{
	bool was_open = s->open;

	if (quote(s, nonce, msg, sig, why))
		return true;
	agent_signer_close(s);
	/* a handle or connection of before may be all that is wrong */
	if (was_open && quote(s, nonce, msg, sig, why))
		return true;
	agent_signer_close(s);
	return false;
}

bool agent_signer_pcrs(struct agent_signer *s, struct attester_pcrs *out,
		       struct platform_message *why)
{
	bool was_open = s->open;

	if (agent_signer_open(s, why) && attester_pcrs_read(&s->tpm, out, why))
		return true;
	agent_signer_close(s);
	if (was_open && agent_signer_open(s, why) && attester_pcrs_read(&s->tpm, out, why))
		return true;
	agent_signer_close(s);
	return false;
}
