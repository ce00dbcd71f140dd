/* SPDX-License-Identifier: Apache-2.0
 * The reader: one row per rule, on one log made by hand. */
#include "tests/eventlog_build.h"
#include "tests/tap.h"

/* Where things stand in the log that base() makes. */
enum {
	CLASS = 48,
	MINOR = 52,
	MAJOR = 53,
	NALGS = 56,
	ALG0 = 60,
	SIZE0 = 62,
	ALG1 = 64,
	SIZE1 = 66,
	VENDOR = 68,
	R1 = 69, /* StartupLocality, 17 bytes */
	R1_SIZE = 137,
	R1_DATA = 141,
	R2 = 158, /* EV_IPL, 12 bytes */
	R2_COUNT = 166,
	R2_ALG0 = 170,
	R2_ALG1 = 192,
	R2_SIZE = 226,
	R2_DATA = 230,
	END = 242,
};

static void base(struct build *l)
{
	l->n = 0;
	build_header(l);
	build_event(l, 0, (uint32_t)ASSAY_EV_NO_ACTION,
		    (struct assay_slice){ (const uint8_t *)"StartupLocality\0\3", 17 },
		    (struct assay_slice){ 0 });
	build_event(l, 8, (uint32_t)ASSAY_EV_IPL,
		    (struct assay_slice){ (const uint8_t *)"grub_cmd: x", 12 }, text_of("x"));
}

#define B(s) s, sizeof(s) - 1
static const struct {
	const char *name;
	size_t at;
	const char *bytes;
	size_t nbytes;
	size_t cut; /* 0: whole */
	const char *tail;
	size_t ntail;
	enum assay_fault want;
	const char *field;
	size_t offset;
} rows[] = {
	{ "the log as it is", 0, B(""), 0, B(""), ASSAY_F_OK, NULL, 0 },
	{ "no bytes", 0, B(""), SIZE_MAX, B(""), ASSAY_F_MISSING, "TCG_PCR_EVENT", 0 },
	{ "nothing but zeros", 0, B(""), SIZE_MAX, B("\0\0\0\0\0\0\0\0"), ASSAY_F_MISSING,
	  "TCG_PCR_EVENT", 0 },
	{ "nothing but ones", 0, B(""), SIZE_MAX, B("\xff\xff\xff\xff"), ASSAY_F_MISSING,
	  "TCG_PCR_EVENT", 0 },
	{ "cut in the first pcrIndex", 0, B(""), SIZE_MAX, B("\0\1\2"), ASSAY_F_TRUNCATED,
	  "pcrIndex", 0 },
	/* the header */
	{ "header on PCR 1", 0, B("\1"), 0, B(""), ASSAY_F_RANGE, "pcrIndex", 0 },
	{ "header with a digest", 27, B("\1"), 0, B(""), ASSAY_F_RANGE, "digest", 8 },
	{ "eventDataSize past the end", 28, B("\xff\xff\x1f"), 0, B(""), ASSAY_F_TRUNCATED,
	  "event", 32 },
	{ "eventDataSize 0xbdbfef47", 28, B("\xbd\xbf\xef\x47"), 0, B(""), ASSAY_F_LIMIT,
	  "eventDataSize", 28 },
	{ "signature of form 01", 46, B("1"), 0, B(""), ASSAY_F_UNSUPPORTED, "signature", 32 },
	{ "signature of form 13", 45, B("1"), 0, B(""), ASSAY_F_UNSUPPORTED, "signature", 32 },
	{ "signature without NUL", 47, B("x"), 0, B(""), ASSAY_F_UNSUPPORTED, "signature", 32 },
	{ "platformClass 2", CLASS, B("\2"), 0, B(""), ASSAY_F_RANGE, "platformClass", CLASS },
	{ "platformClass 1: a server", CLASS, B("\1"), 0, B(""), ASSAY_F_OK, NULL, 0 },
	{ "specVersionMinor 1", MINOR, B("\1"), 0, B(""), ASSAY_F_RANGE, "specVersionMinor",
	  MINOR },
	{ "specVersionMajor 1", MAJOR, B("\1"), 0, B(""), ASSAY_F_RANGE, "specVersionMajor",
	  MAJOR },
	{ "no algorithm", NALGS, B("\0"), 0, B(""), ASSAY_F_RANGE, "numberOfAlgorithms",
	  NALGS },
	{ "numberOfAlgorithms 9", NALGS, B("\x09"), 0, B(""), ASSAY_F_LIMIT,
	  "numberOfAlgorithms", NALGS },
	{ "numberOfAlgorithms 0xffffffff", NALGS, B("\xff\xff\xff\xff"), 0, B(""),
	  ASSAY_F_LIMIT, "numberOfAlgorithms", NALGS },
	{ "three algorithms where two are", NALGS, B("\3"), 0, B(""), ASSAY_F_TRUNCATED,
	  "algorithmId", VENDOR },
	{ "one algorithm where two are", NALGS, B("\1"), 0, B(""), ASSAY_F_TRUNCATED,
	  "vendorInfo", ALG1 + 1 },
	{ "algorithm twice", ALG1, B("\4\0\24"), 0, B(""), ASSAY_F_DUPLICATE, "algorithmId",
	  ALG1 },
	{ "SHA-256 of 20 bytes", SIZE1, B("\24"), 0, B(""), ASSAY_F_RANGE, "digestSize",
	  SIZE1 },
	{ "unknown algorithm of 0 bytes", ALG0, B("\x77\0\0\0"), 0, B(""), ASSAY_F_RANGE,
	  "digestSize", SIZE0 },
	{ "unknown algorithm of 65 bytes", ALG0, B("\x77\0\x41\0"), 0, B(""), ASSAY_F_RANGE,
	  "digestSize", SIZE0 },
	{ "vendorInfo neither in nor behind the event", VENDOR, B("\xff"), 0, B(""),
	  ASSAY_F_TRUNCATED, "vendorInfo", R1 },
	/* records */
	{ "pcrIndex 24", R2, B("\x18"), 0, B(""), ASSAY_F_RANGE, "pcrIndex", R2 },
	{ "pcrIndex 23", R2, B("\x17"), 0, B(""), ASSAY_F_OK, NULL, 0 },
	{ "pcrIndex 0xffffffff, extended", R2, B("\xff\xff\xff\xff"), 0, B(""), ASSAY_F_RANGE,
	  "pcrIndex", R2 },
	{ "pcrIndex 0xffffffff in EV_NO_ACTION", R1, B("\xff\xff\xff\xff"), 0, B(""),
	  ASSAY_F_OK, NULL, 0 },
	{ "pcrIndex 24 in EV_NO_ACTION", R1, B("\x18"), 0, B(""), ASSAY_F_RANGE, "pcrIndex",
	  R1 },
	{ "record without digests", R2_COUNT, B("\0"), 0, B(""), ASSAY_F_RANGE, "digests.count",
	  R2_COUNT },
	{ "more digests than algorithms", R2_COUNT, B("\3"), 0, B(""), ASSAY_F_LIMIT,
	  "digests.count", R2_COUNT },
	{ "digest of an algorithm not in the header", R2_ALG0, B("\x0c"), 0, B(""),
	  ASSAY_F_RANGE, "hashAlg", R2_ALG0 },
	{ "digest of one algorithm twice", R2_ALG1, B("\4"), 0, B(""), ASSAY_F_DUPLICATE,
	  "hashAlg", R2_ALG1 },
	{ "cut in a digest", 0, B(""), R2_ALG1 + 3, B(""), ASSAY_F_TRUNCATED, "digest",
	  R2_ALG1 + 2 },
	{ "event cut short", 0, B(""), END - 1, B(""), ASSAY_F_TRUNCATED, "event", R2_DATA },
	{ "eventSize above the limit", R2_SIZE, B("\1\0\x40"), 0, B(""), ASSAY_F_LIMIT,
	  "eventSize", R2_SIZE },
	{ "eventSize at the limit", R2_SIZE, B("\0\0\x40"), 0, B(""), ASSAY_F_TRUNCATED,
	  "event", R2_DATA },
	{ "second SpecID event", R1_DATA, B("Spec ID Event03"), 0, B(""), ASSAY_F_DUPLICATE,
	  "signature", R1_DATA },
	{ "second SpecID event of form 02", R1_DATA, B("Spec ID Event02"), 0, B(""),
	  ASSAY_F_DUPLICATE, "signature", R1_DATA },
	/* the end */
	{ "bytes after the log", 0, B(""), 0, B("x"), ASSAY_F_TRUNCATED, "pcrIndex", END },
	{ "zero padding", 0, B(""), 0, B("\0\0\0\0\0"), ASSAY_F_OK, NULL, END },
	{ "0xff padding", 0, B(""), 0, B("\xff\xff\xff\xff\xff\xff\xff\xff\xff"), ASSAY_F_OK,
	  NULL, END },
	{ "zero padding, then a byte", 0, B(""), 0, B("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"),
	  ASSAY_F_RANGE, "digests.count", END + 8 },
	{ "0xff padding, then a byte", 0, B(""), 0, B("\xff\xff\xff\xff\xff\xff\xff\xff\1"),
	  ASSAY_F_RANGE, "pcrIndex", END },
	{ "0xff after 0x00", 0, B(""), 0, B("\0\0\0\0\xff\xff\xff\xff"), ASSAY_F_TRUNCATED,
	  "digests.count", END + 8 },
};

static void check_row(struct build *l, size_t i)
{
	struct assay_err err;
	struct assay_eventlog log = { .index = 77 };
	struct assay_event ev;
	bool at_cut = rows[i].cut > 0;

	base(l);
	memcpy(l->b + rows[i].at, rows[i].bytes, rows[i].nbytes);
	if (at_cut)
		l->n = rows[i].cut == SIZE_MAX ? 0 : rows[i].cut;
	build_bytes(l, rows[i].tail, rows[i].ntail);

	/* an exact copy, so that a sanitizer sees an overread */
	uint8_t *copy = malloc(l->n ? l->n : 1);
	memcpy(copy, l->b, l->n);
	bool opened = assay_eventlog_open(&log, (struct assay_slice){ copy, l->n }, &err);
	while (opened && assay_eventlog_next(&log, &ev))
		;
	bool pass = err.fault == rows[i].want;
	if (rows[i].want != ASSAY_F_OK)
		pass = pass && err.field && strcmp(err.field, rows[i].field) == 0 &&
		       err.offset == rows[i].offset && (opened || log.index == 77);
	else
		pass = pass && opened && log.index == 3 &&
		       log.padded == (rows[i].offset == END) && log.end == END;
	if (!tap_ok(pass, "%s", rows[i].name))
		printf("# got %s %s at %zu\n", assay_fault_word(err.fault),
		       err.field ? err.field : "-", err.offset);
	free(copy);
}

/* The forms that are not "Spec ID Event03", and what is untidy. */
static void check_forms(struct build *l)
{
	struct assay_err err;
	struct assay_eventlog log;
	struct assay_event ev;

	base(l);
	bool ok = assay_eventlog_open(&log, build_log(l), &err);
	tap_ok(ok && log.agile && !log.quirk && log.nalgs == 2 && log.uintnSize == 2 &&
		       strcmp(log.format, "tcg-agile") == 0,
	       "crypto-agile header");
	ok = ok && assay_eventlog_next(&log, &ev) && assay_eventlog_next(&log, &ev);
	tap_ok(ok && ev.index == 1 && ev.offset == R1 && ev.ndigests == 2 &&
		       ev.data_offset == R1_DATA && ev.data.n == 17 &&
		       assay_event_digest(&ev, ASSAY_SHA256).p == l->b + 105 &&
		       assay_event_digest(&ev, ASSAY_SHA384).n == 0,
	       "a record tells where it stands");

	/* TCG_PCR_EVENT alone: the first record is whatever it is. */
	l->n = 0;
	build_le(l, 3, 4);
	build_le(l, (uint32_t)ASSAY_EV_S_CRTM_VERSION, 4);
	build_bytes(l, "01234567890123456789", 20);
	build_le(l, 0, 4);
	ok = assay_eventlog_open(&log, build_log(l), &err) && !log.agile &&
	     assay_eventlog_next(&log, &ev) && ev.data.n == 0 && ev.pcrIndex == 3 &&
	     !assay_eventlog_next(&log, &ev) && err.fault == ASSAY_F_OK;
	tap_ok(ok && strcmp(log.format, "tcg-sha1") == 0, "SHA-1 form, event of 0 bytes");

	for (int form = 0; form < 2; form++) {
		base(l);
		l->b[46] = form ? '2' : '0';
		l->b[28] = 25;
		l->b[56] = 0;
		l->n = 57;
		ok = assay_eventlog_open(&log, build_log(l), &err);
		tap_ok(ok && !log.agile && log.nalgs == 1, "Spec ID Event0%c stays SHA-1 form",
		       form ? '2' : '0');
		l->b[56] = 1;
		ok = assay_eventlog_open(&log, build_log(l), &err);
		tap_ok(!ok && err.fault == ASSAY_F_TRUNCATED && err.offset == 57,
		       "Spec ID Event0%c without its vendorInfo", form ? '2' : '0');
	}
}

static void check_quirks(struct build *l)
{
	struct assay_err err;
	struct assay_eventlog log;
	struct assay_event ev;

	l->n = 0;
	build_header(l);
	l->b[VENDOR] = 4;
	build_bytes(l, "\xde\xad\xbe\xef", 4);
	bool ok = assay_eventlog_open(&log, build_log(l), &err) && log.quirk;
	ok = ok && assay_eventlog_next(&log, &ev) && !assay_eventlog_next(&log, &ev);
	tap_ok(ok && err.fault == ASSAY_F_OK, "vendorInfo behind the event, with a quirk");

	build_event(l, 0, (uint32_t)ASSAY_EV_NO_ACTION, text_of("x"),
		    (struct assay_slice){ 0 });
	tap_ok(!assay_eventlog_open(&log, build_log(l), &err) && err.fault == ASSAY_F_TRUNCATED,
	       "vendorInfo behind the event, with records behind it");

	l->n = 0;
	build_header(l);
	l->b[VENDOR] = 2;
	l->b[28] += 2;
	build_bytes(l, "ab", 2);
	tap_ok(assay_eventlog_open(&log, build_log(l), &err) && !log.quirk,
	       "vendorInfo in the event");
	build_bytes(l, "cd", 2);
	tap_ok(!assay_eventlog_open(&log, build_log(l), &err) || !log.quirk,
	       "vendorInfo in the event and as many bytes behind it");
	l->n -= 2;
	l->b[28] += 1;
	build_bytes(l, "c", 1);
	tap_ok(!assay_eventlog_open(&log, build_log(l), &err) &&
		       err.fault == ASSAY_F_TRAILING && err.offset == 71,
	       "bytes after vendorInfo");

	/* CC event log of OVMF: SHA-384 alone, header on register 1 */
	base(l);
	l->b[0] = 1;
	l->b[28] = 33;
	l->b[NALGS] = 1;
	memcpy(l->b + ALG0, "\x0c\0\x30\0\0", 5);
	l->n = 65;
	tap_ok(assay_eventlog_open(&log, build_log(l), &err) && log.quirk &&
		       log.algs[0].algorithmId == ASSAY_SHA384,
	       "CC event log with its header on register 1");
	l->b[0] = 2;
	tap_ok(!assay_eventlog_open(&log, build_log(l), &err) && err.fault == ASSAY_F_RANGE,
	       "CC event log with its header on register 2");

	base(l);
	l->b[0] = 1;
	memcpy(l->b + ALG0, "\x0c\0\x30\0", 4);
	tap_ok(!assay_eventlog_open(&log, build_log(l), &err) && err.fault == ASSAY_F_RANGE,
	       "SHA-384 and another bank with the header on register 1");
}

int main(void)
{
	static struct build l;

	l.crypto = assay_crypto_new(NULL, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_row(&l, i);
	check_forms(&l);
	check_quirks(&l);
	tap_ok(strcmp(assay_event_type_name(4), "EV_SEPARATOR") == 0 &&
		       strcmp(assay_event_type_name(0x800000e0), "EV_EFI_VARIABLE_AUTHORITY") ==
			       0 &&
		       !assay_event_type_name(2) &&
		       !assay_event_type_name(0x80000004 + 0x10000),
	       "names of event types");
	assay_crypto_free(l.crypto);
	return tap_done();
}
