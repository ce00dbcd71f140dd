/* SPDX-License-Identifier: Apache-2.0
 * What a loop or a worker has for itself, and how it follows a reload. */
#include "verifier/api/call.h"

#include <stdlib.h>

static bool worker_load(struct api_thread *t, struct platform_message *why)
{
	unsigned load = atomic_load(&t->api->load);
	size_t n = 0;
	struct assay_anchors *anchors =
		enrol_anchors_load(t->crypto, t->api->ek_roots, &n, why);

	if (!anchors)
		return false;
	assay_anchors_free(t->anchors);
	t->anchors = anchors;
	t->loaded = load;
	return true;
}

bool api_thread_refresh(struct api_thread *t)
{
	struct platform_message why = { 0 };

	if (t->loaded == atomic_load(&t->api->load))
		return true;
	if (worker_load(t, &why))
		return true;
	/* the reload had seen them good: they changed again, and the old ones are no answer */
	api_log_failure(NULL, &why);
	return false;
}

static bool worker_start(struct api_thread *t, struct platform_message *why)
{
	t->store = engine_thread_store(t->engine);
	t->crypto = engine_thread_crypto(t->engine);
	return worker_load(t, why);
}

struct api_thread *api_thread_new(struct api *api, bool worker, struct platform_message *why)
{
	struct api_thread *t = calloc(1, sizeof *t);

	if (!t) {
		platform_message_what(why, "cannot start a thread");
		platform_message_why(why, "out of memory");
		return NULL;
	}
	t->api = api;
	t->worker = worker;
	t->engine = engine_thread_new(api->engine, worker, why);
	if (!t->engine || (worker && !worker_start(t, why))) {
		api_thread_free(t);
		return NULL;
	}
	pthread_mutex_lock(&api->threads_lock);
	t->next = api->threads;
	api->threads = t;
	pthread_mutex_unlock(&api->threads_lock);
	return t;
}

static void unlist(struct api_thread *t)
{
	pthread_mutex_lock(&t->api->threads_lock);
	for (struct api_thread **at = &t->api->threads; *at; at = &(*at)->next)
		if (*at == t) {
			*at = t->next;
			break;
		}
	pthread_mutex_unlock(&t->api->threads_lock);
}

void api_thread_free(struct api_thread *t)
{
	if (!t)
		return;
	unlist(t);
	assay_anchors_free(t->anchors); /* before the crypto that it uses */
	if (t->engine)
		engine_thread_free(t->engine);
	free(t);
}

void *api_loop_start(void *ctx, unsigned index)
{
	struct platform_message why = { 0 };
	struct api_thread *t = api_thread_new(ctx, false, &why);

	(void)index;
	if (!t)
		api_log_failure(NULL, &why);
	return t;
}

void api_loop_stop(void *ctx, void *thread)
{
	(void)ctx;
	api_thread_free(thread);
}

bool api_alive(const struct api *api)
{
	enum { LOOP_MS = 10 * 1000, WORKER_MS = 5 * 60 * 1000 };
	struct api *a = (struct api *)(uintptr_t)api; /* for the lock alone */
	uint64_t now = api_monotonic_ms();
	bool alive = true;

	pthread_mutex_lock(&a->threads_lock);
	for (struct api_thread *t = a->threads; t; t = t->next) {
		uint64_t since = atomic_load(&t->busy);
		uint64_t most = t->worker ? WORKER_MS : LOOP_MS;
		alive = alive && (since == 0 || now < since || now - since < most);
	}
	pthread_mutex_unlock(&a->threads_lock);
	return alive;
}
