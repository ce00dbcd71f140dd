/* SPDX-License-Identifier: Apache-2.0
 * nodes_test - tokens, enrolment, looking, removing; audit and hooks. */
#include "tests/store_test.h"

#include <string.h>

static struct store_token token(const char *id, const char *node, uint8_t hash)
{
	struct store_token t = { .made = T0, .ends = T0 + 1000, .hash = { hash } };

	snprintf(t.id, sizeof t.id, "%s", id);
	snprintf(t.node, sizeof t.node, "%s", node);
	return t;
}

static struct store_node node(const char *id, uint8_t ak)
{
	struct store_node n = { .enrolled = T0, .ak_name = { 0, 11, ak }, .ak_name_n = 34 };

	snprintf(n.id, sizeof n.id, "%s", id);
	n.ak_pub = TEXT("public");
	n.ek_cert = TEXT("certificate");
	n.policy = TEXT("p");
	n.ek_digest[0] = 9;
	n.due = T0 + 60000;
	return n;
}

static void enrol(void)
{
	struct store *s = test_open(test_fresh());
	struct store_token t = token("a", "node-1", 1), got;
	struct store_node n = node("node-1", 1), other, g;

	ok(store_token_add(s, &t, &test_actor) == STORE_DONE, "token: made");
	ok(store_token_add(s, &t, &test_actor) == STORE_DONE, "token: the same again is done");
	t.ends++;
	ok(store_token_add(s, &t, &test_actor) == STORE_CONFLICT,
	   "token: id and text are one's");
	ok(store_token_get(s, t.hash, &got) == STORE_DONE && !strcmp(got.node, "node-1") &&
		   !got.used,
	   "token: found, not used");
	ok(store_node_enrol(s, (const uint8_t[32]){ 7 }, &n, T0) == STORE_CONFLICT,
	   "enrol: unknown token");
	ok(store_node_enrol(s, t.hash, &n, T0 + 1000) == STORE_CONFLICT, "enrol: ended token");
	other = node("node-2", 1);
	ok(store_node_enrol(s, t.hash, &other, T0) == STORE_CONFLICT,
	   "enrol: the token names another node");
	ok(store_node_enrol(s, t.hash, &n, T0 + 5) == STORE_DONE, "enrol: done");
	ok(store_token_get(s, t.hash, &got) == STORE_DONE && got.used == T0 + 5,
	   "enrol: the token is used up");
	ok(store_node_enrol(s, t.hash, &n, T0 + 6) == STORE_DONE, "enrol: repeated is done");
	other = node("node-1", 2);
	ok(store_node_enrol(s, t.hash, &other, T0 + 6) == STORE_CONFLICT,
	   "enrol: a used token, another AK");
	t = token("b", "node-1", 2);
	store_token_add(s, &t, &test_actor);
	ok(store_node_enrol(s, t.hash, &n, T0 + 7) == STORE_CONFLICT,
	   "enrol: the same node by another token");
	ok(store_token_get(s, t.hash, &got) == STORE_DONE && !got.used,
	   "enrol: a refusal uses no token up");
	g = test_node(s, "node-1");
	ok(g.ak_name_n == 34 && g.ak_name[2] == 1 && g.ak_pub.n == 6 && g.ek_cert.n == 11 &&
		   g.ek_digest[0] == 9 && g.status == ASSAY_NONE && g.reasons.n == 2 &&
		   g.enrolled == T0 && g.policy.n == 1 && !g.heard && g.due == T0 + 60000,
	   "get: everything of it");
	ok(store_node_get(s, TEXT("node-3"), &g) == STORE_ABSENT, "get: absent");
	ok(store_node_get(s, TEXT("x' OR '1'='1"), &g) == STORE_ABSENT, "get: no SQL in an id");
	store_close(s);
}

static void enrol_ek(void)
{
	struct store *s = test_open(test_fresh());
	struct store_token t = token("a", "n", 1);
	struct store_node n = node("n", 1);

	t.has_ek = true;
	t.ek_digest[0] = 8;
	store_token_add(s, &t, &test_actor);
	ok(store_node_enrol(s, t.hash, &n, T0) == STORE_CONFLICT,
	   "enrol: the token names another EK");
	n.ek_digest[0] = 8;
	ok(store_node_enrol(s, t.hash, &n, T0) == STORE_DONE, "enrol: the EK of the token");
	ok(store_token_remove(s, "a", &test_actor, T0) == STORE_DONE &&
		   store_token_remove(s, "a", &test_actor, T0) == STORE_ABSENT,
	   "token: removed once");
	store_close(s);
}

struct names {
	char text[200];
	size_t n;
};

static void name(void *ctx, const struct store_node *n)
{
	struct names *x = ctx;

	x->n += (size_t)snprintf(x->text + x->n, sizeof x->text - x->n, "%s ", n->id);
}

static void audit(void *ctx, const struct store_audit *a)
{
	struct names *x = ctx;

	x->n += (size_t)snprintf(x->text + x->n, sizeof x->text - x->n, "%.*s:%.*s:%.*s ",
				 (int)a->actor.n, (const char *)a->actor.p, (int)a->action.n,
				 (const char *)a->action.p, (int)a->subject.n,
				 (const char *)a->subject.p);
}

static void tokens(void *ctx, const struct store_token *t)
{
	struct names *x = ctx;

	x->n += (size_t)snprintf(x->text + x->n, sizeof x->text - x->n, "%s ", t->id);
}

static void lists(void)
{
	struct store *s = test_open(test_fresh());
	static const char *const ids[] = { "b", "a", "C", "a.1", "z" };
	struct store_verdict v;
	struct store_count count;
	struct names x;
	uint64_t event, last;

	for (uint8_t i = 0; i < 5; i++)
		test_enrol(s, ids[i], i);
	x.n = 0;
	ok(store_node_list(s, "", 10, -1, name, &x) == STORE_DONE &&
		   !strcmp(x.text, "C a a.1 b z "),
	   "list: in order of bytes");
	x.n = 0;
	ok(store_node_list(s, "a", 2, -1, name, &x) == STORE_DONE && !strcmp(x.text, "a.1 b "),
	   "list: after one, at most two");
	v = test_verdict("a.1", 3, ASSAY_AFFIRMING, 10, 1);
	store_verdict_put(s, &v, T0, &event);
	v = test_verdict("z", 4, ASSAY_CONTRAINDICATED, 10, 1);
	store_verdict_put(s, &v, T0, &event);
	x.n = 0;
	ok(store_node_list(s, "", 10, ASSAY_AFFIRMING, name, &x) == STORE_DONE &&
		   !strcmp(x.text, "a.1 "),
	   "list: by tier");
	x.n = 0;
	ok(store_node_list(s, "", 10, ASSAY_NONE, name, &x) == STORE_DONE &&
		   !strcmp(x.text, "C a b "),
	   "list: none, with those not yet heard of");
	ok(store_node_count(s, &count) == STORE_DONE && count.affirming == 1 &&
		   count.contraindicated == 1 && count.none == 3 && !count.warning,
	   "count: by tier");
	x.n = 0;
	ok(store_token_list(s, tokens, &x) == STORE_DONE &&
		   !strcmp(x.text, "t-C t-a t-a.1 t-b t-z "),
	   "token: list");
	x.n = 0;
	ok(store_audit_list(s, 3, 10, audit, &x, &last) == STORE_DONE && last == 5 &&
		   !strcmp(x.text, "olga:token.add:t-a.1 olga:token.add:t-z "),
	   "audit: after 3");
	store_close(s);
}

static void removal(void)
{
	struct store *s = test_open(test_fresh());
	struct store_verdict v = test_verdict("n", 1, ASSAY_AFFIRMING, 10, 1);
	struct store_token t = token("again", "n", 77);
	struct store_node n = node("n", 1);
	struct names x = { .n = 0 };
	uint8_t old[32] = { 0 };
	uint64_t event, last;

	test_enrol(s, "n", 1);
	store_verdict_put(s, &v, T0, &event);
	store_shown_put(s, v.node, (const uint8_t[32]){ 1 }, 1, 0, T0);
	ok(store_node_remove(s, TEXT("m"), &test_actor, T0) == STORE_ABSENT, "remove: absent");
	ok(store_node_remove(s, v.node, &test_actor, T0) == STORE_DONE, "remove: done");
	ok(store_node_remove(s, v.node, &test_actor, T0) == STORE_ABSENT, "remove: once");
	ok(test_events(s, event) == 1 && test_event[0].before == ASSAY_AFFIRMING &&
		   test_event[0].status == ASSAY_NONE &&
		   strstr(test_event[0].reasons, "node.removed"),
	   "remove: an event says so");
	store_audit_list(s, 1, 10, audit, &x, &last);
	ok(!strcmp(x.text, "olga:node.remove:n "), "remove: an audit record");
	v.order.clock = 20;
	ok(store_verdict_put(s, &v, T0, &event) == STORE_ABSENT,
	   "remove: a later verdict of it is refused");
	ok(store_shown_put(s, v.node, (const uint8_t[32]){ 2 }, 1, 0, T0) == STORE_ABSENT,
	   "remove: it shows nothing any more");
	memcpy(old, "n", 1);
	ok(store_node_enrol(s, old, &n, T0) == STORE_CONFLICT,
	   "remove: the token that it came by is used up");
	store_token_add(s, &t, &test_actor);
	ok(store_node_enrol(s, t.hash, &n, T0) == STORE_DONE, "remove: enrolled again");
	ok(store_verdict_put(s, &v, T0, &event) == STORE_CONFLICT,
	   "remove: a verifier that has not heard of it cannot affirm the new one");
	v.revocations = 1;
	ok(store_verdict_put(s, &v, T0, &event) == STORE_DONE, "remove: one that has, can");
	store_close(s);
}

static void hooks(void)
{
	struct store *s = test_open(test_fresh());
	uint64_t seq = 99;

	ok(store_hook_get(s, "h", &seq) == STORE_ABSENT && seq == 99, "hook: absent");
	ok(store_hook_put(s, "h", 5) == STORE_DONE &&
		   store_hook_get(s, "h", &seq) == STORE_DONE && seq == 5,
	   "hook: put");
	ok(store_hook_put(s, "h", 5) == STORE_CONFLICT &&
		   store_hook_put(s, "h", 4) == STORE_CONFLICT,
	   "hook: never back");
	ok(store_hook_put(s, "h", 6) == STORE_DONE, "hook: forward");
	store_close(s);
}

void rows_nodes(void)
{
	enrol();
	enrol_ek();
	lists();
	removal();
	hooks();
}
