/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Appends n bytes and keeps room for one more. */
static bool append(char **to, size_t *used, size_t *cap, const char *p, size_t n)
{
	if (n > SSE_LINE_MAX - *used) /* BOUNDS: used is at most SSE_LINE_MAX */
		return false;
	if (*used + n + 1 > *cap) {
		size_t want = *cap ? *cap : 1024;
		while (want < *used + n + 1)
			want *= 2;
		char *grown = realloc(*to, want);
		if (!grown)
			return false;
		*to = grown;
		*cap = want;
	}
	if (n > 0)
		memcpy(*to + *used, p, n); /* BOUNDS: grown above */
	*used += n;
	return true;
}

/* An empty line: the event is whole. */
static bool dispatch(struct sse *s, sse_event_fn each, void *ctx)
{
	size_t n = s->ndata;
	bool go_on = true;

	if (n > 0) /* the last newline is none of the data */
		go_on = each(ctx, s, (struct assay_slice){ (const uint8_t *)s->data, n - 1 });
	s->ndata = 0;
	s->name[0] = '\0';
	return go_on;
}

static bool is_field(const char *line, size_t n, const char *name)
{
	return n == strlen(name) && memcmp(line, name, n) == 0;
}

static void set(char *to, size_t cap, const char *value, size_t n)
{
	if (n < cap && !memchr(value, '\0', n))
		snprintf(to, cap, "%.*s", (int)n, value);
}

static bool take_line(struct sse *s, sse_event_fn each, void *ctx)
{
	size_t n = s->nline;
	const char *line = s->line;

	if (n > 0 && line[n - 1] == '\r')
		n--;
	if (n == 0)
		return dispatch(s, each, ctx);
	const char *colon = memchr(line, ':', n);
	size_t name = colon ? (size_t)(colon - line) : n;
	const char *value = colon ? colon + 1 : line + n;
	size_t nvalue = (size_t)(line + n - value);
	if (nvalue > 0 && *value == ' ') {
		value++;
		nvalue--;
	}
	if (is_field(line, name, "data"))
		s->broken = !append(&s->data, &s->ndata, &s->data_cap, value, nvalue) ||
			    !append(&s->data, &s->ndata, &s->data_cap, "\n", 1);
	else if (is_field(line, name, "event"))
		set(s->name, sizeof s->name, value, nvalue);
	else if (is_field(line, name, "id"))
		set(s->id, sizeof s->id, value, nvalue);
	return !s->broken;
}

bool sse_take(struct sse *s, struct assay_slice piece, sse_event_fn each, void *ctx)
{
	const char *p = (const char *)piece.p, *end = p + piece.n;

	while (p < end && !s->broken) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((newline ? newline : end) - p);
		if (!append(&s->line, &s->nline, &s->line_cap, p, n)) {
			s->broken = true;
			break;
		}
		if (!newline)
			break;
		bool go_on = take_line(s, each, ctx);
		s->nline = 0;
		if (!go_on)
			return false;
		p = newline + 1;
	}
	return !s->broken;
}

void sse_again(struct sse *s)
{
	s->nline = s->ndata = 0;
	s->name[0] = '\0';
	s->broken = false;
}

void sse_drop(struct sse *s)
{
	free(s->line);
	free(s->data);
	*s = (struct sse){ 0 };
}
