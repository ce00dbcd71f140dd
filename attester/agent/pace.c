/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/pace.h"

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Uniform enough in 0..max: max is far below 2^64. */
static uint64_t within(uint64_t random, uint64_t max)
{
	return max == UINT64_MAX ? random : random % (max + 1);
}

uint64_t agent_pace_next(const struct agent_pace *p)
{
	uint64_t next = p->due;

	if (p->changed && (p->sent == 0 || p->sent + p->gap < next))
		next = p->sent == 0 ? 0 : p->sent + p->gap;
	return later(next, p->wait);
}

void agent_pace_begin(struct agent_pace *p, uint64_t now)
{
	p->sent = now;
	p->changed = false;
}

void agent_pace_done(struct agent_pace *p, uint64_t now, uint64_t allowed, uint64_t random)
{
	p->failures = 0;
	p->wait = 0;
	p->due = now + allowed / 2 + within(random, allowed / 6);
}

uint64_t agent_backoff(unsigned failures, unsigned retry_after, uint64_t max, uint64_t random)
{
	uint64_t top = AGENT_BACKOFF_FIRST, least = 0;

	for (unsigned i = 1; i < failures && top < max; i++)
		top *= 2;
	if (top > max)
		top = max;
	if (retry_after > AGENT_RETRY_AFTER_MAX)
		retry_after = AGENT_RETRY_AFTER_MAX;
	if (retry_after > 0) {
		least = 1000 * (uint64_t)retry_after;
		/* all that were told the same do not come back together */
		top = later(top, least / 2);
	}
	return least + within(random, top);
}

void agent_pace_failed(struct agent_pace *p, uint64_t now, unsigned retry_after, uint64_t max,
		       uint64_t random)
{
	if (p->failures < 64)
		p->failures++;
	p->wait = now + agent_backoff(p->failures, retry_after, max, random);
	p->due = p->wait;
}
