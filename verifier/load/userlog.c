/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/load/userlog.h"

#include "platform/hex.h"
#include "platform/json.h"

#include <stdlib.h>
#include <string.h>

enum { RECORD_SEPARATOR = 0x1e, RECORD_MAX = 64 * 1024 };

struct reader {
	struct userlog log;
	size_t text_n; /* bytes of log.text in use */
	struct userlog_fault fault;
};

static bool refuse(struct reader *r, enum assay_fault fault, const char *field)
{
	if (r->fault.fault == ASSAY_F_OK) {
		r->fault.fault = fault;
		r->fault.field = field;
	}
	return false;
}

/* The decoded text of a record is never longer than its JSON, so log.text, as
 * long as the file, always has room. */
static struct assay_slice keep(struct reader *r, const json_t *string)
{
	size_t n = json_string_length(string);
	struct assay_slice kept = { r->log.text + r->text_n, n };

	memcpy(r->log.text + r->text_n, json_string_value(string), n);
	r->text_n += n;
	return kept;
}

static struct assay_slice view(const json_t *string)
{
	return (struct assay_slice){ (const uint8_t *)json_string_value(string),
				     json_string_length(string) };
}

static bool read_digest(struct reader *r, const json_t *entry, struct assay_user_event *ev)
{
	const json_t *name = json_object_get(entry, "hashAlg");
	const json_t *hex = json_object_get(entry, "digest");
	struct assay_digest d = { 0 };
	size_t n = 0;

	if (!json_is_string(name))
		return refuse(r, name ? ASSAY_F_RANGE : ASSAY_F_MISSING, "digests[].hashAlg");
	if (!json_is_string(hex))
		return refuse(r, hex ? ASSAY_F_RANGE : ASSAY_F_MISSING, "digests[].digest");
	if (!platform_hex_read(view(hex), d.b, sizeof d.b, &n))
		return refuse(r, ASSAY_F_ENCODING, "digests[].digest");
	d.alg = assay_alg_by_name(view(name));
	d.n = (uint16_t)n;
	if (!assay_alg_computable(d.alg))
		return true;
	if (n != assay_alg_size(d.alg))
		return refuse(r, ASSAY_F_RANGE, "digests[].digest");
	for (size_t i = 0; i < ev->ndigests; i++)
		if (ev->digests[i].alg == d.alg)
			return refuse(r, ASSAY_F_DUPLICATE, "digests[].hashAlg");
	ev->digests[ev->ndigests++] =
		d; /* four computable algorithms, each once: there is room */
	return true;
}

static bool read_digests(struct reader *r, const json_t *list, struct assay_user_event *ev)
{
	if (!json_is_array(list) || json_array_size(list) == 0)
		return refuse(r, list ? ASSAY_F_RANGE : ASSAY_F_MISSING, "digests");
	if (json_array_size(list) > ASSAY_LOG_ALGS_MAX)
		return refuse(r, ASSAY_F_LIMIT, "digests");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!read_digest(r, json_array_get(list, i), ev))
			return false;
	return true;
}

static bool read_content(struct reader *r, const json_t *record, struct assay_user_event *ev)
{
	const json_t *content = json_object_get(record, "content");
	const json_t *type = json_object_get(content, "eventType");
	const json_t *string = json_object_get(content, "string");

	if (content && !json_is_object(content))
		return refuse(r, ASSAY_F_RANGE, "content");
	if (type && !json_is_string(type))
		return refuse(r, ASSAY_F_RANGE, "content.eventType");
	if (string && !json_is_string(string))
		return refuse(r, ASSAY_F_RANGE, "content.string");
	if (type)
		ev->type = keep(r, type);
	if (string)
		ev->string = keep(r, string);
	return true;
}

static bool read_record(struct reader *r, const json_t *record)
{
	const json_t *pcr = json_object_get(record, "pcr");
	struct assay_user_event ev = { .line = r->fault.line };

	if (!json_is_object(record))
		return refuse(r, ASSAY_F_RANGE, "record");
	if (!pcr && json_object_get(record, "nv_index"))
		return true;
	if (!json_is_integer(pcr))
		return refuse(r, pcr ? ASSAY_F_RANGE : ASSAY_F_MISSING, "pcr");
	if (json_integer_value(pcr) < 0 || json_integer_value(pcr) >= ASSAY_PCRS)
		return refuse(r, ASSAY_F_RANGE, "pcr");
	ev.pcr = (uint32_t)json_integer_value(pcr);
	if (!read_digests(r, json_object_get(record, "digests"), &ev) ||
	    !read_content(r, record, &ev))
		return false;
	if (r->log.n == ASSAY_USER_EVENTS_MAX)
		return refuse(r, ASSAY_F_LIMIT, "record");
	r->log.events[r->log.n++] = ev;
	return true;
}

/* text: what follows the RS, up to the next one or the end. */
static bool read_text(struct reader *r, struct assay_slice text, struct platform_message *why)
{
	if (text.n == 0 || text.p[text.n - 1] != '\n')
		return refuse(r, ASSAY_F_TRUNCATED, "record");
	text.n--;
	if (memchr(text.p, '\n', text.n))
		return refuse(r, ASSAY_F_CANONICAL, "record");

	json_t *record = platform_json_read(text, "the record", RECORD_MAX, NULL, why);
	if (!record)
		return refuse(r, text.n > RECORD_MAX ? ASSAY_F_LIMIT : ASSAY_F_ENCODING,
			      "record");
	bool good = read_record(r, record);
	json_decref(record);
	return good;
}

static bool read_all(struct reader *r, struct assay_slice file, struct platform_message *why)
{
	for (size_t at = 0; at < file.n;) {
		r->fault.line++;
		r->fault.offset = at;
		if (file.p[at] != RECORD_SEPARATOR)
			return refuse(r, ASSAY_F_MAGIC, "RS");
		at++;
		const uint8_t *next = memchr(file.p + at, RECORD_SEPARATOR, file.n - at);
		size_t end = next ? (size_t)(next - file.p) : file.n;
		if (!read_text(r, (struct assay_slice){ file.p + at, end - at }, why))
			return false;
		at = end;
	}
	return true;
}

bool userlog_read(struct assay_slice file, struct userlog *out, struct userlog_fault *fault,
		  struct platform_message *why)
{
	struct reader r = { 0 };

	*why = (struct platform_message){ 0 };
	r.log.events = calloc(ASSAY_USER_EVENTS_MAX, sizeof *r.log.events);
	r.log.text = malloc(file.n + 1);
	if (!r.log.events || !r.log.text)
		(void)refuse(&r, ASSAY_F_MEMORY, "record");
	else if (read_all(&r, file, why)) {
		*out = r.log;
		return true;
	}
	userlog_drop(&r.log);
	if (fault)
		*fault = r.fault;
	platform_message_what(why, "tpm2-measure.log, record %zu (byte %zu), %s", r.fault.line,
			      r.fault.offset, r.fault.field);
	if (!why->why[0])
		platform_message_why(why, "%s", assay_fault_text(r.fault.fault));
	platform_message_hint(why, "the log was damaged, or something else wrote to it; a "
				   "reboot starts a new one");
	return false;
}

void userlog_drop(struct userlog *log)
{
	free(log->events);
	free(log->text);
	*log = (struct userlog){ 0 };
}
