/* SPDX-License-Identifier: Apache-2.0
 * Server-sent events: every stream is taken whole, byte by byte and cut at each place. */
#include "cli/sse.h"
#include "tests/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct heard {
	char text[256];
	unsigned most; /* events that are wanted */
};

static bool note(void *ctx, const struct sse *s, struct assay_slice data)
{
	struct heard *h = ctx;
	size_t n = strlen(h->text);

	snprintf(h->text + n, sizeof h->text - n, "%s#%s=%.*s;", s->name, s->id, (int)data.n,
		 (const char *)data.p);
	return h->most == 0 || --h->most > 0;
}

/* The stream in pieces of at most n bytes. */
static bool stream(struct sse *s, const char *text, size_t n, struct heard *h)
{
	for (size_t at = 0, all = strlen(text); at < all; at += n) {
		size_t m = all - at < n ? all - at : n;
		if (!sse_take(s, (struct assay_slice){ (const uint8_t *)text + at, m }, note,
			      h))
			return false;
	}
	return true;
}

static const struct {
	const char *rule, *text, *want;
} rows[] = {
	{ "an event", "id: 7\nevent: verdict\ndata: {}\n\n", "verdict#7={};" },
	{ "CR LF", "id: 7\r\nevent: verdict\r\ndata: {}\r\n\r\n", "verdict#7={};" },
	{ "no space after the colon, or two", "data:a\n\ndata:  b\n\n", "#=a;#= b;" },
	{ "comments are passed over", ":\n\n: hello\n\ndata: a\n\n", "#=a;" },
	{ "an event without data is none, and its id stays", "id: 3\n\ndata: a\n\n", "#3=a;" },
	{ "an id stays for the next event, a name does not",
	  "id: 1\nevent: x\ndata: a\n\ndata: b\n\n", "x#1=a;#1=b;" },
	{ "lines of data are joined", "data: a\ndata: b\ndata\n\n", "#=a\nb\n;" },
	{ "other fields", "retry: 2000\nfoo: bar\ndatax: no\ndata: a\n\n", "#=a;" },
	{ "an event that is cut short", "data: a\n\ndata: b\n", "#=a;" },
	{ "an id that is too long for one is passed over",
	  "id: 123456789012345678901234567890123\ndata: a\n\n", "#=a;" },
};

static void run_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool same = true;
		for (size_t n = 1; n <= strlen(rows[i].text); n++) {
			struct heard h = { 0 };
			struct sse s = { 0 };
			same &= stream(&s, rows[i].text, n, &h) && !s.broken &&
				strcmp(h.text, rows[i].want) == 0;
			sse_drop(&s);
		}
		tap_ok(same, "%s", rows[i].rule);
	}
}

static void run_again(void)
{
	struct heard h = { 0 };
	struct sse s = { 0 };

	(void)stream(&s, "id: 4\ndata: a\n\nid: 5\nevent: half\ndata: ha", 7, &h);
	sse_again(&s);
	tap_ok(stream(&s, "data: b\n\n", 3, &h) && strcmp(h.text, "#4=a;#5=b;") == 0,
	       "a stream that begins again forgets what was begun");
	sse_drop(&s);

	h = (struct heard){ .most = 1 };
	tap_ok(!stream(&s, "data: a\n\ndata: b\n\n", 64, &h) && !s.broken &&
		       strcmp(h.text, "#=a;") == 0,
	       "no more than is wanted");
	sse_drop(&s);
}

static void run_limits(void)
{
	char *line = malloc(SSE_LINE_MAX + 1);
	struct heard h = { 0 };
	struct sse s = { 0 };

	if (!line)
		return;
	memset(line, 'a', SSE_LINE_MAX + 1);
	memcpy(line, "data: ", 6);
	struct assay_slice most = { (const uint8_t *)line, SSE_LINE_MAX };
	struct assay_slice more = { (const uint8_t *)line, SSE_LINE_MAX + 1 };
	struct assay_slice end = { (const uint8_t *)"\n", 1 };

	tap_ok(sse_take(&s, most, note, &h), "a line of the greatest length");
	tap_ok(sse_take(&s, end, note, &h), "  with its end");
	tap_ok(!sse_take(&s, most, note, &h) || !sse_take(&s, end, note, &h),
	       "two of them are too much for one event");
	tap_ok(s.broken, "  and the stream is broken");
	sse_drop(&s);
	tap_ok(!sse_take(&s, more, note, &h) && s.broken, "a longer line");
	sse_drop(&s);
	free(line);
}

int main(void)
{
	run_rows();
	run_again();
	run_limits();
	return tap_done();
}
