/* SPDX-License-Identifier: Apache-2.0
 * assay node watch - follows a verifier's events. A connection that ends is made again, and
 * begins after the last event that was seen: none is told twice, and none is passed over. */
#include "cli/node.h"
#include "cli/sse.h"
#include "cli/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* The verifier speaks every 15 s, so silence means that the connection is dead. */
enum { SILENCE_SECONDS = 40, WAIT_LEAST_MS = 250, WAIT_MOST_MS = 8000 };

struct watch {
	struct remote r;
	struct sse sse;
	const char *node; /* NULL: all */
	int timer;
	bool coloured, met, said_lost;
	int status; /* EXIT_DONE: goes on */
};

static void rearm(struct watch *w)
{
	const struct itimerspec in = { .it_value = { .tv_sec = SILENCE_SECONDS } };

	(void)timerfd_settime(w->timer, 0, &in, NULL);
}

static void put_event(struct watch *w, const struct event_seen *e)
{
	printf("%.12s  %s  ", e->time + 11, e->node);
	if (e->before >= 0) {
		node_put_status((enum assay_tier)e->before, 0, w->coloured);
		fputs(" -> ", stdout);
	}
	node_put_status(e->status, 0, w->coloured);
	if (json_array_size(e->reasons) > 0) {
		fputs("  ", stdout);
		node_put_worst(e->reasons);
	}
	putchar('\n');
}

static void put_json(const json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII);

	puts(text ? text : "{}");
	free(text);
}

static bool on_event(void *ctx, const struct sse *s, struct assay_slice data)
{
	struct watch *w = ctx;
	struct platform_message why;
	struct event_seen e;
	const char *what = "an event";

	if (strcmp(s->name, "verdict") != 0)
		return true;
	json_t *o = platform_json_read(data, "the event", SSE_LINE_MAX, NULL, &why);
	if (!o || !event_read(o, &e, &what)) {
		w->status = remote_unreadable(&w->r, o ? what : why.why);
		json_decref(o);
		return false;
	}
	if (!w->node || strcmp(w->node, e.node) == 0) {
		if (w->r.json)
			put_json(o);
		else
			put_event(w, &e);
	}
	json_decref(o);
	if (fflush(stdout) != 0) {
		perror("assay node watch: cannot write standard output");
		w->status = EXIT_ENVIRONMENT;
	}
	return w->status == EXIT_DONE;
}

static bool on_piece(void *ctx, struct assay_slice piece)
{
	struct watch *w = ctx;

	w->met = true;
	rearm(w);
	if (w->said_lost)
		platform_note("assay node watch", "the verifier is there again");
	w->said_lost = false;
	if (sse_take(&w->sse, piece, on_event, w))
		return true;
	if (w->sse.broken)
		w->status = remote_unreadable(&w->r, "an event is too large");
	return false;
}

/* One connection, to its end. False when it could not be begun and *why says why. */
static bool follow(struct watch *w, struct http_answer_in *answer, struct platform_message *why)
{
	const struct http_field last = { "Last-Event-ID", w->sse.id };

	sse_again(&w->sse);
	rearm(w);
	return http_client_stream(w->r.client, "/v1/events", &last, *w->sse.id ? 1 : 0,
				  on_piece, w, answer, why);
}

static void lost(struct watch *w, const struct platform_message *why)
{
	if (w->said_lost)
		return;
	platform_note("assay node watch", "the verifier is lost, tries again: %s", why->why);
	w->said_lost = true;
}

static void wait_ms(unsigned ms)
{
	const struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* Until it may not or cannot go on. A verifier that never answered is an error, one that did
 * will come again. */
static int watch(struct watch *w)
{
	unsigned wait = WAIT_LEAST_MS;

	while (w->status == EXIT_DONE) {
		struct platform_message why = { 0 };
		struct http_answer_in answer = { 0 };
		bool begun = follow(w, &answer, &why);
		if (w->status != EXIT_DONE)
			break;
		bool later = answer.status == 0 || answer.status == 429 || answer.status == 503;
		if (!begun && answer.status != 0 && !(later && w->met))
			return remote_refused(&w->r, &answer);
		if (!begun && !w->met) {
			platform_message_print(w->r.program, &why, w->r.json);
			return EXIT_ENVIRONMENT;
		}
		if (begun)
			wait = WAIT_LEAST_MS;
		else
			lost(w, &why);
		wait_ms(wait);
		wait = wait * 2 > WAIT_MOST_MS ? WAIT_MOST_MS : wait * 2;
	}
	return w->status;
}

int node_watch(int argc, char **argv)
{
	struct remote_options ro = { 0 };
	struct cli_option rows[REMOTE_OPTIONS];
	struct cli_list operands;
	const char *after = NULL;
	const struct cli_option options[] = {
		{ "--after", "SEQ", "begin after this event; 0: with the first that is kept",
		  &after, NULL, NULL },
	};
	const struct cli_spec spec = { "node watch",
				       "[NODE]",
				       "Prints a line for each change of a verdict, of all "
				       "nodes or of one, as it comes; "
				       "with --json\nthe event as one line of JSON. Goes on "
				       "until it is stopped, through "
				       "restarts of the verifier.",
				       "node watch",
				       0,
				       1,
				       options,
				       rows,
				       COUNT(options),
				       COUNT(rows) };
	remote_options_rows(&ro, rows);
	int got = cli_options_read(&spec, argc, argv, &operands);
	struct watch w = { .coloured = node_coloured() };
	char path[256];

	if (got != EXIT_DONE)
		return cli_options_status(got);
	w.node = operands.n ? operands.item[0] : NULL;
	if (w.node && !node_path(path, w.node, ""))
		return node_no_id("node watch", w.node);
	size_t digits = after ? strlen(after) : 0;
	if (digits > 18 || (after && strspn(after, "0123456789") != digits))
		return cli_usage_error("node watch", "--after is an event's number");
	snprintf(w.sse.id, sizeof w.sse.id, "%s", after ? after : "");
	w.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (w.timer < 0) {
		perror("assay node watch");
		return EXIT_ENVIRONMENT;
	}
	got = remote_open(&w.r, "assay node watch", &ro, w.timer);
	if (got == EXIT_DONE)
		got = watch(&w);
	sse_drop(&w.sse);
	remote_close(&w.r);
	close(w.timer);
	return got;
}
