/* SPDX-License-Identifier: Apache-2.0
 *
 * revocations - what may no longer be trusted, and exactly which nodes it concerns; and what
 * each node showed, by which that is known. */
#include "verifier/store/store_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUBJECT_MAX = sizeof((struct store_revocation *)0)->subject - 1 };

void store_hex(const uint8_t *p, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = "0123456789abcdef"[p[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[p[i] & 15];
	}
	out[2 * n] = 0;
}

/* Lower-case digits alone: what is stored is compared as text. False: something else. */
static bool hex_read(const char *text, uint8_t *out, size_t cap, size_t *n)
{
	size_t len = strlen(text);

	if (!len || len % 2 || len / 2 > cap || strspn(text, "0123456789abcdef") != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		uint8_t v = (uint8_t)(text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10);

		out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | v : v << 4);
	}
	*n = len / 2;
	return true;
}

/* ["a","b"]. An id needs no escape: its characters are checked where it enters. */
static char *json_of_nodes(const struct store_state *nodes, size_t n)
{
	size_t size = 3, at = 0;
	char *out;

	for (size_t i = 0; i < n; i++)
		size += strlen(nodes[i].id) + 3;
	out = malloc(size);
	if (!out)
		return NULL;
	out[at++] = '[';
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, size - at, "%s\"%s\"", i ? "," : "",
				       nodes[i].id);
	out[at++] = ']';
	out[at] = 0;
	return out;
}

uint64_t store_revocation_add(struct store *s, const struct store_revocation *r,
			      const char *subject, const struct store_state *nodes, size_t n)
{
	char *json = json_of_nodes(nodes, n);
	struct store_arg *marks = calloc(n ? n : 1, 2 * sizeof *marks);
	uint64_t seq = store_count_up(s, "revocation", 1);

	if (json && marks) {
		struct store_arg args[] = { store_int(seq),     store_int(r->time),
					    store_int(r->kind), store_text(subject),
					    store_text(json),   store_slice(r->reason) };

		for (size_t i = 0; i < n; i++) {
			marks[2 * i] = store_text(nodes[i].id);
			marks[2 * i + 1] = store_int(seq);
		}
		store_do(s, SQL_REVOCATION_INSERT, args, 1);
		store_do(s, SQL_STATE_REVOKED, marks, n);
		store_epoch_count(s);
		store_notify(s);
	} else {
		store_no_memory(s);
	}
	free(json);
	free(marks);
	return seq;
}

struct revoke {
	const struct store_revocation *r;
	struct assay_slice reasons;
	const struct store_actor *actor;
	uint64_t now, seq;
	uint8_t key[ASSAY_AK_NAME_MAX]; /* AK name or component id */
	size_t key_n;
};

/* The ids that a statement returns (sorted), as arguments; texts are copied behind them. */
static struct store_arg *ids_of(struct store *s, enum store_sql q, const struct store_arg *arg,
				size_t *n)
{
	struct store_arg *ids = NULL;
	char(*texts)[ASSAY_NODE_ID_MAX + 1] = NULL;
	size_t cap = 0;

	*n = 0;
	store_run(s, q, arg, 1);
	while (store_next(s)) {
		if (*n == cap) {
			void *more;

			cap = cap ? 2 * cap : 64;
			more = realloc(texts, cap * sizeof *texts);
			if (!more) {
				store_no_memory(s);
				break;
			}
			texts = more;
		}
		store_col_string(s, 0, texts[(*n)++], sizeof *texts);
	}
	store_end(s);
	ids = calloc(1, *n * (sizeof *ids + sizeof *texts) + 1);
	if (!ids)
		store_no_memory(s);
	for (size_t i = 0; ids && i < *n; i++) {
		char *copy = (char *)(ids + *n) + i * sizeof *texts;

		memcpy(copy, texts[i], sizeof *texts);
		ids[i] = store_text(copy);
	}
	free(texts);
	return ids;
}

/* The states of all whom it concerns; *found 0 and NULL when it is nobody. */
static struct store_state *concerned(struct store *s, const struct revoke *x, size_t *found)
{
	struct store_arg key = store_bytes(x->key, x->key_n), *ids, one;
	struct store_state *states;
	size_t n = 1;

	*found = 0;
	if (x->r->kind == STORE_REVOKED_NODE) {
		one = store_text(x->r->subject);
		return store_states_lock(s, &one, 1, found);
	}
	ids = ids_of(s, x->r->kind == STORE_REVOKED_AK ? SQL_NODES_BY_AK : SQL_SHOWN_BY, &key,
		     &n);
	states = ids && n ? store_states_lock(s, ids, n, found) : NULL;
	free(ids);
	return states;
}

static enum store_status revoke_body(struct store *s, void *ctx)
{
	struct revoke *x = ctx;
	struct assay_slice subject = { (const uint8_t *)x->r->subject, strlen(x->r->subject) };
	struct store_revocation r = *x->r;
	struct store_state *nodes;
	size_t n, better = 0;

	store_do(s, SQL_REVOKE_LOCK, NULL, 1);
	nodes = concerned(s, x, &n);
	r.time = x->now;
	x->seq = store_revocation_add(s, &r, r.subject, nodes, n);
	if (r.kind == STORE_REVOKED_REFERENCE) {
		struct store_arg args[] = { store_bytes(x->key, x->key_n), store_int(x->seq) };

		store_do(s, SQL_COMPONENT_REVOKE, args, 1);
	}
	store_audit_add(s, x->actor, "revoke", subject, x->now);
	for (size_t i = 0; i < n; i++)
		if (nodes[i].status != ASSAY_CONTRAINDICATED)
			nodes[better++] = nodes[i];
	store_turn(s, nodes, better, ASSAY_CONTRAINDICATED, false, x->reasons, x->now);
	free(nodes);
	return STORE_DONE;
}

enum store_status store_revoke(struct store *s, const struct store_revocation *r,
			       struct assay_slice reasons, const struct store_actor *actor,
			       uint64_t now, uint64_t *seq)
{
	struct revoke x = { .r = r, .reasons = reasons, .actor = actor, .now = now };
	const char *hex = r->subject;
	bool good = r->kind == STORE_REVOKED_NODE && *r->subject;
	enum store_status said;

	if (r->kind == STORE_REVOKED_AK)
		good = hex_read(hex, x.key, sizeof x.key, &x.key_n);
	if (r->kind == STORE_REVOKED_REFERENCE)
		good = !strncmp(hex, "sha256:", 7) && hex_read(hex + 7, x.key, 32, &x.key_n) &&
		       x.key_n == 32;
	if (!good)
		return store_refuse(s, STORE_CONFLICT, "the subject is not what its kind says");
	said = store_write(s, revoke_body, &x);
	if (said == STORE_DONE)
		*seq = x.seq;
	return said;
}

struct listing {
	uint64_t after;
	store_revocation_fn each;
	void *ctx;
	uint64_t *last;
};

static enum store_status list_body(struct store *s, void *ctx)
{
	const struct listing *l = ctx;
	struct store_arg after = store_int(l->after);
	uint64_t last = l->after;

	store_run(s, SQL_REVOCATION_LIST, &after, 1);
	while (store_next(s)) {
		struct store_revocation r = { 0 };

		r.seq = store_col_u64(s, 0);
		r.time = store_col_u64(s, 1);
		r.kind = (enum store_revoked)store_col_int(s, 2, STORE_REVOKED_NODE,
							   STORE_REVOKED_REFERENCE);
		store_col_string(s, 3, r.subject, sizeof r.subject);
		/* a fleet's ids may be more than a text of reasons */
		r.nodes = store_col_text(s, 4, SIZE_MAX);
		r.reason = store_col_text(s, 5, STORE_TEXT_MAX);
		if (s->fault != STORE_IO_DONE)
			break;
		s->told = true;
		l->each(l->ctx, &r);
		last = r.seq;
	}
	store_end(s);
	*l->last = last;
	return STORE_DONE;
}

enum store_status store_revocations(struct store *s, uint64_t after, store_revocation_fn each,
				    void *ctx, uint64_t *last)
{
	struct listing l = { after, each, ctx, last };

	*last = after;
	return store_read(s, list_body, &l);
}
