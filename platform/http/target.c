/* SPDX-License-Identifier: Apache-2.0
 *
 * The request's target: a path, decoded once, and a query. What two readers could read in two
 * ways is refused: an escaped slash or NUL, an empty or a dot segment. */
#include "platform/http/internal.h"

#include <string.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One character of text at *at; -1 where it is malformed. */
static int decoded(const char *text, size_t n, size_t *at)
{
	char c = text[(*at)++];

	if (c != '%')
		return (unsigned char)c;
	if (n - *at < 2)
		return -1;
	int high = digit(text[*at]), low = digit(text[*at + 1]);
	*at += 2;
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool segments_good(const char *path)
{
	// NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): ends with a NUL
	for (const char *s = path; *s == '/';) {
		size_t n = strcspn(++s, "/");
		if (n == 0 && *s == '/')
			return false;
		if ((n == 1 || n == 2) && strspn(s, ".") == n)
			return false;
		s += n;
	}
	return true;
}

bool http_target_read(struct http_exchange *x)
{
	const char *target = x->head + x->target.at;
	size_t n = x->target.n;
	const char *mark = memchr(target, '?', n);
	size_t path_n = mark ? (size_t)(mark - target) : n;
	char path[HTTP_HEAD_MAX + 1];
	size_t to = 0;

	if (n == 0 || n > HTTP_HEAD_MAX || target[0] != '/' || memchr(target, '#', n))
		return false;
	for (size_t at = 0; at < path_n;) {
		bool escaped = target[at] == '%';
		int c = decoded(target, path_n, &at);
		if (c < 0x20 || c == 0x7f || (escaped ? c == '/' : c > 0x7e))
			return false;
		path[to++] = (char)c; /* BOUNDS: never more than path_n <= HTTP_HEAD_MAX */
	}
	path[to] = '\0';
	if (to == 0 || !segments_good(path))
		return false;
	if (mark)
		x->query = (struct http_text){ (uint16_t)(x->target.at + path_n + 1),
					       (uint16_t)(n - path_n - 1), true };
	x->path = (struct http_text){ (uint16_t)x->head_n, (uint16_t)to, true };
	return http_exchange_keep(x, path, to + 1);
}

/* A parameter's name or value: *out_n decoded bytes, false when malformed or too long. */
static bool decode_part(const char *text, size_t n, char *out, size_t cap)
{
	size_t to = 0;

	for (size_t at = 0; at < n;) {
		int c = text[at] == '+' ? (at++, ' ') : decoded(text, n, &at);
		if (c <= 0 || to + 1 >= cap)
			return false;
		out[to++] = (char)c;
	}
	if (to >= cap)
		return false;
	out[to] = '\0';
	return true;
}

bool http_query(const struct http_exchange *x, const char *name, char *out, size_t cap)
{
	const char *q = x->head ? x->head + x->query.at : NULL;
	const char *end = q ? q + x->query.n : NULL;
	const char *value = NULL;
	size_t value_n = 0;

	if (!x->query.there)
		return false;
	while (q < end) {
		const char *stop = memchr(q, '&', (size_t)(end - q));
		if (!stop)
			stop = end;
		const char *equals = memchr(q, '=', (size_t)(stop - q));
		size_t name_n = (size_t)((equals ? equals : stop) - q);
		char decoded_name[64];
		if (decode_part(q, name_n, decoded_name, sizeof(decoded_name)) &&
		    strcmp(decoded_name, name) == 0) {
			if (value)
				return false;
			value = equals ? equals + 1 : stop;
			value_n = (size_t)(stop - value);
		}
		q = stop + (stop < end);
	}
	return value && decode_part(value, value_n, out, cap);
}
