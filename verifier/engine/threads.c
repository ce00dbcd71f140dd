/* SPDX-License-Identifier: Apache-2.0
 *
 * listener  hears of revocations, and whether the database is the one that was left; what it
 *           has not heard of for two seconds makes the verifier blind
 * events    doubts what is remembered when another verifier changed it, and tells
 * keeper    empties the queue, then sweeps what is silent */
#include "verifier/engine/internal.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	LISTEN_MS = 250, /* between two rounds when nothing happens */
	PAUSE_MS = 100,  /* when the store cannot even be waited for */
	KEEP_MS = 500,   /* what is heard of nodes lies in memory alone for this long */
	EVENTS_ONCE = 1000,
	SILENT_ONCE = 1000,
};

static void pause_or_stop(struct engine *e, int ms)
{
	struct pollfd wake = { .fd = e->wake, .events = POLLIN };

	poll(&wake, 1, ms);
}

static void tell_round(struct engine *e)
{
	pthread_mutex_lock(&e->told_lock);
	e->rounds++;
	pthread_cond_signal(&e->some_told);
	pthread_mutex_unlock(&e->told_lock);
}

static void note_epoch(struct engine *e, enum store_status status,
		       const struct platform_message *why)
{
	bool restored = status == STORE_CONFLICT;

	if (atomic_exchange(&e->hearing.restored, restored) != restored)
		engine_log(e, restored ? "the database was put back from a backup: blind until "
					 "an operator accepts it"
				       : "the database that was put back is accepted");
	if (status != STORE_DONE && !restored)
		engine_log(e, "cannot hear of revocations: %s: %s", why->what, why->why);
}

void engine_listen_once(struct engine *e)
{
	uint64_t jumps = atomic_load(&e->hearing.jumps);
	struct hearing_round round = hearing_begin(&e->hearing);
	struct platform_message why = { 0 };
	enum store_status status = revoked_hear(e->revoked, e->asks);

	if (status == STORE_DONE)
		status = epoch_check(&e->epoch, e->asks, round.begin, &why);
	else
		why = *store_why(e->asks);
	note_epoch(e, status, &why);
	if (status == STORE_DONE)
		(void)!hearing_end(&e->hearing, round);
	if (jumps != atomic_load(&e->hearing.jumps))
		engine_log(e, "the clock jumped; blind until revocations were heard of anew");
	tell_round(e);
}

static void *listen_thread(void *arg)
{
	struct engine *e = arg;

	while (!atomic_load(&e->stopping)) {
		engine_listen_once(e);
		if (store_wait(e->waits, LISTEN_MS, e->wake) != STORE_DONE)
			pause_or_stop(e, PAUSE_MS);
	}
	return NULL;
}

static void take_event(void *ctx, const struct store_event *event)
{
	struct engine *e = ctx;

	memory_doubt(e->memory, event->node, event->seq);
	atomic_fetch_add(&e->metrics.events, 1);
	pthread_mutex_lock(&e->told_lock);
	engine_event_fn told = e->told;
	void *told_ctx = e->told_ctx;
	pthread_mutex_unlock(&e->told_lock);
	if (told)
		told(told_ctx, event);
}

/* Waits for a round of the listener's after the one that was seen. */
static void wait_round(struct engine *e, uint64_t *seen)
{
	pthread_mutex_lock(&e->told_lock);
	while (e->rounds == *seen && !atomic_load(&e->stopping))
		pthread_cond_wait(&e->some_told, &e->told_lock);
	*seen = e->rounds;
	pthread_mutex_unlock(&e->told_lock);
}

static void *events_thread(void *arg)
{
	struct engine *e = arg;
	uint64_t seen = 0;

	while (!atomic_load(&e->stopping)) {
		uint64_t from, last;
		wait_round(e, &seen);
		do {
			from = last = atomic_load(&e->event);
			if (store_events(e->tails, from, EVENTS_ONCE, take_event, e, &last) ==
			    STORE_DONE)
				atomic_store(&e->event, last);
			else
				last = from;
		} while (last != from && !atomic_load(&e->stopping));
	}
	return NULL;
}

/* True when the queue is empty, or as good as. */
static bool flush(struct engine *e)
{
	struct store_verdict rows[QUEUE_BATCH];
	size_t n, events;

	while ((n = queue_peek(e->queue, rows)) > 0) {
		uint64_t since = metrics_now();
		enum store_status status =
			store_heard_put(e->keeps, rows, n, hearing_real(&e->hearing), &events);
		metrics_took(&e->metrics.store_time, since);
		if (status != STORE_DONE)
			return false;
		queue_took(e->queue, n);
		if (n < QUEUE_BATCH)
			break;
	}
	atomic_store(&e->hearing.overflowed, false);
	return true;
}

/* Who is silent? Not before this verifier has heard for a whole interval, and not while what it
 * heard lies in its queue: a break of ours is no silence of theirs. Other verifiers' queues and
 * clocks are given their time. */
static void sweep(struct engine *e)
{
	char reasons[REASONS_ONE_MAX];
	uint64_t now = hearing_real(&e->hearing);
	size_t n = engine_reason(ASSAY_R_NODE_SILENT, NULL, NULL, reasons, sizeof reasons);
	size_t turned = SILENT_ONCE;
	struct assay_slice why = { (const uint8_t *)reasons, n };

	while (turned == SILENT_ONCE && n > 0 && engine_hears(e)) {
		if (store_silence(e->keeps, now - ASSAY_CLOCK_SKEW, why, SILENT_ONCE, now,
				  &turned) != STORE_DONE)
			return;
		atomic_fetch_add(&e->metrics.silent, turned);
	}
	/* the clock was set back: who spoke since has a due of now */
	turned = SILENT_ONCE;
	while (turned == SILENT_ONCE && n > 0 &&
	       hearing_since(&e->hearing, e->config.interval + ASSAY_CLOCK_SKEW)) {
		if (store_silence_ahead(e->keeps, now + e->config.interval, why, SILENT_ONCE,
					now, &turned) != STORE_DONE)
			return;
		atomic_fetch_add(&e->metrics.silent, turned);
	}
}

void engine_keep_once(struct engine *e)
{
	if (flush(e))
		sweep(e);
}

static void *keep_thread(void *arg)
{
	struct engine *e = arg;

	while (!atomic_load(&e->stopping)) {
		queue_wait(e->queue, KEEP_MS);
		engine_keep_once(e);
	}
	return NULL;
}

bool engine_threads_start(struct engine *e, struct platform_message *why)
{
	static void *(*const run[ENGINE_THREADS])(void *) = { listen_thread, events_thread,
							      keep_thread };

	for (size_t i = 0; i < ENGINE_THREADS; i++) {
		int problem = pthread_create(&e->thread[i], NULL, run[i], e);
		if (problem) {
			platform_message_what(why, "cannot start a thread");
			platform_message_errno(why, problem);
			return false;
		}
		e->nthreads++;
	}
	return true;
}

void engine_threads_stop(struct engine *e)
{
	uint64_t one = 1;

	atomic_store(&e->stopping, true);
	(void)!write(e->wake, &one, sizeof one);
	queue_wake(e->queue);
	pthread_mutex_lock(&e->told_lock);
	pthread_cond_broadcast(&e->some_told);
	pthread_mutex_unlock(&e->told_lock);
	for (size_t i = 0; i < e->nthreads; i++)
		pthread_join(e->thread[i], NULL);
}
