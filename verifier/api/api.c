/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/api/api.h"

#include "platform/hex.h"
#include "platform/random.h"
#include "verifier/api/call.h"

#include <stdlib.h>
#include <string.h>

enum { ADDRESSES = 32 * 1024, WORKERS_MAX = 256 };

/* The roots as they are on disk now: what a worker would meet. */
static bool roots_good(const struct api *api, struct platform_message *why)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct assay_anchors *anchors = NULL;
	size_t n = 0;

	if (!crypto) {
		platform_message_what(why, "cannot read roots of EK certificates");
		platform_message_why(why, "libcrypto does not start");
		return false;
	}
	anchors = enrol_anchors_load(crypto, api->ek_roots, &n, why);
	bool good = anchors != NULL;
	assay_anchors_free(anchors);
	assay_crypto_free(crypto);
	return good;
}

static bool workers_start(struct api *api, const struct api_config *config,
			  struct platform_message *why)
{
	void *thread[WORKERS_MAX];
	unsigned n = config->workers < 1             ? 1
		     : config->workers > WORKERS_MAX ? (unsigned)WORKERS_MAX
						     : config->workers;

	for (unsigned i = 0; i < n; i++)
		if (!(thread[i] = api_thread_new(api, true, why)))
			return false;
	api->pool = pool_start(thread, n, config->queue);
	if (!api->pool) {
		platform_message_what(why, "cannot start workers");
		platform_message_why(why, "no more threads");
	}
	return api->pool != NULL;
}

static bool fill(struct api *api, const struct api_config *config)
{
	uint8_t run[8];

	api->engine = config->engine;
	api->max_body = config->max_body;
	api->ek_roots = config->ek_roots ? strdup(config->ek_roots) : NULL;
	api->challenges =
		limit_new(config->challenges.per_second, config->challenges.burst, ADDRESSES);
	api->enrolments =
		limit_new(config->enrolments.per_second, config->enrolments.burst, ADDRESSES);
	api->hub = api_hub_new(api, config->subscribers);
	platform_random(run, sizeof run);
	platform_hex_write((struct assay_slice){ run, sizeof run }, api->run);
	return (api->ek_roots || !config->ek_roots) && api->challenges && api->enrolments &&
	       api->hub;
}

struct api *api_start(const struct api_config *config, struct platform_message *why)
{
	struct api *api = calloc(1, sizeof *api);

	if (!api || pthread_mutex_init(&api->threads_lock, NULL) != 0) {
		free(api);
		api = NULL;
	}
	if (!api || !fill(api, config)) {
		platform_message_what(why, "cannot start the interface");
		platform_message_why(why, "out of memory");
	} else if (roots_good(api, why) && workers_start(api, config, why)) {
		return api;
	}
	if (api) {
		api_drain(api);
		api_stop(api);
		api_free(api);
	}
	return NULL;
}

void api_http(struct api *api, struct http_server_config *out)
{
	out->ctx = api;
	out->max_body = api->max_body;
	out->limit = api_body_limit;
	out->thread_start = api_loop_start;
	out->thread_stop = api_loop_stop;
	out->handle = api_handle;
}

void api_serves(struct api *api, struct http_server *server)
{
	atomic_store(&api->server, server);
}

bool api_reload(struct api *api, struct platform_message *why)
{
	if (!roots_good(api, why))
		return false;
	atomic_fetch_add(&api->load, 1);
	return true;
}

void api_event(struct api *api, const struct store_event *event)
{
	api_hub_event(api->hub, event);
}

void api_metrics_also(struct api *api, void (*write)(void *ctx, FILE *out), void *ctx)
{
	api->metrics_also = write;
	api->metrics_ctx = ctx;
}

void api_drain(struct api *api)
{
	atomic_store(&api->server, NULL);
	if (api->hub)
		api_hub_drain(api->hub);
}

void api_stop(struct api *api)
{
	pool_stop(api->pool);
	api->pool = NULL;
	/* the loops' are freed by their server */
	for (struct api_thread *t = api->threads, *next; t; t = next) {
		next = t->next;
		if (t->worker)
			api_thread_free(t);
	}
}

void api_free(struct api *api)
{
	api_hub_free(api->hub);
	limit_free(api->challenges);
	limit_free(api->enrolments);
	pthread_mutex_destroy(&api->threads_lock);
	free(api->ek_roots);
	free(api);
}
