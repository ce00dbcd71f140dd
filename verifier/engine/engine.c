/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/engine/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { INTERVAL_MIN = 1000, NODE_MAX = 1000000, AK_CACHE = 16384 };

void engine_log(const struct engine *e, const char *format, ...)
{
	char line[1024];
	va_list ap;

	if (!e->config.log)
		return;
	va_start(ap, format);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): started one line above */
	vsnprintf(line, sizeof line, format, ap);
	va_end(ap);
	e->config.log(e->config.log_ctx, line);
}

static bool no_memory(struct platform_message *why)
{
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot start the verifier");
	platform_message_why(why, "not enough memory, or OpenSSL gives no SHA-256");
	return false;
}

static const char *own(struct engine *e, const char *text, bool *ok)
{
	char *copy = text ? strdup(text) : NULL;

	if (copy)
		e->texts[e->ntexts++] = copy;
	*ok &= !text || copy;
	return copy;
}

static bool own_config(struct engine *e, const struct engine_config *c)
{
	struct engine_config *o = &e->config;
	bool ok = true;

	*o = *c;
	e->texts = calloc(c->nrefs + 5, sizeof *e->texts);
	const char **refs = calloc(c->nrefs + 1, sizeof *refs);
	o->refs = refs;
	if (!e->texts || !refs)
		return false;
	o->store = own(e, c->store, &ok);
	o->policy = own(e, c->policy, &ok);
	o->keys = own(e, c->keys, &ok);
	o->ek_roots = own(e, c->ek_roots, &ok);
	o->developer = own(e, c->developer ? c->developer : "https://assay.invalid", &ok);
	for (size_t i = 0; i < c->nrefs; i++)
		refs[i] = own(e, c->refs[i], &ok);
	o->interval = c->interval < INTERVAL_MIN ? INTERVAL_MIN : c->interval;
	o->node_max = c->node_max ? c->node_max : NODE_MAX;
	o->ak_cache = c->ak_cache ? c->ak_cache : AK_CACHE;
	return ok;
}

static void init_locks(struct engine *e)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&e->swap, NULL);
	pthread_mutex_init(&e->reload, NULL);
	pthread_mutex_init(&e->told_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&e->some_told, &attr);
	pthread_condattr_destroy(&attr);
}

static bool hold(struct engine *e, const struct engine_config *config,
		 struct platform_message *why)
{
	if (!own_config(e, config))
		return no_memory(why);
	hearing_init(&e->hearing, config->clock);
	e->revoked = revoked_new();
	e->memory = memory_new(e->config.node_max);
	e->queue = queue_new();
	e->crypto = assay_crypto_new(NULL, NULL);
	e->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return (e->revoked && e->memory && e->queue && e->crypto && e->wake >= 0) ||
	       no_memory(why);
}

/* The store is asked in this order: is it ours still, what is revoked, what set is this. */
static bool meet_store(struct engine *e, struct platform_message *why)
{
	struct store_epoch epoch;
	const char *url = e->config.store;

	if (store_open(url, &e->store, why) != STORE_DONE ||
	    store_open(url, &e->waits, why) != STORE_DONE ||
	    store_open(url, &e->asks, why) != STORE_DONE ||
	    store_open(url, &e->tails, why) != STORE_DONE ||
	    store_open(url, &e->keeps, why) != STORE_DONE ||
	    !epoch_open(&e->epoch, e->config.keys, why))
		return false;
	enum store_status status =
		epoch_check(&e->epoch, e->asks, hearing_boot(&e->hearing), why);
	if (status == STORE_CONFLICT)
		atomic_store(&e->hearing.restored, true);
	else if (status != STORE_DONE)
		return false;
	else if (store_epoch_bump(e->asks, &epoch) != STORE_DONE) {
		*why = *store_why(e->asks);
		return false;
	}
	atomic_store(&e->event, e->epoch.seen.event);
	e->snapshot =
		snapshot_new(e->crypto, e->store, &e->config, hearing_real(&e->hearing), why);
	if (!e->snapshot)
		return false;
	e->snapshot->serial = e->serial = 1;
	return true;
}

struct engine *engine_start(const struct engine_config *config, struct platform_message *why)
{
	struct engine *e = calloc(1, sizeof *e);

	*why = (struct platform_message){ 0 };
	if (!e) {
		(void)no_memory(why);
		return NULL;
	}
	init_locks(e);
	if (hold(e, config, why) && meet_store(e, why)) {
		engine_listen_once(e);
		if (engine_threads_start(e, why))
			return e;
	}
	engine_stop(e);
	return NULL;
}

static void close_store(struct store *s)
{
	if (s)
		store_close(s);
}

void engine_stop(struct engine *e)
{
	struct platform_message why;

	if (!e)
		return;
	if (e->nthreads > 0) {
		engine_threads_stop(e);
		engine_keep_once(e);
		if (!atomic_load(&e->hearing.restored) &&
		    !epoch_note(&e->epoch, hearing_boot(&e->hearing), &why))
			engine_log(e, "%s: %s", why.what, why.why);
	}
	close_store(e->store);
	close_store(e->waits);
	close_store(e->asks);
	close_store(e->tails);
	close_store(e->keeps);
	snapshot_drop(e->snapshot);
	assay_crypto_free(e->crypto);
	queue_free(e->queue);
	memory_free(e->memory);
	revoked_free(e->revoked);
	if (e->wake >= 0)
		close(e->wake);
	for (size_t i = 0; i < e->ntexts; i++)
		free(e->texts[i]);
	free(e->texts);
	free((void *)(uintptr_t)e->config.refs);
	pthread_cond_destroy(&e->some_told);
	pthread_mutex_destroy(&e->told_lock);
	pthread_mutex_destroy(&e->reload);
	pthread_mutex_destroy(&e->swap);
	free(e);
}

struct snapshot *engine_snapshot(struct engine *e)
{
	pthread_mutex_lock(&e->swap);
	struct snapshot *s = e->snapshot;
	snapshot_use(s);
	pthread_mutex_unlock(&e->swap);
	return s;
}

bool engine_reload(struct engine *e, struct platform_message *why)
{
	pthread_mutex_lock(&e->reload);
	struct snapshot *next =
		snapshot_new(e->crypto, e->store, &e->config, hearing_real(&e->hearing), why);
	struct snapshot *old = next;

	if (next) {
		pthread_mutex_lock(&e->swap);
		old = e->snapshot;
		next->serial = ++e->serial;
		e->snapshot = next;
		pthread_mutex_unlock(&e->swap);
	}
	pthread_mutex_unlock(&e->reload);
	snapshot_drop(old);
	return next != NULL;
}

bool engine_ready(const struct engine *e, struct platform_message *why)
{
	return hearing_ok((struct hearing *)(uintptr_t)&e->hearing, why);
}

bool engine_hears(const struct engine *e)
{
	return hearing_since((struct hearing *)(uintptr_t)&e->hearing, e->config.interval);
}

void engine_on_event(struct engine *e, engine_event_fn told, void *ctx)
{
	pthread_mutex_lock(&e->told_lock);
	e->told = told;
	e->told_ctx = ctx;
	pthread_mutex_unlock(&e->told_lock);
}
