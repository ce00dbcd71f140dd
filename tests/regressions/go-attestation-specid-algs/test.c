/* SPDX-License-Identifier: Apache-2.0
 * go-attestation, TestParseSpecIDEvent: 0xffffffff algorithms in a SpecID event
 * of 35 bytes made the parser allocate and read without end. */
#include "tests/eventlog_build.h"
#include "tests/tap.h"

int main(void)
{
	static struct build l;
	struct assay_eventlog log = { .index = 77 };
	struct assay_err err;

	build_header(&l);
	memset(l.b + 56, 0xff, 4);
	tap_ok(!assay_eventlog_open(&log, build_log(&l), &err) && err.fault == ASSAY_F_LIMIT &&
		       strcmp(err.field, "numberOfAlgorithms") == 0 && err.offset == 56 &&
		       log.index == 77,
	       "0xffffffff algorithms");
	/* as many as the limit, in an event that holds two */
	memcpy(l.b + 56, "\x08\0\0\0", 4);
	tap_ok(!assay_eventlog_open(&log, build_log(&l), &err) &&
		       err.fault == ASSAY_F_TRUNCATED,
	       "8 algorithms where two are");
	return tap_done();
}
