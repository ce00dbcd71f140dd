/* SPDX-License-Identifier: Apache-2.0
 * One row per rule of pcrs.txt (docs/formats/bundle.md). */
#include "core/base/slice.h"
#include "tests/file.h"
#include "tests/tap.h"
#include <assay/evidence/bundle.h>

#define D20 "0123456789abcdefABCDEF0123456789abcdef01"
#define D32 D20 "000000000000000000000000"
#define D64 D32 D32
#define B17(x)                                                                                 \
	x("a") x("b") x("c") x("d") x("e") x("f") x("g") x("h") x("i") x("j") x("k") x("l")    \
		x("m") x("n") x("o") x("p") x("q")
#define BANK(c) "  x" c ":\n"

static const struct {
	const char *name, *in;
	enum assay_fault want;
	const char *field;
	size_t offset;
	size_t n;
	uint32_t known; /* of the last bank */
} rows[] = {
	{ "one bank", "  sha1:\n    0 : 0x" D20 "\n", ASSAY_F_OK, 0, 0, 1, 1 },
	{ "two digit index", "  sha1:\n    23: 0x" D20 "\n", ASSAY_F_OK, 0, 0, 1, 1 << 23 },
	{ "two banks, any order of PCRs",
	  "  sha1:\n    0 : 0x" D20 "\n  sha256:\n    9 : 0x" D32 "\n    1 : 0x" D32 "\n",
	  ASSAY_F_OK, 0, 0, 2, 0x202 },
	{ "bank without PCRs", "  sha256:\n  sha384:\n", ASSAY_F_OK, 0, 0, 2, 0 },
	{ "tpm2-tools 4, without indentation", "sha1:\n  0 : 0x" D20 "\n", ASSAY_F_OK, 0, 0, 1,
	  1 },
	{ "unknown bank is passed over", "  sm9:\n    7 : 0x00\n  sha1:\n    2 : 0x" D20 "\n",
	  ASSAY_F_OK, 0, 0, 1, 4 },
	{ "unknown bank alone", "  sm9:\n    7 : 0x" D64 "\n", ASSAY_F_OK, 0, 0, 0, 0 },
	{ "nothing", "", ASSAY_F_MISSING, "bank", 0, 0, 0 },
	{ "no newline at the end", "  sha1:\n    0 : 0x" D20, ASSAY_F_TRUNCATED, "newline", 58,
	  0, 0 },
	{ "empty line", "  sha1:\n\n", ASSAY_F_ENCODING, "indentation", 8, 0, 0 },
	{ "empty line first", "\n", ASSAY_F_TRUNCATED, "bank", 0, 0, 0 },
	{ "indentation of one", " sha1:\n", ASSAY_F_ENCODING, "indentation", 0, 0, 0 },
	{ "indentation of four", "    sha1:\n", ASSAY_F_ENCODING, "indentation", 0, 0, 0 },
	{ "indentation changes", "  sha1:\nsha256:\n", ASSAY_F_ENCODING, "indentation", 8, 0,
	  0 },
	{ "PCR indented by three", "  sha1:\n     0 : 0x" D20 "\n", ASSAY_F_ENCODING,
	  "indentation", 8, 0, 0 },
	{ "tab", "\tsha1:\n", ASSAY_F_ENCODING, "bank", 0, 0, 0 },
	{ "PCR before any bank", "  0 : 0x" D20 "\n", ASSAY_F_ENCODING, "bank", 2, 0, 0 },
	{ "bank without a colon", "  sha1\n", ASSAY_F_ENCODING, "bank", 2, 0, 0 },
	{ "bank without a name", "  :\n", ASSAY_F_ENCODING, "bank", 2, 0, 0 },
	{ "bank in upper case", "  SHA1:\n", ASSAY_F_ENCODING, "bank", 2, 0, 0 },
	{ "space after the bank", "  sha1: \n", ASSAY_F_ENCODING, "bank", 2, 0, 0 },
	{ "carriage return", "  sha1:\r\n", ASSAY_F_ENCODING, "bank", 2, 0, 0 },
	{ "escape in a bank", "  sh\x1b:\n", ASSAY_F_ENCODING, "bank", 2, 0, 0 },
	{ "bank twice", "  sha1:\n  sha1:\n", ASSAY_F_DUPLICATE, "bank", 10, 0, 0 },
	{ "unknown bank twice", "  sm9:\n  sha1:\n  sm9:\n", ASSAY_F_DUPLICATE, "bank", 17, 0,
	  0 },
	{ "more banks than asked for", "  sha1:\n  sha256:\n  sha384:\n  sha512:\n  sm3_256:\n",
	  ASSAY_F_LIMIT, "bank", 40, 0, 0 },
	{ "17 unknown banks", B17(BANK), ASSAY_F_LIMIT, "bank", 98, 0, 0 },
	{ "PCR 24", "  sha1:\n    24: 0x" D20 "\n", ASSAY_F_RANGE, "pcr", 12, 0, 0 },
	{ "PCR 99", "  sha1:\n    99: 0x" D20 "\n", ASSAY_F_RANGE, "pcr", 12, 0, 0 },
	{ "PCR 100", "  sha1:\n    100: 0x" D20 "\n", ASSAY_F_ENCODING, "pcr", 12, 0, 0 },
	{ "PCR 07", "  sha1:\n    07: 0x" D20 "\n", ASSAY_F_CANONICAL, "pcr", 12, 0, 0 },
	{ "PCR x", "  sha1:\n    x : 0x" D20 "\n", ASSAY_F_ENCODING, "pcr", 12, 0, 0 },
	{ "PCR 1x", "  sha1:\n    1x: 0x" D20 "\n", ASSAY_F_ENCODING, "pcr", 12, 0, 0 },
	{ "no colon", "  sha1:\n    1 = 0x" D20 "\n", ASSAY_F_ENCODING, "pcr", 12, 0, 0 },
	{ "no space", "  sha1:\n    1 :0x" D20 "\n", ASSAY_F_ENCODING, "pcr", 12, 0, 0 },
	{ "index cut", "  sha1:\n    1 :\n", ASSAY_F_TRUNCATED, "pcr", 12, 0, 0 },
	{ "PCR twice", "  sha1:\n    1 : 0x" D20 "\n    1 : 0x" D20 "\n", ASSAY_F_DUPLICATE,
	  "pcr", 63, 0, 0 },
	{ "PCR of an unknown bank twice", "  sm9:\n    1 : 0x00\n    1 : 0x00\n",
	  ASSAY_F_DUPLICATE, "pcr", 24, 0, 0 },
	{ "value without 0x", "  sha1:\n    1 : " D20 "\n", ASSAY_F_ENCODING, "value", 16, 0,
	  0 },
	{ "value of another bank", "  sha1:\n    1 : 0x" D32 "\n", ASSAY_F_RANGE, "value", 16,
	  0, 0 },
	{ "value one digit short", "  sm9:\n    1 : 0x000\n", ASSAY_F_ENCODING, "value", 15, 0,
	  0 },
	{ "no value", "  sm9:\n    1 : 0x\n", ASSAY_F_RANGE, "value", 15, 0, 0 },
	{ "value of an unknown bank above 64 bytes", "  sm9:\n    1 : 0x" D64 "00\n",
	  ASSAY_F_RANGE, "value", 15, 0, 0 },
	{ "value is not hex", "  sm9:\n    1 : 0x0g\n", ASSAY_F_ENCODING, "value", 15, 0, 0 },
	{ "space after the value", "  sm9:\n    1 : 0x00 \n", ASSAY_F_ENCODING, "value", 15, 0,
	  0 },
};

static struct assay_bank banks[4];
static uint32_t known[4];

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_err err;
		size_t n = 77;
		bool ok = assay_pcrs_read(slice_str(rows[i].in), banks, known, 4, &n, &err);
		bool pass = ok == (rows[i].want == ASSAY_F_OK) && err.fault == rows[i].want;

		if (pass && ok)
			pass = n == rows[i].n && (n == 0 || known[n - 1] == rows[i].known);
		else if (pass)
			pass = n == 77 && !strcmp(err.field, rows[i].field) &&
			       err.offset == rows[i].offset;
		if (!tap_ok(pass, "%s", rows[i].name))
			printf("# got %s %s at %zu, %zu banks\n", assay_fault_word(err.fault),
			       err.field ? err.field : "-", err.offset, n);
	}
}

static void test_real(void)
{
	struct assay_slice in = test_file("tests/evidence/clean-a/pcrs.txt");
	struct assay_err err;
	size_t n = 0;
	static const uint8_t ones[48] = { 0xff, 0xff, 0xff };

	tap_ok(in.p && assay_pcrs_read(in, banks, known, 4, &n, &err) && n == 4 &&
		       banks[3].alg == ASSAY_SHA512 && banks[0].alg == ASSAY_SHA1 &&
		       banks[1].alg == ASSAY_SHA256 && banks[2].alg == ASSAY_SHA384 &&
		       banks[1].size == 32 && known[0] == 0xffffff && known[1] == 0xffffff &&
		       known[2] == 0xffffff && known[3] == 0,
	       "clean-a: four banks, the last without PCRs");
	tap_ok(!memcmp(banks[1].value[0], "\x90\x04\x0f\xde", 4) &&
		       !memcmp(banks[0].value[9] + 16, "\x0a\x0e\x8e\x83", 4) &&
		       !memcmp(banks[2].value[17], ones, 3) && banks[2].extended == 0,
	       "clean-a: values");
	free((void *)(uintptr_t)in.p);
}

int main(void)
{
	test_rows();
	test_real();
	return tap_done();
}
