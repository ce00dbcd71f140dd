/* SPDX-License-Identifier: Apache-2.0
 *
 * nodes - becoming known, being looked at, being removed. */
#include "verifier/store/store_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CERT_MAX = ASSAY_CERT_MAX, PUB_MAX = 4096, POLICY_MAX = 1024 };

static const uint8_t zeros[32];

/* The row of a NODE_SELECT; slices alias it. *token: what made the node. */
static void node_read(struct store *s, struct store_node *out, uint8_t token[32])
{
	struct assay_slice name;
	uint8_t vector[ASSAY_CLAIMS_N];

	*out = (struct store_node){ 0 };
	store_col_string(s, 0, out->id, sizeof out->id);
	name = store_col_bytes(s, 1, sizeof out->ak_name);
	if (name.n)
		memcpy(out->ak_name, name.p, name.n);
	out->ak_name_n = name.n;
	out->ak_pub = store_col_bytes(s, 2, PUB_MAX);
	store_col_fixed(s, 3, out->ek_digest, sizeof out->ek_digest);
	out->ek_cert = store_col_bytes(s, 4, CERT_MAX);
	out->enrolled = store_col_u64(s, 5);
	store_col_fixed(s, 6, token, 32);
	out->reasons = store_col_text(s, 7, STORE_TEXT_MAX);
	out->status = store_tier(s, 8);
	store_col_fixed(s, 9, out->verdict, sizeof out->verdict);
	store_col_fixed(s, 10, vector, sizeof vector);
	memcpy(out->vector, vector, sizeof vector);
	out->order.resetCount = (uint32_t)store_col_int(s, 11, 0, UINT32_MAX);
	out->order.clock = (uint64_t)store_col_int(s, 12, INT64_MIN, INT64_MAX);
	out->order.challenged = store_col_u64(s, 13);
	out->since = store_col_u64(s, 14);
	out->heard = store_col_u64(s, 15);
	out->ends = store_col_u64(s, 16);
	out->due = store_col_u64(s, 17);
	out->generation = store_col_u64(s, 18);
	out->policy = store_col_text(s, 19, POLICY_MAX);
}

struct enrol {
	const uint8_t *token;
	const struct store_node *node;
	uint64_t now;
};

/* The same node, made by the same token: the answer to the first try was lost. */
static bool same_node(const struct store_node *a, const struct store_node *b)
{
	return a->ak_name_n == b->ak_name_n && !memcmp(a->ak_name, b->ak_name, a->ak_name_n) &&
	       a->ak_pub.n == b->ak_pub.n &&
	       (!a->ak_pub.n || !memcmp(a->ak_pub.p, b->ak_pub.p, a->ak_pub.n)) &&
	       !memcmp(a->ek_digest, b->ek_digest, sizeof a->ek_digest);
}

static enum store_status token_check(struct store *s, const struct enrol *e)
{
	struct store_token t;
	struct store_arg hash = store_bytes(e->token, 32);
	bool there = store_one(s, SQL_TOKEN_LOCK, &hash);

	if (there)
		store_token_read(s, &t);
	store_end(s);
	if (!there || s->fault != STORE_IO_DONE)
		return store_refuse(s, STORE_CONFLICT, "no such token");
	if (t.used)
		return store_refuse(s, STORE_CONFLICT, "the token is used up");
	if (t.ends <= e->now)
		return store_refuse(s, STORE_CONFLICT, "the token has ended");
	if (strcmp(t.node, e->node->id) != 0)
		return store_refuse(s, STORE_CONFLICT, "the token names another node");
	if (t.has_ek && memcmp(t.ek_digest, e->node->ek_digest, 32) != 0)
		return store_refuse(s, STORE_CONFLICT, "the token names another EK");
	return STORE_DONE;
}

/* The last revocation of this kind and subject, 0: none. */
static uint64_t revoked_last(struct store *s, enum store_revoked kind, const char *subject)
{
	struct store_arg args[] = { store_int(kind), store_text(subject) };
	uint64_t seq = 0;

	if (store_one(s, SQL_REVOCATION_LAST, args))
		seq = store_col_u64(s, 0);
	store_end(s);
	return seq;
}

static bool ak_revoked(struct store *s, const struct store_node *n)
{
	char hex[2 * ASSAY_AK_NAME_MAX + 1];

	store_hex(n->ak_name, n->ak_name_n, hex);
	return revoked_last(s, STORE_REVOKED_AK, hex) > 0;
}

static bool node_insert(struct store *s, const struct enrol *e)
{
	const struct store_node *n = e->node;
	struct store_arg node[] = {
		store_text(n->id),
		store_bytes(n->ak_name, n->ak_name_n),
		store_bytes(n->ek_digest, sizeof n->ek_digest),
		store_int(n->enrolled),
		store_bytes(e->token, 32),
		store_text("[]"),
		store_slice(n->ak_pub),
		store_slice(n->ek_cert),
	};
	struct store_arg state[] = {
		store_text(n->id),      store_bytes(n->ak_name, n->ak_name_n),
		store_bytes(zeros, 32), store_bytes(zeros, ASSAY_CLAIMS_N),
		store_int(n->enrolled), store_int(n->ends),
		store_int(n->due),      store_int(n->generation),
		store_slice(n->policy), store_int(revoked_last(s, STORE_REVOKED_NODE, n->id)),
	};
	struct store_arg used[] = { store_bytes(e->token, 32), store_int(e->now ? e->now : 1) };
	bool made = store_one(s, SQL_NODE_INSERT, node);

	store_end(s);
	if (!made)
		return false;
	store_do(s, SQL_STATE_INSERT, state, 1);
	store_do(s, SQL_TOKEN_USE, used, 1);
	store_epoch_count(s);
	return true;
}

static enum store_status enrol_body(struct store *s, void *ctx)
{
	const struct enrol *e = ctx;
	struct store_arg id = store_text(e->node->id);
	struct store_node old;
	uint8_t token[32];
	enum store_status said;

	store_do(s, SQL_REVOKE_LOCK_SHARED, NULL, 1);
	if (store_one(s, SQL_NODE_GET, &id)) {
		bool same;

		node_read(s, &old, token);
		same = s->fault == STORE_IO_DONE && same_node(&old, e->node) &&
		       !memcmp(token, e->token, sizeof token);
		store_end(s);
		return same ? STORE_DONE
			    : store_refuse(s, STORE_CONFLICT, "a node of this id is there");
	}
	said = token_check(s, e);
	if (said != STORE_DONE || s->fault != STORE_IO_DONE)
		return said;
	if (ak_revoked(s, e->node))
		return store_refuse(s, STORE_CONFLICT, "the AK is revoked");
	if (!node_insert(s, e))
		return store_refuse(s, STORE_CONFLICT, "a node of this id is there");
	return STORE_DONE;
}

enum store_status store_node_enrol(struct store *s, const uint8_t token[32],
				   const struct store_node *node, uint64_t now)
{
	struct enrol e = { token, node, now };

	if (node->ak_pub.n > PUB_MAX || node->ek_cert.n > CERT_MAX ||
	    node->policy.n > POLICY_MAX || node->ak_name_n > sizeof node->ak_name)
		return store_refuse(s, STORE_CONFLICT,
				    "a key, certificate or policy id is too long");
	return store_write(s, enrol_body, &e);
}

struct get {
	struct assay_slice id;
	struct store_node *out;
};

static enum store_status get_body(struct store *s, void *ctx)
{
	struct get *g = ctx;
	struct store_arg id = store_slice(g->id);
	struct store_node n;
	uint8_t token[32];

	if (!store_one(s, SQL_NODE_GET, &id))
		return store_refuse(s, STORE_ABSENT, "no such node");
	node_read(s, &n, token);
	if (store_room(s, n.ak_pub.n + n.ek_cert.n + n.reasons.n + n.policy.n)) {
		n.ak_pub = store_keep(s, n.ak_pub);
		n.ek_cert = store_keep(s, n.ek_cert);
		n.reasons = store_keep(s, n.reasons);
		n.policy = store_keep(s, n.policy);
	}
	store_end(s);
	if (s->fault == STORE_IO_DONE)
		*g->out = n;
	return STORE_DONE;
}

enum store_status store_node_get(struct store *s, struct assay_slice id, struct store_node *out)
{
	struct get g = { id, out };

	return store_read(s, get_body, &g);
}

struct list {
	const char *after;
	size_t limit;
	int status;
	store_node_fn each;
	void *ctx;
};

static enum store_status list_body(struct store *s, void *ctx)
{
	const struct list *l = ctx;
	/* -1: not yet heard of is none as well */
	int low = l->status == ASSAY_NONE ? -1 : l->status;
	struct store_arg args[] = { store_text(l->after), store_int(l->limit),
				    store_signed(low), store_signed(l->status) };
	struct store_node n;
	uint8_t token[32];

	store_run(s, l->status < 0 ? SQL_NODE_LIST : SQL_NODE_LIST_BY, args, 1);
	while (store_next(s)) {
		node_read(s, &n, token);
		if (s->fault != STORE_IO_DONE)
			break;
		s->told = true;
		l->each(l->ctx, &n);
	}
	store_end(s);
	return STORE_DONE;
}

enum store_status store_node_list(struct store *s, const char *after, size_t limit, int status,
				  store_node_fn each, void *ctx)
{
	struct list l = { after, limit, status, each, ctx };

	return store_read(s, list_body, &l);
}

static enum store_status count_body(struct store *s, void *ctx)
{
	struct store_count c = { 0 };

	store_run(s, SQL_NODE_COUNT, NULL, 1);
	while (store_next(s)) {
		enum assay_tier tier = store_tier(s, 0);
		uint64_t n = store_col_u64(s, 1);

		c.affirming += tier == ASSAY_AFFIRMING ? n : 0;
		c.warning += tier == ASSAY_WARNING ? n : 0;
		c.contraindicated += tier == ASSAY_CONTRAINDICATED ? n : 0;
		c.none += tier == ASSAY_NONE ? n : 0;
	}
	store_end(s);
	if (s->fault == STORE_IO_DONE)
		*(struct store_count *)ctx = c;
	return STORE_DONE;
}

enum store_status store_node_count(struct store *s, struct store_count *out)
{
	return store_read(s, count_body, out);
}

struct removal {
	struct assay_slice id;
	const struct store_actor *actor;
	uint64_t now;
};

static enum store_status remove_body(struct store *s, void *ctx)
{
	static const char removed[] =
		"[{\"code\":\"node.removed\",\"severity\":\"contraindicated\",\"where\":"
		"\"node\","
		"\"found\":null,\"expected\":null,\"hint\":\"an operator removed it; enrol it "
		"again if it is to come back\"}]";
	static const char word[] = "removed by an operator";
	const struct assay_slice reasons = { (const uint8_t *)removed, sizeof removed - 1 };
	const struct assay_slice why = { (const uint8_t *)word, sizeof word - 1 };
	const struct removal *r = ctx;
	struct store_arg id = store_slice(r->id), num;
	struct store_state *state;
	size_t found;

	store_do(s, SQL_REVOKE_LOCK, NULL, 1);
	state = store_states_lock(s, &id, 1, &found);
	if (!state)
		return store_refuse(s, STORE_ABSENT, "no such node");
	store_do(s, SQL_STATE_DELETE, &id, 1);
	if (store_one(s, SQL_NODE_DELETE, &id)) {
		num = store_int(store_col_u64(s, 0));
		store_end(s);
		store_do(s, SQL_SHOWN_DELETE, &num, 1);
	}
	store_revocation_add(s,
			     &(struct store_revocation){ .kind = STORE_REVOKED_NODE,
							 .time = r->now,
							 .reason = why },
			     state->id, state, 1);
	store_audit_add(s, r->actor, "node.remove", r->id, r->now);
	store_events_add(s,
			 &(struct store_event_new){ .node = state->id,
						    .before = state->status,
						    .status = ASSAY_NONE,
						    .reasons = reasons,
						    .generation = state->generation },
			 1, r->now, NULL);
	free(state);
	return STORE_DONE;
}

enum store_status store_node_remove(struct store *s, struct assay_slice id,
				    const struct store_actor *actor, uint64_t now)
{
	struct removal r = { id, actor, now };

	return store_write(s, remove_body, &r);
}
