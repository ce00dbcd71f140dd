/* SPDX-License-Identifier: Apache-2.0
 *
 * TCG PC Client Platform Firmware Profile 1.06, 10.2 (all little-endian).
 *
 *   TCG_PCR_EVENT (the first record, and each of a "tcg-sha1" log)
 *   offset  size  field
 *        0     4  pcrIndex
 *        4     4  eventType
 *        8    20  digest
 *       28     4  eventDataSize
 *       32     n  event
 *
 *   TCG_PCR_EVENT2 (each record after a "Spec ID Event03")
 *        0     4  pcrIndex
 *        4     4  eventType
 *        8     4  digests.count        1 .. algorithms of the SpecID event
 *       per digest:
 *        0     2  hashAlg              in the SpecID event, once per record
 *        2     n  digest               n as the SpecID event says
 *       then:
 *        0     4  eventSize
 *        4     n  event
 *
 * Stricter than the profile: pcrIndex < 24 (0xffffffff in EV_NO_ACTION alone,
 * where Windows and SP800-155 events have it), a record has at least one
 * digest, an algorithm once per record, one SpecID event per log. What
 * follows the last record is all 0x00 or all 0xff (the unused rest of the
 * ACPI log area), or a fault.
 */
#include "core/evidence/eventlog/eventlog_internal.h"

/* BOUNDS: where the run of equal padding bytes at the log's end begins. Found
 * once, so that a record costs no look at all that follows it. */
static size_t padding_start(struct assay_slice in)
{
	size_t at = in.n;
	uint8_t v = in.n > 0 ? in.p[in.n - 1] : 1;

	if (v != 0x00 && v != 0xff)
		return at;
	while (at > 0 && in.p[at - 1] == v)
		at--;
	return at;
}

bool event_is_specid(const struct assay_event *ev)
{
	return ev->eventType == (uint32_t)ASSAY_EV_NO_ACTION &&
	       slice_starts(ev->data, SPECID_NAME);
}

size_t eventlog_alg_index(const struct assay_eventlog *log, uint16_t alg)
{
	size_t i = 0;

	while (i < log->nalgs && log->algs[i].algorithmId != alg)
		i++;
	return i;
}

static void read_digest(struct cur *c, const struct assay_eventlog *log, struct assay_event *ev)
{
	uint16_t alg = (uint16_t)cur_le(c, 2, "hashAlg");
	size_t known = eventlog_alg_index(log, alg);

	if (known == log->nalgs) {
		cur_fail(c, ASSAY_F_RANGE, "hashAlg");
		return;
	}
	for (size_t i = 0; i < ev->ndigests; i++)
		if (ev->digests[i].alg == alg)
			cur_fail(c, ASSAY_F_DUPLICATE, "hashAlg");

	size_t offset = cur_tell(c);
	struct assay_slice digest = cur_bytes(c, log->algs[known].digestSize, "digest");
	if (!cur_ok(c))
		return;
	ev->digests[ev->ndigests].alg = alg;
	ev->digests[ev->ndigests].digest = digest;
	ev->digests[ev->ndigests].offset = offset;
	ev->ndigests++;
}

static void read_digests(struct cur *c, const struct assay_eventlog *log,
			 struct assay_event *ev)
{
	uint32_t count = (uint32_t)cur_le(c, 4, "digests.count");

	if (count == 0)
		cur_fail(c, ASSAY_F_RANGE, "digests.count");
	if (count > log->nalgs)
		cur_fail(c, ASSAY_F_LIMIT, "digests.count");
	for (uint32_t i = 0; i < count && cur_ok(c); i++)
		read_digest(c, log, ev);
}

static void read_sha1_digest(struct cur *c, struct assay_event *ev)
{
	ev->ndigests = 1;
	ev->digests[0].alg = ASSAY_SHA1;
	ev->digests[0].offset = cur_tell(c);
	ev->digests[0].digest = cur_bytes(c, SHA1_SIZE, "digest");
}

/* One record at c, in the form that its place in the log gives it. */
static void read_event(struct cur *c, const struct assay_eventlog *log, bool agile,
		       struct assay_event *ev)
{
	ev->index = log->index;
	ev->offset = cur_tell(c);
	ev->pcrIndex = (uint32_t)cur_le(c, 4, "pcrIndex");
	size_t pcr_field = c->field;
	ev->eventType = (uint32_t)cur_le(c, 4, "eventType");
	if (ev->pcrIndex >= ASSAY_PCRS &&
	    !(ev->pcrIndex == UINT32_MAX && ev->eventType == (uint32_t)ASSAY_EV_NO_ACTION)) {
		c->field = pcr_field;
		cur_fail(c, ASSAY_F_RANGE, "pcrIndex");
	}

	ev->ndigests = 0;
	if (agile)
		read_digests(c, log, ev);
	else
		read_sha1_digest(c, ev);

	const char *size_name = agile ? "eventSize" : "eventDataSize";
	uint32_t size = (uint32_t)cur_le(c, 4, size_name);
	if (size > ASSAY_EVENT_MAX)
		cur_fail(c, ASSAY_F_LIMIT, size_name);
	ev->data_offset = cur_tell(c);
	ev->data = cur_bytes(c, size, "event");
}

static struct cur cursor_at(const struct assay_eventlog *log)
{
	return (struct cur){ .p = log->log.p, .n = log->log.n, .at = log->at, .err = log->err };
}

bool assay_eventlog_open(struct assay_eventlog *out, struct assay_slice in,
			 struct assay_err *err)
{
	struct assay_eventlog log = {
		.log = in, .err = err, .end = in.n, .format = "tcg-sha1"
	};
	struct cur c = cur_over(in, err);
	struct assay_event first = { 0 };

	log.pad = padding_start(in);
	if (log.pad == 0)
		cur_fail(&c, ASSAY_F_MISSING, "TCG_PCR_EVENT");
	if (in.n > ASSAY_LOG_MAX)
		cur_fail(&c, ASSAY_F_LIMIT, "TCG_PCR_EVENT");
	log.nalgs = 1;
	log.algs[0].algorithmId = ASSAY_SHA1;
	log.algs[0].digestSize = SHA1_SIZE;

	read_event(&c, &log, false, &first);
	log.first_end = c.at;
	if (cur_ok(&c) && event_is_specid(&first) && !specid_read(&log, &first))
		return false;
	if (!cur_ok(&c))
		return false;
	*out = log;
	return true;
}

bool assay_eventlog_next(struct assay_eventlog *log, struct assay_event *out)
{
	struct cur c = cursor_at(log);
	struct assay_event ev;

	if (!cur_ok(&c) || cur_left(&c) == 0)
		return false;
	if (log->at >= log->pad) {
		log->padded = true;
		log->end = log->at;
		log->at = log->log.n;
		return false;
	}
	read_event(&c, log, log->agile && log->index > 0, &ev);
	if (cur_ok(&c) && log->index > 0 && event_is_specid(&ev)) {
		c.field = ev.data_offset;
		cur_fail(&c, ASSAY_F_DUPLICATE, "signature");
	}
	if (!cur_ok(&c))
		return false;
	log->at = log->index == 0 ? log->first_end : c.at;
	log->index++;
	*out = ev;
	return true;
}

struct assay_slice assay_event_digest(const struct assay_event *ev, uint16_t alg)
{
	for (size_t i = 0; i < ev->ndigests; i++)
		if (ev->digests[i].alg == alg)
			return ev->digests[i].digest;
	return (struct assay_slice){ 0 };
}

const char *assay_event_type_name(uint32_t eventType)
{
	switch (eventType) {
#define X(code, value)                                                                         \
	case value:                                                                            \
		return "EV_" #code;
		ASSAY_EVENT_TYPES(X)
#undef X
	default:
		return NULL;
	}
}
