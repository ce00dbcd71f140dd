/* SPDX-License-Identifier: Apache-2.0
 *
 * pace - when the next message is sent. A pure machine over a clock that the caller reads
 * (milliseconds, monotonic), so that tests bring their own.
 *
 *   a change is told at once, but no sooner than `gap` after the message before: what changes
 *   meanwhile goes along with the next one;
 *   without change a message goes out between 1/2 and 2/3 of what the verifier allows, so that
 *   one that is lost can still be sent again in time, and nodes that started together part;
 *   after a failure nothing goes out before the back-off's end, changed or not.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define AGENT_NEVER UINT64_MAX

struct agent_pace {
	uint64_t gap;  /* ms between two messages, at least */
	uint64_t sent; /* when the last message was begun; 0: none yet */
	uint64_t due;  /* when one goes out although nothing changed */
	uint64_t wait; /* nothing before this */
	bool changed;
	unsigned failures; /* since the last success */
};

/* When the next message is begun: now or earlier means at once. */
uint64_t agent_pace_next(const struct agent_pace *p);
/* A message is begun: what has changed so far is in it. */
void agent_pace_begin(struct agent_pace *p, uint64_t now);
/* It was appraised; the verifier wants the next one before `allowed` ms are over. random: any
 * 64 bits. */
void agent_pace_done(struct agent_pace *p, uint64_t now, uint64_t allowed, uint64_t random);
/* It was not, and goes out again after a back-off: see agent_backoff(). */
void agent_pace_failed(struct agent_pace *p, uint64_t now, unsigned retry_after, uint64_t max,
		       uint64_t random);

enum { AGENT_BACKOFF_FIRST = 500, AGENT_RETRY_AFTER_MAX = 3600 };

/* Milliseconds to wait after so many failures in a row (1: the first): full jitter, uniform up
 * to AGENT_BACKOFF_FIRST * 2^(failures - 1), at most max. retry_after: what the server said,
 * seconds (0: nothing; more than AGENT_RETRY_AFTER_MAX counts as that): never earlier, and
 * spread behind it. */
uint64_t agent_backoff(unsigned failures, unsigned retry_after, uint64_t max, uint64_t random);
