/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/text.h"
#include "core/base/utf8.h"
#include <string.h>

/* BOUNDS: one byte of cap is kept for the NUL. */
char *text_room(struct text *t, size_t n)
{
	char *p = t->p + t->n;

	if (t->full || t->n >= t->cap || n > t->cap - t->n - 1) {
		t->full = true;
		return NULL;
	}
	t->n += n;
	t->p[t->n] = '\0';
	return p;
}

/* All of s or nothing of it, so that no escape and no character is ever cut. */
static void add(struct text *t, const void *p, size_t n)
{
	char *room = n > 0 ? text_room(t, n) : NULL;

	if (room)
		memcpy(room, p, n);
}

void text_raw(struct text *t, struct assay_slice s)
{
	add(t, s.p, s.n);
}

void text_str(struct text *t, const char *s)
{
	add(t, s, strlen(s));
}

void text_u64(struct text *t, uint64_t v)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	add(t, digits + at, sizeof digits - at);
}

void text_i64(struct text *t, int64_t v)
{
	uint64_t size = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	char buf[24];
	struct text number = text_over(buf, sizeof buf);

	if (v < 0)
		text_str(&number, "-");
	text_u64(&number, size);
	add(t, buf, number.n);
}

static const char hexdigits[16] = "0123456789abcdef";

void text_hex(struct text *t, struct assay_slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char two[2] = { hexdigits[s.p[i] >> 4], hexdigits[s.p[i] & 15] };

		add(t, two, sizeof two);
	}
}

void text_hex_u64(struct text *t, uint64_t v, unsigned digits)
{
	char hex[16];
	size_t at = sizeof hex;

	do {
		hex[--at] = hexdigits[v & 15];
		v >>= 4;
	} while (at > 0 && (v > 0 || sizeof hex - at < digits));
	add(t, hex + at, sizeof hex - at);
}

/* Controls, and what makes a line look like another one: direction overrides,
 * invisible characters, line separators, private use, non-characters. */
static bool shows(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} hidden[] = {
		{ 0x0000, 0x001f }, { 0x007f, 0x00a0 },    { 0x00ad, 0x00ad },
		{ 0x034f, 0x034f }, { 0x061c, 0x061c },    { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f },    { 0x2000, 0x200f },
		{ 0x2028, 0x202f }, { 0x205f, 0x206f },    { 0x3000, 0x3000 },
		{ 0x3164, 0x3164 }, { 0xd800, 0xf8ff },    { 0xfdd0, 0xfdef },
		{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },    { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb }, { 0xe0000, 0x10ffff },
	};

	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (c >= hidden[i].from && c <= hidden[i].to)
			return false;
	return (c & 0xfffe) != 0xfffe;
}

static void escape(struct text *t, char letter, uint32_t v, unsigned digits)
{
	char buf[8] = { '\\', letter };
	struct text esc = text_over(buf + 2, sizeof buf - 2);

	text_hex_u64(&esc, v, digits);
	add(t, buf, 2 + esc.n);
}

void text_safe(struct text *t, struct assay_slice s, size_t max)
{
	size_t at = 0;

	while (at < s.n) {
		uint32_t c = 0;
		size_t n = utf8_read(s.p + at, s.n - at, &c);

		if (n > max - at || at == max)
			break;
		if (n > 0 && shows(c)) {
			add(t, s.p + at, n);
		} else {
			n = n > 0 ? n : 1;
			for (size_t i = 0; i < n; i++)
				escape(t, 'x', s.p[at + i], 2);
		}
		at += n;
	}
	if (at < s.n)
		text_str(t, "...");
}

void text_safe_utf16(struct text *t, struct assay_slice s, size_t max)
{
	size_t at = 0;

	for (; at + 1 < s.n && at + 1 < max; at += 2) {
		uint32_t c = (uint32_t)s.p[at] | (uint32_t)s.p[at + 1] << 8;
		uint8_t utf8[4];

		if (shows(c))
			add(t, utf8, utf8_write(c, utf8));
		else
			escape(t, 'u', c, 4);
	}
	if (at + 1 == s.n && at < max)
		escape(t, 'x', s.p[at++], 2);
	if (at < s.n)
		text_str(t, "...");
}

const char *text_in(const struct text *t, struct assay_arena *arena)
{
	char *p = assay_arena_take(arena, t->n + sizeof "...", 1);

	if (!p)
		return NULL;
	if (t->n > 0)
		memcpy(p, t->p, t->n);
	memcpy(p + t->n, t->full ? "..." : "", t->full ? sizeof "..." : 1);
	return p;
}
