/* SPDX-License-Identifier: Apache-2.0
 *
 * engine_lab - verifiers on one SQLite file, nodes with software keys and real logs, a clock
 * that a test moves, and a store that a test takes down (every store call of the engine passes
 * through the linker's --wrap). */
#pragma once
#include "tests/forge.h"
#include "verifier/engine/engine.h"

#include <pthread.h>
#include <stdatomic.h>

enum { LAB_VERIFIERS = 2, LAB_INTERVAL = 60000, LAB_EVENTS = 256 };

struct lab_event {
	uint64_t seq;
	char node[ASSAY_NODE_ID_MAX + 1];
	int before;
	enum assay_tier status;
	char reasons[1024];
};

struct lab {
	char folder[64], url[128], keys[128], refs[128], policy[128];
	const char *paths[1];
	struct engine_config config;
	struct engine_clock clock;
	struct engine *e[LAB_VERIFIERS];
	struct engine_thread *worker[LAB_VERIFIERS], *loop[LAB_VERIFIERS];
	struct store *store; /* the test's own */
	struct lab_event event[LAB_EVENTS];
	atomic_size_t nevents; /* of e[0] */
};

struct lab_node {
	struct forge *f;
	char id[ASSAY_NODE_ID_MAX + 1];
	uint8_t challenge[32];
	uint8_t receipt[ASSAY_RECEIPT_MAX];
	size_t nreceipt;
	uint64_t from; /* entries that the receipt covers */
};

/* What became of one message. */
struct lab_said {
	enum engine_said said;
	struct engine_answer out;
	struct assay_answer answer; /* points into the thread */
	char ear[64 * 1024];        /* payload of the result */
};

extern atomic_bool lab_down; /* the store answers DOWN, to everybody */

extern atomic_bool lab_deaf; /* revocations reach nobody but the test's own thread */

extern atomic_bool lab_untold; /* nor do events */
extern pthread_t lab_main;

struct lab *lab_new(const char *policy_yaml);
void lab_free(struct lab *l);
/* Starts verifier i, with a worker and a loop. */
bool lab_start(struct lab *l, int i);
void lab_stop(struct lab *l, int i);
uint64_t lab_now(void);
/* Time passes, in steps that no verifier takes for a break of its own: each has heard in each
 * of them. */
void lab_pass(struct lab *l, uint64_t ms);
/* Both clocks move at once, by any amount, also back. */
void lab_step(int64_t ms);
/* The wall clock alone moves: it jumps. */
void lab_jump(int64_t ms);
/* Waits until every verifier has heard at the time that it is now. */
bool lab_heard(struct lab *l);
bool lab_ready(struct lab *l, int i, int within_ms);
/* Waits at most this long until it is so. */
bool lab_until(bool (*so)(struct lab *l, void *ctx), struct lab *l, void *ctx, int within_ms);
/* The reference file, from what the nodes' logs hold. */
void lab_write_refs(struct lab *l, const struct forge *f, bool with_files);

struct lab_node *lab_node_new(struct lab *l, const char *id, const char *evidence);
void lab_node_free(struct lab_node *n);
bool lab_enrol(struct lab *l, struct lab_node *n);
/* The node's next challenge, from verifier i. */
bool lab_challenge(struct lab *l, int i, struct lab_node *n);

enum {
	LAB_WARM = 1,   /* with the receipt and what is new */
	LAB_LOOP = 2,   /* to a loop; else to a worker */
	LAB_REPLAY = 4, /* the same quote as before */
	LAB_KEEP = 8,   /* the node keeps neither challenge nor receipt of the answer */
};
/* Quotes (the TPM's clock goes on by a second), sends to verifier i, takes the answer in. */
struct lab_said *lab_send(struct lab *l, int i, struct lab_node *n, int how);
/* Sends these bytes. */
struct lab_said *lab_send_bytes(struct lab *l, int i, int how, struct assay_slice message);
/* The bytes that lab_send would send, malloced. */
struct assay_slice lab_message(struct lab_node *n, int how);
/* This bundle as evidence of the node called id, with n's challenge and no receipt; malloced.
 */
struct assay_slice lab_pack(const struct lab_node *n, const char *id,
			    const struct assay_bundle *b);
bool lab_affirms(const struct lab_said *s);
/* Appraised with this status and a reason of this word. */
bool lab_says(const struct lab_said *s, enum assay_tier status, const char *word);
void lab_explain(const struct lab_said *s);
/* Status that the store has for the node; -1: none there. */
int lab_stored(struct lab *l, const struct lab_node *n);
/* The node's result from verifier i, its payload; NULL with *status when there is none. */
const char *lab_result(struct lab *l, int i, const char *id, enum store_status *status);
/* Waits until what every verifier heard is stored, and each was told of all events. */
void lab_settle(struct lab *l);
/* Events of this node that verifier 0 told, after a pause for those on their way. */
size_t lab_events_of(struct lab *l, const char *node);
