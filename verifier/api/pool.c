/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/api/pool.h"

#include <signal.h>
#include <stdlib.h>

struct member {
	struct pool *pool;
	pthread_t id;
	void *thread;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct pool_job *first, **last;
	size_t waiting, waiting_max;
	bool stopping;
	unsigned n;
	struct member member[];
};

static void *work(void *arg)
{
	struct member *m = arg;
	struct pool *p = m->pool;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->first && !p->stopping)
			pthread_cond_wait(&p->changed, &p->lock);
		struct pool_job *job = p->first;
		if (!job)
			break;
		p->first = job->next;
		if (!p->first)
			p->last = &p->first;
		p->waiting--;
		pthread_mutex_unlock(&p->lock);
		job->run(job, m->thread);
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct pool *pool_start(void *const *thread, unsigned n, size_t waiting_max)
{
	struct pool *p = calloc(1, sizeof *p + n * sizeof p->member[0]);
	sigset_t all, before;

	if (!p)
		return NULL;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->changed, NULL);
	p->last = &p->first;
	p->waiting_max = waiting_max;
	/* signals are the main thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	for (; p->n < n; p->n++) {
		struct member *m = &p->member[p->n];
		m->pool = p;
		m->thread = thread[p->n];
		if (pthread_create(&m->id, NULL, work, m) != 0)
			break;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (p->n == n)
		return p;
	pool_stop(p);
	return NULL;
}

bool pool_submit(struct pool *p, struct pool_job *job)
{
	pthread_mutex_lock(&p->lock);
	bool take = p->waiting < p->waiting_max;
	if (take) {
		job->next = NULL;
		*p->last = job;
		p->last = &job->next;
		p->waiting++;
		pthread_cond_signal(&p->changed);
	}
	pthread_mutex_unlock(&p->lock);
	return take;
}

size_t pool_waiting(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	size_t n = p->waiting;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void pool_stop(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->n; i++)
		pthread_join(p->member[i].id, NULL);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
