/* SPDX-License-Identifier: Apache-2.0
 *
 * tokens - what lets a node enrol, once. */
#include "verifier/store/store_internal.h"

#include <string.h>

void store_token_read(struct store *s, struct store_token *out)
{
	*out = (struct store_token){ 0 };
	store_col_string(s, 0, out->id, sizeof out->id);
	store_col_fixed(s, 1, out->hash, sizeof out->hash);
	store_col_string(s, 2, out->node, sizeof out->node);
	out->has_ek = store_col_int(s, 3, 0, 1) != 0;
	store_col_fixed(s, 4, out->ek_digest, sizeof out->ek_digest);
	out->made = store_col_u64(s, 5);
	out->ends = store_col_u64(s, 6);
	out->used = store_col_u64(s, 7);
}

struct token {
	const struct store_token *in;
	struct store_token *out;
	const uint8_t *hash;
	const char *id;
	const struct store_actor *actor;
	uint64_t now;
	store_token_fn each;
	void *ctx;
};

static bool token_get(struct store *s, const uint8_t hash[32], struct store_token *out)
{
	struct store_arg arg = store_bytes(hash, 32);
	bool there = store_one(s, SQL_TOKEN_GET, &arg);

	if (there)
		store_token_read(s, out);
	store_end(s);
	return there && s->fault == STORE_IO_DONE;
}

static enum store_status add_body(struct store *s, void *ctx)
{
	const struct token *x = ctx;
	const struct store_token *t = x->in;
	struct assay_slice subject = { (const uint8_t *)t->id, strlen(t->id) };
	struct store_token old;
	struct store_arg args[] = {
		store_text(t->id),
		store_bytes(t->hash, sizeof t->hash),
		store_text(t->node),
		store_int(t->has_ek),
		store_bytes(t->ek_digest, sizeof t->ek_digest),
		store_int(t->made),
		store_int(t->ends),
	};
	bool made = store_one(s, SQL_TOKEN_INSERT, args);

	store_end(s);
	if (made) {
		store_audit_add(s, x->actor, "token.add", subject, t->made);
		return STORE_DONE;
	}
	/* the answer to the first try may have been lost */
	if (token_get(s, t->hash, &old) && !strcmp(old.id, t->id) &&
	    !strcmp(old.node, t->node) && old.has_ek == t->has_ek && old.ends == t->ends &&
	    !memcmp(old.ek_digest, t->ek_digest, sizeof old.ek_digest))
		return STORE_DONE;
	return store_refuse(s, STORE_CONFLICT, "a token of this id or text is there");
}

enum store_status store_token_add(struct store *s, const struct store_token *t,
				  const struct store_actor *actor)
{
	struct token x = { .in = t, .actor = actor };

	return store_write(s, add_body, &x);
}

static enum store_status get_body(struct store *s, void *ctx)
{
	const struct token *x = ctx;
	struct store_token t;

	if (!token_get(s, x->hash, &t))
		return store_refuse(s, STORE_ABSENT, "no such token");
	*x->out = t;
	return STORE_DONE;
}

enum store_status store_token_get(struct store *s, const uint8_t hash[32],
				  struct store_token *out)
{
	struct token x = { .hash = hash, .out = out };

	return store_read(s, get_body, &x);
}

static enum store_status list_body(struct store *s, void *ctx)
{
	const struct token *x = ctx;
	struct store_token t;

	store_run(s, SQL_TOKEN_LIST, NULL, 1);
	while (store_next(s)) {
		store_token_read(s, &t);
		if (s->fault != STORE_IO_DONE)
			break;
		s->told = true;
		x->each(x->ctx, &t);
	}
	store_end(s);
	return STORE_DONE;
}

enum store_status store_token_list(struct store *s, store_token_fn each, void *ctx)
{
	struct token x = { .each = each, .ctx = ctx };

	return store_read(s, list_body, &x);
}

static enum store_status remove_body(struct store *s, void *ctx)
{
	const struct token *x = ctx;
	struct store_arg id = store_text(x->id);
	bool there = store_one(s, SQL_TOKEN_DELETE, &id);

	store_end(s);
	if (!there)
		return store_refuse(s, STORE_ABSENT, "no such token");
	store_epoch_count(s);
	store_audit_add(s, x->actor, "token.remove",
			(struct assay_slice){ (const uint8_t *)x->id, strlen(x->id) }, x->now);
	return STORE_DONE;
}

enum store_status store_token_remove(struct store *s, const char *id,
				     const struct store_actor *actor, uint64_t now)
{
	struct token x = { .id = id, .actor = actor, .now = now };

	return store_write(s, remove_body, &x);
}
