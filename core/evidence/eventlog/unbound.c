/* SPDX-License-Identifier: Apache-2.0
 *
 * Which bytes of a log nothing signed covers, when one bank is quoted in all
 * PCRs: those that can be changed without a fault of the reader, another PCR
 * value, or an event whose data and digest then disagree (must_bind &&
 * !agrees). eventlog_flip_test.c flips every byte of real logs to prove it.
 */
#include "core/evidence/eventlog/eventlog_internal.h"

struct ranges {
	struct assay_range *out;
	size_t max, n;
	size_t end; /* of the last range, stored or only counted */
};

/* Offsets come in ascending order. */
static void add(struct ranges *r, size_t offset, size_t n)
{
	if (n == 0)
		return;
	if (r->n > 0 && r->end == offset) {
		if (r->n <= r->max)
			r->out[r->n - 1].n += n;
	} else {
		if (r->n < r->max)
			r->out[r->n] = (struct assay_range){ offset, n };
		r->n++;
	}
	r->end = offset + n;
}

static void add_slice(struct ranges *r, const struct assay_eventlog *log, struct assay_slice s)
{
	if (s.n > 0)
		add(r, (size_t)(s.p - log->log.p), s.n);
}

/* Bit i: some record has a digest of log->algs[i]. */
static uint32_t algs_used(struct assay_slice in, struct assay_err *err)
{
	struct assay_eventlog log;
	struct assay_event ev;
	uint32_t used = 0;

	if (!assay_eventlog_open(&log, in, err))
		return 0;
	while (assay_eventlog_next(&log, &ev))
		for (size_t i = 0; log.index > 1 && i < ev.ndigests; i++)
			used |= 1u << eventlog_alg_index(&log, ev.digests[i].alg);
	return used;
}

/* What specid_read() does not check (see the table there). */
static void add_header(struct ranges *r, const struct assay_eventlog *log,
		       const struct assay_event *ev, uint32_t used)
{
	size_t at = ev->data_offset;
	size_t vendor = at + 24 + (log->agile ? 4 + 4 * log->nalgs : 0) + 1;
	bool cc = log->agile && log->nalgs == 1 && log->algs[0].algorithmId == ASSAY_SHA384;

	add(r, ev->offset, cc ? 1 : 0);
	/* vendorInfo that ends the log may be in the event or behind it */
	if (log->first_end > vendor && log->first_end == log->log.n)
		add(r, at - 4, 4);
	add(r, at + 16, 1);
	if (!log->agile)
		add(r, at + 20, 2);
	add(r, at + 22, 2);
	for (size_t i = 0; log->agile && i < log->nalgs; i++)
		if (!(used & 1u << i))
			add(r, at + 28 + 4 * i, 4);
	add(r, vendor, log->first_end - vendor);
}

/* An alg identifier may be changed to one of equal size that the record lacks. */
static bool alg_is_free(const struct assay_eventlog *log, const struct assay_event *ev,
			size_t d)
{
	for (size_t i = 0; i < log->nalgs; i++)
		if (log->algs[i].digestSize == ev->digests[d].digest.n &&
		    assay_event_digest(ev, log->algs[i].algorithmId).n == 0)
			return true;
	return false;
}

static void add_digests(struct ranges *r, const struct assay_eventlog *log,
			const struct assay_event *ev, uint16_t alg)
{
	for (size_t i = 0; i < ev->ndigests; i++) {
		if (ev->digests[i].alg == alg)
			continue;
		if (alg_is_free(log, ev, i))
			add(r, ev->digests[i].offset - 2, 2);
		add(r, ev->digests[i].offset, ev->digests[i].digest.n);
	}
}

/* Everything that decides about one record. */
struct context {
	const struct assay_eventlog *log;
	const struct startup_scan *scan;
	uint16_t alg;
};

/* The one StartupLocality that PCR 0's start follows from. */
static bool is_start(const struct context *c, const struct assay_event *ev)
{
	uint8_t otherwise = c->scan->startup.hcrtm ? 4 : 0;

	return ev->index == c->scan->stated_index && c->scan->startup.locality != otherwise;
}

/* Its type alone says that PCR 0 starts at 4. */
static bool is_hcrtm_start(const struct context *c, const struct assay_event *ev)
{
	return ev->eventType == (uint32_t)ASSAY_EV_EFI_HCRTM_EVENT && ev->pcrIndex == 0 &&
	       !c->scan->startup.stated && c->scan->hcrtms == 1;
}

/* A record that nothing is extended from could be any other such record. */
static bool is_free(const struct context *c, const struct assay_event *ev)
{
	if (ev->eventType == (uint32_t)ASSAY_EV_NO_ACTION)
		return !is_start(c, ev);
	return assay_event_digest(ev, c->alg).n == 0 && !is_hcrtm_start(c, ev);
}

/* Where no digest minds how far the data goes, its size may be changed when
 * what follows is a free record, or padding, or it ends like padding. */
static bool size_is_free(const struct context *c, const struct assay_event *ev)
{
	struct assay_eventlog peek = *c->log;
	struct assay_event next;

	if (assay_eventlog_next(&peek, &next))
		return is_free(c, &next);
	return c->log->pad < c->log->log.n && ev->data_offset + ev->data.n >= c->log->pad;
}

static void add_data(struct ranges *r, const struct context *c, const struct assay_event *ev,
		     const struct assay_event_facts *facts)
{
	struct assay_slice data = ev->data, proven = facts->proven, word, rest;
	size_t from = 0, to = 0;

	/* Data that is hashed by chance, not by its type's rule, is not missed
	 * when it no longer is. */
	if (facts->must_bind && facts->agrees && proven.n > 0) {
		from = (size_t)(proven.p - data.p);
		to = from + proven.n;
	}
	/* That an EV_IPL must bind is told by its prefix, hashed or not. */
	if (to > 0 && ev->eventType == (uint32_t)ASSAY_EV_IPL &&
	    shape_prefixed(data, &word, &rest) && from < word.n + 2)
		from = word.n + 2 < to ? word.n + 2 : to;
	if ((to < data.n || data.n == 0) && size_is_free(c, ev))
		add(r, ev->data_offset - 4, 4);
	add_slice(r, c->log, slice_part(data, 0, from));
	add_slice(r, c->log, slice_part(data, to, data.n));
}

static void add_event(struct ranges *r, const struct context *c, const struct assay_event *ev,
		      const struct assay_event_facts *facts)
{
	if (is_free(c, ev)) {
		add(r, ev->offset, ev->data_offset + ev->data.n - ev->offset);
		return;
	}
	if (is_start(c, ev)) {
		add_digests(r, c->log, ev, c->alg);
		return;
	}
	if (assay_event_digest(ev, c->alg).n == 0)
		add(r, ev->offset, 4);
	if (!is_hcrtm_start(c, ev))
		add(r, ev->offset + 4, 4);
	add_digests(r, c->log, ev, c->alg);
	add_data(r, c, ev, facts);
}

size_t assay_eventlog_unbound(struct assay_crypto *crypto, struct assay_slice in, uint16_t alg,
			      struct assay_range *out, size_t max, struct assay_err *err)
{
	struct ranges r = { .out = out, .max = max };
	struct startup_scan scan;
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_event_facts facts;
	struct context c = { &log, &scan, alg };

	if (!startup_scan(in, &scan, err))
		return 0;
	uint32_t used = algs_used(in, err);
	if (!assay_eventlog_open(&log, in, err))
		return 0;
	while (assay_eventlog_next(&log, &ev)) {
		if (!assay_event_prove(crypto, &ev, alg, &facts)) {
			*err = (struct assay_err){ ASSAY_F_CRYPTO, "digest", ev.offset, NULL };
			return 0;
		}
		if (facts.kind == ASSAY_KIND_HEADER)
			add_header(&r, &log, &ev, used);
		else
			add_event(&r, &c, &ev, &facts);
	}
	add(&r, log.end, in.n - log.end);
	return err->fault == ASSAY_F_OK ? r.n : 0;
}
