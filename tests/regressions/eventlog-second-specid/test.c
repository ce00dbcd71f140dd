/* SPDX-License-Identifier: Apache-2.0
 * A second SpecID event could redefine the digest sizes half way, so that two
 * readers of one log see two logs. It is a fault wherever it stands. */
#include "tests/file.h"
#include "tests/tap.h"
#include <assay/evidence/eventlog.h>
#include <string.h>

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct assay_slice in = test_file("tests/evidence/clean-a/binary_bios_measurements");
	struct assay_bank bank = { .alg = ASSAY_SHA256 };
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_err err;
	uint8_t *two = malloc(2 * in.n);

	bool ok = assay_eventlog_open(&log, in, &err);
	/* a TCG_PCR_EVENT2 with zero digests that holds the first record's event */
	size_t n = 0;
	memcpy(two + n, in.p, in.n);
	n += in.n;
	memcpy(two + n, "\0\0\0\0\3\0\0\0\1\0\0\0\4\0", 14);
	memset(two + n + 14, 0, 20);
	memcpy(two + n + 34, in.p + 28, log.first_end - 28);
	n += 34 + log.first_end - 28;

	struct assay_slice again = { two, n };
	ok = ok && !assay_eventlog_replay(crypto, again, &bank, 1, NULL, &err);
	tap_ok(ok && err.fault == ASSAY_F_DUPLICATE && strcmp(err.field, "signature") == 0 &&
		       err.offset == in.n + 38,
	       "at the end of a log");

	/* two logs, one after the other: the second's first record is no TCG_PCR_EVENT2 */
	memcpy(two + in.n, in.p, in.n);
	ok = assay_eventlog_open(&log, (struct assay_slice){ two, 2 * in.n }, &err);
	while (ok && assay_eventlog_next(&log, &ev))
		;
	tap_ok(ok && err.fault != ASSAY_F_OK && err.offset >= in.n, "a log appended to a log");
	free(two);
	free((void *)(uintptr_t)in.p);
	assay_crypto_free(crypto);
	return tap_done();
}
