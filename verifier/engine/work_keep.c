/* SPDX-License-Identifier: Apache-2.0
 *
 * What is told is kept first. A loop keeps only what is kept already: a verdict that did not
 * change, of a node that showed nothing new. */
#include "verifier/engine/work.h"

#include <string.h>

static struct store_verdict verdict_of(const struct work *w)
{
	struct store_verdict v = {
		.node = w->m.node,
		.ak_name = w->ak_name,
		.status = w->verdict.status,
		.reasons = w->reasons,
		.order = w->order,
		.heard = w->now,
		.ends = w->ends,
		.due = w->due,
		.generation = w->s->generation,
		.policy = { (const uint8_t *)w->s->policy.policy.id,
			    strlen(w->s->policy.policy.id) },
		.revocations = w->revoked.known,
	};

	memcpy(v.verdict, w->fingerprint, sizeof v.verdict);
	memcpy(v.vector, w->verdict.vector, sizeof v.vector);
	return v;
}

static int keep_hot(struct work *w)
{
	struct store_verdict v = verdict_of(w);

	if (w->t->nids > 0)
		return ENGINE_SLOW;
	switch (memory_hear(w->e->memory, w->m.node, w->fingerprint, &w->order, w->ends, w->due,
			    w->s->generation)) {
	case MEMORY_UNKNOWN:
		return ENGINE_SLOW;
	case MEMORY_OLDER:
		return GO;
	case MEMORY_HEARD:
		break;
	}
	if (queue_put(w->e->queue, &v))
		return GO;
	atomic_fetch_add(&w->e->metrics.heard_dropped, 1);
	atomic_store(&w->e->hearing.overflowed, true);
	return ENGINE_BLIND;
}

/* The store knows of a revocation that this verifier has not heard of. */
static int hear(struct work *w)
{
	enum store_status status = revoked_hear(w->e->revoked, w->t->store);

	return status == STORE_DONE ? AGAIN : work_down(w, status, "hear of revocations");
}

static int keep_shown(struct work *w)
{
	if (w->t->nids == 0)
		return GO;
	uint64_t since = metrics_now();
	enum store_status status = store_shown_put(w->t->store, w->m.node, w->t->ids,
						   w->t->nids, w->revoked.known, w->now);

	metrics_took(&w->e->metrics.store_time, since);
	switch (status) {
	case STORE_DONE:
		return GO;
	case STORE_ABSENT:
		memory_forget(w->e->memory, w->m.node);
		return ENGINE_UNKNOWN;
	case STORE_CONFLICT:
		return hear(w);
	default:
		return work_down(w, status, "keep what a node showed");
	}
}

static void remember(struct work *w, uint64_t event)
{
	struct remembered r = { .ak_name_n = (uint8_t)w->ak_name.n,
				.event = event,
				.enrolled = w->enrolled,
				.revocations = w->revoked.known,
				.status = w->verdict.status,
				.order = w->order,
				.ends = w->ends,
				.due = w->due,
				.generation = w->s->generation,
				.reasons_n = MEMORY_REASONS_MAX + 1 };

	memcpy(r.id, w->out->node, sizeof r.id);
	memcpy(r.ak_name, w->ak_name.p, w->ak_name.n);
	memcpy(r.vector, w->verdict.vector, sizeof r.vector);
	memcpy(r.verdict, w->fingerprint, sizeof r.verdict);
	if (w->reasons.n <= MEMORY_REASONS_MAX) {
		memcpy(r.reasons, w->reasons.p, w->reasons.n);
		r.reasons_n = (uint16_t)w->reasons.n;
	}
	memory_put(w->e->memory, &r, w->doubts);
}

/* Refused because of a revocation, or because a later message was there first? Then this one's
 * result is true of what it shows, and replaces nothing. */
static int refused(struct work *w)
{
	int said = hear(w);

	if (said != AGAIN)
		return said;
	struct revoked_of now = revoked_ask(w->e->revoked, w->m.node, w->ak_name);
	return now.last > w->revoked.known ? AGAIN : GO;
}

static int keep_verdict(struct work *w)
{
	struct store_verdict v = verdict_of(w);
	uint64_t event = 0, since = metrics_now();
	enum store_status status = store_verdict_put(w->t->store, &v, w->now, &event);

	metrics_took(&w->e->metrics.store_time, since);
	switch (status) {
	case STORE_DONE:
		remember(w, event);
		return GO;
	case STORE_ABSENT:
		memory_forget(w->e->memory, w->m.node);
		return ENGINE_UNKNOWN;
	case STORE_CONFLICT:
		return refused(w);
	default:
		return work_down(w, status, "keep a verdict");
	}
}

int work_keep(struct work *w)
{
	if (!w->t->store)
		return keep_hot(w);
	int said = keep_shown(w);
	return said == GO ? keep_verdict(w) : said;
}
