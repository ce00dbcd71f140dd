/* SPDX-License-Identifier: Apache-2.0 */
#include "core/receipt/contents.h"
#include "core/base/slice.h"

enum { VERSION = 1, ITEMS = 11, PCR_IMA = 10 };

/* Latches a fault at an item's first byte. */
static void fail_at(struct cur *c, size_t start, enum assay_fault why, const char *field)
{
	c->field = start;
	cur_fail(c, why, field);
}

static void array_of(struct cur *c, size_t want, const char *field)
{
	size_t start = c->at;

	if (cbor_array(c, want, field) != want)
		fail_at(c, start, ASSAY_F_MISSING, field);
}

static uint64_t uint_to(struct cur *c, uint64_t max, const char *field)
{
	size_t start = c->at;
	uint64_t v = cbor_uint(c, field);

	if (v > max)
		fail_at(c, start, ASSAY_F_RANGE, field);
	return cur_ok(c) ? v : 0;
}

static uint16_t alg(struct cur *c, const char *field)
{
	size_t start = c->at;
	uint16_t v = (uint16_t)uint_to(c, UINT16_MAX, field);

	if (assay_alg_size(v) == 0)
		fail_at(c, start, ASSAY_F_UNSUPPORTED, field);
	return cur_ok(c) ? v : 0;
}

static struct assay_slice bytes_of(struct cur *c, size_t want, const char *field)
{
	struct assay_slice s = cbor_bytes(c, field);

	if (s.n != want)
		cur_fail(c, ASSAY_F_RANGE, field);
	return s;
}

static size_t bits(uint32_t mask)
{
	size_t n = 0;

	for (; mask != 0; mask &= mask - 1)
		n++;
	return n;
}

static void read_pcrs(struct cur *c, struct assay_receipt *r)
{
	array_of(c, 3, "pcrs");
	r->pcr_alg = alg(c, "pcrs.alg");

	size_t start = c->at;
	r->pcr_mask = (uint32_t)uint_to(c, (1u << ASSAY_PCRS) - 1, "pcrs.mask");
	/* PCR 10 moves on; without the others nothing would say that the boot is the same */
	if (r->pcr_mask == 0 || r->pcr_mask >> PCR_IMA & 1)
		fail_at(c, start, ASSAY_F_RANGE, "pcrs.mask");
	r->pcrs = bytes_of(c, bits(r->pcr_mask) * assay_alg_size(r->pcr_alg), "pcrs.values");
}

static void read_banks(struct cur *c, struct assay_receipt *r)
{
	r->nbanks = cbor_array(c, ASSAY_RECEIPT_BANKS, "ima");
	for (size_t i = 0; i < r->nbanks && cur_ok(c); i++) {
		array_of(c, 3, "ima.bank");

		size_t start = c->at;
		r->bank[i].alg = alg(c, "ima.alg");
		if (i > 0 && r->bank[i].alg <= r->bank[i - 1].alg)
			fail_at(c, start,
				r->bank[i].alg == r->bank[i - 1].alg ? ASSAY_F_DUPLICATE
								     : ASSAY_F_CANONICAL,
				"ima.alg");
		r->bank[i].index = cbor_uint(c, "ima.index");
		r->bank[i].pcr10 = bytes_of(c, assay_alg_size(r->bank[i].alg), "ima.pcr10");
	}
}

/* area.what, as in assay/result/reasons.h; which reasons there are is not this room's to know.
 */
static bool is_word(struct assay_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		      s.p[i] == '-' || s.p[i] == '.'))
			return false;
	return s.n > 0;
}

static bool same(const struct assay_deviation *a, const struct assay_deviation *b)
{
	return a->index == b->index && a->alg == b->alg && slice_eq(a->reason, b->reason) &&
	       slice_eq(a->digest, b->digest);
}

static bool has(const struct assay_receipt *r, const struct assay_deviation *d)
{
	for (size_t i = 0; i < r->ndeviations; i++)
		if (same(&r->deviation[i], d))
			return true;
	return false;
}

static void read_deviation(struct cur *c, struct assay_receipt *r)
{
	struct assay_deviation d;
	size_t start = c->at;

	array_of(c, 4, "deviation");
	d.reason = cbor_text(c, "deviation.reason");
	if (d.reason.n > ASSAY_REASON_WORD_MAX)
		cur_fail(c, ASSAY_F_LIMIT, "deviation.reason");
	else if (!is_word(d.reason))
		cur_fail(c, ASSAY_F_RANGE, "deviation.reason");
	d.index = cbor_uint(c, "deviation.index");
	d.alg = alg(c, "deviation.alg");
	d.digest = bytes_of(c, assay_alg_size(d.alg), "deviation.digest");
	if (cur_ok(c) && has(r, &d))
		fail_at(c, start, ASSAY_F_DUPLICATE, "deviation");
	r->deviation[r->ndeviations++] = d;
}

void receipt_copy(struct assay_receipt *out, const struct assay_receipt *r)
{
	memcpy(out, r, offsetof(struct assay_receipt, deviation));
	memcpy(out->deviation, r->deviation, r->ndeviations * sizeof *r->deviation);
}

bool receipt_read(struct assay_slice in, struct assay_receipt *out, struct assay_err *err)
{
	struct cur c = cur_over(in, err);
	struct assay_receipt r;

	memset(&r, 0, offsetof(struct assay_receipt, deviation)); /* they are 14 KiB */
	array_of(&c, ITEMS, "receipt");

	size_t start = c.at;
	if (cbor_uint(&c, "version") != VERSION)
		fail_at(&c, start, ASSAY_F_UNSUPPORTED, "version");
	r.generation = cbor_uint(&c, "generation");
	r.issued = cbor_uint(&c, "issued");

	start = c.at;
	r.ends = cbor_uint(&c, "ends");
	if (r.ends <= r.issued || r.ends - r.issued > ASSAY_RECEIPT_LIFE_MAX)
		fail_at(&c, start, ASSAY_F_RANGE, "ends");
	r.good_until = cbor_uint(&c, "good-until");
	r.heard = cbor_uint(&c, "heard");
	r.resetCount = (uint32_t)uint_to(&c, UINT32_MAX, "resetCount");
	r.clock = cbor_uint(&c, "clock");
	read_pcrs(&c, &r);
	read_banks(&c, &r);

	size_t n = cbor_array(&c, ASSAY_DEVIATIONS_MAX, "deviations");
	while (r.ndeviations < n && cur_ok(&c))
		read_deviation(&c, &r);
	if (!cur_done(&c, "receipt"))
		return false;
	receipt_copy(out, &r);
	return true;
}

void receipt_write(struct cbor_out *o, const struct assay_receipt *r)
{
	const uint64_t numbers[] = { VERSION,       r->generation, r->issued,     r->ends,
				     r->good_until, r->heard,      r->resetCount, r->clock };

	cbor_put_head(o, CBOR_ARRAY, ITEMS);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		cbor_put_head(o, CBOR_UINT, numbers[i]);

	cbor_put_head(o, CBOR_ARRAY, 3);
	cbor_put_head(o, CBOR_UINT, r->pcr_alg);
	cbor_put_head(o, CBOR_UINT, r->pcr_mask);
	cbor_put_bytes(o, r->pcrs);

	cbor_put_head(o, CBOR_ARRAY, r->nbanks);
	for (size_t i = 0; i < r->nbanks && i < ASSAY_RECEIPT_BANKS; i++) {
		cbor_put_head(o, CBOR_ARRAY, 3);
		cbor_put_head(o, CBOR_UINT, r->bank[i].alg);
		cbor_put_head(o, CBOR_UINT, r->bank[i].index);
		cbor_put_bytes(o, r->bank[i].pcr10);
	}
	cbor_put_head(o, CBOR_ARRAY, r->ndeviations);
	for (size_t i = 0; i < r->ndeviations && i < ASSAY_DEVIATIONS_MAX; i++) {
		cbor_put_head(o, CBOR_ARRAY, 4);
		cbor_put_text(o, r->deviation[i].reason);
		cbor_put_head(o, CBOR_UINT, r->deviation[i].index);
		cbor_put_head(o, CBOR_UINT, r->deviation[i].alg);
		cbor_put_bytes(o, r->deviation[i].digest);
	}
}

bool assay_receipt_deviate(struct assay_receipt *r, const struct assay_deviation *deviation)
{
	if (has(r, deviation))
		return true;
	if (r->ndeviations >= ASSAY_DEVIATIONS_MAX)
		return false;
	r->deviation[r->ndeviations++] = *deviation;
	return true;
}
