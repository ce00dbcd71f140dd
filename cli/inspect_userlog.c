/* SPDX-License-Identifier: Apache-2.0
 * What of the log of user space nothing signed covers. */
#include "cli/inspect.h"
#include "platform/hex.h"
#include "verifier/load/userlog.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { RECORD_SEPARATOR = 0x1e, RANGES_PER_RECORD = 3 };

struct ranges {
	struct assay_range *p;
	size_t n;
};

/* Appends what lies between two covered parts. */
static void gap(struct ranges *r, size_t from, size_t to)
{
	if (to > from)
		r->p[r->n++] = (struct assay_range){ from, to - from };
}

/* The bytes of text in s, both cases of hex alike, or s.n. */
static size_t find_hex(struct assay_slice s, const struct assay_digest *d)
{
	char hex[2 * ASSAY_DIGEST_MAX + 1];
	size_t n = 2 * (size_t)d->n;

	platform_hex_write((struct assay_slice){ d->b, d->n }, hex);
	for (size_t at = 0; at + n <= s.n; at++)
		if (strncasecmp((const char *)s.p + at, hex, n) == 0)
			return at;
	return s.n;
}

/* Of a record of user space only the digits of the digest in the bank are covered, and where it
 * went: a number after "pcr". What else JSON lets change is listed, also what would make it
 * malformed. */
static void cover_record(struct ranges *r, struct assay_slice log, struct assay_range record,
			 const struct assay_digest *d)
{
	struct assay_slice text = { log.p + record.offset, record.n };
	const uint8_t *pcr = memmem(text.p, text.n, "\"pcr\"", 5);
	size_t hex = find_hex(text, d), end = record.offset + record.n, at = record.offset;
	struct assay_range covered[2] = { { record.offset + hex,
					    hex < text.n ? 2 * (size_t)d->n : 0 } };

	if (pcr) {
		size_t from = (size_t)(pcr - log.p) + 5;
		while (from < end && !(log.p[from] >= '0' && log.p[from] <= '9'))
			from++;
		size_t to = from;
		while (to < end && log.p[to] >= '0' && log.p[to] <= '9')
			to++;
		covered[1] = (struct assay_range){ from, to - from };
	}
	bool swap = covered[1].offset < covered[0].offset;
	for (size_t k = 0; k < 2; k++) {
		struct assay_range c = covered[swap ? 1 - k : k];
		if (c.n == 0 || c.offset < at)
			continue;
		gap(r, at, c.offset);
		at = c.offset + c.n;
	}
	gap(r, at, end);
}

static const struct assay_digest *digest_of(const struct assay_user_event *ev, uint16_t bank)
{
	for (size_t k = 0; k < ev->ndigests; k++)
		if (ev->digests[k].alg == bank)
			return &ev->digests[k];
	return NULL;
}

static void cover(struct ranges *r, struct assay_slice part, const struct userlog *log,
		  uint16_t bank)
{
	size_t event = 0, line = 0;

	for (size_t at = 0, end; at < part.n; at = end) {
		const uint8_t *next =
			memchr(part.p + at + 1, RECORD_SEPARATOR, part.n - at - 1);
		const struct assay_digest *d = NULL;

		end = next ? (size_t)(next - part.p) : part.n;
		line++;
		if (event < log->n && log->events[event].line == line)
			d = digest_of(&log->events[event++], bank);
		if (d)
			cover_record(r, part, (struct assay_range){ at, end - at }, d);
		else
			gap(r, at, end);
	}
}

struct assay_range *inspect_userlog_unbound(struct inspect *i, struct assay_slice part,
					    uint16_t bank, size_t *n)
{
	struct platform_message why;
	struct userlog_fault fault;
	struct userlog log;
	struct ranges r = { 0 };
	size_t records = 1;

	*n = 0;
	if (!userlog_read(part, &log, &fault, &why)) {
		inspect_fault(i, fault.fault, fault.field, fault.offset);
		return NULL;
	}
	for (size_t k = 0; k < part.n; k++)
		records += part.p[k] == RECORD_SEPARATOR;
	r.p = calloc(records, RANGES_PER_RECORD * sizeof *r.p);
	if (r.p)
		cover(&r, part, &log, bank);
	else
		inspect_fault(i, ASSAY_F_MEMORY, "unbound", 0);
	userlog_drop(&log);
	*n = r.n;
	return r.p;
}
