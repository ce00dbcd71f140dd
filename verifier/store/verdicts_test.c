/* SPDX-License-Identifier: Apache-2.0
 * verdicts_test - who wins, what is told, who turns silent. */
#include "tests/store_test.h"

#include <string.h>

static void order(void)
{
	static const struct {
		const char *name;
		struct store_order a, b;
		int want;
	} rows[] = {
		{ "larger clock", { 1, 5, 0 }, { 1, 4, 9 }, 1 },
		{ "smaller clock", { 1, 4, 9 }, { 1, 5, 0 }, -1 },
		{ "equal clock", { 1, 5, 9 }, { 1, 5, 0 }, 0 },
		{ "clock above 2^63", { 1, UINT64_MAX, 0 }, { 1, 1, 0 }, 1 },
		{ "another boot, later challenge", { 2, 1, 9 }, { 1, 5, 8 }, 1 },
		{ "another boot, earlier challenge", { 2, 9, 7 }, { 1, 5, 8 }, -1 },
		{ "smaller resetCount, later challenge", { 1, 1, 9 }, { 2, 5, 8 }, 1 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int d = store_order_compare(&rows[i].a, &rows[i].b);

		ok((d > 0) - (d < 0) == rows[i].want, "order: %s", rows[i].name);
	}
}

/* Each row after the one before, on one node. */
static void compare_and_set(void)
{
	struct store *s = test_open(test_fresh());
	static const struct {
		const char *name;
		uint8_t ak;
		struct store_order order;
		enum assay_tier status;
		uint8_t what;
		enum store_status said;
		int event; /* seq, 0: none */
		enum assay_tier then;
	} rows[] = {
		{ "first",
		  1,
		  { 5, 100, 1000 },
		  ASSAY_AFFIRMING,
		  1,
		  STORE_DONE,
		  1,
		  ASSAY_AFFIRMING },
		{ "exactly the same again",
		  1,
		  { 5, 100, 1000 },
		  ASSAY_AFFIRMING,
		  1,
		  STORE_DONE,
		  0,
		  ASSAY_AFFIRMING },
		{ "same order, other verdict",
		  1,
		  { 5, 100, 1000 },
		  ASSAY_WARNING,
		  2,
		  STORE_CONFLICT,
		  0,
		  ASSAY_AFFIRMING },
		{ "later, same verdict: liveness",
		  1,
		  { 5, 101, 1001 },
		  ASSAY_AFFIRMING,
		  1,
		  STORE_DONE,
		  0,
		  ASSAY_AFFIRMING },
		{ "later, worse",
		  1,
		  { 5, 102, 1002 },
		  ASSAY_CONTRAINDICATED,
		  2,
		  STORE_DONE,
		  2,
		  ASSAY_CONTRAINDICATED },
		{ "good replayed after bad",
		  1,
		  { 5, 101, 1001 },
		  ASSAY_AFFIRMING,
		  1,
		  STORE_CONFLICT,
		  0,
		  ASSAY_CONTRAINDICATED },
		{ "good replayed with another boot's count, earlier challenge",
		  1,
		  { 4, 999, 1001 },
		  ASSAY_AFFIRMING,
		  1,
		  STORE_CONFLICT,
		  0,
		  ASSAY_CONTRAINDICATED },
		{ "another AK",
		  2,
		  { 5, 500, 5000 },
		  ASSAY_AFFIRMING,
		  1,
		  STORE_ABSENT,
		  0,
		  ASSAY_CONTRAINDICATED },
		{ "same tier, other reasons",
		  1,
		  { 5, 103, 1003 },
		  ASSAY_CONTRAINDICATED,
		  3,
		  STORE_DONE,
		  3,
		  ASSAY_CONTRAINDICATED },
		{ "after a reboot, later challenge",
		  1,
		  { 6, 1, 1004 },
		  ASSAY_AFFIRMING,
		  1,
		  STORE_DONE,
		  4,
		  ASSAY_AFFIRMING },
		{ "a clock above 2^63",
		  1,
		  { 6, UINT64_C(1) << 63, 1005 },
		  ASSAY_WARNING,
		  4,
		  STORE_DONE,
		  5,
		  ASSAY_WARNING },
		{ "less than that clock",
		  1,
		  { 6, 2, 1006 },
		  ASSAY_AFFIRMING,
		  1,
		  STORE_CONFLICT,
		  0,
		  ASSAY_WARNING },
	};
	uint64_t event;

	test_enrol(s, "n", 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct store_verdict v =
			test_verdict("n", rows[i].ak, rows[i].status, 1, rows[i].what);
		size_t events = test_events(s, 0), more;
		struct store_node n;
		enum store_status said;

		v.order = rows[i].order;
		event = 0;
		said = store_verdict_put(s, &v, T0 + i, &event);
		more = test_events(s, 0) - events;
		n = test_node(s, "n");
		ok(said == rows[i].said && event == (uint64_t)rows[i].event &&
			   more == (rows[i].event > 0) && n.status == rows[i].then,
		   "put: %s (%d, event %d)", rows[i].name, (int)said, (int)event);
	}
	ok(test_events(s, 0) == 5 && test_event[0].before == -1 &&
		   test_event[1].before == ASSAY_AFFIRMING &&
		   test_event[1].status == ASSAY_CONTRAINDICATED &&
		   !strcmp(test_event[1].reasons, "[{\"code\":\"x\"}]"),
	   "put: events say before, after and why");
	store_close(s);
}

static void stored(void)
{
	struct store *s = test_open(test_fresh());
	struct store_verdict v = test_verdict("n", 1, ASSAY_WARNING, 10, 7);
	struct store_node n;
	uint64_t event;

	test_enrol(s, "n", 1);
	v.vector[0] = -1;
	v.vector[7] = 97;
	store_verdict_put(s, &v, T0 + 50, &event);
	n = test_node(s, "n");
	ok(n.status == ASSAY_WARNING && n.verdict[0] == 7 && n.vector[0] == -1 &&
		   n.vector[7] == 97 && n.order.clock == 10 && n.order.resetCount == 1 &&
		   n.order.challenged == T0 + 10 && n.since == T0 + 50 && n.heard == T0 + 10 &&
		   n.ends == v.ends && n.due == v.due && n.generation == 1 &&
		   n.reasons.n == v.reasons.n && n.policy.n == 6,
	   "put: everything of it is stored");
	v = test_verdict("n", 1, ASSAY_WARNING, 11, 7);
	v.generation = 2;
	v.policy = TEXT("other");
	store_verdict_put(s, &v, T0 + 60, &event);
	n = test_node(s, "n");
	ok(!event && n.since == T0 + 50 && n.generation == 2 && n.policy.n == 5 &&
		   n.due == v.due,
	   "put: liveness moves generation, policy and due, not since");
	store_close(s);
}

static void batch(void)
{
	struct store *s = test_open(test_fresh());
	struct store_verdict v[6];
	uint64_t event;
	size_t events = 99;

	test_enrol(s, "a", 1);
	test_enrol(s, "b", 2);
	test_enrol(s, "c", 3);
	v[0] = test_verdict("c", 3, ASSAY_AFFIRMING, 5, 1);
	store_verdict_put(s, &v[0], T0, &event);
	v[0] = test_verdict("c", 3, ASSAY_AFFIRMING, 6, 1);
	v[1] = test_verdict("gone", 9, ASSAY_AFFIRMING, 6, 1);
	v[2] = test_verdict("b", 9, ASSAY_AFFIRMING, 6, 1);
	v[3] = test_verdict("a", 1, ASSAY_AFFIRMING, 6, 1);
	v[4] = test_verdict("a", 1, ASSAY_CONTRAINDICATED, 7, 2);
	v[5] = test_verdict("a", 1, ASSAY_AFFIRMING, 5, 1);
	ok(store_heard_put(s, v, 6, T0, &events) == STORE_DONE && events == 2,
	   "heard: two events of six messages");
	ok(test_events(s, event) == 2 && test_event[0].status == ASSAY_AFFIRMING &&
		   test_event[0].before == -1 && test_event[1].status == ASSAY_CONTRAINDICATED,
	   "heard: those of one node in their order");
	ok(test_node(s, "a").status == ASSAY_CONTRAINDICATED &&
		   test_node(s, "a").order.clock == 7,
	   "heard: the latest stays");
	ok(test_node(s, "b").heard == 0, "heard: another AK is passed over");
	ok(test_node(s, "c").order.clock == 6 && test_node(s, "c").heard == T0 + 6,
	   "heard: liveness");
	ok(store_heard_put(s, v, 0, T0, &events) == STORE_DONE && !events, "heard: nothing");
	store_close(s);
}

static void silence(void)
{
	struct store *s = test_open(test_fresh());
	struct store_verdict v = test_verdict("a", 1, ASSAY_AFFIRMING, 10, 1);
	const struct assay_slice why = TEXT("[{\"code\":\"node.silent\"}]");
	struct store_node n;
	uint64_t event;
	size_t turned = 9, seen;

	test_enrol(s, "a", 1);
	test_enrol(s, "b", 2); /* due at T0 + 30000, and never heard of */
	store_verdict_put(s, &v, T0, &event);
	ok(store_silence(s, T0 + 100, why, 10, T0 + 100, &turned) == STORE_DONE && !turned,
	   "silence: nobody yet");
	ok(store_silence(s, v.due, why, 10, v.due, &turned) == STORE_DONE && turned == 1,
	   "silence: due at that moment is not before it");
	ok(store_silence(s, v.due + 1, why, 10, v.due + 1, &turned) == STORE_DONE &&
		   turned == 1,
	   "silence: one turns");
	seen = test_events(s, event);
	ok(seen == 2 && !strcmp(test_event[0].node, "b") && test_event[0].before == -1 &&
		   !strcmp(test_event[1].node, "a") &&
		   test_event[1].before == ASSAY_AFFIRMING &&
		   test_event[1].status == ASSAY_NONE &&
		   !strcmp(test_event[1].reasons, "[{\"code\":\"node.silent\"}]"),
	   "silence: events");
	n = test_node(s, "a");
	ok(n.status == ASSAY_NONE && n.since == v.due + 1 && !n.verdict[0] && !n.vector[0] &&
		   n.reasons.n == why.n,
	   "silence: nothing is left of the verdict");
	ok(store_silence(s, v.due + 900, why, 10, T0, &turned) == STORE_DONE && !turned,
	   "silence: once");
	ok(store_verdict_put(s, &v, T0, &event) == STORE_CONFLICT,
	   "silence: the last message replayed changes nothing");
	v = test_verdict("a", 1, ASSAY_AFFIRMING, 11, 1);
	ok(store_heard_put(s, &v, 1, T0, &turned) == STORE_DONE && turned == 1 &&
		   test_node(s, "a").status == ASSAY_AFFIRMING,
	   "silence: a new message brings it back, with an event");
	v = test_verdict("a", 1, ASSAY_AFFIRMING, 12, 1);
	ok(store_heard_put(s, &v, 1, T0, &turned) == STORE_DONE && !turned,
	   "silence: the next is liveness again");
	ok(store_silence(s, v.due + 1, why, 10, T0, &turned) == STORE_DONE && turned == 1,
	   "silence: and the next silence is told again");
	v = test_verdict("a", 1, ASSAY_AFFIRMING, 13, 1);
	v.order.challenged += 50000;
	v.due += 50000;
	store_verdict_put(s, &v, T0, &event);
	ok(store_silence_ahead(s, v.order.challenged, why, 10, T0, &turned) == STORE_DONE &&
		   !turned,
	   "ahead: one that is just as late is not later");
	ok(store_silence_ahead(s, v.order.challenged - 1, why, 10, T0, &turned) == STORE_DONE &&
		   turned == 1 && test_node(s, "a").status == ASSAY_NONE,
	   "ahead: the one that was heard of in the future turns");
	ok(store_silence_ahead(s, v.order.challenged - 1, why, 10, T0, &turned) == STORE_DONE &&
		   !turned,
	   "ahead: once");
	store_close(s);
}

static void limits(void)
{
	struct store *s = test_open(test_fresh());
	size_t turned, all = 0;
	char id[20];

	for (uint8_t i = 0; i < 25; i++) {
		snprintf(id, sizeof id, "n%02u", i);
		test_enrol(s, id, i);
	}
	for (int i = 0; i < 4; i++) {
		store_silence(s, T0 + 40000, TEXT("[]"), 10, T0, &turned);
		ok(turned == (i < 2    ? 10u
			      : i == 2 ? 5u
				       : 0u),
		   "silence: at most ten, round %d", i);
		all += turned;
	}
	ok(all == 25 && test_events(s, 0) == 25 && test_event[24].seq == 25,
	   "silence: each once");
	store_close(s);
}

static void trim(void)
{
	struct store *s = test_open(test_fresh());
	static struct store_verdict v[1000];
	size_t events, n;
	uint64_t clock = 1;

	test_enrol(s, "n", 1);
	for (int round = 0; round < 11; round++) {
		for (n = 0; n < 1000; n++, clock++)
			v[n] = test_verdict("n", 1, clock % 2 ? ASSAY_AFFIRMING : ASSAY_WARNING,
					    clock, (uint8_t)(clock % 2));
		store_heard_put(s, v, 1000, T0, &events);
	}
	ok(test_events(s, 0) == 11000, "events: eleven thousand");
	ok(store_events_trim(s, T0) == STORE_DONE && test_events(s, 0) == 11000,
	   "events: none is older than that");
	ok(store_events_trim(s, T0 + 1) == STORE_DONE && test_events(s, 0) == 10000,
	   "events: the newest ten thousand stay");
	store_close(s);
}

void rows_verdicts(void)
{
	order();
	compare_and_set();
	stored();
	batch();
	silence();
	limits();
	trim();
}
