/* SPDX-License-Identifier: Apache-2.0
 * A machine boots with Secure Boot off (SecureBoot = 0 in PCR 7) and its attacker
 * extends SecureBoot = 1 as well. Whoever takes the last, or the first, or keeps
 * a map by name believes what suits the attacker: both are reported, in order,
 * with their data, also where the second one is relabelled or wrapped. */
#include "tests/eventlog_build.h"
#include "tests/tap.h"

static size_t find(struct build *l, uint8_t *values, size_t max)
{
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_event_facts f;
	struct assay_err err;
	size_t n = 0;

	if (!assay_eventlog_open(&log, build_log(l), &err))
		return 0;
	while (assay_eventlog_next(&log, &ev))
		if (assay_event_prove(l->crypto, &ev, ASSAY_SHA256, &f) &&
		    f.kind == ASSAY_KIND_VARIABLE && f.variable.name.n == 20 &&
		    memcmp(f.variable.name.p, "S\0e\0c\0u\0r\0e\0B\0o\0o\0t", 20) == 0 &&
		    f.variable.data.n == 1 && n < max)
			values[n++] = f.variable.data.p[0];
	return n;
}

int main(void)
{
	static struct build l;
	uint8_t off[64], on[64], wrap[160], values[4];
	struct assay_slice zero = build_variable(off, sizeof off, "SecureBoot", "\0", 1);
	struct assay_slice one = build_variable(on, sizeof on, "SecureBoot", "\1", 1);
	const uint32_t config = (uint32_t)ASSAY_EV_EFI_VARIABLE_DRIVER_CONFIG;

	l.crypto = assay_crypto_new(NULL, NULL);
	build_header(&l);
	build_event(&l, 7, config, zero, zero);
	build_event(&l, 7, config, one, one);
	tap_ok(find(&l, values, 4) == 2 && values[0] == 0 && values[1] == 1, "both are there");

	l.n = 69;
	build_event(&l, 7, (uint32_t)ASSAY_EV_EVENT_TAG, zero, zero);
	build_event(&l, 7, config, one, one);
	tap_ok(find(&l, values, 4) == 2 && values[0] == 0,
	       "the first relabelled is still there");

	/* called the content of a boot variable, of which the content alone is hashed */
	l.n = 69;
	build_event(&l, 7, (uint32_t)ASSAY_EV_EFI_VARIABLE_BOOT,
		    build_variable(wrap, sizeof wrap, "Boot0001", zero.p, zero.n), zero);
	build_event(&l, 7, config, one, one);
	tap_ok(find(&l, values, 4) == 2 && values[0] == 0, "the first wrapped is still there");
	assay_crypto_free(l.crypto);
	return tap_done();
}
