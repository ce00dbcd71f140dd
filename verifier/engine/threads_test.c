/* SPDX-License-Identifier: Apache-2.0
 * Four threads at once with nodes of their own and one that they share, under reloads and
 * results: for the thread sanitizer, and for what must hold whoever comes first. */
#include "tests/engine_lab.h"
#include "verifier/engine/internal.h"

#include <pthread.h>

enum { THREADS = 4, MESSAGES = 40, SHARED = THREADS };

static struct lab *lab;
static struct assay_slice message[THREADS + 1][MESSAGES];

struct hammer {
	int i;
	struct engine_thread *t;
	unsigned said[ENGINE_FAILED + 1], odd;
	pthread_t thread;
};

static void send(struct hammer *h, int node, int k)
{
	struct engine_answer out;
	enum engine_said said = engine_evidence(h->t, message[node][k], lab_now(), &out);

	h->said[said]++;
	h->odd += said == ENGINE_ANSWER &&
		  (out.outcome != ASSAY_OUTCOME_APPRAISED || out.status != ASSAY_AFFIRMING);
}

static void *run(void *arg)
{
	struct hammer *h = arg;

	for (int round = 0; round < 3; round++)
		for (int k = 0; k < MESSAGES; k++) {
			send(h, h->i, k);
			send(h, SHARED, (k * 7 + h->i) % MESSAGES);
		}
	return NULL;
}

static void *reloads(void *arg)
{
	struct platform_message why;
	struct engine_metrics m;

	for (int k = 0; k < 20; k++) {
		struct timespec pause = { .tv_nsec = 20000000 };
		*(bool *)arg &= engine_reload(lab->e[0], &why);
		engine_metrics(lab->e[0], &m);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static void prepare(int i)
{
	char id[16];

	snprintf(id, sizeof id, "h%d", i);
	struct lab_node *n = lab_node_new(lab, id, "clean-a");
	if (!lab_enrol(lab, n) || !lab_challenge(lab, 0, n) ||
	    !lab_affirms(lab_send(lab, 0, n, 0)))
		tap_ok(false, "node %s", id);
	for (int k = 0; k < MESSAGES; k++)
		message[i][k] = lab_message(n, LAB_WARM);
	lab_node_free(n);
}

int main(void)
{
	struct forge *f = forge_new("clean-a");
	struct hammer h[THREADS] = { 0 };
	struct platform_message why;
	pthread_t other;
	bool reloaded = true;
	unsigned answered = 0, odd = 0, refused = 0;

	lab = lab_new(NULL);
	lab_write_refs(lab, f, true);
	forge_free(f);
	if (!lab_start(lab, 0))
		return 1;
	for (int i = 0; i <= THREADS; i++)
		prepare(i);
	for (int i = 0; i < THREADS; i++) {
		h[i].i = i;
		h[i].t = engine_thread_new(lab->e[0], i % 2 == 0, &why);
		if (!h[i].t || pthread_create(&h[i].thread, NULL, run, &h[i]) != 0)
			return 1;
	}
	if (pthread_create(&other, NULL, reloads, &reloaded) != 0)
		return 1;
	for (int i = 0; i < THREADS; i++) {
		pthread_join(h[i].thread, NULL);
		answered += h[i].said[ENGINE_ANSWER];
		odd += h[i].odd;
		for (int k = 0; k <= ENGINE_FAILED; k++)
			if (k != ENGINE_ANSWER && k != ENGINE_SLOW)
				refused += h[i].said[k];
		engine_thread_free(h[i].t);
	}
	pthread_join(other, NULL);
	tap_ok(reloaded, "reloads under load");
	tap_ok(odd == 0 && refused == 0 && answered > THREADS * MESSAGES,
	       "each message is answered as it would be alone, or is a worker's");
	printf("# %u answered\n", answered);
	lab_settle(lab);
	tap_ok(lab_events_of(lab, "h0") == 1 && lab_events_of(lab, "h4") == 1,
	       "no event for what did not change");
	for (int i = 0; i <= THREADS; i++)
		for (int k = 0; k < MESSAGES; k++)
			free((void *)(uintptr_t)message[i][k].p);
	lab_free(lab);
	return tap_done();
}
