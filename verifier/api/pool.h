/* SPDX-License-Identifier: Apache-2.0
 *
 * pool - threads that may block, and a bounded queue in front of them.
 *
 *   ownership  a job is its submitter's again when run is called
 */
#pragma once
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct pool;

struct pool_job {
	struct pool_job *next;
	void (*run)(struct pool_job *job, void *thread);
};

/* thread[i] is handed to what thread i runs. NULL when threads cannot be had. */
struct pool *pool_start(void *const *thread, unsigned n, size_t waiting_max);
/* False when as many wait as may: the job was not taken. */
bool pool_submit(struct pool *p, struct pool_job *job);
size_t pool_waiting(struct pool *p);
/* Runs what waits, then joins and frees. No pool_submit may come any more, but from a job. */
void pool_stop(struct pool *p);
