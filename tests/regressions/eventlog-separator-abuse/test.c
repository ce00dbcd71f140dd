/* SPDX-License-Identifier: Apache-2.0
 * Separators divide what firmware measured from what came later; whoever forges
 * one moves the line. A separator is one by its digest alone: not by its type,
 * not by its data, and a digest of another event is none for being called so. */
#include "tests/eventlog_build.h"
#include "tests/tap.h"

static const struct {
	const char *name;
	enum assay_event_type type;
	const char *data;
	size_t ndata;
	const char *hashed;
	size_t nhashed;
	enum assay_event_kind kind;
	bool agrees;
} rows[] = {
	{ "an image called separator, with a separator's data", ASSAY_EV_SEPARATOR, "\0\0\0\0",
	  4, "image", 5, ASSAY_KIND_SEPARATOR_ERROR, false },
	{ "a separator called file", ASSAY_EV_IPL, "/vmlinuz", 8, "\0\0\0\0", 4,
	  ASSAY_KIND_SEPARATOR, true },
	{ "a separator called variable", ASSAY_EV_EFI_VARIABLE_AUTHORITY, "db", 2, "\0\0\0\0",
	  4, ASSAY_KIND_SEPARATOR, false },
	{ "an error told as a good separator", ASSAY_EV_SEPARATOR, "\0\0\0\0", 4, "\1\0\0\0", 4,
	  ASSAY_KIND_SEPARATOR_ERROR, true },
	{ "an error hidden as an unknown event", (enum assay_event_type)0x7777, "", 0,
	  "\1\0\0\0", 4, ASSAY_KIND_SEPARATOR_ERROR, true },
	{ "longer data than was hashed", ASSAY_EV_SEPARATOR, "\0\0\0\0hidden", 10, "\0\0\0\0",
	  4, ASSAY_KIND_SEPARATOR, false },
};

int main(void)
{
	static struct build l;

	l.crypto = assay_crypto_new(NULL, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_eventlog log;
		struct assay_event ev;
		struct assay_event_facts f = { 0 };
		struct assay_err err;
		struct assay_slice data = { (const uint8_t *)rows[i].data, rows[i].ndata };
		struct assay_slice hashed = { (const uint8_t *)rows[i].hashed,
					      rows[i].nhashed };

		l.n = 0;
		build_header(&l);
		build_event(&l, 7, (uint32_t)rows[i].type, data, hashed);
		bool ok = assay_eventlog_open(&log, build_log(&l), &err) &&
			  assay_eventlog_next(&log, &ev) && assay_eventlog_next(&log, &ev) &&
			  assay_event_prove(l.crypto, &ev, ASSAY_SHA256, &f);
		tap_ok(ok && f.kind == rows[i].kind && f.agrees == rows[i].agrees, "%s",
		       rows[i].name);
	}
	assay_crypto_free(l.crypto);
	return tap_done();
}
