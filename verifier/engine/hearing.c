/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/engine/hearing.h"

#include <time.h>

static uint64_t read_clock(clockid_t id)
{
	struct timespec now = { 0 };

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t system_real(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_REALTIME);
}

static uint64_t system_boot(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_BOOTTIME);
}

uint64_t hearing_real(const struct hearing *h)
{
	return h->clock.real(h->clock.ctx);
}

uint64_t hearing_boot(const struct hearing *h)
{
	return h->clock.boot(h->clock.ctx);
}

static long long offset_now(const struct hearing *h)
{
	return (long long)(hearing_real(h) - hearing_boot(h));
}

void hearing_init(struct hearing *h, const struct engine_clock *clock)
{
	static const struct engine_clock of_system = { system_real, system_boot, NULL };

	h->clock = clock ? *clock : of_system;
	atomic_init(&h->offset, offset_now(h));
	atomic_init(&h->jumps, 0);
	atomic_init(&h->heard, 0);
	atomic_init(&h->sound, 0);
	atomic_init(&h->jumped, false);
	atomic_init(&h->restored, false);
	atomic_init(&h->overflowed, false);
}

/* What a jump was is not known: until the next round all that was heard is worth nothing. */
static void see_jump(struct hearing *h)
{
	long long seen = atomic_load(&h->offset), now = offset_now(h);
	long long moved = now - seen;

	if (moved <= HEARING_JUMP && moved >= -HEARING_JUMP)
		return;
	if (atomic_compare_exchange_strong(&h->offset, &seen, now)) {
		atomic_fetch_add(&h->jumps, 1);
		atomic_store(&h->jumped, true);
		atomic_store(&h->heard, 0);
	}
}

struct hearing_round hearing_begin(struct hearing *h)
{
	see_jump(h);
	return (struct hearing_round){ hearing_boot(h), atomic_load(&h->jumps) };
}

bool hearing_end(struct hearing *h, struct hearing_round round)
{
	uint64_t last = atomic_load(&h->heard);

	see_jump(h);
	if (round.jumps != atomic_load(&h->jumps))
		return false;
	/* a clock that drifts or is slewed is followed; only a leap is a jump */
	atomic_store(&h->offset, offset_now(h));
	if (last == 0 || round.begin - last > HEARING_LIMIT)
		atomic_store(&h->sound, round.begin);
	atomic_store(&h->jumped, false);
	atomic_store(&h->heard, round.begin ? round.begin : 1);
	return true;
}

static bool blind(struct platform_message *why, const char *because, const char *hint)
{
	if (why) {
		*why = (struct platform_message){ 0 };
		platform_message_what(why, "the verifier is blind");
		platform_message_why(why, "%s", because);
		platform_message_hint(why, "%s", hint);
	}
	return false;
}

bool hearing_ok(struct hearing *h, struct platform_message *why)
{
	see_jump(h);
	uint64_t heard = atomic_load(&h->heard), now = hearing_boot(h);

	if (atomic_load(&h->restored))
		return blind(why,
			     "the database is older than the one that was left: it was put "
			     "back from a backup",
			     "look what is lost since (removals, revocations), then accept it");
	if (heard == 0 || (now > heard && now - heard > HEARING_LIMIT))
		return blind(why, "no word of revocations for two seconds, or the clock jumped",
			     "look at the database and at the clock");
	if (atomic_load(&h->overflowed))
		return blind(why, "what is heard of nodes reaches no database",
			     "look at the database");
	return true;
}

bool hearing_sane(struct hearing *h)
{
	see_jump(h);
	return !atomic_load(&h->restored) && !atomic_load(&h->jumped);
}

bool hearing_since(struct hearing *h, uint64_t interval)
{
	uint64_t now = hearing_boot(h);

	return hearing_ok(h, NULL) && now - atomic_load(&h->sound) >= interval;
}
