/* SPDX-License-Identifier: Apache-2.0
 * One row per rule of ima.h and fields.h; the name says which rule. */
#include <assay/evidence/ima.h>
#include <string.h>

#include "core/base/slice.h"
#include "tests/tap.h"

#define IN(s) (s), sizeof(s) - 1
#define PCR "\12\0\0\0"
#define HASH "hhhhhhhhhhhhhhhhhhhh"
#define REC PCR HASH
#define NG REC "\6\0\0\0ima-ng"     /* data length at 34, fields from 38 */
#define SIG REC "\7\0\0\0ima-sig"   /* 35, 39 */
#define V2 REC "\10\0\0\0ima-ngv2"  /* 36, 40 */
#define IMA REC "\3\0\0\0ima"       /* digest at 31, length at 51, name at 55 */
#define DNG "\11\0\0\0sha1:\0abc"   /* 13 bytes */
#define NNG "\3\0\0\0/a\0"          /* 7 bytes */
#define GOOD NG "\24\0\0\0" DNG NNG /* 58 bytes */
#define HEX "6868686868686868686868686868686868686868"
#define HEX32 "6868686868686868686868686868686868686868686868686868686868686868"
#define TEN "0123456789"
#define NAME250                                                                                \
	TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN    \
		TEN TEN TEN TEN
#define OK ASSAY_F_OK

struct row {
	const char *name, *in;
	size_t n, entries; /* read before the fault */
	enum assay_fault want;
	const char *field;
	size_t offset;
};

static const struct row binary[] = {
	{ "an empty list has no entries", IN(""), 0, OK, 0, 0 },
	{ "two entries", IN(GOOD GOOD), 2, OK, 0, 0 },
	{ "pcr cut short", IN("\12\0"), 0, ASSAY_F_TRUNCATED, "pcr", 0 },
	{ "pcr 23", IN("\27\0\0\0" HASH "\6\0\0\0ima-ng\24\0\0\0" DNG NNG), 1, OK, 0, 0 },
	{ "pcr 24", IN("\30\0\0\0" HASH "\6\0\0\0ima-ng\24\0\0\0" DNG NNG), 0, ASSAY_F_RANGE,
	  "pcr", 0 },
	{ "pcr of a big-endian host", IN("\0\0\0\12" HASH), 0, ASSAY_F_RANGE, "pcr", 0 },
	{ "template hash cut short", IN(PCR "hhhh"), 0, ASSAY_F_TRUNCATED, "template_hash", 4 },
	{ "name length cut short", IN(REC "\6\0"), 0, ASSAY_F_TRUNCATED, "template_name_len",
	  24 },
	{ "name of no bytes", IN(REC "\0\0\0\0"), 0, ASSAY_F_RANGE, "template_name_len", 24 },
	{ "name of 255 is read", IN(REC "\377\0\0\0x"), 0, ASSAY_F_TRUNCATED, "template_name",
	  28 },
	{ "name of 256", IN(REC "\0\1\0\0x"), 0, ASSAY_F_LIMIT, "template_name_len", 24 },
	{ "name cut short", IN(REC "\6\0\0\0ima"), 0, ASSAY_F_TRUNCATED, "template_name", 28 },
	{ "offset counts from the list's start", IN(GOOD "\12\0"), 1, ASSAY_F_TRUNCATED, "pcr",
	  58 },

	{ "unknown template", IN(REC "\6\0\0\0ima-nx"), 0, ASSAY_F_UNSUPPORTED, "template_name",
	  28 },
	{ "unknown field", IN(REC "\16\0\0\0d-ng|n-ng|nope"), 0, ASSAY_F_UNSUPPORTED,
	  "template_name", 28 },
	{ "empty last field", IN(REC "\12\0\0\0d-ng|n-ng|"), 0, ASSAY_F_UNSUPPORTED,
	  "template_name", 28 },
	{ "field twice", IN(REC "\16\0\0\0d-ng|n-ng|d-ng"), 0, ASSAY_F_UNSUPPORTED,
	  "template_name", 28 },
	{ "no digest", IN(REC "\10\0\0\0n-ng|buf"), 0, ASSAY_F_UNSUPPORTED, "template_name",
	  28 },
	{ "d-modsig is not the digest", IN(REC "\15\0\0\0d-modsig|n-ng"), 0,
	  ASSAY_F_UNSUPPORTED, "template_name", 28 },
	{ "two digests", IN(REC "\13\0\0\0d-ng|n-ng|d"), 0, ASSAY_F_UNSUPPORTED,
	  "template_name", 28 },
	{ "no name", IN(REC "\10\0\0\0d-ng|buf"), 0, ASSAY_F_UNSUPPORTED, "template_name", 28 },
	{ "two names", IN(REC "\13\0\0\0d-ng|n-ng|n"), 0, ASSAY_F_UNSUPPORTED, "template_name",
	  28 },
	{ "a refused template does not count as known", IN(GOOD REC "\11\0\0\0d-ng|sig|"), 1,
	  ASSAY_F_UNSUPPORTED, "template_name", 86 },
	{ "a field list is a template", IN(REC "\11\0\0\0d-ng|n-ng\24\0\0\0" DNG NNG), 1, OK, 0,
	  0 },
	{ "every other field, empty",
	  IN(REC "\114\0\0\0d-ng|n-ng|sig|buf|d-modsig|modsig|evmsig|xattrnames|xattrlengths|"
		 "xattrvalues"
		 "\64\0\0\0" DNG NNG
		 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	  1, OK, 0, 0 },

	{ "data length cut short", IN(NG "\24"), 0, ASSAY_F_TRUNCATED, "template_data_len",
	  34 },
	{ "data of 1 MiB is read", IN(NG "\0\0\20\0"), 0, ASSAY_F_TRUNCATED, "template_data",
	  38 },
	{ "data above 1 MiB", IN(NG "\1\0\20\0"), 0, ASSAY_F_LIMIT, "template_data_len", 34 },
	{ "data cut short", IN(NG "\24\0\0\0" DNG), 0, ASSAY_F_TRUNCATED, "template_data", 38 },
	{ "bytes after the last field", IN(NG "\25\0\0\0" DNG NNG "x"), 0, ASSAY_F_TRAILING,
	  "template_data", 58 },
	{ "field length cut short", IN(NG "\2\0\0\0\11\0"), 0, ASSAY_F_TRUNCATED, "d-ng", 38 },
	{ "field longer than the data", IN(NG "\15\0\0\0\12\0\0\0sha1:\0abc" NNG), 0,
	  ASSAY_F_TRUNCATED, "d-ng", 42 },
	{ "a field is missing", IN(NG "\15\0\0\0" DNG), 0, ASSAY_F_TRUNCATED, "n-ng", 51 },

	{ "d-ng without NUL", IN(NG "\20\0\0\0\5\0\0\0sha1:" NNG), 0, ASSAY_F_RANGE, "d-ng",
	  42 },
	{ "d-ng without colon", IN(NG "\17\0\0\0\4\0\0\0sha\0" NNG), 0, ASSAY_F_RANGE, "d-ng",
	  42 },
	{ "d-ng without a hash name", IN(NG "\15\0\0\0\2\0\0\0:\0" NNG), 0, ASSAY_F_RANGE,
	  "d-ng", 42 },
	{ "d-ng starts with NUL", IN(NG "\15\0\0\0\2\0\0\0\0:" NNG), 0, ASSAY_F_RANGE, "d-ng",
	  42 },
	{ "d-ng of no bytes", IN(NG "\13\0\0\0\0\0\0\0" NNG), 0, ASSAY_F_RANGE, "d-ng", 42 },
	{ "hash name in capitals", IN(NG "\21\0\0\0\6\0\0\0SHA1:\0" NNG), 0, ASSAY_F_RANGE,
	  "d-ng", 42 },
	{ "d-ngv2's content in d-ng", IN(NG "\25\0\0\0\12\0\0\0ima:sha1:\0" NNG), 0,
	  ASSAY_F_RANGE, "d-ng", 42 },
	{ "d-ng's content in d-ngv2", IN(V2 "\21\0\0\0\6\0\0\0sha1:\0" NNG), 0, ASSAY_F_RANGE,
	  "d-ngv2", 44 },
	{ "d-ngv2 of an unknown type", IN(V2 "\25\0\0\0\12\0\0\0evm:sha1:\0" NNG), 0,
	  ASSAY_F_RANGE, "d-ngv2", 44 },
	{ "d-ngv2 without a hash name", IN(V2 "\21\0\0\0\6\0\0\0ima::\0" NNG), 0, ASSAY_F_RANGE,
	  "d-ngv2", 44 },
	{ "d-ngv2 with the type alone", IN(V2 "\20\0\0\0\5\0\0\0ima:\0" NNG), 0, ASSAY_F_RANGE,
	  "d-ngv2", 44 },
	{ "digest of 64 bytes",
	  IN(NG "\121\0\0\0\106\0\0\0sha1:\0" TEN TEN TEN TEN TEN TEN "1234" NNG), 1, OK, 0,
	  0 },
	{ "digest of 65 bytes",
	  IN(NG "\122\0\0\0\107\0\0\0sha1:\0" TEN TEN TEN TEN TEN TEN "12345" NNG), 0,
	  ASSAY_F_LIMIT, "d-ng", 42 },
	{ "n-ng without NUL", IN(NG "\23\0\0\0" DNG "\2\0\0\0/a"), 0, ASSAY_F_RANGE, "n-ng",
	  55 },
	{ "n-ng with a NUL inside", IN(NG "\25\0\0\0" DNG "\4\0\0\0/\0a\0"), 0, ASSAY_F_RANGE,
	  "n-ng", 55 },
	{ "n-ng with two NULs", IN(NG "\25\0\0\0" DNG "\4\0\0\0/a\0\0"), 0, ASSAY_F_RANGE,
	  "n-ng", 55 },
	{ "n-ng of no bytes", IN(NG "\21\0\0\0" DNG "\0\0\0\0"), 0, ASSAY_F_RANGE, "n-ng", 55 },
	{ "n-ng of its NUL alone", IN(NG "\22\0\0\0" DNG "\1\0\0\0\0"), 1, OK, 0, 0 },

	{ "d of 16 bytes (MD5)", IN(REC "\10\0\0\0d|n-ng\0\0"), 0, ASSAY_F_UNSUPPORTED,
	  "template_name", 28 },
	{ "d|n-ng, 16 bytes", IN(REC "\6\0\0\0d|n-ng\33\0\0\0\20\0\0\0hhhhhhhhhhhhhhhh" NNG), 1,
	  OK, 0, 0 },
	{ "d|n-ng, 20 bytes", IN(REC "\6\0\0\0d|n-ng\37\0\0\0\24\0\0\0" HASH NNG), 1, OK, 0,
	  0 },
	{ "d|n-ng, 19 bytes", IN(REC "\6\0\0\0d|n-ng\36\0\0\0\23\0\0\0hhhhhhhhhhhhhhhhhhh" NNG),
	  0, ASSAY_F_RANGE, "d", 42 },
	{ "d|n by its descriptor has lengths", IN(REC "\3\0\0\0d|n\37\0\0\0\24\0\0\0" HASH NNG),
	  1, OK, 0, 0 },
	{ "iuid of 3 bytes", IN(REC "\16\0\0\0d-ng|n-ng|iuid\33\0\0\0" DNG NNG "\3\0\0\0abc"),
	  0, ASSAY_F_RANGE, "iuid", 70 },
	{ "igid of 2 bytes", IN(REC "\16\0\0\0d-ng|n-ng|igid\32\0\0\0" DNG NNG "\2\0\0\0ab"), 0,
	  ASSAY_F_RANGE, "igid", 70 },
	{ "imode of 4 bytes",
	  IN(REC "\17\0\0\0d-ng|n-ng|imode\34\0\0\0" DNG NNG "\4\0\0\0abcd"), 0, ASSAY_F_RANGE,
	  "imode", 71 },
	{ "iuid of 4, imode of 2 bytes",
	  IN(REC "\24\0\0\0d-ng|n-ng|iuid|imode\42\0\0\0" DNG NNG "\4\0\0\0abcd\2\0\0\0ab"), 1,
	  OK, 0, 0 },
	{ "xattrnames without NUL",
	  IN(REC "\24\0\0\0d-ng|n-ng|xattrnames\32\0\0\0" DNG NNG "\2\0\0\0ab"), 0,
	  ASSAY_F_RANGE, "xattrnames", 76 },
	{ "xattrlengths of 5 bytes",
	  IN(REC "\26\0\0\0d-ng|n-ng|xattrlengths\35\0\0\0" DNG NNG "\5\0\0\0abcde"), 0,
	  ASSAY_F_RANGE, "xattrlengths", 78 },

	{ "template ima", IN(IMA HASH "\2\0\0\0/a"), 1, OK, 0, 0 },
	{ "template ima, digest cut short", IN(IMA "hh"), 0, ASSAY_F_TRUNCATED, "d", 31 },
	{ "template ima, name length cut short", IN(IMA HASH "\2"), 0, ASSAY_F_TRUNCATED, "n",
	  51 },
	{ "template ima, name cut short", IN(IMA HASH "\2\0\0\0/"), 0, ASSAY_F_TRUNCATED, "n",
	  55 },
	{ "template ima, NUL in the name", IN(IMA HASH "\3\0\0\0/a\0"), 0, ASSAY_F_RANGE, "n",
	  55 },
	{ "template ima, name of 255", IN(IMA HASH "\377\0\0\0" NAME250 "12345"), 1, OK, 0, 0 },
	{ "template ima, name of 256", IN(IMA HASH "\0\1\0\0" NAME250 "123456"), 0,
	  ASSAY_F_LIMIT, "n", 55 },
};

#define LINE "10 " HEX " ima-ng sha1:616263 /a\n" /* 70 bytes: fields from 51, 63 */
#define L "10 " HEX " "                           /* template name at 44 */
#define EVM L "d-ng|n-ng|iuid|imode|xattrnames|xattrlengths sha1: /a " /* fields from 98 */

static const struct row ascii[] = {
	{ "an empty list has no entries", IN(""), 0, OK, 0, 0 },
	{ "two lines", IN(LINE LINE), 2, OK, 0, 0 },
	{ "no newline at the end", IN(LINE "10 " HEX " ima-ng sha1:616263 /a"), 1,
	  ASSAY_F_TRUNCATED, "line", 66 },
	{ "carriage return", IN("10 " HEX " ima-ng sha1:616263 /a\r\n"), 0, ASSAY_F_ENCODING,
	  "line", 65 },
	{ "empty line", IN("\n"), 0, ASSAY_F_ENCODING, "pcr", 0 },
	{ "pcr below ten is padded", IN(" 9 " HEX " ima-ng sha1: /a\n"), 1, OK, 0, 0 },
	{ "pcr below ten unpadded", IN("9 " HEX " ima-ng sha1: /a\n"), 0, ASSAY_F_ENCODING,
	  "pcr", 0 },
	{ "pcr with a leading zero", IN("09 " HEX " ima-ng sha1: /a\n"), 0, ASSAY_F_ENCODING,
	  "pcr", 0 },
	{ "pcr padded though two digits", IN(" 10 " HEX " ima-ng sha1: /a\n"), 0,
	  ASSAY_F_ENCODING, "pcr", 1 },
	{ "pcr in letters", IN("1a " HEX " ima-ng sha1: /a\n"), 0, ASSAY_F_ENCODING, "pcr", 0 },
	{ "pcr 24", IN("24 " HEX " ima-ng sha1: /a\n"), 0, ASSAY_F_RANGE, "pcr", 0 },
	{ "line of a pcr alone", IN("10\n"), 0, ASSAY_F_TRUNCATED, "template_hash", 2 },
	{ "template hash of 19 bytes",
	  IN("10 68686868686868686868686868686868686868 ima-ng sha1: /a\n"), 0, ASSAY_F_RANGE,
	  "template_hash", 3 },
	{ "template hash of 41 digits", IN("10 " HEX "6 ima-ng sha1: /a\n"), 0,
	  ASSAY_F_ENCODING, "template_hash", 3 },
	{ "template hash not hex",
	  IN("10 I868686868686868686868686868686868686868 ima-ng sha1: /a\n"), 0,
	  ASSAY_F_ENCODING, "template_hash", 3 },
	{ "template hash in capitals",
	  IN("10 6A68686868686868686868686868686868686868 ima-ng sha1: /a\n"), 0,
	  ASSAY_F_ENCODING, "template_hash", 3 },
	{ "template hash of 32 bytes", IN("10 " HEX32 " ima-ng sha1: /a\n"), 1, OK, 0, 0 },
	{ "template hashes of two sizes", IN(LINE "10 " HEX32 " ima-ng sha1: /a\n"), 1,
	  ASSAY_F_CONFLICT, "template_hash", 69 },
	{ "no template name", IN("10 " HEX "\n"), 0, ASSAY_F_TRUNCATED, "template_name", 43 },
	{ "unknown template", IN(L "not-ima sha1: /a\n"), 0, ASSAY_F_UNSUPPORTED,
	  "template_name", 44 },
	{ "template name of no bytes", IN(L "\n"), 0, ASSAY_F_UNSUPPORTED, "template_name",
	  44 },
	{ "template name of 256", IN(L NAME250 "123456 sha1: /a\n"), 0, ASSAY_F_LIMIT,
	  "template_name", 44 },
	{ "no digest", IN(L "ima-ng\n"), 0, ASSAY_F_TRUNCATED, "d-ng", 50 },
	{ "digest without colon", IN(L "ima-ng 616263 /a\n"), 0, ASSAY_F_ENCODING, "d-ng", 51 },
	{ "digest of nothing", IN(L "ima-ng  /a\n"), 0, ASSAY_F_RANGE, "d-ng", 51 },
	{ "digest of 5 digits", IN(L "ima-ng sha1:61626 /a\n"), 0, ASSAY_F_ENCODING, "d-ng",
	  51 },
	{ "digest not hex", IN(L "ima-ng sha1:6162g3 /a\n"), 0, ASSAY_F_ENCODING, "d-ng", 51 },
	{ "digest of no bytes is visible", IN(L "ima-ng sha1: /a\n"), 1, OK, 0, 0 },
	{ "hash name in capitals", IN(L "ima-ng SHA1: /a\n"), 0, ASSAY_F_RANGE, "d-ng", 51 },
	{ "no name", IN(L "ima-ng sha1:\n"), 0, ASSAY_F_TRUNCATED, "n-ng", 56 },
	{ "name with a NUL", IN(L "ima-ng sha1: /\0a\n"), 0, ASSAY_F_RANGE, "n-ng", 57 },
	{ "one field too many", IN(L "ima-ng sha1: /a b\n"), 0, ASSAY_F_TRAILING, "line", 59 },
	{ "a space too many", IN(L "ima-ng sha1: /a \n"), 0, ASSAY_F_TRAILING, "line", 59 },
	{ "no signature, its space stays", IN(L "ima-sig sha1: /a \n"), 1, OK, 0, 0 },
	{ "no signature, its space is gone", IN(L "ima-sig sha1: /a\n"), 1, OK, 0, 0 },
	{ "no name and no signature", IN(L "ima-sig sha1:\n"), 0, ASSAY_F_TRUNCATED, "n-ng",
	  57 },
	{ "two empty fields, one space", IN(L "d-ng|n-ng|sig|buf sha1: /a \n"), 1, OK, 0, 0 },
	{ "two empty fields, no space", IN(L "d-ng|n-ng|sig|buf sha1: /a\n"), 0,
	  ASSAY_F_TRUNCATED, "sig", 70 },
	{ "no last attribute name", IN(L "d-ng|n-ng|xattrnames sha1: /a\n"), 0,
	  ASSAY_F_TRUNCATED, "xattrnames", 73 },
	{ "signature not hex", IN(L "ima-sig sha1: /a 0g\n"), 0, ASSAY_F_ENCODING, "sig", 61 },
	{ "verity digest", IN(L "ima-ngv2 verity:sha1:61 /a\n"), 1, OK, 0, 0 },
	{ "no digest type", IN(L "ima-ngv2 sha1:61 /a\n"), 0, ASSAY_F_RANGE, "d-ngv2", 53 },
	{ "template ima", IN(L "ima " HEX " /a\n"), 1, OK, 0, 0 },
	{ "template ima, spaces in the name", IN(L "ima " HEX " /a (deleted)\n"), 1, OK, 0, 0 },
	{ "template ima, digest of 19 bytes",
	  IN(L "ima 68686868686868686868686868686868686868 /a\n"), 0, ASSAY_F_RANGE, "d", 48 },
	{ "template ima, MD5", IN(L "ima 68686868686868686868686868686868 /a\n"), 0,
	  ASSAY_F_RANGE, "d", 48 },
	{ "template ima, name of 256", IN(L "ima " HEX " " NAME250 "123456\n"), 0,
	  ASSAY_F_LIMIT, "n", 89 },
	{ "empty numbers and attributes", IN(EVM "   \n"), 1, OK, 0, 0 },
	{ "numbers and attributes", IN(EVM "4294967295 65535 a|b 00000000\n"), 1, OK, 0, 0 },
	{ "iuid above 32 bits", IN(EVM "4294967296 1 a 00\n"), 0, ASSAY_F_ENCODING, "iuid",
	  98 },
	{ "iuid of eleven digits", IN(EVM "00000000001 1 a 00\n"), 0, ASSAY_F_ENCODING, "iuid",
	  98 },
	{ "iuid with a leading zero", IN(EVM "01 1 a 00\n"), 0, ASSAY_F_ENCODING, "iuid", 98 },
	{ "iuid negative", IN(EVM "-1 1 a 00\n"), 0, ASSAY_F_ENCODING, "iuid", 98 },
	{ "imode above 16 bits", IN(EVM "1 65536 a 00\n"), 0, ASSAY_F_ENCODING, "imode", 100 },
	{ "a fault in line two", IN(LINE "10 " HEX " ima-ng SHA1: /a\n"), 1, ASSAY_F_RANGE,
	  "d-ng", 117 },
};

static uint8_t scratch[ASSAY_IMA_DATA_MAX];

static void judge(const char *kind, const struct row *r, size_t entries, bool untouched,
		  const struct assay_err *err)
{
	bool pass =
		entries == r->entries && untouched && err->fault == r->want &&
		(r->want == OK || (!strcmp(err->field, r->field) && err->offset == r->offset));

	if (!tap_ok(pass, "%s: %s", kind, r->name))
		printf("# got %zu entries, %s %s at %zu\n", entries,
		       assay_fault_word(err->fault), err->field ? err->field : "-",
		       err->offset);
}

static void list_row(const char *kind, const struct row *r, bool text)
{
	struct assay_slice in = { (const uint8_t *)r->in, r->n };
	struct assay_ima_entry e = { .index = 77 };
	struct assay_err err;
	struct assay_ima ima;
	size_t n = 0, end = 0;
	bool whole = true;

	if (text ? assay_ima_open_ascii(&ima, in, scratch, sizeof scratch, &err)
		 : assay_ima_open(&ima, in, &err)) {
		while (assay_ima_next(&ima, &e)) {
			whole = whole && e.index == n && e.offset == end && e.pcr < ASSAY_PCRS;
			n++;
			end = e.offset + e.size;
		}
		/* *out is written on success alone, and the fault stays */
		whole = whole && e.index == (n ? n - 1 : 77) && !assay_ima_next(&ima, &e) &&
			(err.fault != OK || end == in.n);
	}
	judge(kind, r, n, whole, &err);
}

/* One entry of a list that must be read. */
static struct assay_ima_entry entry(struct assay_ima *ima, const char *in, size_t n, bool text)
{
	struct assay_slice list = { (const uint8_t *)in, n };
	struct assay_ima_entry e = { .index = 77 };
	static struct assay_err err;

	bool ok = text ? assay_ima_open_ascii(ima, list, scratch, sizeof scratch, &err)
		       : assay_ima_open(ima, list, &err);
	if (!ok || !assay_ima_next(ima, &e))
		printf("# %s %s\n", assay_fault_word(err.fault), err.field ? err.field : "-");
	return e;
}

static void contents(void)
{
	struct assay_ima ima;
	struct assay_ima_entry e = entry(&ima, IN(GOOD), false);

	tap_ok(e.pcr == 10 && e.size == 58 && slice_is(e.template_hash, HASH) && !e.violation &&
		       slice_is(e.template_name, "ima-ng") && !e.legacy && e.data.n == 20 &&
		       e.template_alg == ASSAY_SHA1,
	       "binary: the record");
	tap_ok(e.has_digest && e.digest_alg == ASSAY_SHA1 &&
		       slice_is(e.digest_alg_name, "sha1") && slice_is(e.digest, "abc") &&
		       slice_is(e.name, "/a") && !e.verity && !e.has_buf && e.sig.n == 0,
	       "binary: ima-ng's fields");

	struct assay_slice data = e.data;
	e = entry(&ima, IN(LINE), true);
	tap_ok(slice_eq(e.data, data) && slice_is(e.template_hash, HASH) &&
		       slice_is(e.digest, "abc") && slice_is(e.name, "/a") &&
		       e.template_alg == ASSAY_SHA1,
	       "ascii: rebuilds the data that the binary list has");

	e = entry(&ima, IN(IMA HASH "\2\0\0\0/a"), false);
	data = e.data;
	tap_ok(e.legacy && e.digest_alg == ASSAY_SHA1 && slice_is(e.digest, HASH) &&
		       slice_is(e.name, "/a") && data.n == 26 && e.size == 57,
	       "binary: template ima");
	e = entry(&ima, IN(L "ima " HEX " /a\n"), true);
	tap_ok(e.legacy && slice_eq(e.data, data) && slice_is(e.name, "/a"),
	       "ascii: template ima");

	e = entry(&ima, IN(L "ima-sigv2 verity:sha256:00 /a 0305\n"), true);
	tap_ok(e.verity && e.digest_alg == ASSAY_SHA256 && e.digest.n == 1 &&
		       slice_is(e.sig, "\3\5"),
	       "ascii: d-ngv2 and sig");
	e = entry(&ima, IN(L "ima-sigv2 ima:sha256:00 /a \n"), true);
	tap_ok(!e.verity && e.digest_alg == ASSAY_SHA256, "ascii: d-ngv2 of a file");
	e = entry(&ima, IN(L "ima-buf sha256:00 .ima 6162\n"), true);
	tap_ok(e.has_buf && slice_is(e.buf, "ab"), "ascii: buf");
	e = entry(&ima, IN(L "ima-modsig sha256:00 /a 0305 sha1:00 6162\n"), true);
	tap_ok(e.digest_alg == ASSAY_SHA256 && slice_is(e.sig, "\3\5"),
	       "ascii: d-modsig is not the file's digest");
	e = entry(&ima, IN(L "ima-ng wp512:00 /a\n"), true);
	tap_ok(e.has_digest && e.digest_alg == 0 && slice_is(e.digest_alg_name, "wp512") &&
		       e.digest.n == 1,
	       "a hash unknown to assay keeps its name");
	e = entry(&ima, IN(L "ima-ng sm3:00 /a\n"), true);
	tap_ok(e.digest_alg == ASSAY_SM3_256, "the kernel's names of hashes");
	e = entry(&ima, IN(L "d|n-ng 68686868686868686868686868686868 /a\n"), true);
	tap_ok(e.has_digest && e.digest_alg == 0 && e.digest.n == 16, "d of 16 bytes is MD5");
	e = entry(&ima, IN("10 0000000000000000000000000000000000000000 ima-ng sha1: /a\n"),
		  true);
	tap_ok(e.violation && slice_is(e.name, "/a"),
	       "a template hash of zeros is a violation");
	e = entry(&ima, IN(L "d-ng|n-ng|iuid|imode sha1: /a 258 3\n"), true);
	tap_ok(e.data.n > 14 &&
		       !memcmp(e.data.p + e.data.n - 14, "\4\0\0\0\2\1\0\0\2\0\0\0\3\0", 14),
	       "ascii: numbers become little-endian");
}

static void opening(void)
{
	static uint8_t one[ASSAY_IMA_DATA_MAX];
	struct assay_ima ima;
	struct assay_ima_entry e;
	struct assay_err err;
	struct assay_slice two = { (const uint8_t *)GOOD GOOD, 116 };

	/* never read: the size alone is judged */
	tap_ok(!assay_ima_open(&ima, (struct assay_slice){ one, ASSAY_IMA_MAX + 1ul }, &err) &&
		       err.fault == ASSAY_F_LIMIT && !strcmp(err.field, "list"),
	       "a list above the limit");
	tap_ok(!assay_ima_open_alg(&ima, two, 0x7777, &err) &&
		       err.fault == ASSAY_F_UNSUPPORTED &&
		       !strcmp(err.field, "template_hash") && !assay_ima_next(&ima, &e),
	       "a list of an unknown hash");
	tap_ok(assay_ima_open(&ima, two, &err), "opens");
	ima.at = 58;
	ima.index = 1;
	tap_ok(assay_ima_next(&ima, &e) && e.index == 1 && e.offset == 58 &&
		       !assay_ima_next(&ima, &e) && err.fault == OK,
	       "goes on from a record read before");

	struct assay_slice sha256 = { (const uint8_t *)PCR "hhhhhhhhhhhh" HASH
							   "\6\0\0\0ima-ng\24\0\0\0" DNG NNG,
				      70 };
	tap_ok(assay_ima_open_alg(&ima, sha256, ASSAY_SHA256, &err) &&
		       assay_ima_next(&ima, &e) && e.template_hash.n == 32 &&
		       e.template_alg == ASSAY_SHA256 && e.size == 70,
	       "a list of SHA-256 template hashes");

	struct assay_slice line = { (const uint8_t *)LINE, sizeof LINE - 1 };
	tap_ok(assay_ima_open_ascii(&ima, line, one, 19, &err) && !assay_ima_next(&ima, &e) &&
		       err.fault == ASSAY_F_MEMORY && !strcmp(err.field, "template_data"),
	       "scratch too small by one byte");
	tap_ok(assay_ima_open_ascii(&ima, line, one, 20, &err) && assay_ima_next(&ima, &e),
	       "scratch just large enough");
	tap_ok(assay_ima_open_ascii(&ima, line, NULL, 0, &err) && !assay_ima_next(&ima, &e) &&
		       err.fault == ASSAY_F_MEMORY,
	       "no scratch");
}

static void long_line(void)
{
	static uint8_t line[ASSAY_IMA_DATA_MAX + 128];
	static const char head[] = "10 " HEX " ima-ng sha1: ";
	struct assay_slice in = { line, 0 };
	struct assay_ima_entry e;
	struct assay_ima ima;
	struct assay_err err;
	size_t n = ASSAY_IMA_DATA_MAX - 4 - 6 - 4 - 1; /* of the longest name */

	memcpy(line, head, sizeof head - 1);
	memset(line + sizeof head - 1, 'x', n + 1);
	line[sizeof head - 1 + n] = '\n';
	in.n = sizeof head + n;
	tap_ok(assay_ima_open_ascii(&ima, in, scratch, sizeof scratch, &err) &&
		       assay_ima_next(&ima, &e) && e.data.n == ASSAY_IMA_DATA_MAX &&
		       e.name.n == n,
	       "ascii: data of 1 MiB");
	line[in.n - 1] = 'x';
	line[in.n++] = '\n';
	tap_ok(assay_ima_open_ascii(&ima, in, scratch, sizeof scratch, &err) &&
		       !assay_ima_next(&ima, &e) && err.fault == ASSAY_F_LIMIT &&
		       !strcmp(err.field, "template_data"),
	       "ascii: data above 1 MiB");
}

static void unbound(void)
{
	static const char zero[20];
	uint8_t list[58 * 3];
	struct assay_range r[4] = { { 77, 77 }, { 77, 77 }, { 77, 77 }, { 77, 77 } };
	struct assay_err err;

	for (size_t i = 0; i < 3; i++)
		memcpy(list + 58 * i, GOOD, 58);
	memcpy(list + 58 + 4, zero, 20);
	struct assay_slice in = { list, sizeof list };
	tap_ok(assay_ima_unbound(in, r, 3, &err) == 4 && r[0].offset == 28 && r[0].n == 6 &&
		       r[1].offset == 86 && r[1].n == 6 && r[2].offset == 96 && r[2].n == 20 &&
		       r[3].n == 77,
	       "unbound: template names, and all data of a violation");
	in.n--;
	tap_ok(assay_ima_unbound(in, r, 4, &err) == 0 && err.fault == ASSAY_F_TRUNCATED,
	       "unbound: a list that cannot be read");
	in.n = 0;
	tap_ok(assay_ima_unbound(in, r, 4, &err) == 0 && err.fault == OK,
	       "unbound: an empty list");
}

int main(void)
{
	for (size_t i = 0; i < sizeof binary / sizeof *binary; i++)
		list_row("binary", &binary[i], false);
	for (size_t i = 0; i < sizeof ascii / sizeof *ascii; i++)
		list_row("ascii", &ascii[i], true);
	contents();
	opening();
	long_line();
	unbound();
	return tap_done();
}
