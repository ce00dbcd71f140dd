/* SPDX-License-Identifier: Apache-2.0
 * The parts that remember: memory, queue, and whether anything is heard. */
#include "tests/tap.h"
#include "verifier/engine/hearing.h"
#include "verifier/engine/memory.h"
#include "verifier/engine/queue.h"
#include "verifier/engine/revoked.h"

#include <stdlib.h>
#include <string.h>

static struct assay_slice slice(const char *s)
{
	return (struct assay_slice){ (const uint8_t *)s, strlen(s) };
}

static struct remembered verdict(const char *id, uint64_t clock, uint8_t print, uint64_t event)
{
	struct remembered r = { .ak_name = "ak",
				.ak_name_n = 2,
				.enrolled = 1,
				.order = { .resetCount = 1, .clock = clock },
				.event = event,
				.verdict = { print } };

	strcpy(r.id, id);
	return r;
}

static bool known(struct memory *m, const char *id)
{
	struct remembered r;

	return memory_get(m, slice(id), &r) && r.known;
}

static enum memory_heard hear(struct memory *m, const char *id, uint64_t clock, uint8_t print)
{
	struct store_order order = { .resetCount = 1, .clock = clock };
	uint8_t fingerprint[32] = { print };

	return memory_hear(m, slice(id), fingerprint, &order, 0, 0, 1);
}

static void run_memory(void)
{
	struct memory *m = memory_new(1000);
	uint32_t doubts = 0;
	struct remembered r = verdict("a", 10, 1, 0);

	memory_put(m, &r, 0);
	tap_ok(memory_count(m) == 0, "who was not met is not remembered");
	tap_ok(memory_meet(m, slice("a"), slice("ak"), 1, &doubts) && !known(m, "a"),
	       "met, not known");
	tap_ok(hear(m, "a", 11, 1) == MEMORY_UNKNOWN, "not known: the store is asked");
	memory_put(m, &r, doubts);
	tap_ok(known(m, "a"), "known");
	tap_ok(hear(m, "a", 10, 1) == MEMORY_OLDER, "as late");
	tap_ok(hear(m, "a", 9, 2) == MEMORY_OLDER, "older, whatever it says");
	tap_ok(hear(m, "a", 11, 2) == MEMORY_UNKNOWN, "another verdict");
	tap_ok(hear(m, "a", 11, 1) == MEMORY_HEARD && hear(m, "a", 11, 1) == MEMORY_OLDER,
	       "heard of once");
	memory_doubt(m, "a", 5);
	tap_ok(!known(m, "a") && hear(m, "a", 12, 1) == MEMORY_UNKNOWN, "doubted");
	r = verdict("a", 12, 1, 0);
	memory_put(m, &r, doubts);
	tap_ok(!known(m, "a"), "stored before the doubt was raised: not believed");
	(void)memory_meet(m, slice("a"), slice("ak"), 1, &doubts);
	r = verdict("a", 13, 1, 0);
	memory_put(m, &r, doubts);
	tap_ok(known(m, "a"), "stored after it: believed");
	r = verdict("a", 14, 2, 7);
	memory_put(m, &r, doubts);
	memory_doubt(m, "a", 7);
	tap_ok(known(m, "a"), "its own event is no doubt");
	memory_doubt(m, "a", 8);
	r = verdict("a", 15, 2, 9);
	memory_put(m, &r, doubts);
	tap_ok(known(m, "a"), "an event of its own after the doubt settles it");
	r = verdict("a", 14, 3, 0);
	(void)memory_meet(m, slice("a"), slice("ak"), 1, &doubts);
	memory_put(m, &r, doubts);
	tap_ok(hear(m, "a", 16, 2) == MEMORY_HEARD, "an older verdict replaces none");
	(void)memory_meet(m, slice("a"), slice("ak"), 2, &doubts);
	tap_ok(!known(m, "a"), "enrolled anew");
	memory_put(m, &r, doubts);
	(void)memory_meet(m, slice("a"), slice("kb"), 1, &doubts);
	tap_ok(!known(m, "a"), "another key");
	memory_forget(m, slice("a"));
	tap_ok(memory_count(m) == 0, "forgotten");
	memory_free(m);
}

static void run_bounds(void)
{
	struct memory *m = memory_new(1);
	struct queue *q = queue_new();
	struct store_verdict v = { .node = slice("n"), .reasons = slice("[]") };
	struct store_verdict rows[QUEUE_BATCH];
	uint32_t doubts;
	char id[16];
	size_t n = 0;

	for (int i = 0; i < 5000; i++) {
		snprintf(id, sizeof id, "n%d", i);
		(void)memory_meet(m, slice(id), slice("ak"), 1, &doubts);
	}
	struct remembered r;
	tap_ok(memory_count(m) <= 64 && memory_get(m, slice("n4999"), &r),
	       "the oldest goes, the youngest stays");
	memory_free(m);
	while (n <= QUEUE_ROWS && queue_put(q, &v))
		n++;
	tap_ok(n == QUEUE_ROWS, "the queue is bounded by rows");
	tap_ok(queue_peek(q, rows) == QUEUE_BATCH && rows[7].node.n == 1 &&
		       rows[7].reasons.n == 2,
	       "a batch, with its texts");
	queue_took(q, QUEUE_BATCH);
	tap_ok(queue_count(q) == QUEUE_ROWS - QUEUE_BATCH && queue_put(q, &v), "room again");
	queue_free(q);
	static uint8_t big[1024 * 1024];
	q = queue_new();
	v.reasons = (struct assay_slice){ big, sizeof big };
	for (n = 0; n <= 200 && queue_put(q, &v);)
		n++;
	tap_ok(n == 127, "and by bytes");
	queue_free(q);
}

static uint64_t real_ms, boot_ms;

static uint64_t real_now(void *ctx)
{
	(void)ctx;
	return real_ms;
}

static uint64_t boot_now(void *ctx)
{
	(void)ctx;
	return boot_ms;
}

static void pass(uint64_t ms)
{
	real_ms += ms;
	boot_ms += ms;
}

static void run_hearing(void)
{
	static struct hearing h;
	struct engine_clock clock = { real_now, boot_now, NULL };
	struct platform_message why;

	real_ms = 1000000, boot_ms = 5000;
	hearing_init(&h, &clock);
	tap_ok(!hearing_ok(&h, &why) && why.why[0], "nothing heard yet: blind");
	struct hearing_round round = hearing_begin(&h);
	pass(500);
	tap_ok(hearing_end(&h, round) && hearing_ok(&h, NULL), "heard");
	pass(1500);
	tap_ok(hearing_ok(&h, NULL), "two seconds after the round began");
	pass(1);
	tap_ok(!hearing_ok(&h, NULL) && hearing_sane(&h), "and a moment more: blind");
	round = hearing_begin(&h);
	tap_ok(hearing_end(&h, round) && hearing_ok(&h, NULL) && hearing_since(&h, 0) &&
		       !hearing_since(&h, 1),
	       "heard again: its unbroken time begins anew");
	for (int i = 0; i < 10; i++) {
		pass(1000);
		round = hearing_begin(&h);
		(void)!hearing_end(&h, round);
	}
	tap_ok(hearing_since(&h, 10000) && !hearing_since(&h, 10001), "and lasts");
	real_ms += 2000;
	tap_ok(hearing_ok(&h, NULL), "two seconds of drift are none");
	round = hearing_begin(&h);
	(void)!hearing_end(&h, round);
	real_ms += 2001;
	tap_ok(!hearing_ok(&h, NULL) && !hearing_sane(&h), "a jump");
	real_ms -= 2001;
	tap_ok(!hearing_ok(&h, NULL), "and back is another, not none");
	round = hearing_begin(&h);
	real_ms -= 3000;
	tap_ok(!hearing_end(&h, round) && !hearing_ok(&h, NULL),
	       "a round in which it jumped does not count");
	round = hearing_begin(&h);
	tap_ok(hearing_end(&h, round) && hearing_ok(&h, NULL) && !hearing_since(&h, 1),
	       "the next does");
	atomic_store(&h.overflowed, true);
	tap_ok(!hearing_ok(&h, NULL), "a full queue");
	atomic_store(&h.overflowed, false);
	atomic_store(&h.restored, true);
	tap_ok(!hearing_ok(&h, NULL) && !hearing_sane(&h), "a database that was put back");
}

/* A component that a whole fleet showed: 50,000 ids of 100 bytes in one revocation. */
static void run_fleet_revoked(void)
{
	static const char grow[] =
		"python3 -c \"import sqlite3, json; d = sqlite3.connect('%s/db'); "
		"d.execute('UPDATE revocation SET nodes = ?', "
		"(json.dumps(['n%%099d' %% i for i in range(50000)]),)); d.commit()\"";
	const struct store_actor actor = { "test", "operator", "", "" };
	struct store_revocation r = { .kind = STORE_REVOKED_NODE,
				      .subject = "one",
				      .reason = slice("x") };
	char folder[] = "/tmp/assay-revoked-XXXXXX", url[64], command[512], last[101];
	struct revoked *revoked = revoked_new();
	struct platform_message why = { 0 };
	struct store *s = NULL;
	uint64_t seq = 0;

	if (!mkdtemp(folder) || !revoked)
		abort();
	snprintf(url, sizeof url, "sqlite:%s/db", folder);
	snprintf(command, sizeof command, grow, folder);
	snprintf(last, sizeof last, "n%099d", 49999);
	if (store_open(url, &s, &why) != STORE_DONE ||
	    store_revoke(s, &r, slice("[]"), &actor, 1, &seq) != STORE_DONE ||
	    system(command) != 0)
		abort();
	tap_ok(revoked_hear(revoked, s) == STORE_DONE,
	       "a revocation of a whole fleet makes no verifier deaf");
	tap_ok(revoked_ask(revoked, slice(last), slice("ak")).last == seq,
	       "and concerns each node of it");
	store_close(s);
	revoked_free(revoked);
	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (system(command) != 0)
		abort();
}

int main(void)
{
	run_fleet_revoked();
	run_memory();
	run_bounds();
	run_hearing();
	return tap_done();
}
