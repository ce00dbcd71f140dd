/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_WIDTH = 20 };

/* Bytes of the UTF-8 character at p[0 .. n), 0 when there is none (RFC 3629). */
static size_t utf8_at(const uint8_t *p, size_t n, uint32_t *out)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = p[0] < 0x80       ? 1
		     : p[0] >> 5 == 6  ? 2
		     : p[0] >> 4 == 14 ? 3
		     : p[0] >> 3 == 30 ? 4
				       : 0;
	uint32_t c = len == 1 ? p[0] : p[0] & (0x7fu >> (len ? len : 1));

	if (len == 0 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return len;
}

/* Controls, and what a person cannot see or reads in another order. */
static bool is_hidden(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

static void put_utf8(FILE *out, uint32_t c)
{
	if (c < 0x80) {
		fputc((int)c, out);
		return;
	}
	int n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	fputc((int)((0xf00u >> n & 0xff) | c >> 6 * (n - 1)), out);
	for (int i = n - 2; i >= 0; i--)
		fputc((int)(0x80 | (c >> 6 * i & 0x3f)), out);
}

static void put_json_escape(FILE *out, uint32_t c)
{
	if (c >= 0x10000) {
		fprintf(out, "\\u%04x", 0xd800 + ((c - 0x10000) >> 10));
		c = 0xdc00 + ((c - 0x10000) & 0x3ff);
	}
	fprintf(out, "\\u%04x", c);
}

static void put_char(FILE *out, bool json, uint32_t c)
{
	if (is_hidden(c) && json)
		put_json_escape(out, c);
	else if (is_hidden(c))
		fprintf(out, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
	else if (json && (c == '"' || c == '\\'))
		fprintf(out, "\\%c", (int)c);
	else
		put_utf8(out, c);
}

static void put_text(FILE *out, bool json, struct assay_slice s, size_t max)
{
	for (size_t at = 0; at < s.n;) {
		uint32_t c = 0;
		size_t n = utf8_at(s.p + at, s.n - at, &c);

		if (at >= max) {
			fputs("...", out);
			return;
		}
		if (n > 0)
			put_char(out, json, c);
		else
			fprintf(out, json ? "\\\\x%02x" : "\\x%02x", s.p[at]);
		at += n > 0 ? n : 1;
	}
}

static void put_utf16(FILE *out, bool json, struct assay_slice s, size_t max)
{
	for (size_t at = 0; at + 1 < s.n; at += 2) {
		uint32_t c = (uint32_t)s.p[at] | (uint32_t)s.p[at + 1] << 8;

		if (at >= max) {
			fputs("...", out);
			return;
		}
		if (c >= 0xd800 && c < 0xdc00 && at + 3 < s.n && s.p[at + 3] >> 2 == 0x37) {
			uint32_t low = (uint32_t)s.p[at + 2] | (uint32_t)s.p[at + 3] << 8;
			c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
			at += 2;
		}
		if (c >= 0xd800 && c <= 0xdfff)
			fprintf(out, json ? "\\\\u%04x" : "\\u%04x", c);
		else
			put_char(out, json, c);
	}
}

void show_safe(FILE *out, struct assay_slice text, size_t max)
{
	put_text(out, false, text, max);
}

void show_safe_utf16(FILE *out, struct assay_slice text, size_t max)
{
	put_utf16(out, false, text, max);
}

/* Outer members each on a line, what lies deeper beside each other. */
static void begin_json(struct show *s, const char *key)
{
	if (s->depth > 0) {
		if (s->any[s->depth - 1])
			fputs(s->depth <= 2 ? "," : ", ", s->out);
		s->any[s->depth - 1] = true;
		if (s->depth <= 2)
			fprintf(s->out, "\n%*s", (int)s->depth * 2, "");
	}
	if (key)
		fprintf(s->out, "\"%s\": ", key);
}

/* A key may be a name that somebody else chose, as a submodule's is. */
static void put_key(struct show *s, const char *key)
{
	struct assay_slice text = { (const uint8_t *)key, strlen(key) };
	int width = KEY_WIDTH - (int)s->depth * 2;

	fprintf(s->out, "%*s", (int)s->depth * 2, "");
	show_safe(s->out, text, 256);
	fprintf(s->out, "%*s", text.n < (size_t)width ? width - (int)text.n : 0, "");
}

static void begin(struct show *s, const char *key)
{
	if (s->json) {
		begin_json(s, key);
	} else if (key) {
		put_key(s, key);
		fputc(' ', s->out);
	} else {
		fprintf(s->out, "%*s", (int)s->depth * 2, "");
	}
}

static void end(struct show *s)
{
	if (!s->json)
		fputc('\n', s->out);
}

static void open(struct show *s, const char *key, bool array)
{
	if (s->json) {
		begin_json(s, key);
		fputc(array ? '[' : '{', s->out);
	} else if (key) {
		put_key(s, key);
		fputc('\n', s->out);
	}
	if (s->depth == SHOW_DEPTH_MAX)
		return;
	s->array[s->depth] = array;
	s->any[s->depth++] = false;
}

void show_object(struct show *s, const char *key)
{
	open(s, key, false);
}

void show_array(struct show *s, const char *key)
{
	open(s, key, true);
}

void show_close(struct show *s)
{
	s->depth--;
	if (!s->json)
		return;
	if (s->any[s->depth] && s->depth < 2)
		fprintf(s->out, "\n%*s", (int)s->depth * 2, "");
	fputc(s->array[s->depth] ? ']' : '}', s->out);
	if (s->depth == 0)
		fputc('\n', s->out);
}

void show_str(struct show *s, const char *key, const char *text)
{
	if (text) {
		show_text(s, key, (struct assay_slice){ (const uint8_t *)text, strlen(text) });
		return;
	}
	begin(s, key);
	fputs(s->json ? "null" : "-", s->out);
	end(s);
}

static void quote(struct show *s)
{
	if (s->json)
		fputc('"', s->out);
}

void show_text(struct show *s, const char *key, struct assay_slice text)
{
	begin(s, key);
	quote(s);
	put_text(s->out, s->json, text, SIZE_MAX);
	quote(s);
	end(s);
}

void show_utf16(struct show *s, const char *key, struct assay_slice text)
{
	begin(s, key);
	quote(s);
	put_utf16(s->out, s->json, text, SIZE_MAX);
	quote(s);
	end(s);
}

void show_hex(struct show *s, const char *key, struct assay_slice bytes)
{
	begin(s, key);
	quote(s);
	for (size_t i = 0; i < bytes.n; i++)
		fprintf(s->out, "%02x", bytes.p[i]);
	quote(s);
	end(s);
}

void show_u64(struct show *s, const char *key, uint64_t v)
{
	begin(s, key);
	fprintf(s->out, "%" PRIu64, v);
	end(s);
}

void show_i64(struct show *s, const char *key, int64_t v)
{
	begin(s, key);
	fprintf(s->out, "%" PRId64, v);
	end(s);
}

void show_bool(struct show *s, const char *key, bool v)
{
	begin(s, key);
	fputs(s->json ? (v ? "true" : "false") : (v ? "yes" : "no"), s->out);
	end(s);
}

void show_format(struct show *s, const char *key, const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): started one line above */
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	show_str(s, key, text);
}

/* ASCII alone: what a terminal would obey is escaped, DEL by us. */
void show_json(struct show *s, const char *key, const json_t *v)
{
	char *text =
		v ? json_dumps(v, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY) : NULL;

	begin(s, key);
	for (const char *p = text ? text : "null"; *p; p++) {
		if (*p == 0x7f)
			fputs("\\u007f", s->out);
		else
			fputc(*p, s->out);
	}
	end(s);
	free(text);
}
