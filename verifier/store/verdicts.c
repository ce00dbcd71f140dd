/* SPDX-License-Identifier: Apache-2.0
 *
 * verdicts - compare and set: whose verdict is later, what it changes, who is told. One verdict
 * and a thousand go the same way: lock the nodes in order of id, decide here, write what was
 * decided. The rule stands in C, once, and not in SQL. */
#include "verifier/store/store_internal.h"

#include <stdlib.h>
#include <string.h>

enum { LIVE_ARGS = 9, CHANGE_ARGS = 13 };

static const uint8_t zeros[32];

struct store_state *store_states_lock(struct store *s, const struct store_arg *ids, size_t n,
				      size_t *found)
{
	struct store_state *states = calloc(n ? n : 1, sizeof *states);
	size_t k = 0;

	*found = 0;
	if (!states) {
		store_no_memory(s);
		return NULL;
	}
	store_run(s, SQL_STATE_LOCK, ids, n);
	while (store_next(s)) {
		struct store_state *t = &states[k];
		struct assay_slice name = store_col_bytes(s, 1, sizeof t->ak_name);

		if (k++ == n) {
			store_bad_row(s, 0, "more nodes than were asked for");
			break;
		}
		store_col_string(s, 0, t->id, sizeof t->id);
		if (name.n)
			memcpy(t->ak_name, name.p, name.n);
		t->ak_name_n = name.n;
		store_tier(s, 2);
		t->status = (int)store_col_int(s, 2, -1, ASSAY_CONTRAINDICATED);
		store_col_fixed(s, 3, t->verdict, sizeof t->verdict);
		store_col_fixed(s, 4, t->vector, sizeof t->vector);
		t->order.resetCount = (uint32_t)store_col_int(s, 5, 0, UINT32_MAX);
		t->order.clock = (uint64_t)store_col_int(s, 6, INT64_MIN, INT64_MAX);
		t->order.challenged = store_col_u64(s, 7);
		t->since = store_col_u64(s, 8);
		t->heard = store_col_u64(s, 9);
		t->generation = store_col_u64(s, 10);
		t->revoked = store_col_u64(s, 11);
		t->silent = store_col_int(s, 12, 0, 1) != 0;
	}
	store_end(s);
	if (k && s->fault == STORE_IO_DONE) {
		*found = k;
		return states;
	}
	free(states);
	return NULL;
}

enum decision { REFUSED_AK, REFUSED_REVOKED, REFUSED_LATE, SAME, LIVE, CHANGE };

static enum decision decide(const struct store_state *t, const struct store_verdict *v)
{
	bool same = t->status == (int)v->status && !t->silent &&
		    !memcmp(t->verdict, v->verdict, sizeof t->verdict);
	int later;

	if (t->ak_name_n != v->ak_name.n || memcmp(t->ak_name, v->ak_name.p, t->ak_name_n) != 0)
		return REFUSED_AK;
	if (t->revoked > v->revocations)
		return REFUSED_REVOKED;
	/* whatever comes first is later than nothing */
	later = t->heard ? store_order_compare(&v->order, &t->order) : 1;
	if (later > 0)
		return same ? LIVE : CHANGE;
	return later == 0 && same ? SAME : REFUSED_LATE;
}

/* What a batch writes, gathered: arguments of the statements, row behind row. */
struct plan {
	const struct store_verdict *v;
	size_t nv;
	uint64_t now;
	const struct store_verdict **sorted; /* by node, then as they came */
	struct store_arg *ids, *live, *change, *reasons;
	struct store_event_new *events;
	size_t nids, nlive, nchange, nevents;
	enum decision last;
	uint64_t seq;
	size_t *told;
};

static int by_node(const void *a, const void *b)
{
	const struct store_verdict *x = *(const struct store_verdict *const *)a;
	const struct store_verdict *y = *(const struct store_verdict *const *)b;
	size_t n = x->node.n < y->node.n ? x->node.n : y->node.n;
	int d = n ? memcmp(x->node.p, y->node.p, n) : 0;

	if (d)
		return d;
	if (x->node.n != y->node.n)
		return x->node.n < y->node.n ? -1 : 1;
	return (x > y) - (x < y);
}

static bool same_id(struct assay_slice a, struct assay_slice b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

/* The verdict is the node's from now on, for the verdicts that follow in this batch. */
static void apply(struct store_state *t, const struct store_verdict *v, uint64_t now)
{
	if (t->status != (int)v->status)
		t->since = now;
	t->status = (int)v->status;
	memcpy(t->verdict, v->verdict, sizeof t->verdict);
	t->order = v->order;
	t->heard = v->heard ? v->heard : 1;
	t->silent = false;
}

static void live_args(struct store_arg *a, const struct store_verdict *v)
{
	a[0] = store_slice(v->node);
	a[1] = store_int(v->order.resetCount);
	a[2] = store_signed((int64_t)v->order.clock); /* all 64 bits; compared in C alone */
	a[3] = store_int(v->order.challenged);
	a[4] = store_int(v->heard ? v->heard : 1);
	a[5] = store_int(v->ends);
	a[6] = store_int(v->due ? v->due : 1);
	a[7] = store_int(v->generation);
	a[8] = store_slice(v->policy);
}

/* All verdicts of one node, first to last; what is written is the last that was taken. */
static void plan_node(struct plan *p, struct store_state *t, const struct store_verdict **v,
		      size_t n)
{
	const struct store_verdict *taken = NULL;
	bool changed = false;

	for (size_t i = 0; i < n; i++) {
		p->last = decide(t, v[i]);
		if (p->last < LIVE)
			continue;
		if (p->last == CHANGE) {
			p->events[p->nevents++] =
				(struct store_event_new){ .node = t->id,
							  .before = t->status,
							  .status = (int)v[i]->status,
							  .reasons = v[i]->reasons,
							  .generation = v[i]->generation };
			changed = true;
		}
		apply(t, v[i], p->now);
		taken = v[i];
	}
	if (changed) {
		struct store_arg *a = p->change + CHANGE_ARGS * p->nchange;

		live_args(a, taken);
		a[9] = store_int((uint64_t)taken->status);
		a[10] = store_bytes(taken->verdict, sizeof taken->verdict);
		a[11] = store_bytes(taken->vector, sizeof taken->vector);
		a[12] = store_int(t->since);
		p->reasons[2 * p->nchange] = a[0];
		p->reasons[2 * p->nchange++ + 1] = store_slice(taken->reasons);
	} else if (taken) {
		live_args(p->live + LIVE_ARGS * p->nlive++, taken);
	}
}

static void plan_all(struct plan *p, struct store_state *states, size_t found)
{
	size_t k = 0;

	for (size_t i = 0, n; i < p->nv; i += n) {
		const struct store_verdict **v = p->sorted + i;
		struct assay_slice id = v[0]->node, there;

		for (n = 1; i + n < p->nv && same_id(v[n]->node, id); n++)
			;
		there = (struct assay_slice){ 0 };
		if (k < found)
			there = (struct assay_slice){ (const uint8_t *)states[k].id,
						      strlen(states[k].id) };
		if (k < found && same_id(id, there))
			plan_node(p, &states[k++], v, n);
	}
}

static enum store_status put_body(struct store *s, void *ctx)
{
	struct plan *p = ctx;
	struct store_state *states;
	size_t found;

	p->nlive = p->nchange = p->nevents = 0;
	p->last = REFUSED_AK;
	p->seq = 0;
	states = store_states_lock(s, p->ids, p->nids, &found);
	plan_all(p, states, found);
	store_do(s, SQL_STATE_LIVE, p->live, p->nlive);
	store_do(s, SQL_STATE_CHANGE, p->change, p->nchange);
	store_do(s, SQL_REASONS_SET, p->reasons, p->nchange);
	store_events_add(s, p->events, p->nevents, p->now, &p->seq);
	free(states);
	return STORE_DONE;
}

/* Room for n verdicts, in one piece at p->sorted. */
static bool plan_room(struct plan *p, size_t n)
{
	size_t args = 1 + LIVE_ARGS + CHANGE_ARGS + 2;
	uint8_t *room =
		calloc(n, args * sizeof(struct store_arg) + sizeof *p->events + sizeof(void *));

	if (!room)
		return false;
	p->ids = (struct store_arg *)(void *)room;
	p->live = p->ids + n;
	p->change = p->live + n * LIVE_ARGS;
	p->reasons = p->change + n * CHANGE_ARGS;
	p->events = (struct store_event_new *)(void *)(p->reasons + 2 * n);
	p->sorted = (const struct store_verdict **)(void *)(p->events + n);
	return true;
}

static enum store_status put_all(struct store *s, struct plan *p)
{
	enum store_status said;

	for (size_t i = 0; i < p->nv; i++)
		if (p->v[i].reasons.n > STORE_TEXT_MAX)
			return store_refuse(s, STORE_CONFLICT, "the reasons are too long");
	if (!plan_room(p, p->nv)) {
		store_no_memory(s);
		return STORE_DOWN;
	}
	for (size_t i = 0; i < p->nv; i++)
		p->sorted[i] = &p->v[i];
	qsort(p->sorted, p->nv, sizeof(void *), by_node);
	for (size_t i = 0; i < p->nv; i++)
		if (!i || !same_id(p->sorted[i]->node, p->sorted[i - 1]->node))
			p->ids[p->nids++] = store_slice(p->sorted[i]->node);
	said = store_write(s, put_body, p);
	free(p->ids);
	return said;
}

enum store_status store_verdict_put(struct store *s, const struct store_verdict *v,
				    uint64_t now, uint64_t *event)
{
	struct plan p = { .v = v, .nv = 1, .now = now };
	enum store_status said = put_all(s, &p);

	if (said != STORE_DONE)
		return said;
	switch (p.last) {
	case REFUSED_AK:
		return store_refuse(s, STORE_ABSENT, "no such node, or another AK");
	case REFUSED_REVOKED:
		return store_refuse(s, STORE_CONFLICT, "a revocation concerns the node");
	case REFUSED_LATE:
		return store_refuse(s, STORE_CONFLICT, "a later verdict is there");
	case SAME:
	case LIVE:
	case CHANGE:
		break;
	}
	*event = p.seq;
	return STORE_DONE;
}

enum store_status store_heard_put(struct store *s, const struct store_verdict *v, size_t n,
				  uint64_t now, size_t *events)
{
	struct plan p = { .v = v, .nv = n, .now = now };
	enum store_status said;

	*events = 0;
	if (!n)
		return STORE_DONE;
	said = put_all(s, &p);
	if (said == STORE_DONE)
		*events = p.nevents;
	return said;
}

void store_turn(struct store *s, const struct store_state *nodes, size_t n,
		enum assay_tier status, bool silent, struct assay_slice reasons, uint64_t now)
{
	struct store_arg *turns = calloc(n ? n : 1, 8 * sizeof *turns), *why;
	struct store_event_new *events = calloc(n ? n : 1, sizeof *events);

	if (turns && events) {
		why = turns + 6 * n;
		for (size_t i = 0; i < n; i++) {
			const struct store_state *t = &nodes[i];
			struct store_arg *a = turns + 6 * i;

			a[0] = store_text(t->id);
			a[1] = store_int((uint64_t)status);
			a[2] = store_int(t->status == (int)status ? t->since : now);
			a[3] = store_bytes(zeros, 32);
			a[4] = store_bytes(zeros, ASSAY_CLAIMS_N);
			a[5] = store_int(silent);
			why[2 * i] = a[0];
			why[2 * i + 1] = store_slice(reasons);
			events[i] = (struct store_event_new){ .node = t->id,
							      .before = t->status,
							      .status = (int)status,
							      .reasons = reasons,
							      .generation = t->generation };
		}
		store_do(s, SQL_STATE_TURN, turns, n);
		store_do(s, SQL_REASONS_SET, why, n);
		store_events_add(s, events, n, now, NULL);
	} else {
		store_no_memory(s);
	}
	free(turns);
	free(events);
}
