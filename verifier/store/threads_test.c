/* SPDX-License-Identifier: Apache-2.0
 * threads_test - several verifiers at once: each thread has a store of its own. */
#include "tests/store_test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 6, PUTS = 120, NODES = 4 };

static char url[512];
static atomic_uint bad, told, done;
static atomic_bool over;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Runs f on n threads, with 0..n-1. */
static void on_threads(unsigned n, void *(*f)(void *))
{
	pthread_t t[THREADS + 1];

	for (unsigned i = 0; i < n; i++)
		if (pthread_create(&t[i], NULL, f, (void *)(uintptr_t)i) != 0)
			abort();
	for (unsigned i = 0; i < n; i++)
		pthread_join(t[i], NULL);
}

static void fresh(void)
{
	snprintf(url, sizeof url, "%s", test_fresh());
	bad = told = done = 0;
	over = false;
}

static const char *const node_ids[NODES] = { "a", "b", "c", "d" };

/* The k-th clock of a thread: mostly forward, each fifth one that is older. */
static uint64_t clock_of(unsigned me, unsigned k)
{
	return 1 + me + (k % 5 == 4 ? k - 3 : k) * THREADS;
}

/* Single and in batches, on all nodes. */
static void *putter(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;
	struct store *s = test_open(url);
	uint64_t event;

	for (unsigned i = 0; i < PUTS; i++) {
		struct store_verdict v[NODES];
		uint64_t at_clock = clock_of(me, i);
		size_t events = 0;
		enum store_status said;

		for (unsigned n = 0; n < NODES; n++) {
			unsigned at = me % 2 ? n : NODES - 1 - n;
			uint8_t what = (uint8_t)(at_clock % 3);

			v[n] = test_verdict(node_ids[at], (uint8_t)at,
					    what ? ASSAY_AFFIRMING : ASSAY_WARNING, at_clock,
					    what);
		}
		if (i % 3) {
			said = store_verdict_put(s, &v[i % NODES], T0, &event);
			events = said == STORE_DONE && event;
			bad += said != STORE_DONE && said != STORE_CONFLICT;
		} else {
			bad += store_heard_put(s, v, NODES, T0, &events) != STORE_DONE;
		}
		told += (unsigned)events;
	}
	store_close(s);
	return NULL;
}

struct reading {
	uint64_t last;
	unsigned n, gaps;
};

static void read_event(void *ctx, const struct store_event *e)
{
	struct reading *r = ctx;

	r->gaps += e->seq != r->last + 1;
	r->last = e->seq;
	r->n++;
}

/* Whoever reads on from the last seq seen must see each, in order. */
static void *reader(void *arg)
{
	struct store *s = test_open(url);
	struct reading *r = arg;
	bool last_look = false;
	uint64_t last = 0;

	while (!last_look) {
		last_look = over;
		bad += store_events(s, last, 7, read_event, r, &last) != STORE_DONE;
		bad += last != r->last;
		last_look = last_look && store_events(s, last, 1000, read_event, r, &last) == 0;
	}
	store_close(s);
	return NULL;
}

static void hammer(void)
{
	struct reading r[2] = { 0 };
	pthread_t t[2];
	struct store *s;
	bool latest = true;

	fresh();
	s = test_open(url);
	for (unsigned i = 0; i < NODES; i++)
		test_enrol(s, node_ids[i], (uint8_t)i);
	for (int i = 0; i < 2; i++)
		if (pthread_create(&t[i], NULL, reader, &r[i]) != 0)
			abort();
	on_threads(THREADS, putter);
	over = true;
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	for (unsigned i = 0; i < NODES; i++) {
		struct store_node n = test_node(s, node_ids[i]);

		/* each third put is on all nodes, so it is at least the largest of those */
		latest = latest && n.order.clock > (uint64_t)THREADS * (PUTS - 6) &&
			 n.verdict[0] == n.order.clock % 3;
	}
	ok(!bad, "hammer: each call is done or a conflict (%u not)", bad);
	ok(latest, "hammer: what is there is one verdict, whole and late");
	ok(r[0].n == told && r[1].n == told && !r[0].gaps && !r[1].gaps,
	   "hammer: two readers saw %u events, each once, in order, no gap", told);
	store_close(s);
}

/* All clocks on one node: the last word is the largest clock's. */
static void *one_node(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;
	struct store *s = test_open(url);
	uint64_t event;

	for (unsigned i = 0; i < PUTS; i++) {
		/* half way, thread 5 puts the largest of all */
		unsigned k = me == THREADS - 1 && i == PUTS / 2 ? PUTS - 1 : i;
		struct store_verdict v =
			test_verdict("n", 1, ASSAY_AFFIRMING, 1 + me + k * THREADS, (uint8_t)i);
		enum store_status said = store_verdict_put(s, &v, T0, &event);

		told += said == STORE_DONE && event;
		bad += said != STORE_DONE && said != STORE_CONFLICT;
	}
	store_close(s);
	return NULL;
}

static void largest(void)
{
	struct store *s;

	fresh();
	s = test_open(url);
	test_enrol(s, "n", 1);
	on_threads(THREADS, one_node);
	ok(!bad && test_node(s, "n").order.clock == (uint64_t)THREADS * PUTS,
	   "one node: the latest of %d is there", THREADS * PUTS);
	ok(test_events(s, 0) == told, "one node: %u events, as many as were said", told);
	store_close(s);
}

enum { SILENT = 200 };

/* Even threads silence, odd ones store liveness of every other node that ends the silence. */
static void *silencer(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;
	struct store *s = test_open(url);
	size_t n;

	if (me % 2 == 0) {
		for (int idle = 0; idle < 5;) {
			bad += store_silence(s, T0 + 100000, TEXT("[\"silent\"]"), 16, T0,
					     &n) != STORE_DONE;
			told += (unsigned)n;
			idle = n ? 0 : idle + 1;
		}
	} else {
		for (unsigned i = me / 2; i < SILENT; i += THREADS / 2 * 2) {
			char id[20];
			struct store_verdict v;

			snprintf(id, sizeof id, "n%03u", i);
			v = test_verdict(id, (uint8_t)i, ASSAY_AFFIRMING, 200000, 1);
			bad += store_heard_put(s, &v, 1, T0, &n) != STORE_DONE;
		}
	}
	store_close(s);
	return NULL;
}

struct silent {
	unsigned times[SILENT], wrong;
};

static void count_silent(void *ctx, const struct store_event *e)
{
	struct silent *x = ctx;

	if (e->status == ASSAY_NONE && e->reasons.n > 2)
		x->wrong += ++x->times[strtoul(e->node + 1, NULL, 10)] > 1;
}

static void silence(void)
{
	struct silent x = { 0 };
	unsigned none = 0, all = 0;
	uint64_t last;
	struct store *s;
	char id[20];

	fresh();
	s = test_open(url);
	for (unsigned i = 0; i < SILENT; i++) {
		snprintf(id, sizeof id, "n%03u", i);
		test_enrol(s, id, (uint8_t)i);
	}
	on_threads(THREADS, silencer);
	store_events(s, 0, 10000, count_silent, &x, &last);
	for (unsigned i = 0; i < SILENT; i++) {
		bool heard;

		snprintf(id, sizeof id, "n%03u", i);
		heard = test_node(s, id).heard != 0;
		none += !heard;
		all += x.times[i];
		/* who was heard of is never left silent; who was not, is */
		x.wrong += heard != (test_node(s, id).status == ASSAY_AFFIRMING);
	}
	ok(!bad && !x.wrong && all == told && told >= none && none,
	   "silence: %u of %u turned, each once, none that was heard of stays so (wrong %u)",
	   told, SILENT, x.wrong);
	store_close(s);
}

static void *enroller(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;
	struct store *s = test_open(url);
	struct store_node n = { .id = "n", .ak_name = { 0, 11, (uint8_t)me }, .ak_name_n = 34 };
	enum store_status said = store_node_enrol(s, (const uint8_t[32]){ 1 }, &n, T0);
	uint64_t g;

	done += said == STORE_DONE;
	bad += said != STORE_DONE && said != STORE_CONFLICT;
	for (uint8_t i = 0; i < 10; i++) {
		bad += store_generation(s, (const uint8_t[32]){ i }, T0, &g) != STORE_DONE;
		bad += g < 1 || g > 10;
	}
	store_close(s);
	return NULL;
}

static void enrol(void)
{
	struct store_token t = { .id = "x", .hash = { 1 }, .node = "n", .ends = T0 + 1 };
	uint64_t g, seen = 0;
	struct store *s;

	fresh();
	s = test_open(url);
	store_token_add(s, &t, &test_actor);
	on_threads(THREADS, enroller);
	ok(!bad && done == 1, "enrol: one of %d AKs gets the token", THREADS);
	for (uint8_t i = 0; i < 10; i++)
		if (store_generation(s, (const uint8_t[32]){ i }, T0, &g) == STORE_DONE)
			seen |= 1u << g;
	ok(seen == 0x7fe, "generation: ten digests, ten numbers without a gap");
	store_close(s);
}

/* Shows the component until it is refused. */
static void *shower(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;
	struct store *s = test_open(url);
	uint8_t ids[20][32];
	char id[20];

	for (unsigned i = 0; i < 40; i++) {
		enum store_status said;

		for (unsigned k = 0; k < 20; k++) {
			memset(ids[k], 0, 32);
			ids[k][0] = (uint8_t)(me % 2 ? k : 19 - k);
			ids[k][1] = (uint8_t)i;
		}
		memset(ids[7], 0xee, 32);
		snprintf(id, sizeof id, "n%u", me * 40 + i);
		said = store_shown_put(s, test_slice(id), ids[0], 20, 0, T0);
		done += said == STORE_DONE;
		bad += said != STORE_DONE && said != STORE_CONFLICT;
	}
	store_close(s);
	return NULL;
}

static void *revoker(void *arg)
{
	struct store *s = test_open(url);
	struct store_revocation r = { .kind = STORE_REVOKED_REFERENCE };
	uint64_t seq;

	(void)arg;
	memset(r.subject, 'e', 7 + 64);
	memcpy(r.subject, "sha256:", 7);
	while (done < 60 && !bad)
		usleep(200);
	bad += store_revoke(s, &r, TEXT("[\"revoked\"]"), &test_actor, T0, &seq) != STORE_DONE;
	store_close(s);
	return NULL;
}

static void *show_or_revoke(void *arg)
{
	return (uintptr_t)arg == THREADS ? revoker(arg) : shower(arg);
}

static void count_nodes(void *ctx, const struct store_revocation *r)
{
	for (size_t i = 0; i < r->nodes.n; i++)
		*(unsigned *)ctx += r->nodes.p[i] == 'n';
}

static void revocation(void)
{
	unsigned named = 0;
	uint64_t last;
	struct store *s;
	char id[20];

	fresh();
	s = test_open(url);
	for (unsigned i = 0; i < THREADS * 40; i++) {
		snprintf(id, sizeof id, "n%u", i);
		test_enrol(s, id, (uint8_t)i);
	}
	on_threads(THREADS + 1, show_or_revoke);
	store_revocations(s, 0, count_nodes, &named, &last);
	ok(!bad && named == done && done >= 60,
	   "revoke: it names all %u that showed it before, and nobody showed it after", done);
	store_close(s);
}

static void *waker(void *arg)
{
	struct store *s = test_open(url);
	struct store_verdict v = test_verdict("n", 1, ASSAY_AFFIRMING, 1, 1);
	uint64_t event;

	usleep(200000);
	if (arg)
		bad += write(*(int *)arg, &(uint64_t){ 1 }, 8) != 8;
	else
		bad += store_verdict_put(s, &v, T0, &event) != STORE_DONE;
	store_close(s);
	return NULL;
}

static void waits(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	struct store *s, *w;
	enum store_status said;
	pthread_t t;
	double start, took;

	fresh();
	s = test_open(url);
	w = test_open(url);
	test_enrol(s, "n", 1);
	store_wait(w, 0, -1); /* from now on */
	if (pthread_create(&t, NULL, waker, NULL) != 0)
		abort();
	start = seconds();
	said = store_wait(w, 5000, fd);
	took = seconds() - start;
	ok(said == STORE_DONE && took > 0.1 && took < 4,
	   "wait: woken by a change, made after 200 ms (%.0f ms)", took * 1000);
	pthread_join(t, NULL);
	if (pthread_create(&t, NULL, waker, &fd) != 0)
		abort();
	start = seconds();
	ok(store_wait(w, 5000, fd) == STORE_DONE && seconds() - start > 0.1 &&
		   seconds() - start < 4,
	   "wait: woken by the caller's fd");
	pthread_join(t, NULL);
	start = seconds();
	ok(store_wait(w, 150, -1) == STORE_DONE && seconds() - start > 0.14,
	   "wait: its time ends");
	ok(!bad, "wait: nothing failed");
	close(fd);
	store_close(s);
	store_close(w);
}

void rows_threads(void)
{
	hammer();
	largest();
	silence();
	enrol();
	revocation();
	waits();
}
