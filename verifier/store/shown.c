/* SPDX-License-Identifier: Apache-2.0
 *
 * shown - which node showed which component, each once; and the numbers of generations. */
#include "verifier/store/store_internal.h"

#include <stdlib.h>
#include <string.h>

struct shown {
	struct assay_slice node;
	struct store_arg *rows; /* id and number of the node, in order of id */
	struct store_arg *ids;  /* id */
	size_t n;
	uint64_t revocations;
};

static int by_id(const void *a, const void *b)
{
	return memcmp(((const struct store_arg *)a)->p, ((const struct store_arg *)b)->p, 32);
}

static enum store_status put_body(struct store *s, void *ctx)
{
	const struct shown *x = ctx;
	struct store_arg node = store_slice(x->node), num;
	uint64_t newest = 0;

	store_do(s, SQL_REVOKE_LOCK_SHARED, NULL, 1);
	if (!store_one(s, SQL_NODE_NUM, &node))
		return store_refuse(s, STORE_ABSENT, "no such node");
	num = store_int(store_col_u64(s, 0));
	store_end(s);
	store_run(s, SQL_COMPONENT_REVOKED, x->ids, x->n);
	while (store_next(s)) {
		uint64_t seq = store_col_u64(s, 0);

		newest = seq > newest ? seq : newest;
	}
	store_end(s);
	if (newest > x->revocations)
		return store_refuse(s, STORE_CONFLICT, "a component is revoked");
	for (size_t i = 0; i < x->n; i++) {
		x->rows[2 * i] = x->ids[i];
		x->rows[2 * i + 1] = num;
	}
	store_do(s, SQL_COMPONENT_ADD, x->ids, x->n);
	store_do(s, SQL_SHOWN_ADD, x->rows, x->n);
	return STORE_DONE;
}

enum store_status store_shown_put(struct store *s, struct assay_slice node, const uint8_t *ids,
				  size_t n, uint64_t revocations, uint64_t now)
{
	struct store_arg *args = calloc(n ? n : 1, 3 * sizeof *args);
	struct shown x = { .node = node, .rows = args, .n = n, .revocations = revocations };
	enum store_status said = STORE_DOWN;

	(void)now;
	if (args) {
		x.ids = args + 2 * n;
		for (size_t i = 0; i < n; i++)
			x.ids[i] = store_bytes(ids + 32 * i, 32);
		/* two that show the same new components wait for each other in one order */
		qsort(x.ids, n, sizeof *x.ids, by_id);
		said = store_write(s, put_body, &x);
	} else {
		store_no_memory(s);
	}
	free(args);
	return said;
}

struct by {
	const uint8_t *id;
	store_shown_fn each;
	void *ctx;
};

static enum store_status by_body(struct store *s, void *ctx)
{
	const struct by *x = ctx;
	struct store_arg id = store_bytes(x->id, 32);
	char node[ASSAY_NODE_ID_MAX + 1];

	store_run(s, SQL_SHOWN_BY, &id, 1);
	while (store_next(s)) {
		store_col_string(s, 0, node, sizeof node);
		if (s->fault != STORE_IO_DONE)
			break;
		s->told = true;
		x->each(x->ctx, node);
	}
	store_end(s);
	return STORE_DONE;
}

enum store_status store_shown_by(struct store *s, const uint8_t id[32], store_shown_fn each,
				 void *ctx)
{
	struct by x = { id, each, ctx };

	return store_read(s, by_body, &x);
}

struct generation {
	const uint8_t *digest;
	uint64_t now, *number;
};

static enum store_status generation_get(struct store *s, void *ctx)
{
	const struct generation *g = ctx;
	struct store_arg digest = store_bytes(g->digest, 32);

	if (!store_one(s, SQL_GENERATION_GET, &digest))
		return STORE_ABSENT;
	*g->number = store_col_u64(s, 0);
	store_end(s);
	return STORE_DONE;
}

static enum store_status generation_make(struct store *s, void *ctx)
{
	const struct generation *g = ctx;
	struct store_arg args[3];

	/* the counter's row is the lock: who comes second finds what the first made */
	store_count_up(s, "generation", 0);
	if (generation_get(s, ctx) == STORE_DONE)
		return STORE_DONE;
	*g->number = store_count_up(s, "generation", 1);
	args[0] = store_bytes(g->digest, 32);
	args[1] = store_int(*g->number);
	args[2] = store_int(g->now);
	store_do(s, SQL_GENERATION_INSERT, args, 1);
	return STORE_DONE;
}

enum store_status store_generation(struct store *s, const uint8_t digest[32], uint64_t now,
				   uint64_t *number)
{
	uint64_t found = 0;
	struct generation g = { digest, now, &found };
	enum store_status said = store_read(s, generation_get, &g);

	if (said == STORE_ABSENT)
		said = store_write(s, generation_make, &g);
	if (said == STORE_DONE)
		*number = found;
	return said;
}
