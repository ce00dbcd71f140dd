/* SPDX-License-Identifier: Apache-2.0
 * EV_NO_ACTION is not extended, so its digest is covered by nothing. A verifier
 * that takes a digest from it (a "kernel" that was never measured) believes the
 * attacker; one that extends it fails honest machines. */
#include "tests/eventlog_build.h"
#include "tests/tap.h"

int main(void)
{
	static struct build l;
	struct assay_bank with = { .alg = ASSAY_SHA256 }, without = { .alg = ASSAY_SHA256 };
	struct assay_eventlog log;
	struct assay_event ev = { 0 };
	struct assay_event_facts facts = { 0 };
	struct assay_err err;

	l.crypto = assay_crypto_new(NULL, NULL);
	build_header(&l);
	build_event(&l, 4, (uint32_t)ASSAY_EV_EFI_BOOT_SERVICES_APPLICATION, text_of("?"),
		    text_of("image"));
	bool ok = assay_eventlog_replay(l.crypto, build_log(&l), &without, 1, NULL, &err);
	build_event(&l, 4, (uint32_t)ASSAY_EV_NO_ACTION, text_of("kernel"), text_of("kernel"));
	ok = ok && assay_eventlog_replay(l.crypto, build_log(&l), &with, 1, NULL, &err);
	tap_ok(ok && memcmp(with.value, without.value, sizeof with.value) == 0,
	       "it is not extended");

	ok = assay_eventlog_open(&log, build_log(&l), &err);
	while (ok && assay_eventlog_next(&log, &ev))
		ok = assay_event_prove(l.crypto, &ev, ASSAY_SHA256, &facts);
	tap_ok(ok && facts.kind == ASSAY_KIND_NO_ACTION &&
		       facts.binding == ASSAY_BOUND_NOTHING && facts.proven.n == 0,
	       "its data is not proven, although it hashes to its digest");
	tap_ok(ok && facts.must_bind && !facts.agrees, "its digest is a disagreement");
	assay_crypto_free(l.crypto);
	return tap_done();
}
