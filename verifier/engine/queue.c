/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/engine/queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct row {
	struct row *next;
	size_t n;
	struct store_verdict v; /* its slices point to text */
	uint8_t text[];
};

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t some;
	struct row *first, **last;
	size_t rows, bytes;
	bool awake;
};

struct queue *queue_new(void)
{
	struct queue *q = calloc(1, sizeof *q);
	pthread_condattr_t attr;

	if (!q)
		return NULL;
	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&q->some, &attr);
	pthread_condattr_destroy(&attr);
	q->last = &q->first;
	return q;
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	for (struct row *r = q->first, *next; r; r = next) {
		next = r->next;
		free(r);
	}
	pthread_cond_destroy(&q->some);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

static struct assay_slice keep(struct row *row, size_t *at, struct assay_slice s)
{
	struct assay_slice kept = { row->text + *at, s.n };

	if (s.n > 0)
		memcpy(row->text + *at, s.p, s.n);
	*at += s.n;
	return kept;
}

static struct row *row_new(const struct store_verdict *v)
{
	size_t n = v->node.n + v->ak_name.n + v->reasons.n + v->policy.n, at = 0;
	struct row *row = malloc(sizeof *row + n);

	if (!row)
		return NULL;
	*row = (struct row){ .n = sizeof *row + n, .v = *v };
	row->v.node = keep(row, &at, v->node);
	row->v.ak_name = keep(row, &at, v->ak_name);
	row->v.reasons = keep(row, &at, v->reasons);
	row->v.policy = keep(row, &at, v->policy);
	return row;
}

bool queue_put(struct queue *q, const struct store_verdict *v)
{
	struct row *row = row_new(v);
	bool fits = false;

	if (!row)
		return false;
	pthread_mutex_lock(&q->lock);
	if (q->rows < QUEUE_ROWS && row->n <= QUEUE_BYTES - q->bytes) {
		*q->last = row;
		q->last = &row->next;
		q->bytes += row->n;
		fits = true;
		if (++q->rows == QUEUE_BATCH)
			pthread_cond_signal(&q->some);
	}
	pthread_mutex_unlock(&q->lock);
	if (!fits)
		free(row);
	return fits;
}

void queue_wait(struct queue *q, unsigned wait_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&q->lock);
	while (!q->awake && q->rows < QUEUE_BATCH &&
	       pthread_cond_timedwait(&q->some, &q->lock, &until) == 0)
		;
	q->awake = false;
	pthread_mutex_unlock(&q->lock);
}

void queue_wake(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->awake = true;
	pthread_cond_signal(&q->some);
	pthread_mutex_unlock(&q->lock);
}

size_t queue_peek(struct queue *q, struct store_verdict *out)
{
	size_t n = 0;

	pthread_mutex_lock(&q->lock);
	for (const struct row *r = q->first; r && n < QUEUE_BATCH; r = r->next)
		out[n++] = r->v;
	pthread_mutex_unlock(&q->lock);
	return n;
}

void queue_took(struct queue *q, size_t n)
{
	for (; n > 0; n--) {
		pthread_mutex_lock(&q->lock);
		struct row *row = q->first;
		q->first = row->next;
		if (!q->first)
			q->last = &q->first;
		q->rows--;
		q->bytes -= row->n;
		pthread_mutex_unlock(&q->lock);
		free(row);
	}
}

size_t queue_count(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	size_t n = q->rows;
	pthread_mutex_unlock(&q->lock);
	return n;
}
