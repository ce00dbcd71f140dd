/* SPDX-License-Identifier: Apache-2.0
 *
 * call - what the files of this room share: one request on its way to its answer, and what the
 * threads hold.
 *
 *   ownership  whoever holds a call answers it once (api_answer..., api_problem, or
 * http_stream) and does not touch it afterwards; api_queue hands it to a worker
 */
#pragma once
#include "verifier/api/api.h"
#include "verifier/api/limit.h"
#include "verifier/api/pool.h"
#include "verifier/api/problem.h"
#include "verifier/api/routes.h"
#include "verifier/enrol/enrol.h"
#include "verifier/keys/keys.h"

#include <jansson.h>
#include <stdatomic.h>

enum { API_ROUTES_MAX = 32, API_REQUEST_ID_MAX = 64 };

/* What one loop or worker has for itself. */
struct api_thread {
	struct api *api;
	struct engine_thread *engine;
	struct api_thread *next; /* in api->threads */
	_Atomic uint64_t busy;   /* since when it is in a request, ms monotonic; 0: idle */
	bool worker;
	/* A worker's alone; the first two are the engine's. */
	struct store *store;
	struct assay_crypto *crypto;
	struct assay_anchors *anchors;
	unsigned loaded; /* the api->load that anchors is of */
};

struct api_call {
	struct pool_job job;             /* first: the pool knows no more of it */
	void (*run)(struct api_call *c); /* when it is queued */
	struct api *api;
	struct api_thread *t; /* whose thread runs it now */
	struct http_exchange *x;
	const struct api_route *route; /* NULL: none fits */
	char id[API_ID_MAX + 1];       /* of {id} */
	char request[API_REQUEST_ID_MAX + 1];
	unsigned role;                    /* of the peer, 0: none */
	uint64_t now;                     /* when it came, ms since 1970 */
	uint64_t started;                 /* ms, monotonic */
	bool head;                        /* HEAD */
	bool queued;                      /* on the heap, by api_queue */
	char node[ASSAY_NODE_ID_MAX + 1]; /* for the log */
	/* For a problem. */
	struct assay_err err; /* of what is malformed; OK: nothing is */
	const char *allow;
	unsigned retry_after; /* seconds */
};

struct api_events_hub;

struct api {
	struct engine *engine;
	char *ek_roots;
	size_t max_body, subscribers;
	struct pool *pool;
	struct limit *challenges, *enrolments;
	struct api_events_hub *hub;
	_Atomic(struct http_server *) server;
	_Atomic unsigned load; /* grows with each reload */
	pthread_mutex_t threads_lock;
	struct api_thread *threads;
	char run[17]; /* random, begins each request id */
	_Atomic uint64_t requests;
	/* answered, by route (the last: none) and hundreds of the status */
	_Atomic uint64_t answered[API_ROUTES_MAX + 1][6];
	_Atomic uint64_t answered_ms[API_ROUTES_MAX + 1];
	_Atomic uint64_t limited, busy;
	void (*metrics_also)(void *ctx, FILE *out);
	void *metrics_ctx;
};

/* answer.c */
void api_answer(struct api_call *c, int status, const char *media, struct assay_slice body);
/* Takes the reference. */
void api_answer_json(struct api_call *c, int status, json_t *body);
void api_answer_empty(struct api_call *c); /* 204 */
__attribute__((format(printf, 3, 4))) void
api_problem(struct api_call *c, enum api_problem problem, const char *detail, ...);
/* A status of the store's that is not DONE; what: "node", "token". */
void api_store_problem(struct api_call *c, enum store_status status, const char *what);
const char *api_problem_word(enum api_problem problem);
/* Counts it and frees a queued call; the exchange is no longer looked at. */
void api_done(struct api_call *c, int status);

/* log.c */
void api_log_answer(const struct api_call *c, int status);
/* Why something of ours did not work: what the peer is not told. */
void api_log_failure(const struct api_call *c, const struct platform_message *why);

/* dispatch.c */
void api_handle(void *ctx, void *thread, struct http_exchange *x);
size_t api_body_limit(void *ctx, const char *method, const char *path);
void *api_loop_start(void *ctx, unsigned index);
void api_loop_stop(void *ctx, void *thread);
/* Hands the call to a worker, which calls run; false (answered as BUSY) when too many wait. */
bool api_queue(struct api_call *c, void (*run)(struct api_call *c));
struct api_thread *api_thread_new(struct api *api, bool worker, struct platform_message *why);
void api_thread_free(struct api_thread *t);
/* The worker's roots, as of the last reload. False: they cannot be read, and a root that was
 * taken away must not go on: nobody is enrolled until they can. */
bool api_thread_refresh(struct api_thread *t);
uint64_t api_monotonic_ms(void);
uint64_t api_now_ms(void);

/* text.c */
enum { API_TIME_TEXT = 25 };
/* RFC 3339 with milliseconds, UTC; null for 0. */
json_t *api_json_time(uint64_t ms);
json_t *api_json_hex(const uint8_t *p, size_t n, const char *prefix);
json_t *api_json_text(struct assay_slice text);
/* A JSON text of the store's; an empty array when there is none. */
json_t *api_json_of(struct assay_slice text);
/* A query parameter as a number; false (answered) when it is there and not one, or above max.
 */
bool api_query_number(struct api_call *c, const char *name, uint64_t max, uint64_t *value);
/* The body as an object with no members but names (NULL ends them); NULL: answered. */
json_t *api_body(struct api_call *c, const char *const *names);
struct store_actor api_actor(const struct api_call *c);

/* events.c */
struct api_events_hub *api_hub_new(struct api *api, size_t subscribers);
void api_hub_event(struct api_events_hub *hub, const struct store_event *event);
void api_hub_drain(struct api_events_hub *hub);
void api_hub_free(struct api_events_hub *hub);
size_t api_hub_subscribers(struct api_events_hub *hub);
