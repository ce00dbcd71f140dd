/* SPDX-License-Identifier: Apache-2.0
 *
 * events - changes of verdicts in one order, and who was told how far. */
#include "verifier/store/store_internal.h"

#include <stdlib.h>
#include <string.h>

enum { EVENTS_KEPT = 10000, EVENT_ARGS = 7 };

uint64_t store_count_up(struct store *s, const char *counter, uint64_t n)
{
	struct store_arg args[] = { store_text(counter), store_int(n) };
	uint64_t value = 0;

	if (store_one(s, SQL_COUNTER_ADD, args)) {
		value = store_col_u64(s, 0);
		if (value < n)
			store_bad_row(s, 0, "a counter below what was added");
	} else {
		store_bad_row(s, 0, "a counter is missing");
	}
	store_end(s);
	return s->fault == STORE_IO_DONE ? value : 0;
}

void store_notify(struct store *s)
{
	store_do(s, SQL_NOTIFY, NULL, 1);
}

void store_events_add(struct store *s, const struct store_event_new *events, size_t n,
		      uint64_t now, uint64_t *last)
{
	struct store_arg *args, *a;
	uint64_t seq;

	if (!n || s->fault != STORE_IO_DONE)
		return;
	args = calloc(n, EVENT_ARGS * sizeof *args);
	if (!args) {
		store_no_memory(s);
		return;
	}
	seq = store_count_up(s, "event", n);
	for (size_t i = 0; i < n; i++) {
		a = args + EVENT_ARGS * i;
		a[0] = store_int(seq - n + 1 + i);
		a[1] = store_int(now);
		a[2] = store_text(events[i].node);
		a[3] = store_signed(events[i].before);
		a[4] = store_signed(events[i].status);
		a[5] = store_slice(events[i].reasons);
		a[6] = store_int(events[i].generation);
	}
	store_do(s, SQL_EVENT_INSERT, args, n);
	store_notify(s);
	free(args);
	if (last)
		*last = seq;
}

struct listing {
	uint64_t after;
	size_t limit;
	void (*each)(void);
	void *ctx;
	uint64_t *last;
};

static enum store_status events_body(struct store *s, void *ctx)
{
	const struct listing *l = ctx;
	struct store_arg args[] = { store_int(l->after), store_int(l->limit) };
	uint64_t last = l->after;

	store_run(s, SQL_EVENT_LIST, args, 1);
	while (store_next(s)) {
		struct store_event e = { 0 };

		e.seq = store_col_u64(s, 0);
		e.time = store_col_u64(s, 1);
		store_col_string(s, 2, e.node, sizeof e.node);
		store_tier(s, 3);
		e.before = (int)store_col_int(s, 3, -1, ASSAY_CONTRAINDICATED);
		e.status = store_tier(s, 4);
		e.reasons = store_col_text(s, 5, STORE_TEXT_MAX);
		e.generation = store_col_u64(s, 6);
		if (s->fault != STORE_IO_DONE)
			break;
		s->told = true;
		((store_event_fn)l->each)(l->ctx, &e);
		last = e.seq;
	}
	store_end(s);
	*l->last = last;
	return STORE_DONE;
}

enum store_status store_events(struct store *s, uint64_t after, size_t limit,
			       store_event_fn each, void *ctx, uint64_t *last)
{
	struct listing l = { after, limit, (void (*)(void))each, ctx, last };

	*last = after;
	return store_read(s, events_body, &l);
}

static enum store_status trim_body(struct store *s, void *ctx)
{
	struct store_arg args[] = { store_int(*(uint64_t *)ctx), store_int(EVENTS_KEPT) };

	store_do(s, SQL_EVENT_TRIM, args, 1);
	return STORE_DONE;
}

enum store_status store_events_trim(struct store *s, uint64_t before)
{
	return store_write(s, trim_body, &before);
}

struct hook {
	const char *name;
	uint64_t seq, *out;
};

static enum store_status hook_get_body(struct store *s, void *ctx)
{
	const struct hook *h = ctx;
	struct store_arg name = store_text(h->name);

	if (!store_one(s, SQL_HOOK_GET, &name))
		return store_refuse(s, STORE_ABSENT, "no such hook");
	*h->out = store_col_u64(s, 0);
	store_end(s);
	return STORE_DONE;
}

enum store_status store_hook_get(struct store *s, const char *hook, uint64_t *seq)
{
	struct hook h = { hook, 0, seq };

	return store_read(s, hook_get_body, &h);
}

static enum store_status hook_put_body(struct store *s, void *ctx)
{
	const struct hook *h = ctx;
	struct store_arg args[] = { store_text(h->name), store_int(h->seq) };
	bool moved = store_one(s, SQL_HOOK_PUT, args);

	store_end(s);
	return moved ? STORE_DONE : store_refuse(s, STORE_CONFLICT, "it is as far already");
}

enum store_status store_hook_put(struct store *s, const char *hook, uint64_t seq)
{
	struct hook h = { hook, seq, NULL };

	return store_write(s, hook_put_body, &h);
}

void store_audit_add(struct store *s, const struct store_actor *actor, const char *action,
		     struct assay_slice subject, uint64_t now)
{
	static const struct store_actor nobody = { "", "", "", "" };
	const struct store_actor *a = actor ? actor : &nobody;
	struct store_arg args[8];

	args[0] = store_int(store_count_up(s, "audit", 1));
	args[1] = store_int(now);
	args[2] = store_text(a->name);
	args[3] = store_text(a->role);
	args[4] = store_text(a->address);
	args[5] = store_text(a->request);
	args[6] = store_text(action);
	args[7] = store_slice(subject);
	store_do(s, SQL_AUDIT_INSERT, args, 1);
}

static enum store_status audit_body(struct store *s, void *ctx)
{
	const struct listing *l = ctx;
	struct store_arg args[] = { store_int(l->after), store_int(l->limit) };
	uint64_t last = l->after;

	store_run(s, SQL_AUDIT_LIST, args, 1);
	while (store_next(s)) {
		struct store_audit a = { 0 };

		a.seq = store_col_u64(s, 0);
		a.time = store_col_u64(s, 1);
		a.actor = store_col_text(s, 2, STORE_TEXT_MAX);
		a.role = store_col_text(s, 3, STORE_TEXT_MAX);
		a.address = store_col_text(s, 4, STORE_TEXT_MAX);
		a.request = store_col_text(s, 5, STORE_TEXT_MAX);
		a.action = store_col_text(s, 6, STORE_TEXT_MAX);
		a.subject = store_col_text(s, 7, STORE_TEXT_MAX);
		if (s->fault != STORE_IO_DONE)
			break;
		s->told = true;
		((store_audit_fn)l->each)(l->ctx, &a);
		last = a.seq;
	}
	store_end(s);
	*l->last = last;
	return STORE_DONE;
}

enum store_status store_audit_list(struct store *s, uint64_t after, size_t limit,
				   store_audit_fn each, void *ctx, uint64_t *last)
{
	struct listing l = { after, limit, (void (*)(void))each, ctx, last };

	*last = after;
	return store_read(s, audit_body, &l);
}
