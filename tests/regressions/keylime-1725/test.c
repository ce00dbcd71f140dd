/* SPDX-License-Identifier: Apache-2.0
 * keylime#1725: a vendor's db under a name, or with content, that is no ASCII
 * made the parser throw, and the machine could never be trusted. Names are
 * UTF-16 and contents are bytes: nothing here decodes either. */
#include "tests/eventlog_build.h"
#include "tests/tap.h"

static const struct {
	const char *name, *bytes;
	size_t n;
} rows[] = {
	{ "Greek", "\xb1\x03\xb2\x03", 4 },
	{ "a surrogate pair", "\x3d\xd8\x00\xde", 4 },
	{ "half a surrogate pair", "\x00\xd8", 2 },
	{ "a NUL within", "d\0\0\0b\0", 6 },
	{ "bytes that are no UTF-8", "\xff\xfe\xff\xff", 4 },
	{ "no name", "", 0 },
};

int main(void)
{
	static struct build l;

	l.crypto = assay_crypto_new(NULL, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t v[80];
		struct assay_bank bank = { .alg = ASSAY_SHA256 };
		struct assay_eventlog log;
		struct assay_event ev;
		struct assay_event_facts f = { 0 };
		struct assay_err err;
		struct assay_slice var = build_variable(v, sizeof v, "", "\xff\x00\xc3\x28", 4);

		memmove(v + 32 + rows[i].n, v + 32, 4);
		memcpy(v + 32, rows[i].bytes, rows[i].n);
		v[16] = (uint8_t)(rows[i].n / 2);
		var.n += rows[i].n;
		l.n = 0;
		build_header(&l);
		build_event(&l, 7, (uint32_t)ASSAY_EV_EFI_VARIABLE_AUTHORITY, var, var);
		bool ok =
			assay_eventlog_replay(l.crypto, build_log(&l), &bank, 1, NULL, &err) &&
			assay_eventlog_open(&log, build_log(&l), &err) &&
			assay_eventlog_next(&log, &ev) && assay_eventlog_next(&log, &ev) &&
			assay_event_prove(l.crypto, &ev, ASSAY_SHA256, &f);
		tap_ok(ok && f.kind == ASSAY_KIND_VARIABLE && f.agrees &&
			       f.variable.name.n == rows[i].n && f.variable.data.n == 4 &&
			       memcmp(v + 32, rows[i].bytes, rows[i].n) == 0,
		       "a variable's name: %s", rows[i].name);
	}
	assay_crypto_free(l.crypto);
	return tap_done();
}
