/* SPDX-License-Identifier: Apache-2.0
 *
 * hearing - may this verifier vouch for anything now? It may while revocations were heard of
 * within HEARING_LIMIT, the clock did not jump since, and the database is the one that was
 * left.
 *
 *   threads   any
 */
#pragma once
#include "verifier/engine/engine.h"

#include <stdatomic.h>

enum {
	HEARING_LIMIT = 2000, /* ms without a word of revocations */
	HEARING_JUMP = 2000,  /* ms that the wall clock may move against the other */
};

struct hearing {
	struct engine_clock clock;
	atomic_llong offset;    /* real - boot */
	atomic_ullong jumps;    /* how often it jumped */
	atomic_ullong heard;    /* boot time of the last round's begin, 0: none */
	atomic_bool jumped;     /* since the last round */
	atomic_ullong sound;    /* boot time since when it hears without a break */
	atomic_bool restored;   /* the database was put back: until an operator accepts */
	atomic_bool overflowed; /* what was heard of nodes cannot be kept */
};

/* clock NULL: the system's. Nothing is heard yet. */
void hearing_init(struct hearing *h, const struct engine_clock *clock);
uint64_t hearing_real(const struct hearing *h);
uint64_t hearing_boot(const struct hearing *h);

/* A round of asking for revocations, from before it begins to when its answer was taken in. */
struct hearing_round {
	uint64_t begin, jumps;
};
struct hearing_round hearing_begin(struct hearing *h);
/* False when the clock jumped meanwhile: the round does not count. */
bool hearing_end(struct hearing *h, struct hearing_round round);

/* True while it may vouch. Sees a jump of the clock at once. */
bool hearing_ok(struct hearing *h, struct platform_message *why);
/* True while "now" and the database may be believed, whether or not it is heard. */
bool hearing_sane(struct hearing *h);
/* True when it has heard without a break for at least this long. */
bool hearing_since(struct hearing *h, uint64_t interval);
