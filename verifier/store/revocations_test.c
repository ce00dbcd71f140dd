/* SPDX-License-Identifier: Apache-2.0
 * revocations_test - what each concerns, what it does to verdicts; shown; generations; epoch.
 */
#include "tests/store_test.h"

#include <string.h>

struct heard {
	char nodes[4][100], subject[4][300];
	size_t n;
};

static void hear(void *ctx, const struct store_revocation *r)
{
	struct heard *h = ctx;

	snprintf(h->nodes[h->n], sizeof *h->nodes, "%.*s", (int)r->nodes.n,
		 (const char *)r->nodes.p);
	snprintf(h->subject[h->n++], sizeof *h->subject, "%d:%s:%.*s", (int)r->kind, r->subject,
		 (int)r->reason.n, (const char *)r->reason.p);
}

static enum store_status revoke(struct store *s, enum store_revoked kind, const char *subject,
				uint64_t *seq)
{
	struct store_revocation r = { .kind = kind, .reason = TEXT("leak") };

	snprintf(r.subject, sizeof r.subject, "%s", subject);
	return store_revoke(s, &r, TEXT("[{\"code\":\"revoked\"}]"), &test_actor, T0 + 500,
			    seq);
}

#define ZEROS_62 "00000000000000000000000000000000000000000000000000000000000000"

static void reference(void)
{
	struct store *s = test_open(test_fresh());
	static const uint8_t ids[3][32] = { { 1 }, { 2 }, { 3 } };
	struct store_verdict v;
	struct heard h = { .n = 0 };
	uint64_t event = 0, seq = 0, last = 0;
	size_t events;

	test_enrol(s, "a", 1);
	test_enrol(s, "b", 2);
	test_enrol(s, "c", 3);
	for (uint8_t i = 0; i < 3; i++) {
		static const char *const names[] = { "a", "b", "c" };

		v = test_verdict(names[i], (uint8_t)(i + 1),
				 i == 2 ? ASSAY_CONTRAINDICATED : ASSAY_AFFIRMING, 10, 1);
		store_verdict_put(s, &v, T0, &event);
	}
	ok(store_shown_put(s, TEXT("a"), ids[0], 3, 0, T0) == STORE_DONE &&
		   store_shown_put(s, TEXT("a"), ids[0], 2, 0, T0) == STORE_DONE &&
		   store_shown_put(s, TEXT("b"), ids[0], 1, 0, T0) == STORE_DONE &&
		   store_shown_put(s, TEXT("c"), ids[1], 1, 0, T0) == STORE_DONE,
	   "shown: put, also again");
	ok(revoke(s, STORE_REVOKED_REFERENCE, "sha256:02" ZEROS_62, &seq) == STORE_DONE &&
		   seq == 1,
	   "revoke: a component");
	ok(store_revocations(s, 0, hear, &h, &last) == STORE_DONE && h.n == 1 && last == 1 &&
		   !strcmp(h.nodes[0], "[\"a\",\"c\"]") &&
		   !strcmp(h.subject[0], "3:sha256:02" ZEROS_62 ":leak"),
	   "revoke: names exactly those that showed it");
	ok(test_events(s, event) == 1 && !strcmp(test_event[0].node, "a") &&
		   test_event[0].status == ASSAY_CONTRAINDICATED &&
		   !strcmp(test_event[0].reasons, "[{\"code\":\"revoked\"}]"),
	   "revoke: an event where the verdict was better");
	ok(test_node(s, "a").status == ASSAY_CONTRAINDICATED &&
		   test_node(s, "a").since == T0 + 500 && !test_node(s, "a").vector[0] &&
		   test_node(s, "b").status == ASSAY_AFFIRMING,
	   "revoke: the verdict of those it concerns");
	v = test_verdict("a", 1, ASSAY_AFFIRMING, 11, 1);
	ok(store_verdict_put(s, &v, T0, &event) == STORE_CONFLICT,
	   "revoke: who has not heard of it cannot affirm");
	ok(store_heard_put(s, &v, 1, T0, &events) == STORE_DONE && !events &&
		   test_node(s, "a").status == ASSAY_CONTRAINDICATED,
	   "revoke: nor by liveness");
	v.revocations = 1;
	ok(store_verdict_put(s, &v, T0, &event) == STORE_DONE, "revoke: who has, judges anew");
	ok(store_shown_put(s, TEXT("b"), ids[1], 1, 0, T0) == STORE_CONFLICT,
	   "shown: what is revoked, by one who has not heard");
	h.n = 0;
	ok(store_shown_put(s, TEXT("b"), ids[1], 1, 1, T0) == STORE_DONE,
	   "shown: by one who has");
	store_close(s);
}

static void collect(void *ctx, const char *node)
{
	strncat(ctx, node, 20);
}

static void shown(void)
{
	const char *url = test_fresh();
	struct store *s = test_open(url);
	uint64_t rows = 0;
	static uint8_t many[3000][32];
	char by[100] = "";

	for (size_t i = 0; i < 3000; i++) {
		many[i][0] = (uint8_t)(i % 2999); /* one of them twice */
		many[i][1] = (uint8_t)(i % 2999 >> 8);
	}
	test_enrol(s, "a", 1);
	test_enrol(s, "b", 2);
	ok(store_shown_put(s, TEXT("b"), many[0], 3000, 0, T0) == STORE_DONE &&
		   store_shown_put(s, TEXT("a"), many[1000], 1, 0, T0) == STORE_DONE &&
		   store_shown_put(s, TEXT("a"), many[0], 0, 0, T0) == STORE_DONE,
	   "shown: three thousand at once, one twice, none");
	ok(store_shown_by(s, many[1000], collect, by) == STORE_DONE && !strcmp(by, "ab"),
	   "shown: by whom");
	by[0] = 0;
	ok(store_shown_by(s, (const uint8_t[32]){ 0xff, 0xff }, collect, by) == STORE_DONE &&
		   !by[0],
	   "shown: by nobody");
	ok(store_shown_put(s, TEXT("x"), many[0], 1, 0, T0) == STORE_ABSENT,
	   "shown: by a node that is not there");
	store_node_remove(s, TEXT("b"), &test_actor, T0);
	ok(store_shown_by(s, many[1000], collect, by) == STORE_DONE && !strcmp(by, "a"),
	   "shown: a removed node showed nothing");
	test_sql(url, "INSERT INTO hook SELECT 'rows', count(*) FROM shown");
	ok(store_hook_get(s, "rows", &rows) == STORE_DONE && rows == 1,
	   "shown: and leaves no row behind");
	store_close(s);
}

static void keys(void)
{
	struct store *s = test_open(test_fresh());
	static const char ak[] = "000b01" ZEROS_62;
	struct store_token t = { .id = "x", .hash = { 5 }, .node = "b", .ends = T0 + 9 };
	struct store_node n = { .id = "b", .ak_name = { 0, 11, 1 }, .ak_name_n = 34 };
	struct heard h = { .n = 0 };
	uint64_t seq, last;

	test_enrol(s, "a", 1);
	ok(revoke(s, STORE_REVOKED_AK, ak, &seq) == STORE_DONE && seq == 1, "revoke: an AK");
	store_revocations(s, 0, hear, &h, &last);
	ok(!strcmp(h.nodes[0], "[\"a\"]") && test_node(s, "a").status == ASSAY_CONTRAINDICATED,
	   "revoke: the AK's node");
	store_token_add(s, &t, &test_actor);
	ok(store_node_enrol(s, t.hash, &n, T0) == STORE_CONFLICT,
	   "enrol: a revoked AK does not come back under another name");
	n.ak_name[2] = 2;
	ok(store_node_enrol(s, t.hash, &n, T0) == STORE_DONE, "enrol: another AK does");
	ok(revoke(s, STORE_REVOKED_NODE, "nobody", &seq) == STORE_DONE && seq == 2,
	   "revoke: what concerns nobody");
	h.n = 0;
	ok(store_revocations(s, 1, hear, &h, &last) == STORE_DONE && h.n == 1 && last == 2 &&
		   !strcmp(h.nodes[0], "[]"),
	   "revoke: heard after 1");
	ok(revoke(s, STORE_REVOKED_AK, "000B", &seq) == STORE_CONFLICT &&
		   revoke(s, STORE_REVOKED_AK, "", &seq) == STORE_CONFLICT &&
		   revoke(s, STORE_REVOKED_AK, "abc", &seq) == STORE_CONFLICT &&
		   revoke(s, STORE_REVOKED_NODE, "", &seq) == STORE_CONFLICT &&
		   revoke(s, STORE_REVOKED_REFERENCE, "sha256:00", &seq) == STORE_CONFLICT &&
		   revoke(s, STORE_REVOKED_REFERENCE, "00" ZEROS_62, &seq) == STORE_CONFLICT,
	   "revoke: a subject that is not what its kind says");
	store_close(s);
}

static void generations(void)
{
	const char *url = test_fresh();
	struct store *s = test_open(url), *other = test_open(url);
	uint64_t n = 0;

	ok(store_generation(s, (const uint8_t[32]){ 1 }, T0, &n) == STORE_DONE && n == 1,
	   "generation: the first is 1");
	ok(store_generation(other, (const uint8_t[32]){ 2 }, T0, &n) == STORE_DONE && n == 2,
	   "generation: the next is 2");
	ok(store_generation(other, (const uint8_t[32]){ 1 }, T0, &n) == STORE_DONE && n == 1,
	   "generation: the same for all");
	store_close(s);
	store_close(other);
}

void rows_revocations(void)
{
	reference();
	shown();
	keys();
	generations();
}

void rows_epoch(void)
{
	struct store *s = test_open(test_fresh()), *other = test_open(test_fresh());
	struct store_verdict v = test_verdict("a", 1, ASSAY_AFFIRMING, 10, 1);
	struct store_epoch e, f, g;
	struct store_token t = { .id = "x", .hash = { 5 }, .node = "b", .ends = T0 + 9000 };
	struct store_node n = { .id = "b" };
	uint64_t event, seq;

	ok(store_epoch_get(s, &e) == STORE_DONE && !e.counter && !e.event, "epoch: new");
	ok(store_epoch_get(other, &g) == STORE_DONE && memcmp(g.id, e.id, 16) != 0 &&
		   !store_epoch_follows(&e, &g),
	   "epoch: another database");
	ok(store_epoch_bump(s, &f) == STORE_DONE && f.counter == 1 &&
		   store_epoch_follows(&e, &f) && !store_epoch_follows(&f, &e),
	   "epoch: a start counts");
	test_enrol(s, "a", 1);
	store_epoch_get(s, &g);
	ok(g.counter == 2, "epoch: an enrolment counts");
	store_verdict_put(s, &v, T0, &event);
	store_epoch_get(s, &f);
	ok(f.event == 1 && store_epoch_follows(&g, &f) && !store_epoch_follows(&f, &g),
	   "epoch: a changed verdict is seen");
	revoke(s, STORE_REVOKED_NODE, "z", &seq);
	store_epoch_get(s, &g);
	ok(g.counter == 3, "epoch: a revocation counts");
	store_token_add(s, &t, &test_actor);
	/* the file had seen more than this database knows */
	g.counter = 50;
	g.event = 70;
	ok(store_epoch_accept(s, &g, TEXT("[]"), &test_actor, T0 + 5, &f) == STORE_DONE &&
		   store_epoch_get(s, &e) == STORE_DONE && !memcmp(&e, &f, sizeof e) &&
		   memcmp(e.id, g.id, 16) != 0 && e.counter > 50 && e.event > 70,
	   "accept: another id, larger numbers");
	ok(test_node(s, "a").status == ASSAY_NONE && !test_node(s, "a").ends &&
		   test_events(s, 1) == 1 && test_event[0].seq == e.event &&
		   test_event[0].before == ASSAY_AFFIRMING,
	   "accept: no node is trusted, and that is told");
	ok(store_node_enrol(s, t.hash, &n, T0) == STORE_CONFLICT, "accept: no token is good");
	ok(revoke(s, STORE_REVOKED_NODE, "z", &seq) == STORE_DONE && seq > 51,
	   "accept: revocations go on above those that were lost");
	ok(store_verdict_put(s, &v, T0, &event) == STORE_CONFLICT,
	   "accept: the last message replayed changes nothing");
	v = test_verdict("a", 1, ASSAY_AFFIRMING, 11, 1);
	ok(store_verdict_put(s, &v, T0, &event) == STORE_DONE && event == e.event + 1,
	   "accept: a new message does");
	store_close(s);
	store_close(other);
}
