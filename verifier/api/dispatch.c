/* SPDX-License-Identifier: Apache-2.0
 *
 * From a request to its handler: which route, may this peer, is it of the right form, may it
 * now. Every answer passes here or in answer.c, so that none is without an id. */
#include "verifier/api/call.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

uint64_t api_monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t api_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* The peer's own id when it is one that a log can hold, else a new one. */
static void request_id(struct api_call *c)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789._-";

	if (http_header(c->x, "x-request-id", c->request, sizeof c->request) && c->request[0] &&
	    strspn(c->request, good) == strlen(c->request))
		return;
	snprintf(c->request, sizeof c->request, "%s-%llx", c->api->run,
		 (unsigned long long)atomic_fetch_add(&c->api->requests, 1));
}

/* Who the peer is: false when answered. Nodes need no certificate: a route for everybody
 * does not look at one. */
static bool role_may(struct api_call *c)
{
	const struct http_peer *peer = http_peer(c->x);

	if (c->route->roles == 0)
		return true;
	if (peer->state != HTTP_PEER_VERIFIED) {
		api_problem(c, API_P_UNAUTHENTICATED, "%s",
			    peer->state == HTTP_PEER_REFUSED
				    ? "the client certificate does not verify"
				    : "no client certificate was shown");
		return false;
	}
	c->role = api_role_by_name(peer->unit);
	if (c->role & c->route->roles)
		return true;
	api_problem(c, API_P_FORBIDDEN, "the certificate's OU may not do this");
	return false;
}

/* Parameters behind the type are refused: none of ours has any, but for JSON's charset. */
static bool media_is(const struct api_call *c)
{
	char media[128];

	if (!http_header(c->x, "content-type", media, sizeof media))
		return false;
	if (c->route->takes == API_MESSAGE)
		return strcasecmp(media, ASSAY_MEDIA_MESSAGE) == 0;
	return strcasecmp(media, "application/json") == 0 ||
	       strcasecmp(media, "application/json; charset=utf-8") == 0 ||
	       strcasecmp(media, "application/json;charset=utf-8") == 0;
}

static bool form_good(struct api_call *c)
{
	size_t n = http_body(c->x).n;
	size_t most = c->route->body ? c->route->body : c->api->max_body;

	if (c->route->takes == API_NO_BODY) {
		if (n == 0)
			return true;
		api_problem(c, API_P_TOO_LARGE, "this request has no body");
		return false;
	}
	if (n > most) {
		api_problem(c, API_P_TOO_LARGE, "at most %zu bytes", most);
		return false;
	}
	if (media_is(c))
		return true;
	api_problem(c, API_P_MEDIA, "send %s",
		    c->route->takes == API_MESSAGE ? ASSAY_MEDIA_MESSAGE : "application/json");
	return false;
}

static bool not_too_often(struct api_call *c)
{
	struct limit *limit = c->route->limit == API_LIMIT_CHALLENGE ? c->api->challenges
			      : c->route->limit == API_LIMIT_ENROL   ? c->api->enrolments
								     : NULL;

	if (!limit || limit_take(limit, http_peer(c->x)->address, c->started, &c->retry_after))
		return true;
	atomic_fetch_add(&c->api->limited, 1);
	api_problem(c, API_P_TOO_MANY, "wait before the next one");
	return false;
}

static void run_queued(struct pool_job *job, void *thread)
{
	struct api_call *c = (struct api_call *)(void *)job;
	struct api_thread *t = thread;

	c->t = t;
	atomic_store(&t->busy, api_monotonic_ms());
	c->run(c);
	atomic_store(&t->busy, 0);
}

bool api_queue(struct api_call *c, void (*run)(struct api_call *c))
{
	struct api_call *kept = malloc(sizeof *kept);

	if (kept) {
		*kept = *c;
		kept->queued = true;
		kept->run = run;
		kept->job.run = run_queued;
		if (pool_submit(c->api->pool, &kept->job))
			return true;
		free(kept);
	}
	atomic_fetch_add(&c->api->busy, 1);
	c->retry_after = 2;
	api_problem(c, API_P_BUSY, "too many requests wait for a worker");
	return false;
}

static void dispatch(struct api_call *c, struct api_match *match)
{
	c->route = match->route;
	memcpy(c->id, match->id, sizeof c->id);
	if (!c->route && match->allow[0]) {
		c->allow = match->allow;
		api_problem(c, API_P_METHOD, "allowed here: %s", match->allow);
	} else if (!c->route) {
		api_problem(c, API_P_NOT_FOUND, "no such path");
	} else if (role_may(c) && form_good(c) && not_too_often(c)) {
		if (c->route->worker)
			(void)api_queue(c, c->route->handle);
		else
			c->route->handle(c);
	}
}

void api_handle(void *ctx, void *thread, struct http_exchange *x)
{
	struct api_thread *t = thread;
	struct api_call c = { .api = ctx, .t = t, .x = x, .now = api_now_ms() };
	struct api_match match;

	c.started = api_monotonic_ms();
	atomic_store(&t->busy, c.started);
	c.head = strcmp(http_method(x), "HEAD") == 0;
	request_id(&c);
	api_match(http_method(x), http_path(x), &match);
	dispatch(&c, &match);
	atomic_store(&t->busy, 0);
}

size_t api_body_limit(void *ctx, const char *method, const char *path)
{
	const struct api *api = ctx;
	struct api_match match;

	api_match(method, path, &match);
	/* enough to hear, so that the answer is about the route and not about its size */
	if (!match.route || match.route->takes == API_NO_BODY)
		return 4096;
	return match.route->body ? match.route->body : api->max_body;
}
