/* SPDX-License-Identifier: Apache-2.0
 * What a loop or a worker has for itself, and how it follows a reload. */
#include "verifier/api/call.h"

#include <stdlib.h>

static bool worker_load(struct api_thread *t, struct platform_message *why)
{
	struct assay_anchors *anchors;
	struct keys keys;
	size_t n = 0;
	unsigned load = atomic_load(&t->api->load);

	if (!keys_load(t->crypto, t->api->keys, KEYS_SETTLE, &keys, why))
		return false;
	anchors = enrol_anchors_load(t->crypto, t->api->ek_roots, &n, why);
	if (!anchors) {
		keys_drop(&keys);
		return false;
	}
	if (t->anchors) {
		assay_anchors_free(t->anchors);
		keys_drop(&t->keys);
	}
	t->anchors = anchors;
	t->keys = keys;
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
	/* the reload had seen them good: they changed again; the next reload tries anew */
	t->loaded = atomic_load(&t->api->load);
	api_log_failure(NULL, &why);
	return false;
}

static bool worker_start(struct api_thread *t, struct platform_message *why)
{
	t->crypto = assay_crypto_new(NULL, NULL);
	if (!t->crypto) {
		platform_message_what(why, "cannot start a worker");
		platform_message_why(why, "libcrypto does not start");
		return false;
	}
	return store_open(t->api->store, &t->store, why) == STORE_DONE && worker_load(t, why);
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
	if (t->anchors) {
		assay_anchors_free(t->anchors);
		keys_drop(&t->keys);
	}
	if (t->store)
		store_close(t->store);
	if (t->crypto)
		assay_crypto_free(t->crypto);
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
