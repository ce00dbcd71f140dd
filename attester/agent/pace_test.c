/* SPDX-License-Identifier: Apache-2.0
 * When messages go out, by a clock of the test's own. */
#include "attester/agent/pace.h"
#include "tests/tap.h"

enum { GAP = 250, ALLOWED = 60000 };

static void test_first(void)
{
	struct agent_pace p = { .gap = GAP };

	tap_ok(agent_pace_next(&p) == 0, "the first message goes out at once");
	p.changed = true;
	tap_ok(agent_pace_next(&p) == 0, "also when something changed before it");
}

static void test_changes(void)
{
	struct agent_pace p = { .gap = GAP };

	agent_pace_begin(&p, 1000);
	agent_pace_done(&p, 1010, ALLOWED, 0);
	tap_ok(agent_pace_next(&p) == 1010 + ALLOWED / 2, "no change: half of what is allowed");
	p.changed = true;
	tap_ok(agent_pace_next(&p) == 1000 + GAP, "a change soon after a message: the gap");
	agent_pace_begin(&p, 1250);
	tap_ok(!p.changed, "a message takes the changes with it");
	agent_pace_done(&p, 1260, ALLOWED, 0);
	p.changed = true;
	tap_ok(agent_pace_next(&p) <= 9000, "a change long after a message goes out at once");
}

static void test_burst(void)
{
	struct agent_pace p = { .gap = GAP };
	unsigned sent = 0, changes = 0;

	agent_pace_begin(&p, 1);
	agent_pace_done(&p, 1, ALLOWED, 0);
	for (uint64_t now = 2; now < 10002; now++) {
		changes++;
		p.changed = true;
		if (agent_pace_next(&p) > now)
			continue;
		agent_pace_begin(&p, now);
		agent_pace_done(&p, now, ALLOWED, 0);
		sent++;
	}
	tap_ok(changes == 10000 && sent == 40, "10000 changes in ten seconds: 40 messages (%u)",
	       sent);
}

static void test_change_in_flight(void)
{
	struct agent_pace p = { .gap = GAP };

	agent_pace_begin(&p, 1000);
	p.changed = true;
	agent_pace_done(&p, 3000, ALLOWED, 0);
	tap_ok(p.changed && agent_pace_next(&p) == 1000 + GAP,
	       "what changed while a message was under way goes out behind it");
}

static void test_spread(void)
{
	struct agent_pace p = { .gap = GAP };
	uint64_t low = UINT64_MAX, high = 0;

	for (uint64_t r = 0; r < 20000; r++) {
		agent_pace_begin(&p, 1000);
		agent_pace_done(&p, 1000, ALLOWED, r * 0x9e3779b97f4a7c15u);
		uint64_t at = agent_pace_next(&p) - 1000;
		low = at < low ? at : low;
		high = at > high ? at : high;
	}
	tap_ok(low >= ALLOWED / 2 && high <= ALLOWED * 2 / 3, "between a half and two thirds");
	tap_ok(high - low > ALLOWED / 7, "and spread over all of it");
	agent_pace_done(&p, 1000, 0, 7);
	tap_ok(agent_pace_next(&p) == 1000, "an interval of nothing is no division by nothing");
}

static void test_backoff(void)
{
	uint64_t seen = 0;
	bool in = true;

	for (unsigned failures = 1; failures < 40; failures++) {
		uint64_t top = failures < 8 ? 500u << (failures - 1) : 60000;
		for (uint64_t r = 0; r < 1000; r++) {
			uint64_t ms =
				agent_backoff(failures, 0, 60000, r * 0x9e3779b97f4a7c15u);
			in &= ms <= (top < 60000 ? top : 60000);
			seen |= ms < top / 10 ? 1 : 0;
			seen |= ms > top - top / 10 ? 2 : 0;
		}
	}
	tap_ok(in,
	       "full jitter: never above 500 ms doubled by each failure, nor above the top");
	tap_ok(seen == 3, "and from nothing on");
	tap_ok(agent_backoff(1, 30, 60000, 0) == 30000, "not before Retry-After");
	tap_ok(agent_backoff(1, 30, 60000, UINT64_MAX - 1) <= 45000, "and spread behind it");
	tap_ok(agent_backoff(1, 4000000000u, 60000, 0) == 3600000, "an absurd one is cut");
}

static void test_failed(void)
{
	struct agent_pace p = { .gap = GAP };

	agent_pace_begin(&p, 1000);
	agent_pace_failed(&p, 2000, 10, 60000, 0);
	tap_ok(agent_pace_next(&p) == 12000, "after a failure it is tried again");
	p.changed = true;
	tap_ok(agent_pace_next(&p) == 12000, "a change does not break the back-off");
	agent_pace_begin(&p, 12000);
	agent_pace_failed(&p, 12000, 0, 60000, UINT64_MAX);
	tap_ok(p.failures == 2, "failures in a row are counted");
	agent_pace_done(&p, 13000, ALLOWED, 0);
	tap_ok(p.failures == 0 && agent_pace_next(&p) == 13000 + ALLOWED / 2,
	       "a success forgets them");
}

int main(void)
{
	test_first();
	test_changes();
	test_burst();
	test_change_in_flight();
	test_spread();
	test_backoff();
	test_failed();
	return tap_done();
}
