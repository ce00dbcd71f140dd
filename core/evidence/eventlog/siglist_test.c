/* SPDX-License-Identifier: Apache-2.0
 * EFI_SIGNATURE_LIST and device paths: one row per rule. */
#include "core/base/slice.h"
#include "tests/tap.h"
#include <assay/evidence/eventlog.h>

#define B(s)                                                                                   \
	{                                                                                      \
		(const uint8_t *)s, sizeof(s) - 1                                              \
	}
#define GUID "0123456789abcdef"
#define OWNER "ABCDEFGHIJKLMNOP"
/* one list of two signatures of 4 bytes */
#define TWO                                                                                    \
	GUID "\x44\0\0\0"                                                                      \
	     "\0\0\0\0"                                                                        \
	     "\x14\0\0\0" OWNER "1111" OWNER "2222"
#define NONE                                                                                   \
	GUID "\x1c\0\0\0"                                                                      \
	     "\0\0\0\0"                                                                        \
	     "\0\0\0\0"
/* a list with a header of 2 bytes and one signature of 1 byte */
#define HEADED                                                                                 \
	GUID "\x2f\0\0\0"                                                                      \
	     "\2\0\0\0"                                                                        \
	     "\x11\0\0\0"                                                                      \
	     "hh" OWNER "3"

static const struct {
	const char *name;
	struct assay_slice in;
	size_t n; /* signatures read */
	const char *last;
	enum assay_fault want;
	const char *field;
	size_t offset;
} rows[] = {
	{ "no list", B(""), 0, NULL, ASSAY_F_OK, NULL, 0 },
	{ "two signatures", B(TWO), 2, "2222", ASSAY_F_OK, NULL, 0 },
	{ "list without signatures", B(NONE), 0, NULL, ASSAY_F_OK, NULL, 0 },
	{ "four lists", B(TWO NONE HEADED NONE), 3, "3", ASSAY_F_OK, NULL, 0 },
	{ "cut in the type", B("0123"), 0, NULL, ASSAY_F_TRUNCATED, "SignatureType", 0 },
	{ "list shorter than its header",
	  B(GUID "\x1b\0\0\0"
		 "\0\0\0\0"
		 "\0\0\0\0"),
	  0, NULL, ASSAY_F_RANGE, "SignatureListSize", 16 },
	{ "list longer than the input",
	  B(GUID "\x1d\0\0\0"
		 "\0\0\0\0"
		 "\0\0\0\0"),
	  0, NULL, ASSAY_F_TRUNCATED, "SignatureListSize", 16 },
	{ "second list longer than the input",
	  B(TWO GUID "\xff\xff\xff\xff"
		     "\0\0\0\0"
		     "\0\0\0\0"),
	  2, "2222", ASSAY_F_TRUNCATED, "SignatureListSize", 68 + 16 },
	{ "header longer than the list",
	  B(GUID "\x1c\0\0\0"
		 "\1\0\0\0"
		 "\0\0\0\0"),
	  0, NULL, ASSAY_F_RANGE, "SignatureHeaderSize", 20 },
	{ "signature without data",
	  B(GUID "\x2c\0\0\0"
		 "\0\0\0\0"
		 "\x10\0\0\0" OWNER),
	  0, NULL, ASSAY_F_RANGE, "SignatureSize", 24 },
	{ "signature of no size",
	  B(GUID "\x2c\0\0\0"
		 "\0\0\0\0"
		 "\0\0\0\0" OWNER),
	  0, NULL, ASSAY_F_RANGE, "SignatureSize", 24 },
	{ "signatures do not fill the list",
	  B(GUID "\x2e\0\0\0"
		 "\0\0\0\0"
		 "\x11\0\0\0" OWNER "11"),
	  0, NULL, ASSAY_F_RANGE, "SignatureSize", 24 },
	{ "zero bytes behind the lists", B(TWO "\0\0\0\0"), 2, "2222", ASSAY_F_TRUNCATED,
	  "SignatureType", 68 },
};

static const struct {
	const char *name;
	struct assay_slice in, want;
} paths[] = {
	{ "no path", B(""), B("") },
	{ "file",
	  B("\2\1\x0c\0"
	    "01234567"
	    "\4\4\x0a\0"
	    "a\0b\0\0\0"
	    "\x7f\xff\4\0"),
	  B("a\0b\0") },
	{ "the last of two files",
	  B("\4\4\x06\0"
	    "a\0"
	    "\4\4\x06\0"
	    "b\0"
	    "\x7f\xff\4\0"),
	  B("b\0") },
	{ "no file",
	  B("\4\1\x06\0"
	    "a\0"
	    "\x7f\xff\4\0"),
	  B("") },
	{ "without its end node",
	  B("\4\4\x06\0"
	    "a\0"),
	  B("a\0") },
	{ "node shorter than its header",
	  B("\4\4\x06\0"
	    "a\0"
	    "\4\4\3\0"),
	  B("") },
	{ "node longer than the path",
	  B("\4\4\x06\0"
	    "a\0"
	    "\4\4\xff\0"),
	  B("") },
	{ "odd length",
	  B("\4\4\x07\0"
	    "a\0b"
	    "\x7f\xff\4\0"),
	  B("") },
	{ "empty name",
	  B("\4\4\x06\0"
	    "\0\0"
	    "\x7f\xff\4\0"),
	  B("") },
};

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_siglist sig = { 0 };
		struct assay_err err;
		size_t at = 0, inner = 0, n = 0;

		while (assay_siglist_next(rows[i].in, &at, &inner, &sig, &err))
			n++;
		bool pass = n == rows[i].n && err.fault == rows[i].want;
		if (rows[i].want != ASSAY_F_OK)
			pass = pass && strcmp(err.field, rows[i].field) == 0 &&
			       err.offset == rows[i].offset;
		if (rows[i].last)
			pass = pass && slice_is(sig.data, rows[i].last) &&
			       slice_is(sig.owner, OWNER) && slice_is(sig.type, GUID);
		if (!tap_ok(pass, "signature list: %s", rows[i].name))
			printf("# got %zu, %s %s at %zu\n", n, assay_fault_word(err.fault),
			       err.field ? err.field : "-", err.offset);
	}
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		tap_ok(slice_eq(assay_device_path_file(paths[i].in), paths[i].want),
		       "device path: %s", paths[i].name);
	return tap_done();
}
