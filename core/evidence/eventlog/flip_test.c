/* SPDX-License-Identifier: Apache-2.0
 * assay_eventlog_unbound() proved on real logs: every byte is changed in three ways (of small
 * hand-made ones in every way), and a change that nobody would notice must be of a byte that is
 * listed. */
#include "tests/file.h"
#include "tests/tap.h"
#include <assay/evidence/eventlog.h>
#include <string.h>

enum { RANGES_MAX = 1024, SMALL = 1024 };

/* True when the log replays to the same values and no event contradicts its digest. */
static bool unnoticed(struct assay_crypto *crypto, struct assay_slice in,
		      const struct assay_bank *want)
{
	struct assay_bank bank = { .alg = want->alg };
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_event_facts facts;
	struct assay_err err;

	if (!assay_eventlog_replay(crypto, in, &bank, 1, NULL, &err) ||
	    memcmp(bank.value, want->value, sizeof bank.value) != 0 ||
	    !assay_eventlog_open(&log, in, &err))
		return false;
	while (assay_eventlog_next(&log, &ev)) {
		if (!assay_event_prove(crypto, &ev, want->alg, &facts) ||
		    (facts.must_bind && !facts.agrees))
			return false;
	}
	return err.fault == ASSAY_F_OK;
}

static void check_log(struct assay_crypto *crypto, const char *path, uint16_t alg, size_t want)
{
	struct assay_slice in = test_file(path);
	struct assay_bank bank = { .alg = alg };
	struct assay_range ranges[RANGES_MAX];
	struct assay_err err;
	size_t listed = 0, missed = 0, next = 0;

	if (!assay_eventlog_replay(crypto, in, &bank, 1, NULL, &err)) {
		tap_ok(false, "%s cannot be replayed", path);
		return;
	}
	size_t n = assay_eventlog_unbound(crypto, in, alg, ranges, RANGES_MAX, &err);
	for (size_t i = 0; i < n; i++)
		listed += ranges[i].n;
	tap_ok(n > 0 && n <= RANGES_MAX && listed == want, "%s: %zu of %zu bytes unbound", path,
	       listed, in.n);

	uint8_t *copy = malloc(in.n);
	memcpy(copy, in.p, in.n);
	for (size_t at = 0; at < in.n; at++) {
		while (next < n && ranges[next].offset + ranges[next].n <= at)
			next++;
		if (next < n && ranges[next].offset <= at)
			continue;
		for (unsigned k = 1; k <= 0xff; k++) {
			if (in.n > SMALL && k != 0x01 && k != 0x80 && k != 0xff)
				continue;
			copy[at] = in.p[at] ^ (uint8_t)k;
			if (unnoticed(crypto, (struct assay_slice){ copy, in.n }, &bank)) {
				printf("# byte %zu ^ 0x%02x is not noticed\n", at, k);
				missed++;
			}
		}
		copy[at] = in.p[at];
	}
	tap_ok(missed == 0, "%s: every other byte is covered", path);

	tap_ok(unnoticed(crypto, (struct assay_slice){ copy, in.n }, &bank),
	       "%s: unchanged it agrees", path);
	free(copy);
	free((void *)(uintptr_t)in.p);
}

/* What does not fit is counted; what does is merged and in order. */
static void check_ranges(struct assay_crypto *crypto)
{
	struct assay_slice in = test_file("tests/evidence/clean-a/binary_bios_measurements");
	struct assay_range some[3] = { 0 }, all[RANGES_MAX];
	struct assay_err err;
	size_t n = assay_eventlog_unbound(crypto, in, ASSAY_SHA256, all, RANGES_MAX, &err);
	bool ordered = true;

	tap_ok(assay_eventlog_unbound(crypto, in, ASSAY_SHA256, some, 2, &err) == n &&
		       memcmp(some, all, 2 * sizeof *some) == 0 && some[2].n == 0 &&
		       assay_eventlog_unbound(crypto, in, ASSAY_SHA256, NULL, 0, &err) == n,
	       "ranges that do not fit are counted");
	for (size_t i = 1; i < n; i++)
		ordered = ordered && all[i - 1].offset + all[i - 1].n < all[i].offset;
	tap_ok(ordered && all[n - 1].offset + all[n - 1].n <= in.n,
	       "ranges are merged, in order");
	in.n--;
	tap_ok(assay_eventlog_unbound(crypto, in, ASSAY_SHA256, all, RANGES_MAX, &err) == 0 &&
		       err.fault == ASSAY_F_TRUNCATED,
	       "a malformed log has no ranges but a fault");
	free((void *)(uintptr_t)in.p);
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);

	check_log(crypto, "tests/evidence/clean-a/binary_bios_measurements", ASSAY_SHA256,
		  4220);
	check_log(crypto, "tests/evidence/secureboot-off/binary_bios_measurements",
		  ASSAY_SHA384, 3164);
	check_log(crypto, "tests/evidence/xen/binary_bios_measurements", ASSAY_SHA256, 4875);
	/* quirks, padding, EV_NO_ACTION, an H-CRTM start, free header fields */
	check_log(crypto, "tests/corpus/eventlog/agile", ASSAY_SHA256, 524);
	check_log(crypto, "tests/corpus/eventlog/hcrtm-padded", ASSAY_SHA256, 163);
	check_log(crypto, "tests/corpus/eventlog/sha1-form", ASSAY_SHA1, 52);
	check_log(crypto, "tests/corpus/eventlog/ccel", ASSAY_SHA384, 16);
	check_log(crypto, "tests/corpus/eventlog/vendor-info-behind", ASSAY_SHA256, 19);
	check_log(crypto, "tests/corpus/eventlog/no-action", ASSAY_SHA256, 285);
	check_log(crypto, "tests/corpus/eventlog/ipl-prefix-hashed", ASSAY_SHA256, 323);
	check_ranges(crypto);
	assay_crypto_free(crypto);
	return tap_done();
}
