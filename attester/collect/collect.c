/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/collect/collect.h"

#include "platform/file.h"
#include "platform/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { QUOTE_TRIES = 5 };

static void put(struct assay_bundle *bundle, enum assay_part part, struct assay_slice bytes)
{
	bundle->present[part] = true;
	bundle->part[part] = bytes;
}

void attester_evidence_drop(struct assay_bundle *bundle)
{
	for (size_t i = 0; i < ASSAY_PARTS_N; i++) {
		platform_file_drop(&bundle->part[i]);
		bundle->present[i] = false;
	}
}

static void note(const struct attester_request *request, const char *text)
{
	if (request->note)
		request->note(text);
}

static bool out_of_memory(struct platform_message *why)
{
	return attester_tpm_good(TSS2_ESYS_RC_MEMORY, "cannot keep the evidence", why);
}

/* A bank in which the TPM holds no PCRs would silently drop out of the quote. */
static bool select_pcrs(struct attester_tpm *tpm, const struct attester_request *request,
			TPML_PCR_SELECTION *out, struct platform_message *why)
{
	static const uint16_t sha256[] = { ASSAY_SHA256 };
	const uint16_t *banks = request->nbanks ? request->banks : sha256;
	size_t nbanks = request->nbanks ? request->nbanks : 1;
	TPML_PCR_SELECTION active, sel = { .count = (UINT32)nbanks };

	if (!attester_pcr_banks(tpm, &active, why))
		return false;
	for (size_t i = 0; i < nbanks; i++) {
		bool found = false;
		for (size_t k = 0; k < active.count; k++)
			found |= active.pcrSelections[k].hash == banks[i];
		if (!found) {
			const char *name = assay_alg_name(banks[i]);
			*why = (struct platform_message){ 0 };
			platform_message_what(why, "cannot quote the bank %s", name);
			platform_message_why(why, "the TPM has no PCRs allocated in it");
			platform_message_hint(why,
					      "tpm2_pcrallocate %s:all, then reboot; or name "
					      "another with --bank",
					      name);
			return false;
		}
		sel.pcrSelections[i].hash = banks[i];
		sel.pcrSelections[i].sizeofSelect = 3;
		for (size_t k = 0; k < 3; k++)
			sel.pcrSelections[i].pcrSelect[k] = (BYTE)(request->pcrs >> 8 * k);
	}
	*out = sel;
	return true;
}

/* Quotes until no PCR moved meanwhile. A busy machine may never stand still:
 * then the last quote is good all the same, and only pcrs.txt is left out. */
static bool quote(struct attester_tpm *tpm, const struct attester_request *request,
		  const struct attester_key *key, const TPML_PCR_SELECTION *sel,
		  struct assay_bundle *out, struct platform_message *why)
{
	struct attester_pcrs before, after;
	struct assay_slice text = { 0 };

	if (!attester_pcrs_read(tpm, &before, why))
		return false;
	for (unsigned i = 0; i < QUOTE_TRIES; i++) {
		struct assay_slice msg = { 0 }, sig = { 0 };
		if (!attester_tpm_quote(tpm, key, request->nonce, sel, &msg, &sig, why))
			return false;
		platform_file_drop(&out->part[ASSAY_PART_QUOTE_MSG]);
		platform_file_drop(&out->part[ASSAY_PART_QUOTE_SIG]);
		put(out, ASSAY_PART_QUOTE_MSG, msg);
		put(out, ASSAY_PART_QUOTE_SIG, sig);
		if (!attester_pcrs_read(tpm, &after, why))
			return false;
		if (attester_pcrs_equal(&before, &after)) {
			if (!attester_pcrs_write(&after, &text))
				return out_of_memory(why);
			put(out, ASSAY_PART_PCRS, text);
			return true;
		}
		before = after;
	}
	note(request, "PCRs kept changing, so pcrs.txt is left out; the quote is not affected");
	return true;
}

static bool sign(struct attester_tpm *tpm, const struct attester_request *request,
		 struct assay_bundle *out, struct platform_message *why)
{
	struct attester_key key = { .handle = ESYS_TR_NONE };
	struct assay_slice public = { 0 };
	TPML_PCR_SELECTION sel;

	if (!select_pcrs(tpm, request, &sel, why))
		return false;
	if (request->ak ? !attester_key_persistent(tpm, request->ak, &key, why)
			: !attester_key_primary(tpm, request->key_type, &key, why))
		return false;
	bool good = quote(tpm, request, &key, &sel, out, why);
	if (good && !attester_key_write(&key, &public))
		good = out_of_memory(why);
	if (good)
		put(out, ASSAY_PART_AK_PUB, public);
	attester_key_close(tpm, &key);
	return good;
}

static bool nonce_text(const struct attester_request *request, struct assay_bundle *out,
		       struct platform_message *why)
{
	size_t digits = 2 * request->nonce.n;
	char *text = malloc(digits + 1);

	if (!text)
		return out_of_memory(why);
	platform_hex_write(request->nonce, text);
	text[digits] = '\n';
	put(out, ASSAY_PART_NONCE, (struct assay_slice){ (uint8_t *)text, digits + 1 });
	return true;
}

static bool ek_cert(struct attester_tpm *tpm, const struct attester_request *request,
		    struct assay_bundle *out)
{
	struct platform_message why = { 0 };
	struct assay_slice cert = { 0 };
	TPM2_HANDLE index = 0;
	char text[640];

	/* never a reason not to attest: a verifier takes no verdict from it */
	if (!attester_ek_cert(tpm, &cert, &index, &why)) {
		snprintf(text, sizeof text, "the EK certificate is left out: %s", why.why);
		note(request, text);
	} else if (cert.n == 0) {
		note(request, "the TPM holds no EK certificate");
	} else {
		put(out, ASSAY_PART_EK_CRT, cert);
	}
	return true;
}

bool attester_collect(struct attester_tpm *tpm, const struct attester_request *request,
		      struct assay_bundle *out, struct platform_message *why)
{
	struct assay_bundle bundle = { 0 };
	int held = attester_userlog_hold(request);

	bool good = ek_cert(tpm, request, &bundle) && nonce_text(request, &bundle, why) &&
		    sign(tpm, request, &bundle, why) &&
		    attester_logs_read(request, &bundle, why); /* after the quote */
	if (held >= 0)
		close(held);
	if (!good) {
		attester_evidence_drop(&bundle);
		return false;
	}
	*out = bundle;
	return true;
}
