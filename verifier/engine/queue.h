/* SPDX-License-Identifier: Apache-2.0
 *
 * queue - nodes that were heard of with an unchanged verdict, on their way into the store.
 *
 *   bounded    by rows and bytes; what is beyond is refused, and who asked is told
 *   threads    any; one takes
 */
#pragma once
#include "verifier/store/store.h"

enum { QUEUE_ROWS = 256 * 1024, QUEUE_BATCH = 1000 };
#define QUEUE_BYTES ((size_t)128 * 1024 * 1024)

struct queue;

struct queue *queue_new(void);
void queue_free(struct queue *q);
/* Copies. False when it is full or memory is short. */
bool queue_put(struct queue *q, const struct store_verdict *v);
/* Waits until a batch is there, for wait_ms, or for queue_wake(). */
void queue_wait(struct queue *q, unsigned wait_ms);
void queue_wake(struct queue *q);
/* The oldest rows, at most QUEUE_BATCH; they stay until queue_took(n). Slices point into the
 * queue. */
size_t queue_peek(struct queue *q, struct store_verdict *out);
void queue_took(struct queue *q, size_t n);
size_t queue_count(struct queue *q);
