/* SPDX-License-Identifier: Apache-2.0
 *
 * internal - what an engine and its threads hold; who writes what:
 *
 *   snapshot   swapped under `swap`; whoever works under it counts itself in
 *   revoked    written by the listener, and by a worker that the store sends to hear first
 *   memory     written by every thread that judges, doubted by the events' thread
 *   queue      filled by loops, emptied by the keeper
 */
#pragma once
#include "verifier/engine/aks.h"
#include "verifier/engine/epoch.h"
#include "verifier/engine/hearing.h"
#include "verifier/engine/memory.h"
#include "verifier/engine/metrics.h"
#include "verifier/engine/queue.h"
#include "verifier/engine/reasons.h"
#include "verifier/engine/revoked.h"
#include "verifier/engine/snapshot.h"
#include "verifier/load/userlog.h"

#include <pthread.h>

enum {
	ENGINE_EAR_MAX = 380 * 1024,   /* bytes of a result before it is signed */
	ENGINE_HOT_MAX = 256 * 1024,   /* bytes of a message that a loop judges itself */
	ENGINE_SHOWN_MAX = 256 * 1024, /* component ids of one message */
	ENGINE_THREADS = 3,
};

struct engine {
	struct engine_config config; /* its texts are the engine's own */
	char **texts;
	size_t ntexts;
	struct hearing hearing;
	struct revoked *revoked;
	struct memory *memory;
	struct queue *queue;
	struct metrics metrics;

	pthread_mutex_t swap;
	struct snapshot *snapshot;
	uint64_t serial;
	pthread_mutex_t reload; /* one at a time, with these two: */
	struct assay_crypto *crypto;
	struct store *store;

	struct epoch epoch; /* the listener's, after the start */
	pthread_t thread[ENGINE_THREADS];
	size_t nthreads;
	struct store *waits, *asks, *tails, *keeps; /* of listener, listener, events, keeper */
	int wake;                                   /* eventfd: readable once it stops */
	atomic_bool stopping;
	pthread_mutex_t told_lock;
	pthread_cond_t some_told; /* the listener saw something new */
	uint64_t rounds;
	engine_event_fn told;
	void *told_ctx;
	atomic_ullong event; /* the last that was told */
};

__attribute__((format(printf, 2, 3))) void engine_log(const struct engine *e,
						      const char *format, ...);
/* Counted; snapshot_drop() it. */
struct snapshot *engine_snapshot(struct engine *e);
/* Starts the listener, the events' thread and the keeper. */
bool engine_threads_start(struct engine *e, struct platform_message *why);
void engine_threads_stop(struct engine *e);
/* What the threads do, once; the tests call them too. */
void engine_listen_once(struct engine *e);
void engine_keep_once(struct engine *e);

struct engine_thread {
	struct engine *e;
	struct assay_crypto *crypto;
	struct store *store; /* NULL: a loop's */
	struct aks *aks;
	struct assay_arena arena;
	struct assay_claims claims;
	struct userlog log; /* of the message; claims and receipt point into it */
	struct assay_receipt last, next;
	uint8_t plain[ASSAY_RECEIPT_MAX], sealed[ASSAY_RECEIPT_MAX];
	struct assay_reason reasons[ASSAY_REASONS_MAX + 1];
	uint8_t challenge[ASSAY_CHALLENGE_SIZE];
	uint8_t *ids; /* of what a message showed, 32 bytes each */
	size_t nids, ids_max;
	char *ear, *jwt;
	size_t ear_n;
	uint8_t *body;
	size_t body_max;
	struct assay_key *key; /* signs results */
	char kid[KEYS_KID_MAX + 1];
	uint64_t key_serial;
};

/* Writes the EAR of one verdict (with fewer reasons when they do not fit): the array of reasons
 * in it, the thread's until the next EAR; empty when it cannot be written. */
struct assay_slice engine_write_ear(struct engine_thread *t, const char *node,
				    const struct assay_verdict *verdict, const char *policy,
				    struct assay_slice nonce, uint64_t now, uint64_t ends);
/* Signs the EAR written last: a compact JWS, the thread's. Empty when it cannot be. */
struct assay_slice engine_sign_ear(struct engine_thread *t, const struct snapshot *s,
				   uint64_t now);
/* The challenge that a key answers next, in t->challenge. */
bool engine_challenge_next(struct engine_thread *t, const struct snapshot *s,
			   struct assay_slice ak_name, uint64_t now);
