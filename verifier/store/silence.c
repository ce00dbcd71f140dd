/* SPDX-License-Identifier: Apache-2.0
 *
 * silence - nodes that were not heard of in their interval turn none. Rows that another
 * verifier is writing right now are passed over: either it silences them or it has just heard
 * of them. */
#include "verifier/store/store_internal.h"

#include <stdlib.h>

struct silence {
	enum store_sql find;
	uint64_t bound;
	struct assay_slice reasons;
	size_t limit;
	uint64_t now;
	size_t turned;
};

static enum store_status silence_body(struct store *s, void *ctx)
{
	struct silence *x = ctx;
	struct store_arg args[] = { store_int(x->bound), store_int(x->limit) };
	struct store_state *nodes = calloc(x->limit ? x->limit : 1, sizeof *nodes);
	size_t n = 0;

	x->turned = 0;
	if (!nodes) {
		store_no_memory(s);
		return STORE_DOWN;
	}
	store_run(s, x->find, args, 1);
	while (n < x->limit && store_next(s)) {
		struct store_state *t = &nodes[n++];

		store_col_string(s, 0, t->id, sizeof t->id);
		store_tier(s, 1);
		t->status = (int)store_col_int(s, 1, -1, ASSAY_CONTRAINDICATED);
		t->since = store_col_u64(s, 2);
		t->generation = store_col_u64(s, 3);
	}
	store_end(s);
	if (n)
		store_turn(s, nodes, n, ASSAY_NONE, true, x->reasons, x->now);
	free(nodes);
	x->turned = n;
	return STORE_DONE;
}

static enum store_status silence(struct store *s, struct silence x, size_t *turned)
{
	if (x.limit > 10000)
		x.limit = 10000;
	enum store_status said = store_write(s, silence_body, &x);

	*turned = said == STORE_DONE ? x.turned : 0;
	return said;
}

enum store_status store_silence(struct store *s, uint64_t before, struct assay_slice reasons,
				size_t limit, uint64_t now, size_t *turned)
{
	return silence(s, (struct silence){ SQL_SILENT_FIND, before, reasons, limit, now, 0 },
		       turned);
}

enum store_status store_silence_ahead(struct store *s, uint64_t after,
				      struct assay_slice reasons, size_t limit, uint64_t now,
				      size_t *turned)
{
	return silence(s, (struct silence){ SQL_AHEAD_FIND, after, reasons, limit, now, 0 },
		       turned);
}
