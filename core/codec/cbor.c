/* SPDX-License-Identifier: Apache-2.0 */
#include "core/codec/cbor.h"
#include "core/base/utf8.h"
#include <string.h>

/* Latches a fault at an item's first byte. */
static void fail_at(struct cur *c, size_t start, enum assay_fault why, const char *field)
{
	c->field = start;
	cur_fail(c, why, field);
}

/* Additional information 24 to 27: one, two, four, eight bytes follow. */
static uint64_t argument(struct cur *c, size_t start, unsigned info, const char *field)
{
	static const uint64_t least[] = { 24, 1 << 8, 1 << 16, (uint64_t)1 << 32 };
	size_t width = (size_t)1 << (info - 24);

	if (cur_left(c) < width)
		fail_at(c, start, ASSAY_F_TRUNCATED, field);

	uint64_t v = cur_be(c, width, field);

	/* SPEC: "Preferred serialization MUST be used", the shortest form (RFC 8949, 4.2.1) */
	if (v < least[info - 24])
		fail_at(c, start, ASSAY_F_CANONICAL, field);
	return cur_ok(c) ? v : 0;
}

static uint64_t head(struct cur *c, enum cbor_type want, const char *field)
{
	size_t start = c->at;
	uint8_t first = (uint8_t)cur_be(c, 1, field);
	unsigned info = first & 31;

	if (first >> 5 != want)
		cur_fail(c, ASSAY_F_UNSUPPORTED, field);
	else if (info == 31 && want >= CBOR_BYTES && want <= CBOR_MAP)
		cur_fail(c, ASSAY_F_CANONICAL, field);
	else if (info > 27)
		cur_fail(c, ASSAY_F_RANGE, field);
	if (!cur_ok(c) || info < 24)
		return cur_ok(c) ? info : 0;
	return info <= 27 ? argument(c, start, info, field) : 0;
}

uint64_t cbor_uint(struct cur *c, const char *field)
{
	return head(c, CBOR_UINT, field);
}

static struct assay_slice string(struct cur *c, enum cbor_type type, const char *field)
{
	size_t start = c->at;
	uint64_t n = head(c, type, field);

	if (n > cur_left(c))
		fail_at(c, start, ASSAY_F_TRUNCATED, field);

	struct assay_slice s = cur_bytes(c, (size_t)n, field);

	c->field = start;
	return s;
}

struct assay_slice cbor_bytes(struct cur *c, const char *field)
{
	return string(c, CBOR_BYTES, field);
}

struct assay_slice cbor_text(struct cur *c, const char *field)
{
	struct assay_slice s = string(c, CBOR_TEXT, field);

	for (size_t at = 0; at < s.n;) {
		uint32_t character;
		size_t n = s.p[at] < 0x80 ? 1 : utf8_read(s.p + at, s.n - at, &character);

		if (n == 0) {
			cur_fail(c, ASSAY_F_ENCODING, field);
			return (struct assay_slice){ 0 };
		}
		at += n;
	}
	return s;
}

static size_t count(struct cur *c, enum cbor_type type, size_t max, const char *field)
{
	size_t start = c->at;
	uint64_t n = head(c, type, field);

	if (n > max)
		fail_at(c, start, ASSAY_F_LIMIT, field);
	return cur_ok(c) ? (size_t)n : 0;
}

size_t cbor_array(struct cur *c, size_t max, const char *field)
{
	return count(c, CBOR_ARRAY, max, field);
}

struct cbor_map cbor_map(struct cur *c, size_t max, const char *field)
{
	return (struct cbor_map){ .n = count(c, CBOR_MAP, max, field) };
}

/* Bytewise lexicographic order (4.2.1), not "length first" (4.2.3). */
static int order(struct assay_slice a, struct assay_slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int d = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return d != 0 ? d : (a.n > b.n) - (a.n < b.n);
}

struct assay_slice cbor_key(struct cur *c, struct cbor_map *map, const char *field)
{
	size_t start = c->at;
	struct assay_slice key = cbor_text(c, field);

	if (!cur_ok(c))
		return (struct assay_slice){ 0 };

	struct assay_slice encoded = { c->p + start, c->at - start };
	int d = order(map->last, encoded);

	if (d >= 0)
		fail_at(c, start, d == 0 ? ASSAY_F_DUPLICATE : ASSAY_F_CANONICAL, field);
	map->last = encoded;
	return cur_ok(c) ? key : (struct assay_slice){ 0 };
}

static void put(struct cbor_out *o, const uint8_t *p, size_t n)
{
	size_t left = o->n < o->cap ? o->cap - o->n : 0;

	if (n > left || n > SIZE_MAX - o->n)
		o->full = true;
	if (!o->full && n > 0)
		memcpy(o->p + o->n, p, n);
	o->n = n > SIZE_MAX - o->n ? SIZE_MAX : o->n + n;
}

void cbor_put_head(struct cbor_out *o, enum cbor_type type, uint64_t v)
{
	uint8_t b[9];
	unsigned info = v < 24        ? (unsigned)v
			: v < 1 << 8  ? 24
			: v < 1 << 16 ? 25
			: v >> 32     ? 27
				      : 26;
	size_t width = info < 24 ? 0 : (size_t)1 << (info - 24);

	b[0] = (uint8_t)(type << 5 | info);
	for (size_t i = width; i > 0; i--) {
		b[i] = (uint8_t)v;
		v >>= 8;
	}
	put(o, b, 1 + width);
}

void cbor_put_bytes(struct cbor_out *o, struct assay_slice s)
{
	cbor_put_head(o, CBOR_BYTES, s.n);
	put(o, s.p, s.n);
}

void cbor_put_text(struct cbor_out *o, struct assay_slice s)
{
	cbor_put_head(o, CBOR_TEXT, s.n);
	put(o, s.p, s.n);
}
