/* SPDX-License-Identifier: Apache-2.0
 * Artefacts that are text: PCR values, the log of user space, references, a nonce. */
#include "cli/inspect.h"
#include "platform/hex.h"
#include "platform/json.h"
#include "verifier/load/userlog.h"

#include <assay/reference.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 64 * 1024 };

void inspect_pcr_values(struct inspect *i)
{
	struct assay_bank banks[ASSAY_PCR_BANKS_MAX];
	uint32_t known[ASSAY_PCR_BANKS_MAX];
	size_t n;

	if (!assay_pcrs_read(i->in, banks, known, ASSAY_PCR_BANKS_MAX, &n, &i->err))
		return;
	for (size_t b = 0; b < n; b++)
		banks[b].extended = known[b];
	inspect_banks(i, banks, n);
	inspect_quirk(i, "stated values prove nothing unless a quote signs them");
}

static void show_user_event(struct inspect *i, const struct assay_user_event *ev)
{
	struct show *s = &i->show;

	if (!s->json) {
		fprintf(s->out, "  %4zu  %2u  ", ev->line, ev->pcr);
		show_safe(s->out, ev->type, 40);
		fputs("  ", s->out);
		show_safe(s->out, ev->string, 200);
		fputc('\n', s->out);
		return;
	}
	show_object(s, NULL);
	show_u64(s, "line", ev->line);
	show_u64(s, "pcr", ev->pcr);
	show_object(s, "digests");
	for (size_t d = 0; d < ev->ndigests; d++)
		show_hex(s, assay_alg_name(ev->digests[d].alg),
			 (struct assay_slice){ ev->digests[d].b, ev->digests[d].n });
	show_close(s);
	show_text(s, "type", ev->type);
	show_text(s, "text", ev->string);
	show_close(s);
}

void inspect_measure_log(struct inspect *i)
{
	struct platform_message why;
	struct userlog_fault fault = { 0 };
	struct userlog log;

	if (!userlog_read(i->in, &log, &fault, &why)) {
		inspect_fault(i, fault.fault, fault.field, fault.offset);
		return;
	}
	show_array(&i->show, "events");
	for (size_t k = 0; k < log.n; k++)
		show_user_event(i, &log.events[k]);
	show_close(&i->show);
	inspect_quirk(i, "what it extends comes after what firmware and IMA extended");
	userlog_drop(&log);

	uint16_t bank = i->bank ? i->bank : ASSAY_SHA256;
	size_t n = 0;
	struct assay_range *ranges = inspect_userlog_unbound(i, i->in, bank, &n);
	if (ranges) {
		show_str(&i->show, "bank", assay_alg_name(bank));
		inspect_ranges(i, ranges, n);
	}
	free(ranges);
}

static struct assay_slice text_of(const json_t *v)
{
	if (!json_is_string(v))
		return (struct assay_slice){ 0 };
	return (struct assay_slice){ (const uint8_t *)json_string_value(v),
				     json_string_length(v) };
}

static bool digest_good(struct assay_slice s)
{
	const uint8_t *colon = s.n ? memchr(s.p, ':', s.n) : NULL;
	uint8_t bytes[ASSAY_DIGEST_MAX];
	size_t n = 0, at = colon ? (size_t)(colon - s.p) : 0;

	return colon &&
	       platform_hex_read((struct assay_slice){ colon + 1, s.n - at - 1 }, bytes,
				 sizeof bytes, &n) &&
	       n > 0 && n == assay_alg_size(assay_alg_by_name((struct assay_slice){ s.p, at }));
}

static const char *bad_member(const json_t *o)
{
	const json_t *place = json_object_get(o, "register");
	bool ima = json_is_string(place) && strcmp(json_string_value(place), "ima") == 0;
	bool pcr = json_is_integer(place) && json_integer_value(place) >= 0 &&
		   json_integer_value(place) < ASSAY_PCRS;

	if (!ima && !pcr)
		return "register";
	if (!digest_good(text_of(json_object_get(o, "digest"))))
		return "digest";
	if (assay_kind_by_word(text_of(json_object_get(o, "kind"))) < 0)
		return "kind";
	return NULL;
}

/* One line; false when it is malformed. */
static bool read_reference(struct inspect *i, struct assay_slice line, size_t offset,
			   size_t *counts)
{
	struct platform_json_error where = { 1, 1, 0 };
	struct platform_message why;
	json_t *o = platform_json_read(line, "the line", LINE_MAX_BYTES, &where, &why);
	const char *bad = o ? bad_member(o) : NULL;

	if (!o)
		inspect_fault(i, line.n > LINE_MAX_BYTES ? ASSAY_F_LIMIT : ASSAY_F_ENCODING,
			      "line", offset + where.offset);
	else if (bad)
		inspect_fault(i, ASSAY_F_RANGE, bad, offset);
	else
		counts[assay_kind_by_word(text_of(json_object_get(o, "kind")))]++;
	json_decref(o);
	return i->err.fault == ASSAY_F_OK;
}

void inspect_references(struct inspect *i)
{
	size_t counts[ASSAY_REF_KINDS_N] = { 0 }, total = 0;
	bool good = true;

	for (size_t at = 0; good && at < i->in.n;) {
		const uint8_t *nl = memchr(i->in.p + at, '\n', i->in.n - at);
		size_t end = nl ? (size_t)(nl - i->in.p) : i->in.n;
		struct assay_slice line = { i->in.p + at, end - at };
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n > 0 && line.p[0] != '#')
			good = read_reference(i, line, at, counts);
		at = end + 1;
	}
	show_object(&i->show, "references");
	for (int k = 0; k < ASSAY_REF_KINDS_N; k++) {
		total += counts[k];
		if (counts[k])
			show_u64(&i->show, assay_kind_word((enum assay_kind)k), counts[k]);
	}
	show_close(&i->show);
	show_u64(&i->show, "total", total);
}

void inspect_nonce(struct inspect *i)
{
	struct assay_slice text = i->in;
	uint8_t bytes[64];
	size_t n = 0;

	while (text.n > 0 && strchr(" \t\r\n", text.p[text.n - 1]))
		text.n--;
	if (!platform_hex_read(text, bytes, sizeof bytes, &n)) {
		inspect_fault(i, ASSAY_F_ENCODING, "nonce", 0);
		return;
	}
	show_u64(&i->show, "bytes", n);
	show_hex(&i->show, "nonce", (struct assay_slice){ bytes, n });
	inspect_quirk(i,
		      "a nonce beside a quote proves nothing: only the one who asked knows it");
}
