/* SPDX-License-Identifier: Apache-2.0
 *
 * Each quoted register is explained by a log, at its reset value, or pinned by a reference;
 * what user space logged for it must be known. */
#include "core/appraisal/judge.h"

/* A register that its log does not lead to may be pinned by value. */
static bool pinned(struct judge *j, uint32_t p)
{
	const struct assay_bank *v = &j->claims->value[j->bank];
	struct assay_slice value = { v->value[p], v->size };

	for (int64_t i = assay_refs_find(j->refs, (uint8_t)p, j->out->bank, value);
	     i != ASSAY_REF_NONE; i = assay_refs_find_next(j->refs, i)) {
		struct assay_ref r = assay_refs_get(j->refs, (uint32_t)i);
		char buf[64];
		struct text t = text_over(buf, sizeof buf);
		if (r.kind != ASSAY_REF_PCR_VALUE || r.state == ASSAY_REF_REVOKED)
			continue;
		text_str(&t, "pcrs.txt, PCR ");
		text_u64(&t, p);
		judge_at(j, p, value);
		judge_add(j, ASSAY_R_BOOT_PCR_PINNED, buf, NULL, NULL);
		j->out->pinned |= 1u << p;
		if (p == 0)
			j->present |= 1u << ASSAY_REF_FIRMWARE;
		return true;
	}
	return false;
}

static void report_unexplained(struct judge *j, uint32_t p)
{
	const struct assay_bank *v = &j->claims->value[j->bank];
	const struct assay_bank *booted = &j->claims->booted[j->bank];
	char place[64], found[256], expected[256];
	struct text w = text_over(place, sizeof place), f = text_over(found, sizeof found),
		    e = text_over(expected, sizeof expected);

	judge_at(j, p, (struct assay_slice){ v->value[p], v->size });
	text_str(&w, "PCR ");
	text_u64(&w, p);
	text_digest(&f, v->alg, (struct assay_slice){ v->value[p], v->size });
	if (j->claims->log_present && p != 10) {
		text_digest(&e, v->alg, (struct assay_slice){ booted->value[p], booted->size });
		text_str(&e, booted->extended & 1u << p ? " (as the log replays)"
							: " (nothing is logged for it)");
	} else if (p == 10) {
		text_str(&e, "a value that the IMA list leads to at some entry");
	}
	judge_add(j, ASSAY_R_BOOT_PCR_UNEXPLAINED, place, found, e.n ? expected : NULL);
}

static void report_unlogged(struct judge *j, uint32_t pcrs)
{
	char buf[JUDGE_TEXT];
	struct text t = text_over(buf, sizeof buf);

	text_pcrs(&t, pcrs);
	judge_add(j, ASSAY_R_BOOT_PCR_UNEXPLAINED, buf, NULL,
		  "an event log that leads to these values");
}

void judge_registers(struct judge *j)
{
	uint32_t unknown = 0, unlogged = 0;
	char buf[JUDGE_TEXT];
	struct text t = text_over(buf, sizeof buf);

	for (uint32_t p = 0; p < ASSAY_PCRS; p++) {
		enum assay_pcr_state s = j->claims->state[j->bank][p];
		if (s == ASSAY_PCR_UNKNOWN)
			unknown |= 1u << p;
		if (s != ASSAY_PCR_UNEXPLAINED || pinned(j, p))
			continue;
		if (j->claims->log_present || p == 10)
			report_unexplained(j, p);
		else
			unlogged |= 1u << p;
	}
	judge_at_nothing(j);
	if (unlogged)
		report_unlogged(j, unlogged);
	if (!unknown)
		return;
	text_str(&t, "quote.msg, pcrDigest over ");
	text_pcrs(&t, unknown);
	judge_add(j, ASSAY_R_QUOTE_DIGEST_MISMATCH, buf, NULL, NULL);
}

/* User space logs what it pleases: each of its events must be known, in whatever register. */
void judge_user_events(struct judge *j)
{
	uint16_t bank = j->out->bank;

	for (size_t i = 0; i < j->claims->user_events_used; i++) {
		const struct assay_user_event *e = &j->claims->user_events[i];
		char place[JUDGE_TEXT], found[JUDGE_TEXT];
		struct text w = text_over(place, sizeof place),
			    f = text_over(found, sizeof found);
		struct assay_slice digest = { 0 };
		int64_t at;
		if (j->claims->state[j->bank][e->pcr] == ASSAY_PCR_NOT_QUOTED)
			continue;
		for (size_t d = 0; d < e->ndigests; d++)
			if (e->digests[d].alg == bank)
				digest = (struct assay_slice){ e->digests[d].b,
							       e->digests[d].n };
		enum assay_match m =
			assay_refs_match_pcr(j->refs, (uint8_t)e->pcr, bank, digest, &at);
		if (m == ASSAY_MATCH_GOOD)
			continue;
		judge_at(j, e->line, digest);
		text_str(&w, "tpm2-measure.log, record ");
		text_u64(&w, e->line);
		text_str(&w, ", PCR ");
		text_u64(&w, e->pcr);
		text_str(&w, ", ");
		text_safe(&w, e->string, 200);
		text_str(&w, " (name not proven)");
		text_digest(&f, bank, digest);
		judge_add(j,
			  m == ASSAY_MATCH_REVOKED ? ASSAY_R_BOOT_COMPONENT_REVOKED
						   : ASSAY_R_BOOT_COMPONENT_UNKNOWN,
			  place, found, NULL);
	}
	judge_at_nothing(j);
}
