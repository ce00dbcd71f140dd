/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/engine/internal.h"

#include <string.h>
#include <time.h>

uint64_t metrics_now(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* 10 us, 20, 50, 100 ... 10 s, and above. */
void metrics_took(struct metrics_time *t, uint64_t since)
{
	static const uint64_t steps[3] = { 1, 2, 5 };
	uint64_t took = metrics_now() - since, limit = 10000;
	size_t i = 0;

	while (i + 1 < METRICS_BUCKETS && took > limit * steps[i % 3]) {
		i++;
		if (i % 3 == 0)
			limit *= 10;
	}
	atomic_fetch_add_explicit(&t->bucket[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&t->ns, took, memory_order_relaxed);
}

static size_t index_of(enum assay_tier tier)
{
	return tier == ASSAY_AFFIRMING         ? 0
	       : tier == ASSAY_WARNING         ? 1
	       : tier == ASSAY_CONTRAINDICATED ? 2
					       : 3;
}

static atomic_ullong *counter(struct metrics *m, enum engine_said said,
			      enum assay_outcome outcome)
{
	switch (said) {
	case ENGINE_MALFORMED:
		return &m->malformed;
	case ENGINE_UNKNOWN:
		return &m->unknown;
	case ENGINE_REVOKED:
		return &m->revoked;
	case ENGINE_BLIND:
		return &m->blind;
	case ENGINE_FAILED:
		return &m->failed;
	case ENGINE_ANSWER:
		return outcome == ASSAY_OUTCOME_SEND_ALL    ? &m->send_all
		       : outcome == ASSAY_OUTCOME_CHALLENGE ? &m->challenge
							    : NULL;
	case ENGINE_SLOW:
		break;
	}
	return NULL;
}

void metrics_answer(struct metrics *m, enum engine_said said, const struct engine_answer *out,
		    uint64_t since)
{
	atomic_ullong *c = counter(m, said, out->outcome);

	/* whoever does it counts it */
	if (said == ENGINE_SLOW)
		return;
	if (out->recall != ASSAY_RECALL_GOOD || out->warm)
		atomic_fetch_add(&m->recall[out->recall], 1);
	if (c)
		atomic_fetch_add(c, 1);
	if (said != ENGINE_ANSWER || c)
		return;
	atomic_fetch_add(&m->appraised[index_of(out->status)], 1);
	atomic_fetch_add(out->warm ? &m->warm : &m->full, 1);
	metrics_took(out->warm ? &m->warm_time : &m->full_time, since);
}

static double copy_time(const struct metrics_time *t, uint64_t *out)
{
	for (size_t i = 0; i < METRICS_BUCKETS; i++)
		out[i] = atomic_load(&t->bucket[i]);
	return (double)atomic_load(&t->ns) / 1e9;
}

void engine_metrics(const struct engine *engine, struct engine_metrics *out)
{
	struct engine *e = (struct engine *)(uintptr_t)engine;
	const struct metrics *m = &e->metrics;
	struct snapshot *s = engine_snapshot(e);

	*out = (struct engine_metrics){
		.warm = atomic_load(&m->warm),
		.full = atomic_load(&m->full),
		.send_all = atomic_load(&m->send_all),
		.challenge = atomic_load(&m->challenge),
		.malformed = atomic_load(&m->malformed),
		.unknown = atomic_load(&m->unknown),
		.revoked = atomic_load(&m->revoked),
		.blind = atomic_load(&m->blind),
		.failed = atomic_load(&m->failed),
		.heard_queue = queue_count(e->queue),
		.heard_dropped = atomic_load(&m->heard_dropped),
		.events = atomic_load(&m->events),
		.silent = atomic_load(&m->silent),
		.remembered = memory_count(e->memory),
		.generation = s->generation,
		.revocations = revoked_count(e->revoked),
	};
	for (size_t i = 0; i < 4; i++)
		out->appraised[i] = atomic_load(&m->appraised[i]);
	for (size_t i = 0; i < ASSAY_RECALLS_N; i++)
		out->recall[i] = atomic_load(&m->recall[i]);
	out->warm_sum = copy_time(&m->warm_time, out->warm_seconds);
	out->full_sum = copy_time(&m->full_time, out->full_seconds);
	out->store_sum = copy_time(&m->store_time, out->store_seconds);
	snapshot_drop(s);
}
