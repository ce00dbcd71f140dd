/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /v1/events: each subscriber sees every event after the one it names, once and in order. A
 * worker sends it what the store holds; when it has reached the newest, it is live and the
 * engine's thread tells it the rest.
 *
 * The hub's lock is held around each send, so that `gone` (which frees the exchange) never runs
 * beside one; no send blocks. */
#include "verifier/api/call.h"
#include "verifier/api/event.h"
#include "verifier/api/handlers.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A stream ends after an hour and its subscriber comes again, so that a certificate that was
 * revoked or ended is met. */
enum { HEARTBEAT_MS = 15 * 1000, TICK_MS = 500, PAGE = 256, STREAM_MS = 3600 * 1000 };

struct sub {
	struct pool_job job;
	struct api_events_hub *hub;
	struct sub *next;
	struct http_exchange *x;
	uint64_t sent;  /* the last seq that went out */
	uint64_t since; /* ms, monotonic */
	bool live;      /* told by api_hub_event */
	bool busy;      /* a worker or its beginning holds it: it frees what is gone */
	bool over;      /* nothing more can be sent */
	bool gone;
};

struct api_events_hub {
	struct api *api;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t ticker;
	struct sub *first;
	size_t n, most;
	uint64_t last; /* seq that the engine told last */
	bool draining, stopping;
};

static void unlink_free(struct sub *s)
{
	for (struct sub **at = &s->hub->first; *at; at = &(*at)->next)
		if (*at == s) {
			*at = s->next;
			s->hub->n--;
			break;
		}
	free(s);
}

/* On the loop's thread; the exchange is no more after it. */
static void gone(void *ctx)
{
	struct sub *s = ctx;
	struct api_events_hub *hub = s->hub;

	pthread_mutex_lock(&hub->lock);
	s->gone = s->over = true;
	s->live = false;
	if (!s->busy)
		unlink_free(s);
	pthread_mutex_unlock(&hub->lock);
}

/* With the lock held. */
static void send_text(struct sub *s, const char *text)
{
	if (!s->over && !http_stream_send(s->x, (struct assay_slice){ (const uint8_t *)text,
								      strlen(text) }))
		s->over = true;
}

static void send_event(struct sub *s, const char *text, uint64_t seq)
{
	if (seq <= s->sent)
		return;
	send_text(s, text);
	s->sent = seq;
}

/* What goes out for an event; malloced. */
static char *frame(const struct store_event *event)
{
	char *json = event_json(event), *text = NULL;

	if (json && asprintf(&text, "id: %llu\nevent: verdict\ndata: %s\n\n",
			     (unsigned long long)event->seq, json) < 0)
		text = NULL;
	free(json);
	return text;
}

void api_hub_event(struct api_events_hub *hub, const struct store_event *event)
{
	char *text = frame(event);

	pthread_mutex_lock(&hub->lock);
	hub->last = event->seq;
	for (struct sub *s = hub->first; s; s = s->next) {
		if (!s->live)
			continue;
		if (text)
			send_event(s, text, event->seq);
		else
			s->live = false; /* it hears of it when it catches up again */
	}
	pthread_mutex_unlock(&hub->lock);
	free(text);
}

static void catch_up_one(void *ctx, const struct store_event *event)
{
	struct sub *s = ctx;
	char *text = frame(event);

	pthread_mutex_lock(&s->hub->lock);
	if (text)
		send_event(s, text, event->seq);
	else
		s->over = true;
	pthread_mutex_unlock(&s->hub->lock);
	free(text);
}

/* Pages until the store has no more than the hub has told; then it is live. On a store that is
 * down the ticker tries again. */
static void catch_up(struct pool_job *job, void *thread)
{
	struct sub *s = (struct sub *)(void *)job;
	struct api_events_hub *hub = s->hub;
	struct api_thread *t = thread;
	bool on = true;

	while (on) {
		uint64_t before = s->sent, last = s->sent;
		enum store_status status =
			store_events(t->store, s->sent, PAGE, catch_up_one, s, &last);

		pthread_mutex_lock(&hub->lock);
		if (status == STORE_DONE && last > s->sent)
			s->sent = last; /* trimmed: nothing is there to be sent */
		s->live = status == STORE_DONE && s->sent == before && !s->over &&
			  hub->last <= s->sent;
		on = status == STORE_DONE && !s->live && !s->over && !hub->stopping &&
		     s->sent != before;
		if (!on) {
			s->busy = false;
			if (s->gone)
				unlink_free(s);
		}
		pthread_mutex_unlock(&hub->lock);
	}
}

/* With the lock held. */
static void catch_up_queue(struct sub *s)
{
	s->busy = true;
	s->job.run = catch_up;
	if (!pool_submit(s->hub->api->pool, &s->job))
		s->busy = false;
}

static void *tick(void *arg)
{
	struct api_events_hub *hub = arg;
	uint64_t beat = api_monotonic_ms();

	pthread_mutex_lock(&hub->lock);
	while (!hub->stopping) {
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += TICK_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		pthread_cond_timedwait(&hub->changed, &hub->lock, &until);
		uint64_t now = api_monotonic_ms();
		bool due = now - beat >= HEARTBEAT_MS;
		if (due)
			beat = now;
		for (struct sub *s = hub->first; s && !hub->stopping; s = s->next) {
			if (!s->live && !s->busy && !s->over)
				catch_up_queue(s);
			if (due && !s->busy)
				send_text(s, ":\n\n");
			if (now - s->since >= STREAM_MS && !s->busy && !s->over) {
				s->over = true;
				s->live = false;
				http_stream_end(s->x);
			}
		}
	}
	pthread_mutex_unlock(&hub->lock);
	return NULL;
}

struct api_events_hub *api_hub_new(struct api *api, size_t subscribers)
{
	struct api_events_hub *hub = calloc(1, sizeof *hub);
	pthread_condattr_t attr;

	if (!hub)
		return NULL;
	hub->api = api;
	hub->most = subscribers;
	pthread_mutex_init(&hub->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&hub->changed, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&hub->ticker, NULL, tick, hub) == 0)
		return hub;
	pthread_cond_destroy(&hub->changed);
	pthread_mutex_destroy(&hub->lock);
	free(hub);
	return NULL;
}

void api_hub_drain(struct api_events_hub *hub)
{
	pthread_mutex_lock(&hub->lock);
	bool first = !hub->stopping;
	hub->draining = hub->stopping = true;
	for (struct sub *s = hub->first; s; s = s->next) {
		if (!s->over)
			http_stream_end(s->x);
		s->over = true;
	}
	pthread_cond_broadcast(&hub->changed);
	pthread_mutex_unlock(&hub->lock);
	if (first)
		pthread_join(hub->ticker, NULL);
}

void api_hub_free(struct api_events_hub *hub)
{
	if (!hub)
		return;
	while (hub->first)
		unlink_free(hub->first);
	pthread_cond_destroy(&hub->changed);
	pthread_mutex_destroy(&hub->lock);
	free(hub);
}

size_t api_hub_subscribers(struct api_events_hub *hub)
{
	pthread_mutex_lock(&hub->lock);
	size_t n = hub->n;
	pthread_mutex_unlock(&hub->lock);
	return n;
}

/* A place among the subscribers, busy until the stream has begun; NULL when there is none. */
static struct sub *sub_new(struct api_events_hub *hub, struct http_exchange *x, uint64_t after)
{
	struct sub *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->hub = hub;
	s->x = x;
	s->sent = after;
	s->since = api_monotonic_ms();
	s->busy = true;
	pthread_mutex_lock(&hub->lock);
	if (hub->n >= hub->most || hub->draining) {
		pthread_mutex_unlock(&hub->lock);
		free(s);
		return NULL;
	}
	s->next = hub->first;
	hub->first = s;
	hub->n++;
	pthread_mutex_unlock(&hub->lock);
	return s;
}

/* Where to go on: Last-Event-ID (which a browser sends again by itself) before the query; false
 * (answered) when it is no number. */
static bool begin_at(struct api_call *c, uint64_t *after, bool *given)
{
	char text[24], *end = text;

	*given = http_header(c->x, "last-event-id", text, sizeof text);
	if (*given) {
		*after = strtoull(text, &end, 10);
		if (strspn(text, "0123456789") > 0 && *end == 0)
			return true;
		api_problem(c, API_P_QUERY, "Last-Event-ID is no number");
		return false;
	}
	*after = UINT64_MAX;
	if (!api_query_number(c, "after", INT64_MAX, after))
		return false;
	*given = *after != UINT64_MAX;
	return true;
}

/* Where a stream begins, so that whoever loses it before its first event goes on from there. */
static void send_place(struct sub *s)
{
	char text[32];

	if (s->sent == 0)
		return;
	snprintf(text, sizeof text, "id: %llu\n\n", (unsigned long long)s->sent);
	send_text(s, text);
}

void api_events(struct api_call *c)
{
	struct api_events_hub *hub = c->api->hub;
	uint64_t after = 0;
	bool given = false;

	if (!begin_at(c, &after, &given))
		return;
	if (c->head) {
		api_answer(c, 200, "text/event-stream", (struct assay_slice){ 0 });
		return;
	}
	struct sub *s = sub_new(hub, c->x, given ? after : 0);
	if (!s) {
		c->retry_after = 5;
		api_problem(c, API_P_BUSY, "too many subscribers");
		return;
	}
	api_log_answer(c, 200);
	http_stream(c->x, "text/event-stream", gone, s);
	pthread_mutex_lock(&hub->lock);
	send_text(s, "retry: 2000\n\n");
	s->busy = false;
	if (s->gone) {
		unlink_free(s);
	} else if (!given) {
		s->sent = hub->last;
		s->live = true;
		send_place(s);
	} else {
		catch_up_queue(s);
	}
	pthread_mutex_unlock(&hub->lock);
	api_done(c, 200);
}
