/* SPDX-License-Identifier: Apache-2.0
 *
 * store_bench URL [NODES [x]]: rates in rows a second of wall clock, and of this process's CPU.
 * The URL names a database that may be filled, or was by an earlier run with as many nodes; x:
 * verdicts alone. */
#include "verifier/store/store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define T0 UINT64_C(1700000000000)

static struct store *s;
static size_t nodes = 20000;
static char (*ids)[32];
static uint64_t tick;

/* Numbers in no order, the same in each run. */
static size_t spread(void)
{
	static uint64_t x = 1;

	x = x * 6364136223846793005 + 1442695040888963407;
	return (size_t)(x >> 33);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(enum store_status said, const char *what)
{
	if (said == STORE_DONE)
		return;
	fprintf(stderr, "%s: %d: %s: %s\n", what, (int)said, store_why(s)->what,
		store_why(s)->why);
	exit(1);
}

static struct store_verdict verdict(size_t node, uint8_t what)
{
	static const uint8_t name[34] = { 0, 11 };

	tick++;
	return (struct store_verdict){
		.node = { (const uint8_t *)ids[node], strlen(ids[node]) },
		.ak_name = { name, sizeof name },
		.status = what ? ASSAY_WARNING : ASSAY_AFFIRMING,
		.reasons = { (const uint8_t *)"[]", 2 },
		.verdict = { what, 1 },
		.order = { 1, tick, T0 + tick },
		.heard = T0 + tick,
		.ends = T0 + tick + 300000,
		.due = T0 + tick + 60000,
		.generation = 1,
		.policy = { (const uint8_t *)"sha256:0123456789abcdef", 23 },
	};
}

static void enrol(size_t i, bool anew)
{
	struct store_node n = { .ak_name = { 0, 11 }, .ak_name_n = 34, .due = T0 };
	struct store_token t = { .ends = T0 };
	static const uint8_t pub[300];

	snprintf(ids[i], sizeof *ids, "node-%08zu.example", i * 2654435761u % 100000000);
	snprintf(t.id, sizeof t.id, "%zu", i);
	memcpy(t.hash, &i, sizeof i);
	memcpy(t.node, ids[i], sizeof *ids);
	memcpy(n.id, ids[i], sizeof *ids);
	n.ak_pub = (struct assay_slice){ pub, sizeof pub };
	n.ek_cert = (struct assay_slice){ pub, sizeof pub };
	if (!anew)
		return;
	must(store_token_add(s, &t, NULL), "token");
	must(store_node_enrol(s, t.hash, &n, T0 - 1), "enrol");
}

static double cpu_start;

static void row(const char *what, size_t n, double seconds)
{
	double cpu = cpu_now() - cpu_start;

	printf("%-34s %9.0f /s %9.0f /CPU s\n", what, (double)n / seconds, (double)n / cpu);
	fflush(stdout);
}

static double begin(void)
{
	cpu_start = cpu_now();
	return now();
}

/* seconds of 2: liveness in batches, nodes in no order. */
static void heard(size_t batch)
{
	assert(nodes > 0);
	struct store_verdict *v = calloc(batch, sizeof *v);
	double start = begin();
	size_t n = 0, events;
	char what[40];

	while (v && now() - start < 2) {
		for (size_t i = 0; i < batch; i++, n++)
			v[i] = verdict(spread() % nodes, 0);
		must(store_heard_put(s, v, batch, T0, &events), "heard");
	}
	free(v);
	snprintf(what, sizeof what, "heard, %zu a batch", batch);
	row(what, n, now() - start);
}

static void changed(size_t batch)
{
	assert(nodes > 0);
	struct store_verdict *v = calloc(batch, sizeof *v);
	double start = begin();
	size_t n = 0, events;
	uint64_t event;
	char what[40];

	while (v && now() - start < 2) {
		for (size_t i = 0; i < batch; i++, n++)
			v[i] = verdict(n % nodes, n / nodes % 2 == 0);
		if (batch == 1)
			must(store_verdict_put(s, v, T0, &event), "put");
		else
			must(store_heard_put(s, v, batch, T0, &events), "put");
	}
	free(v);
	snprintf(what, sizeof what, "changed and told, %zu a time", batch);
	row(what, n, now() - start);
}

static void shown(size_t batch, bool known)
{
	uint8_t *set = calloc(batch, 32);
	double start = begin();
	size_t n = 0, round = 0;
	char what[50];

	for (size_t i = 0; set && i < batch; i++)
		memcpy(set + 32 * i, &i, sizeof i);
	while (set && now() - start < 2 && round < nodes) {
		size_t node = known ? 0 : round;

		must(store_shown_put(s,
				     (struct assay_slice){ (const uint8_t *)ids[node],
							   strlen(ids[node]) },
				     set, batch, 0, T0),
		     "shown");
		n += batch;
		round++;
	}
	free(set);
	snprintf(what, sizeof what, "shown, %zu a time, %s", batch,
		 known ? "known" : "new for the node");
	row(what, n, now() - start);
}

static void liveness(void)
{
	struct store_count known = { 0 };
	double start = begin();

	must(store_node_count(s, &known), "count");
	for (size_t n = 0; n < nodes; n++)
		enrol(n, known.none + known.affirming + known.warning < nodes);
	row("enrolled (token and node)", nodes, now() - start);
	changed(1);
	changed(1000);
	heard(1);
	heard(100);
	heard(1000);
	heard(8000);
}

int main(int argc, char **argv)
{
	struct platform_message why;
	double start;
	size_t n;

	if (argc < 2) {
		fprintf(stderr, "usage: store_bench URL [NODES]\n");
		return 2;
	}
	if (argc > 2)
		nodes = strtoul(argv[2], NULL, 10);
	assert(nodes > 0);
	ids = calloc(nodes, sizeof *ids);
	if (!ids || store_open(argv[1], &s, &why) != STORE_DONE)
		return 1;
	tick = (uint64_t)time(NULL) * 1000 - T0; /* above that of an earlier run */
	liveness();
	if (argc > 3)
		return 0;
	shown(500, false);
	shown(500, true);
	start = begin();
	for (n = 0; n < 1000; n++)
		must(store_ping(s), "ping");
	row("round trip", n, now() - start);
	start = begin();
	must(store_silence(s, T0 + tick + 100000,
			   (struct assay_slice){ (const uint8_t *)"[]", 2 }, 10000, T0, &n),
	     "silence");
	row("silenced, all at once", n, now() - start);
	store_close(s);
	free(ids);
	return 0;
}
