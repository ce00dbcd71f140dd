/* SPDX-License-Identifier: Apache-2.0
 *
 * A TCG event log: one line per event, streamed; then what it replays to, and
 * what of it nothing signed covers. */
#include "cli/inspect.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *const bindings[] = {
	[ASSAY_BOUND_NOTHING] = "nothing",
	[ASSAY_BOUND_DATA] = "data",
	[ASSAY_BOUND_TEXT] = "text",
	[ASSAY_BOUND_AFTER_PREFIX] = "after-prefix",
	[ASSAY_BOUND_VARIABLE] = "variable-data",
	[ASSAY_BOUND_CONTENT] = "content",
};

static const char *const kinds[] = {
	[ASSAY_KIND_OPAQUE] = "opaque",
	[ASSAY_KIND_HEADER] = "header",
	[ASSAY_KIND_NO_ACTION] = "no-action",
	[ASSAY_KIND_SEPARATOR] = "separator",
	[ASSAY_KIND_SEPARATOR_ERROR] = "separator-error",
	[ASSAY_KIND_VARIABLE] = "variable",
	[ASSAY_KIND_ACTION] = "action",
	[ASSAY_KIND_COMMAND] = "command",
	[ASSAY_KIND_GPT] = "gpt",
	[ASSAY_KIND_TEXT] = "text",
	[ASSAY_KIND_DATA] = "data",
	[ASSAY_KIND_IMAGE] = "image",
	[ASSAY_KIND_BLOB] = "blob",
	[ASSAY_KIND_FILE] = "file",
	[ASSAY_KIND_TAG] = "tag",
};

static bool is_text_kind(enum assay_event_kind kind)
{
	return kind == ASSAY_KIND_ACTION || kind == ASSAY_KIND_COMMAND ||
	       kind == ASSAY_KIND_TEXT;
}

static void guid_text(struct assay_slice g, char out[40])
{
	const uint8_t *p = g.p;

	out[0] = '\0';
	if (g.n == 16)
		snprintf(out, 40,
			 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
			 p[3], p[2], p[1], p[0], p[5], p[4], p[7], p[6], p[8], p[9], p[10],
			 p[11], p[12], p[13], p[14], p[15]);
}

static void type_text(uint32_t type, char out[48])
{
	const char *name = assay_event_type_name(type);

	if (name)
		snprintf(out, 48, "%s", name);
	else
		snprintf(out, 48, "0x%08" PRIx32, type);
}

static void show_digests(struct show *s, const struct assay_event *ev)
{
	show_object(s, "digests");
	for (size_t d = 0; d < ev->ndigests; d++) {
		const char *name = assay_alg_name(ev->digests[d].alg);
		char number[8];
		snprintf(number, sizeof number, "0x%04x", ev->digests[d].alg);
		show_hex(s, name ? name : number, ev->digests[d].digest);
	}
	show_close(s);
}

static void show_variable(struct show *s, const struct assay_variable *v)
{
	char guid[40];

	guid_text(v->guid, guid);
	show_object(s, "variable");
	show_str(s, "guid", guid);
	show_utf16(s, "name", v->name);
	show_u64(s, "size", v->data.n);
	show_close(s);
}

static void show_proven(struct show *s, const struct assay_event *ev,
			const struct assay_event_facts *f)
{
	if (f->proven.n == 0)
		show_str(s, "proven", NULL);
	else if (is_text_kind(f->kind) && f->text.n > 0 && !f->text_utf16)
		show_text(s, "proven", f->text);
	else if (is_text_kind(f->kind) && f->text.n > 0)
		show_utf16(s, "proven", f->text);
	else
		show_format(s, "proven", "%zu of %zu bytes of the event's data, from byte %zu",
			    f->proven.n, ev->data.n, (size_t)(f->proven.p - ev->data.p));
}

static void show_names(struct show *s, const struct assay_event_facts *f)
{
	struct assay_slice file = assay_device_path_file(f->path);

	if (f->variable.name.n > 0)
		show_variable(s, &f->variable);
	if (f->prefix.n > 0)
		show_text(s, "prefix", f->prefix);
	if (f->text.n > 0 && f->text_utf16)
		show_utf16(s, "text", f->text);
	else if (f->text.n > 0)
		show_text(s, "text", f->text);
	if (f->text.n > 0)
		show_bool(s, "text_proven", is_text_kind(f->kind));
	if (file.n > 0)
		show_utf16(s, "name", file);
	if (f->kind == ASSAY_KIND_TAG)
		show_format(s, "tagged_id", "0x%08" PRIx32, f->tagged_id);
}

static void show_event(struct show *s, const struct assay_event *ev,
		       const struct assay_event_facts *f)
{
	char type[48];

	type_text(ev->eventType, type);
	show_object(s, NULL);
	show_u64(s, "index", ev->index);
	show_u64(s, "offset", ev->offset);
	show_u64(s, "pcr", ev->pcrIndex);
	show_str(s, "type", type);
	show_u64(s, "type_number", ev->eventType);
	show_digests(s, ev);
	show_str(s, "kind", kinds[f->kind]);
	show_str(s, "binding", bindings[f->binding]);
	show_proven(s, ev, f);
	if (f->must_bind)
		show_bool(s, "agrees", f->agrees);
	show_names(s, f);
	show_u64(s, "data_offset", ev->data_offset);
	show_u64(s, "data_size", ev->data.n);
	show_close(s);
}

/* "   3  PCR 7   EV_EFI_VARIABLE_AUTHORITY        a1b2c3..  db" */
static void print_event(FILE *out, const struct assay_event *ev,
			const struct assay_event_facts *f, uint16_t bank)
{
	struct assay_slice digest = assay_event_digest(ev, bank);
	struct assay_slice file = assay_device_path_file(f->path);
	char type[48];

	type_text(ev->eventType, type);
	if (strncmp(type, "EV_", 3) == 0)
		memmove(type, type + 3, strlen(type + 3) + 1);
	fprintf(out, "  %4zu  %2" PRId32 "  %-30s ", ev->index, (int32_t)ev->pcrIndex, type);
	for (size_t i = 0; i < 5 && i < digest.n; i++)
		fprintf(out, "%02x", digest.p[i]);
	fprintf(out, digest.n ? "..  " : "              ");
	if (f->variable.name.n > 0)
		show_safe_utf16(out, f->variable.name, 120);
	else if (f->text.n > 0 && f->text_utf16)
		show_safe_utf16(out, f->text, 200);
	else if (f->text.n > 0)
		show_safe(out, f->text, 120);
	else if (file.n > 0)
		show_safe_utf16(out, file, 200);
	else
		fprintf(out, "%s", kinds[f->kind]);
	bool named = f->text.n > 0 || file.n > 0 || f->variable.name.n > 0;
	bool proven = is_text_kind(f->kind) || (f->kind == ASSAY_KIND_VARIABLE);
	fputs(named && !proven ? "  (not proven)" : "", out);
	fputs(f->must_bind && !f->agrees ? "  (digest is not its data's)" : "", out);
	fputc('\n', out);
}

static uint16_t choose_bank(const struct inspect *i, const struct assay_eventlog *log)
{
	uint16_t want = i->bank ? i->bank : ASSAY_SHA256;

	for (size_t a = 0; a < log->nalgs; a++)
		if (log->algs[a].algorithmId == want)
			return want;
	for (size_t a = 0; a < log->nalgs; a++)
		if (!i->bank && assay_alg_computable(log->algs[a].algorithmId))
			return log->algs[a].algorithmId;
	return i->bank ? i->bank : log->agile ? ASSAY_SHA256 : ASSAY_SHA1;
}

static void show_header(struct show *s, const struct assay_eventlog *log)
{
	show_str(s, "variant", log->format);
	if (log->agile) {
		show_format(s, "spec_version", "%u.%u errata %u", log->specVersionMajor,
			    log->specVersionMinor, log->specErrata);
		show_u64(s, "platform_class", log->platformClass);
		show_u64(s, "uintn_size", log->uintnSize);
	}
	show_array(s, "banks");
	for (size_t a = 0; a < log->nalgs; a++) {
		const char *name = assay_alg_name(log->algs[a].algorithmId);
		if (name)
			show_str(s, NULL, name);
		else
			show_format(s, NULL, "0x%04x", log->algs[a].algorithmId);
	}
	show_close(s);
}

static bool list_events(struct inspect *i, struct assay_eventlog *log, uint16_t bank)
{
	struct assay_event ev;
	struct assay_event_facts facts;
	bool unread = false;

	show_array(&i->show, "events");
	while (assay_eventlog_next(log, &ev)) {
		if (!assay_event_prove(i->crypto, &ev, bank, &facts)) {
			inspect_fault(i, ASSAY_F_CRYPTO, "digest", ev.offset);
			break;
		}
		if (i->show.json)
			show_event(&i->show, &ev, &facts);
		else
			print_event(i->show.out, &ev, &facts, bank);
		for (size_t d = 0; d < ev.ndigests; d++)
			unread |= !assay_alg_computable(ev.digests[d].alg);
	}
	show_close(&i->show);
	if (unread)
		inspect_quirk(
			i,
			"it has a bank that assay does not compute: passed over by its size");
	return i->err.fault == ASSAY_F_OK;
}

static bool replay(struct inspect *i, const struct assay_eventlog *log)
{
	static const uint16_t all[] = { ASSAY_SHA1, ASSAY_SHA256, ASSAY_SHA384, ASSAY_SHA512 };
	struct assay_bank banks[4] = { 0 };
	struct assay_startup startup;
	size_t n = 0;

	for (size_t a = 0; a < 4; a++)
		for (size_t k = 0; k < log->nalgs || (!log->agile && k == 0); k++)
			if (log->agile ? log->algs[k].algorithmId == all[a]
				       : all[a] == ASSAY_SHA1) {
				banks[n++].alg = all[a];
				break;
			}
	if (!assay_eventlog_replay(i->crypto, i->in, banks, n, &startup, &i->err))
		return false;
	inspect_banks(i, banks, n);
	show_object(&i->show, "startup");
	show_u64(&i->show, "locality", startup.locality);
	show_bool(&i->show, "stated", startup.stated);
	show_bool(&i->show, "hcrtm", startup.hcrtm);
	show_close(&i->show);
	inspect_quirk(i, startup.quirk);
	return true;
}

static void unbound(struct inspect *i, uint16_t bank)
{
	size_t n = assay_eventlog_unbound(i->crypto, i->in, bank, NULL, 0, &i->err);
	struct assay_range *ranges = calloc(n ? n : 1, sizeof *ranges);

	if (!ranges) {
		inspect_fault(i, ASSAY_F_MEMORY, "unbound", 0);
		return;
	}
	n = assay_eventlog_unbound(i->crypto, i->in, bank, ranges, n, &i->err);
	if (i->err.fault == ASSAY_F_OK) {
		show_str(&i->show, "bank", assay_alg_name(bank));
		inspect_ranges(i, ranges, n);
	}
	free(ranges);
}

void inspect_eventlog(struct inspect *i)
{
	struct assay_eventlog log;

	if (!assay_eventlog_open(&log, i->in, &i->err))
		return;
	uint16_t bank = choose_bank(i, &log);
	show_header(&i->show, &log);
	inspect_quirk(i, log.quirk);
	if (!list_events(i, &log, bank))
		return;
	show_bool(&i->show, "padded", log.padded);
	show_u64(&i->show, "end", log.end);
	if (log.padded)
		inspect_quirk(i, "padding follows the last record");
	if (replay(i, &log))
		unbound(i, bank);
}
