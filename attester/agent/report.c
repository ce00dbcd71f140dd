/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/report.h"

#include "attester/collect/collect.h"
#include "platform/file.h"

#include <assay/evidence/bundle.h>
#include <assay/message.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TRIES = 3 }; /* for PCRs that stand still over a quote */

static bool fail(const char *text, struct platform_message *why)
{
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot make the evidence");
	platform_message_why(why, "%s", text);
	return false;
}

static bool keep(struct assay_slice from, struct assay_slice *to)
{
	uint8_t *p = from.n > 0 ? malloc(from.n) : NULL;

	if (from.n > 0 && !p)
		return false;
	if (p)
		memcpy(p, from.p, from.n);
	platform_file_drop(to);
	*to = (struct assay_slice){ p, from.n };
	return true;
}

bool agent_report_open(struct agent_report *r, struct assay_crypto *crypto,
		       struct platform_message *why)
{
	r->judged = r->next = (struct agent_follow){ .crypto = crypto };
	return agent_list_open(&r->list, r->root, why);
}

void agent_report_close(struct agent_report *r)
{
	agent_list_close(&r->list);
	platform_file_drop(&r->challenge);
	platform_file_drop(&r->receipt);
}

bool agent_report_entries(const struct agent_report *r, uint64_t *n)
{
	*n = r->judged.entries;
	return r->judged.started;
}

/* A quote and what it says. quote aliases q->msg. */
static bool ask(struct agent_report *r, struct agent_quoted *q, struct assay_quote *quote,
		uint16_t *hash, struct platform_message *why)
{
	struct assay_signature sig;
	struct assay_err err = { 0 };

	if (!agent_desk_quote(r->desk, r->challenge, q, why))
		return false;
	if (assay_quote_read(q->msg, quote, &err) && assay_signature_read(q->sig, &sig, &err)) {
		*hash = sig.hash;
		return true;
	}
	agent_quoted_drop(q);
	return fail("the TPM's quote cannot be read", why);
}

static void put(struct assay_bundle *b, enum assay_part part, struct assay_slice bytes)
{
	b->present[part] = true;
	b->part[part] = bytes;
}

static void put_quote(struct assay_bundle *b, const struct agent_quoted *q)
{
	put(b, ASSAY_PART_QUOTE_MSG, q->msg);
	put(b, ASSAY_PART_QUOTE_SIG, q->sig);
	put(b, ASSAY_PART_AK_PUB, q->ak_pub);
	if (q->batch_n > 0)
		put(b, ASSAY_PART_BATCH, (struct assay_slice){ q->batch, q->batch_n });
}

/* Bundle and message around it. */
static bool wrap(const struct agent_report *r, const struct assay_bundle *b,
		 struct assay_slice *out, struct platform_message *why)
{
	struct assay_evidence_message m = { .challenge = r->challenge };
	size_t n = assay_bundle_write(b, NULL, 0);
	uint8_t *bundle = malloc(n), *message = NULL;
	size_t size = 0;

	if (bundle && assay_bundle_write(b, bundle, n) == n) {
		m.node = (struct assay_slice){ (const uint8_t *)r->node, strlen(r->node) };
		m.bundle = (struct assay_slice){ bundle, n };
		if (!r->whole) {
			m.receipt = r->receipt;
			m.from = r->judged.entries;
		}
		size = assay_evidence_message_write(&m, NULL, 0);
		message = size > 0 ? malloc(size) : NULL;
		if (message)
			size = assay_evidence_message_write(&m, message, size);
	}
	free(bundle);
	if (!message || size == 0) {
		free(message);
		return fail("no memory for the message", why);
	}
	*out = (struct assay_slice){ message, size };
	return true;
}

/* *done false: it cannot go on from the receipt, and nothing was made. */
static bool go_on(struct agent_report *r, bool *done, struct assay_slice *out,
		  struct platform_message *why)
{
	struct assay_bundle b = { 0 };
	struct assay_quote quote;
	struct agent_quoted q;
	uint16_t hash;
	bool again;

	*done = false;
	if (!ask(r, &q, &quote, &hash, why))
		return false;
	/* the list after the quote: it holds all that the quote covers */
	if (!agent_list_fill(&r->list, &again, why)) {
		agent_quoted_drop(&q);
		return false;
	}
	r->next = r->judged;
	r->covered = 0;
	bool good = true;
	if (!again && agent_follow(&r->next, (struct assay_slice){ r->list.ahead, r->list.n },
				   &quote, hash, NULL, &r->covered) == AGENT_FOLLOWED) {
		put_quote(&b, &q);
		if (r->covered > 0)
			put(&b, ASSAY_PART_IMA_BINARY,
			    (struct assay_slice){ r->list.ahead, r->covered });
		good = wrap(r, &b, out, why);
		*done = good;
	}
	agent_quoted_drop(&q);
	return good;
}

static const struct attester_pcr_bank *find_bank(const struct attester_pcrs *pcrs, uint16_t alg)
{
	for (size_t i = 0; i < pcrs->nbanks; i++)
		if (pcrs->bank[i].alg == alg)
			return &pcrs->bank[i];
	return NULL;
}

static bool start(struct agent_report *r, const struct attester_pcrs *pcrs,
		  const struct assay_quote *quote, const uint8_t **hint)
{
	const struct attester_pcr_bank *from =
		quote->pcrSelect.n == 1 ? find_bank(pcrs, quote->pcrSelect.bank[0].hash) : NULL;
	struct assay_bank bank;

	if (!from || !assay_bank_reset(&bank, from->alg))
		return false;
	memcpy(bank.value, from->value, sizeof bank.value);
	agent_follow_start(&r->next, &bank, quote->resetCount);
	*hint = from->value[10];
	return true;
}

/* PCRs, quote, list, in this order. Followed when all of them fit together; what does not is
 * sent as it is, as often as it takes. */
static bool look(struct agent_report *r, struct agent_quoted *q, struct attester_pcrs *pcrs,
		 bool *followed, struct platform_message *why)
{
	struct agent_signer *signer = agent_desk_enter(r->desk);
	bool good = agent_signer_pcrs(signer, pcrs, why);
	const uint8_t *hint = NULL;
	struct assay_quote quote;
	uint16_t hash;
	bool again;

	agent_desk_leave(r->desk);
	if (!good || !ask(r, q, &quote, &hash, why))
		return false;
	if (!agent_list_restart(&r->list, why) || !agent_list_fill(&r->list, &again, why)) {
		agent_quoted_drop(q);
		return false;
	}
	r->covered = r->list.n;
	*followed = start(r, pcrs, &quote, &hint) &&
		    agent_follow(&r->next, (struct assay_slice){ r->list.ahead, r->list.n },
				 &quote, hash, hint, &r->covered) == AGENT_FOLLOWED;
	if (!*followed)
		r->next.started = false;
	return true;
}

static bool put_logs(struct agent_report *r, const struct attester_request *request,
		     const struct attester_pcrs *pcrs, bool followed, struct assay_bundle *b,
		     struct platform_message *why)
{
	if (!attester_boot_logs_read(request, b, why))
		return false;
	if (followed && attester_pcrs_write(pcrs, &b->part[ASSAY_PART_PCRS]))
		b->present[ASSAY_PART_PCRS] = true;
	if (r->list.path[0])
		put(b, ASSAY_PART_IMA_BINARY,
		    (struct assay_slice){ r->list.ahead, r->covered });
	return true;
}

static bool whole(struct agent_report *r, struct assay_slice *out, struct platform_message *why)
{
	const struct attester_request request = { .root = r->root, .note = r->note };
	struct attester_pcrs *pcrs = malloc(sizeof *pcrs);
	struct assay_bundle b = { 0 };
	struct agent_quoted q = { 0 };
	int held = attester_userlog_hold(&request);
	bool good = pcrs != NULL || fail("no memory", why), followed = false;

	for (int i = 0; i < TRIES && good && !followed; i++) {
		agent_quoted_drop(&q);
		good = look(r, &q, pcrs, &followed, why);
	}
	good = good && put_logs(r, &request, pcrs, followed, &b, why);
	if (held >= 0)
		close(held);
	if (good) {
		put_quote(&b, &q);
		good = wrap(r, &b, out, why);
	}
	platform_file_drop(&b.part[ASSAY_PART_PCRS]);
	platform_file_drop(&b.part[ASSAY_PART_EVENTLOG]);
	platform_file_drop(&b.part[ASSAY_PART_USERSPACE_LOG]);
	agent_quoted_drop(&q);
	free(pcrs);
	return good;
}

bool agent_report_make(struct agent_report *r, struct assay_slice *out,
		       struct platform_message *why)
{
	bool done = false;

	r->whole = r->receipt.n == 0 || !r->judged.started;
	if (!r->whole && !go_on(r, &done, out, why))
		return false;
	if (done)
		return true;
	r->whole = true;
	return whole(r, out, why);
}

bool agent_report_settle(struct agent_report *r, struct assay_slice challenge,
			 struct assay_slice receipt)
{
	r->judged = r->next;
	agent_list_drop(&r->list, r->covered);
	r->covered = 0;
	return keep(challenge, &r->challenge) && keep(receipt, &r->receipt);
}

bool agent_report_again(struct agent_report *r, struct assay_slice challenge, bool all)
{
	if (all) {
		platform_file_drop(&r->receipt);
		r->judged.started = false;
	}
	return challenge.n == 0 || keep(challenge, &r->challenge);
}
