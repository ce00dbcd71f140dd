/* SPDX-License-Identifier: Apache-2.0
 * go-attestation's disclosure of 2020-04: the type of an event is covered by
 * nothing. An attacker relabels events so that a verifier that switches on the
 * type does not see them: here every event of a real boot, as every type. What
 * its digest proves stays the same. */
#include "tests/file.h"
#include "tests/tap.h"
#include <assay/evidence/eventlog.h>
#include <string.h>

static const uint32_t types[] = {
#define X(code, value) (uint32_t)(value),
	ASSAY_EVENT_TYPES(X)
#undef X
		0x0badc0de,
};

static bool same(const struct assay_event_facts *a, const struct assay_event_facts *b)
{
	return a->kind == b->kind && a->binding == b->binding && a->proven.p == b->proven.p &&
	       a->proven.n == b->proven.n && a->variable.name.p == b->variable.name.p &&
	       a->variable.data.p == b->variable.data.p && a->text.p == b->text.p &&
	       a->text.n == b->text.n;
}

/* SEPARATOR for an event that is none, and NO_ACTION, say so and change it. */
static bool may_relabel(uint32_t type)
{
	return type != (uint32_t)ASSAY_EV_NO_ACTION && type != (uint32_t)ASSAY_EV_SEPARATOR;
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct assay_slice in = test_file("tests/evidence/clean-a/binary_bios_measurements");
	struct assay_bank before = { .alg = ASSAY_SHA256 }, after = { .alg = ASSAY_SHA256 };
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_event_facts facts, other;
	struct assay_err err;
	size_t proven = 0, changed = 0, escaped = 0;

	bool ok = assay_eventlog_open(&log, in, &err) && assay_eventlog_next(&log, &ev);
	while (ok && assay_eventlog_next(&log, &ev)) {
		ok = assay_event_prove(crypto, &ev, ASSAY_SHA256, &facts);
		for (size_t t = 0; ok && t < sizeof types / sizeof *types; t++) {
			struct assay_event lie = ev;
			lie.eventType = types[t];
			ok = assay_event_prove(crypto, &lie, ASSAY_SHA256, &other);
			if (facts.binding != ASSAY_BOUND_NOTHING && may_relabel(types[t]))
				changed += !same(&facts, &other);
			/* as a separator it is an error separator, never a good one */
			if (types[t] == (uint32_t)ASSAY_EV_SEPARATOR)
				escaped += facts.kind != ASSAY_KIND_SEPARATOR &&
					   other.kind == ASSAY_KIND_SEPARATOR;
		}
		proven += facts.binding != ASSAY_BOUND_NOTHING;
	}
	tap_ok(ok && proven == 36 && changed == 0,
	       "%zu events with proven data say the same under every type", proven);
	tap_ok(escaped == 0, "nothing becomes a separator by its type");

	/* as EV_NO_ACTION an event would not be extended: the values show it */
	uint8_t *copy = malloc(in.n);
	memcpy(copy, in.p, in.n);
	copy[log.first_end + 4] = ASSAY_EV_NO_ACTION;
	ok = assay_eventlog_replay(crypto, in, &before, 1, NULL, &err) &&
	     assay_eventlog_replay(crypto, (struct assay_slice){ copy, in.n }, &after, 1, NULL,
				   &err);
	tap_ok(ok && memcmp(before.value[0], after.value[0], 32) != 0,
	       "an event relabelled EV_NO_ACTION is missed in its PCR");
	free(copy);
	free((void *)(uintptr_t)in.p);
	assay_crypto_free(crypto);
	return tap_done();
}
