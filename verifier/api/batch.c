/* SPDX-License-Identifier: Apache-2.0
 *
 * Many evidences in one request, appraised by as many workers as are free. The one that has the
 * request takes part and waits for the others' last piece; helpers that come late find nothing
 * left, so no order of the queue can block it. */
#include "verifier/api/call.h"
#include "verifier/api/handlers.h"

#include <stdlib.h>
#include <string.h>

struct batch {
	struct assay_slice *message, *answer; /* answers are malloced; empty: none */
	size_t n;
	_Atomic size_t next;
	_Atomic size_t answered, blind;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t working; /* helpers that may be at a message */
	size_t holders; /* the request and each helper */
};

struct helper {
	struct pool_job job;
	struct batch *batch;
};

static void batch_let_go(struct batch *b)
{
	pthread_mutex_lock(&b->lock);
	bool last = --b->holders == 0;
	pthread_mutex_unlock(&b->lock);
	if (!last)
		return;
	for (size_t i = 0; i < b->n; i++)
		free((void *)(uintptr_t)b->answer[i].p);
	free(b->answer);
	free(b->message);
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

static struct batch *batch_new(void)
{
	struct batch *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	pthread_mutex_init(&b->lock, NULL);
	pthread_cond_init(&b->changed, NULL);
	b->holders = 1;
	b->message = calloc(ASSAY_MESSAGE_BATCH_MAX, sizeof *b->message);
	b->answer = calloc(ASSAY_MESSAGE_BATCH_MAX, sizeof *b->answer);
	if (b->message && b->answer)
		return b;
	batch_let_go(b);
	return NULL;
}

static void appraise(struct batch *b, struct api_thread *t)
{
	for (size_t i; (i = atomic_fetch_add(&b->next, 1)) < b->n;) {
		struct engine_answer answer = { 0 };
		enum engine_said said =
			engine_evidence(t->engine, b->message[i], api_now_ms(), &answer);

		if (said == ENGINE_BLIND)
			atomic_fetch_add(&b->blind, 1);
		if (said != ENGINE_ANSWER || answer.body.n == 0)
			continue;
		uint8_t *copy = malloc(answer.body.n);
		if (!copy)
			continue;
		memcpy(copy, answer.body.p, answer.body.n);
		b->answer[i] = (struct assay_slice){ copy, answer.body.n };
		atomic_fetch_add(&b->answered, 1);
	}
}

static void help(struct pool_job *job, void *thread)
{
	struct helper *h = (struct helper *)(void *)job;
	struct batch *b = h->batch;
	struct api_thread *t = thread;

	free(h);
	atomic_store(&t->busy, api_monotonic_ms());
	/* when the request is answered its messages are no more: look before any is touched */
	pthread_mutex_lock(&b->lock);
	bool late = atomic_load(&b->next) >= b->n;
	b->working += !late;
	pthread_mutex_unlock(&b->lock);
	if (!late) {
		appraise(b, t);
		pthread_mutex_lock(&b->lock);
		b->working--;
		pthread_cond_signal(&b->changed);
		pthread_mutex_unlock(&b->lock);
	}
	batch_let_go(b);
	atomic_store(&t->busy, 0);
}

static void helpers_call(struct api_call *c, struct batch *b)
{
	size_t most = b->n < 16 ? b->n : 16;

	for (size_t i = 1; i < most; i++) {
		struct helper *h = malloc(sizeof *h);
		if (!h)
			return;
		h->job.run = help;
		h->batch = b;
		pthread_mutex_lock(&b->lock);
		b->holders++;
		pthread_mutex_unlock(&b->lock);
		if (pool_submit(c->api->pool, &h->job))
			continue;
		free(h);
		pthread_mutex_lock(&b->lock);
		b->holders--; /* never the last: the request's is there */
		pthread_mutex_unlock(&b->lock);
		return;
	}
}

static void answer_all(struct api_call *c, struct batch *b)
{
	size_t n = assay_batch_write(b->answer, b->n, NULL, 0);
	uint8_t *body = n > 0 ? malloc(n) : NULL;

	if (!body || assay_batch_write(b->answer, b->n, body, n) != n)
		api_problem(c, API_P_FAILED, "the answers cannot be written");
	else
		api_answer(c, 200, ASSAY_MEDIA_MESSAGE, (struct assay_slice){ body, n });
	free(body);
}

void api_batch(struct api_call *c)
{
	struct batch *b = batch_new();
	struct assay_err err = { 0 };

	if (!b) {
		api_problem(c, API_P_FAILED, "out of memory");
		return;
	}
	if (!assay_batch_read(http_body(c->x), b->message, ASSAY_MESSAGE_BATCH_MAX, &b->n,
			      &err)) {
		b->n = 0;
		c->err = err;
		api_problem(c, API_P_MALFORMED, "%s", assay_fault_text(err.fault));
		batch_let_go(b);
		return;
	}
	helpers_call(c, b);
	appraise(b, c->t);
	pthread_mutex_lock(&b->lock);
	while (b->working > 0)
		pthread_cond_wait(&b->changed, &b->lock);
	pthread_mutex_unlock(&b->lock);
	if (atomic_load(&b->blind) > 0 && atomic_load(&b->answered) == 0) {
		c->retry_after = 2;
		api_problem(c, API_P_BLIND, "nothing was appraised; send it again");
	} else {
		answer_all(c, b);
	}
	batch_let_go(b);
}
