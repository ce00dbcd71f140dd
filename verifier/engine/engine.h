/* SPDX-License-Identifier: Apache-2.0
 *
 * engine - a verifier without HTTP: a node's message in, an answer out. Holds what every
 * message is judged under (a snapshot of references, policy and keys, swapped as a whole), what
 * is remembered of nodes (bounded), and the revocations heard of.
 *
 *   fail closed  no answer is "appraised" unless the verdict is durable or unchanged, what the
 *                node newly showed is stored, and revocations were heard of within the last two
 *                seconds (monotonic clock); else BLIND
 *   hot path     a message with a good receipt whose verdict is unchanged touches no store:
 *                engine_evidence answers at once. All else is SLOW: the caller hands it to a
 *                worker, which may block.
 *   threads      struct engine is shared; each thread has a struct engine_thread of its own
 */
#pragma once
#include "platform/message.h"
#include "verifier/store/store.h"

#include <assay/appraisal.h>
#include <assay/message.h>
#include <assay/receipt.h>

struct engine;
struct engine_thread;

/* Where the time comes from: both in milliseconds. */
struct engine_clock {
	uint64_t (*real)(void *ctx); /* since 1970 */
	uint64_t (*boot)(void *ctx); /* never goes back, goes on in a suspend */
	void *ctx;
};

/* How the engine is set up; assayd fills it from its configuration file. The texts are
 * copied. */
struct engine_config {
	const char *store;       /* url */
	const char *policy;      /* YAML file, NULL: default */
	const char *const *refs; /* files and folders */
	size_t nrefs;
	const char *keys;      /* folder with challenge, receipt and EAR keys, see keys.h */
	const char *ek_roots;  /* folder of PEM/DER roots, NULL: none */
	uint64_t interval;     /* ms that a node may be silent, >= 1000 */
	size_t node_max;       /* nodes remembered at most (1,000,000) */
	size_t ak_cache;       /* parsed AKs a loop keeps (16,384); a worker keeps 64 */
	const char *developer; /* ear.verifier-id */
	uint64_t settle;       /* ms before a new key makes, 0: KEYS_SETTLE */
	const struct engine_clock *clock; /* NULL: CLOCK_REALTIME and CLOCK_BOOTTIME */
	/* One line for the log, from any thread; NULL: none. */
	void (*log)(void *ctx, const char *line);
	void *log_ctx;
};

struct engine *engine_start(const struct engine_config *config, struct platform_message *why);
/* Reads policy, references and keys again; nothing changes on failure. */
bool engine_reload(struct engine *e, struct platform_message *why);
void engine_stop(struct engine *e);

/* A worker has a store connection of its own, a loop has none. */
struct engine_thread *engine_thread_new(struct engine *e, bool worker,
					struct platform_message *why);
void engine_thread_free(struct engine_thread *t);

enum engine_said {
	ENGINE_ANSWER = 0, /* answer is there */
	ENGINE_SLOW,       /* only a worker can do it: hand the same bytes to one */
	ENGINE_MALFORMED,  /* *err says what, where */
	ENGINE_UNKNOWN,    /* the node is not enrolled, or not with this AK */
	ENGINE_REVOKED,    /* the node or its AK is revoked */
	ENGINE_BLIND,      /* verifier.blind: store or revocations out of reach, behind a
			    * receipt's generation, or the clock jumped */
	ENGINE_FAILED,     /* a library or memory failed; logged */
};

struct engine_answer {
	/* an assay_answer (or challenge answer) as bytes; the thread's, until its next call */
	struct assay_slice body;
	struct assay_err err; /* MALFORMED */
	char node[ASSAY_NODE_ID_MAX + 1];
	enum assay_tier status; /* when the outcome is APPRAISED */
	enum assay_outcome outcome;
	enum assay_recall recall; /* of the receipt: for metrics */
	bool warm;                /* went on from a receipt */
};

/* now: milliseconds since 1970. */
enum engine_said engine_evidence(struct engine_thread *t, struct assay_slice message,
				 uint64_t now, struct engine_answer *out);
enum engine_said engine_challenge(struct engine_thread *t, struct assay_slice message,
				  uint64_t now, struct engine_answer *out);

/* The node's result as a signed EAR, made now from what is stored; text of the thread's. A
 * worker's. *status as in it. ABSENT: no such node. */
enum store_status engine_result(struct engine_thread *t, struct assay_slice node, uint64_t now,
				struct assay_slice *jwt, enum assay_tier *status);

/* For what else a worker does (enrolment): its own library context and store connection, the
 * cookie keys of now (the first seals; returns how many), and the challenge that a node answers
 * first, an enrol_challenge_fn whose ctx is the thread. */
struct assay_crypto *engine_thread_crypto(struct engine_thread *t);
struct store *engine_thread_store(struct engine_thread *t);
size_t engine_cookie_secrets(struct engine_thread *t, uint64_t now, struct assay_secret *out,
			     size_t max);
bool engine_first_challenge(void *thread, struct assay_slice ak_name, uint64_t now,
			    uint8_t *out);

/* True while this verifier may affirm; else *why. */
bool engine_ready(const struct engine *e, struct platform_message *why);
/* True while silence of a node may be the node's and not ours: see design.md, "Three silences
 * differ". */
bool engine_hears(const struct engine *e);

/* JWKS (RFC 7517) of the keys whose results may still live, as JSON; malloced. */
char *engine_jwks(const struct engine *e);

/* Events as they become durable, in order of seq, on one thread of the engine's. */
typedef void (*engine_event_fn)(void *ctx, const struct store_event *event);
void engine_on_event(struct engine *e, engine_event_fn told, void *ctx);

/* Counters for /metrics. */
struct engine_metrics {
	uint64_t appraised[4]; /* affirming, warning, contraindicated, none */
	uint64_t warm, full, send_all, challenge, malformed, unknown, revoked, blind, failed;
	uint64_t recall[ASSAY_RECALLS_N];
	uint64_t heard_queue, heard_dropped, events, silent, remembered;
	uint64_t generation, revocations;
	/* seconds in buckets of 1-2-5 from 10 us to 10 s, the last is +Inf */
	uint64_t warm_seconds[20], full_seconds[20], store_seconds[20];
	double warm_sum, full_sum, store_sum;
};
void engine_metrics(const struct engine *e, struct engine_metrics *out);
