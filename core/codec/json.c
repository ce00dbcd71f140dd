/* SPDX-License-Identifier: Apache-2.0 */
#include "core/codec/json.h"
#include "core/base/slice.h"
#include "core/base/utf8.h"
#include "core/codec/base64.h"

static bool in_object(const struct json *j)
{
	return j->depth > 0 && j->is_object >> (j->depth - 1) & 1;
}

static void comma(struct json *j)
{
	if (j->depth == 0)
		return;

	uint32_t bit = (uint32_t)1 << (j->depth - 1);

	if (j->not_first & bit)
		text_str(j->t, ",");
	j->not_first |= bit;
}

/* Before any value: a comma, or the key that an object wants. */
static void value(struct json *j)
{
	if (in_object(j) != j->after_key || (j->depth == 0 && j->t->n > j->start))
		j->t->full = true;
	if (!j->after_key)
		comma(j);
	j->after_key = false;
}

static void open(struct json *j, bool object)
{
	value(j);
	if (j->depth == JSON_DEPTH_MAX) {
		j->t->full = true;
		return;
	}

	uint32_t bit = (uint32_t)1 << j->depth++;

	j->is_object = object ? j->is_object | bit : j->is_object & ~bit;
	j->not_first &= ~bit;
	text_str(j->t, object ? "{" : "[");
}

void codec_json_object(struct json *j)
{
	open(j, true);
}

void codec_json_array(struct json *j)
{
	open(j, false);
}

void codec_json_close(struct json *j)
{
	if (j->depth == 0) {
		j->t->full = true;
		return;
	}
	text_str(j->t, in_object(j) ? "}" : "]");
	j->depth--;
}

static void escape(struct text *t, const char *lead, uint32_t v, unsigned digits)
{
	text_str(t, lead);
	text_hex_u64(t, v, digits);
}

static void character(struct text *t, struct assay_slice s, uint32_t c)
{
	if (c == '"' || c == '\\')
		text_str(t, "\\");
	if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029)
		escape(t, "\\u", c, 4);
	else
		text_raw(t, s);
}

/* Length of the run from at on that needs no escape: nearly always the whole. */
static size_t plain(struct assay_slice s, size_t at)
{
	size_t n = 0;

	while (at + n < s.n && s.p[at + n] >= ' ' && s.p[at + n] < 0x7f && s.p[at + n] != '"' &&
	       s.p[at + n] != '\\')
		n++;
	return n;
}

static void quoted(struct text *t, struct assay_slice s)
{
	if (plain(s, 0) == s.n) {
		char *room = text_room(t, s.n + 2);
		if (room) {
			room[0] = room[s.n + 1] = '"';
			memcpy(room + 1, s.p, s.n);
		}
		return;
	}
	text_str(t, "\"");
	for (size_t at = 0; at < s.n;) {
		uint32_t c;
		size_t n = plain(s, at);

		if (n > 0) {
			text_raw(t, slice_part(s, at, at + n));
			at += n;
			continue;
		}
		n = utf8_read(s.p + at, s.n - at, &c);
		if (n > 0)
			character(t, slice_part(s, at, at + n), c);
		else
			escape(t, "\\\\x", s.p[at], 2);
		at += n > 0 ? n : 1;
	}
	text_str(t, "\"");
}

void codec_json_key(struct json *j, const char *key)
{
	if (!in_object(j) || j->after_key)
		j->t->full = true;
	comma(j);
	quoted(j->t, slice_str(key));
	text_str(j->t, ":");
	j->after_key = true;
}

void codec_json_string(struct json *j, struct assay_slice s)
{
	value(j);
	quoted(j->t, s);
}

void codec_json_str(struct json *j, const char *s)
{
	if (s)
		codec_json_string(j, slice_str(s));
	else
		codec_json_null(j);
}

void codec_json_u64(struct json *j, uint64_t v)
{
	value(j);
	text_u64(j->t, v);
}

void codec_json_i64(struct json *j, int64_t v)
{
	value(j);
	text_i64(j->t, v);
}

void codec_json_bool(struct json *j, bool v)
{
	value(j);
	text_str(j->t, v ? "true" : "false");
}

void codec_json_null(struct json *j)
{
	value(j);
	text_str(j->t, "null");
}

void codec_json_base64url(struct json *j, struct assay_slice s)
{
	value(j);
	text_str(j->t, "\"");
	base64url_write(j->t, s);
	text_str(j->t, "\"");
}

void codec_json_hex(struct json *j, struct assay_slice s)
{
	value(j);
	text_str(j->t, "\"");
	text_hex(j->t, s);
	text_str(j->t, "\"");
}

bool codec_json_done(const struct json *j)
{
	return j->depth == 0 && !j->after_key && j->t->n > j->start && !j->t->full;
}
