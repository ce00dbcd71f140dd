/* SPDX-License-Identifier: Apache-2.0
 *
 * api - the verifier's HTTP interface, docs/formats/protocol.md: routes, roles, workers,
 * limits, the stream of events. Holds no logic of attestation: a message goes to engine/ or
 * enrol/ and what they say goes back.
 *
 *   hot path   challenges and evidence are answered on the HTTP loop's own thread; what the
 *              engine calls SLOW, and everything that asks the store, goes through a bounded
 *              queue to workers. A full queue is 503, never a wait.
 *   order      api_start, http_server_start (config from api_http), api_serves; to stop:
 *              api_drain, http_server_stop, api_stop, then engine_stop, then api_free
 */
#pragma once
#include "platform/http.h"
#include "verifier/engine/engine.h"

#include <stdio.h>

struct api;

struct api_rate {
	double per_second; /* 0: no limit */
	double burst;
};

struct api_config {
	struct engine *engine;
	const char *ek_roots;       /* folder of the EK makers' roots, NULL: none */
	unsigned workers;           /* 1 to 256 */
	size_t queue;               /* requests that may wait for a worker */
	size_t subscribers;         /* of /v1/events, at most */
	size_t max_body;            /* bytes of an evidence or a batch */
	struct api_rate challenges; /* per source address (IPv6: per /64) */
	struct api_rate enrolments;
};

/* Strings are copied; the engine is not owned. Loads the roots once to see that they can be. */
struct api *api_start(const struct api_config *config, struct platform_message *why);
/* Fills ctx, max_body and the callbacks. */
void api_http(struct api *api, struct http_server_config *out);
/* Whose connections /metrics counts. */
void api_serves(struct api *api, struct http_server *server);
/* The roots are read again; nothing changes on failure. */
bool api_reload(struct api *api, struct platform_message *why);
/* Tells subscribers of an event; for engine_on_event, whose one thread calls it in order. */
void api_event(struct api *api, const struct store_event *event);
/* False when a loop or a worker has been in one request for longer than it ever should (10 s, 5
 * min): the watchdog's question. */
bool api_alive(const struct api *api);

/* Something else that /metrics shows: appends Prometheus text. Set before api_http. */
void api_metrics_also(struct api *api, void (*write)(void *ctx, FILE *out), void *ctx);

/* Ends the streams and takes no new ones. */
void api_drain(struct api *api);
/* Joins the workers. api_event may still come, and does nothing. */
void api_stop(struct api *api);
void api_free(struct api *api);
