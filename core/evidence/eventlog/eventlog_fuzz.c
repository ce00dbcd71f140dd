/* SPDX-License-Identifier: Apache-2.0
 * Target: the reader, replay, prove and unbound on one log. Properties:
 *   - a refusal is located; records follow each other and lie in the input
 *   - replay accepts what the reader accepts, and nothing else
 *   - what is proven lies in the event's data and hashes to its digest
 *   - unbound ranges are in order, apart, and in the input
 *   - of a pcrIndex, a quoted digest or proven data a byte that is not listed as unbound
 *     cannot be changed unnoticed */
#include "core/base/slice.h"
#include <assay/evidence/eventlog.h>
#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RANGES_MAX = 4096 };

static struct assay_crypto *crypto;
static struct assay_range ranges[RANGES_MAX];

static bool inside(struct assay_slice s, struct assay_slice in)
{
	return s.n == 0 || (s.p >= in.p && s.p + s.n <= in.p + in.n);
}

static uint16_t bank_of(const struct assay_eventlog *log)
{
	uint16_t alg = 0;

	for (size_t i = 0; i < log->nalgs; i++)
		if (assay_alg_computable(log->algs[i].algorithmId))
			alg = log->algs[i].algorithmId;
	return alg;
}

static void check_facts(const struct assay_event *ev, uint16_t alg,
			const struct assay_event_facts *f)
{
	uint8_t d[ASSAY_DIGEST_MAX];
	struct assay_slice digest = assay_event_digest(ev, alg);

	assert(f->agrees || f->must_bind);
	assert(inside(f->proven, ev->data) && inside(f->text, ev->data) &&
	       inside(f->prefix, ev->data) && inside(f->path, ev->data) &&
	       inside(f->variable.name, ev->data) && inside(f->variable.data, ev->data));
	if (f->binding == ASSAY_BOUND_NOTHING) {
		assert(f->proven.n == 0);
		assert(f->kind != ASSAY_KIND_VARIABLE && f->kind != ASSAY_KIND_COMMAND &&
		       f->kind != ASSAY_KIND_ACTION && f->kind != ASSAY_KIND_TEXT &&
		       f->kind != ASSAY_KIND_GPT && f->kind != ASSAY_KIND_DATA);
	} else if (f->binding != ASSAY_BOUND_CONTENT) {
		assert(assay_hash1(crypto, alg, f->proven, d));
		assert(slice_eq((struct assay_slice){ d, digest.n }, digest));
	}
}

/* Walks the log; false when the reader refuses it or an event disagrees. */
static bool walk(struct assay_slice in, uint16_t alg, bool check)
{
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_event_facts f;
	struct assay_err err;
	size_t end = 0, n = 0;

	if (!assay_eventlog_open(&log, in, &err))
		return false;
	while (assay_eventlog_next(&log, &ev)) {
		assert(ev.index == n++ && ev.offset >= end && inside(ev.data, in));
		assert(ev.ndigests >= 1 && ev.ndigests <= log.nalgs);
		assert(ev.pcrIndex < ASSAY_PCRS || ev.pcrIndex == UINT32_MAX);
		end = ev.data_offset + ev.data.n;
		assert(assay_event_prove(crypto, &ev, alg, &f));
		if (check)
			check_facts(&ev, alg, &f);
		else if (f.must_bind && !f.agrees)
			return false;
	}
	assert(err.fault != ASSAY_F_OK || (log.end >= end && log.end <= in.n));
	return err.fault == ASSAY_F_OK;
}

static bool listed(size_t n, size_t at)
{
	for (size_t i = 0; i < n && i < RANGES_MAX; i++)
		if (at >= ranges[i].offset && at - ranges[i].offset < ranges[i].n)
			return true;
	return false;
}

static void check_change(struct assay_slice in, const struct assay_bank *want, size_t nranges,
			 size_t at, uint8_t change)
{
	struct assay_bank bank = { .alg = want->alg };
	struct assay_err err;

	if (nranges > RANGES_MAX || listed(nranges, at))
		return;
	uint8_t *copy = malloc(in.n);
	assert(copy);
	memcpy(copy, in.p, in.n);
	copy[at] ^= change;
	struct assay_slice changed = { copy, in.n };
	assert(!assay_eventlog_replay(crypto, changed, &bank, 1, NULL, &err) ||
	       memcmp(bank.value, want->value, sizeof bank.value) != 0 ||
	       !walk(changed, want->alg, false));
	free(copy);
}

static void check_bytes(struct assay_slice in, const struct assay_bank *bank, size_t nranges)
{
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_event_facts f;
	struct assay_err err;
	uint8_t seed = in.p[in.n / 2], change = seed % 3 == 0 ? 1 : seed % 3 == 1 ? 0x80 : 0xff;
	size_t budget = 16;

	assert(assay_eventlog_open(&log, in, &err));
	while (budget > 0 && assay_eventlog_next(&log, &ev)) {
		if (log.index % 4 != seed % 4u && log.index > 8)
			continue;
		struct assay_slice digest = assay_event_digest(&ev, bank->alg);
		budget--;
		check_change(in, bank, nranges, ev.offset, change);
		if (digest.n > 0)
			check_change(in, bank, nranges,
				     (size_t)(digest.p - in.p) + seed % digest.n, change);
		assert(assay_event_prove(crypto, &ev, bank->alg, &f));
		if (f.proven.n > 0)
			check_change(in, bank, nranges,
				     (size_t)(f.proven.p - in.p) + seed % f.proven.n, change);
	}
}

static size_t check_unbound(struct assay_slice in, uint16_t alg)
{
	struct assay_err err;
	size_t n = assay_eventlog_unbound(crypto, in, alg, ranges, RANGES_MAX, &err);

	assert(err.fault == ASSAY_F_OK);
	for (size_t i = 0; i < n && i < RANGES_MAX; i++) {
		assert(ranges[i].n > 0 && ranges[i].offset + ranges[i].n <= in.n);
		assert(i == 0 || ranges[i - 1].offset + ranges[i - 1].n < ranges[i].offset);
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct assay_slice in = { data, size };
	struct assay_eventlog log;
	struct assay_startup startup = { .locality = 77 };
	struct assay_err err;

	if (!crypto)
		crypto = assay_crypto_new(NULL, NULL);
	if (!assay_eventlog_open(&log, in, &err)) {
		assert(err.fault != ASSAY_F_OK && err.field && err.offset <= size);
		return 0;
	}
	struct assay_bank bank = { .alg = bank_of(&log) };
	uint16_t alg = bank.alg;
	bool read = walk(in, alg, true);
	bool replayed = alg != 0 && assay_eventlog_replay(crypto, in, &bank, 1, &startup, &err);

	assert(alg == 0 || replayed == read);
	assert(replayed || startup.locality == 77);
	assert(replayed || alg == 0 || (err.field && err.offset <= size));
	if (!replayed)
		return 0;
	size_t n = check_unbound(in, alg);
	if (walk(in, alg, false))
		check_bytes(in, &bank, n);
	return 0;
}
