/* SPDX-License-Identifier: Apache-2.0
 *
 * epoch - is this the database that we left, or one that was put back from a backup? */
#include "verifier/store/store_internal.h"

#include <string.h>
#include <sys/random.h>

/* Seqs that no reader can have seen before the database was put back. */
enum { SEQS_APART = 1000 };

bool store_epoch_follows(const struct store_epoch *seen, const struct store_epoch *now)
{
	return !memcmp(seen->id, now->id, sizeof seen->id) && now->counter >= seen->counter &&
	       now->event >= seen->event;
}

static bool epoch_read(struct store *s, struct store_epoch *out)
{
	if (!store_one(s, SQL_EPOCH_GET, NULL)) {
		store_bad_row(s, 0, "missing");
		return false;
	}
	store_col_fixed(s, 0, out->id, sizeof out->id);
	out->counter = store_col_u64(s, 1);
	out->event = store_col_u64(s, 2);
	store_end(s);
	return s->fault == STORE_IO_DONE;
}

static enum store_status get_body(struct store *s, void *ctx)
{
	struct store_epoch e;

	if (epoch_read(s, &e))
		*(struct store_epoch *)ctx = e;
	return STORE_DONE;
}

enum store_status store_epoch_get(struct store *s, struct store_epoch *out)
{
	return store_read(s, get_body, out);
}

void store_epoch_count(struct store *s)
{
	store_do(s, SQL_EPOCH_COUNT, NULL, 1);
}

static enum store_status bump_body(struct store *s, void *ctx)
{
	store_epoch_count(s);
	return get_body(s, ctx);
}

enum store_status store_epoch_bump(struct store *s, struct store_epoch *out)
{
	struct store_epoch e = { 0 };
	enum store_status said = store_write(s, bump_body, &e);

	if (said == STORE_DONE)
		*out = e;
	return said;
}

struct accept {
	const struct store_epoch *seen;
	struct assay_slice reasons;
	const struct store_actor *actor;
	uint64_t now;
	struct store_epoch made;
};

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Sets a counter to at least `least`; its value. */
static uint64_t raise(struct store *s, const char *counter, uint64_t least)
{
	struct store_arg args[] = { store_text(counter), store_int(least) };
	uint64_t value = 0;

	if (store_one(s, SQL_COUNTER_RAISE, args))
		value = store_col_u64(s, 0);
	store_end(s);
	return value;
}

/* Every node is none, and everybody who listens is told. */
static void nodes_forget(struct store *s, const struct accept *x, uint64_t event)
{
	static const uint8_t zeros[32];
	struct store_arg events[] = { store_int(event), store_int(x->now),
				      store_slice(x->reasons) };
	struct store_arg states[] = { store_int(x->now), store_bytes(zeros, 32),
				      store_bytes(zeros, ASSAY_CLAIMS_N) };
	struct store_arg reasons = store_slice(x->reasons);

	store_do(s, SQL_RESTORED_EVENTS, events, 1);
	store_do(s, SQL_RESTORED_STATES, states, 1);
	store_do(s, SQL_RESTORED_REASONS, &reasons, 1);
	store_do(s, SQL_RESTORED_TOKENS, NULL, 1);
}

static enum store_status accept_body(struct store *s, void *ctx)
{
	static const char word[] = "database";
	struct accept *x = ctx;
	struct store_epoch e = { 0 };
	struct store_arg id[2];
	uint64_t nodes = 0;

	store_do(s, SQL_REVOKE_LOCK, NULL, 1);
	if (!epoch_read(s, &e))
		return STORE_DONE;
	store_run(s, SQL_NODE_COUNT, NULL, 1);
	while (store_next(s))
		nodes += store_col_u64(s, 1);
	store_end(s);
	e.event = larger(e.event, x->seen->event) + SEQS_APART;
	e.counter = larger(e.counter, x->seen->counter) + 1;
	/* each revocation was counted, so none that was lost had a larger number */
	raise(s, "revocation", e.counter);
	raise(s, "audit", e.counter);
	e.event = raise(s, "event", e.event + nodes);
	nodes_forget(s, x, e.event - nodes);
	memcpy(e.id, x->made.id, sizeof e.id);
	id[0] = store_bytes(e.id, sizeof e.id);
	id[1] = store_int(e.counter);
	store_do(s, SQL_EPOCH_SET, id, 1);
	store_audit_add(s, x->actor, "restored.accept",
			(struct assay_slice){ (const uint8_t *)word, sizeof word - 1 }, x->now);
	store_notify(s);
	x->made = e;
	return STORE_DONE;
}

enum store_status store_epoch_accept(struct store *s, const struct store_epoch *seen,
				     struct assay_slice reasons,
				     const struct store_actor *actor, uint64_t now,
				     struct store_epoch *out)
{
	struct accept x = { .seen = seen, .reasons = reasons, .actor = actor, .now = now };
	enum store_status said;

	if (getrandom(x.made.id, sizeof x.made.id, 0) != sizeof x.made.id)
		return store_refuse(s, STORE_DOWN, "no random bytes");
	said = store_write(s, accept_body, &x);
	if (said == STORE_DONE)
		*out = x.made;
	return said;
}
