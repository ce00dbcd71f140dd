/* SPDX-License-Identifier: Apache-2.0
 * One row per rule of a receipt's contents; the name says which rule. */
#include "core/base/slice.h"
#include "core/receipt/contents.h"
#include "tests/receipt_sample.h"
#include "tests/rows.h"

static bool read(struct assay_slice in, struct assay_err *err, bool *untouched)
{
	static struct assay_receipt r;

	memset(&r, 0x55, sizeof r);
	bool ok = receipt_read(in, &r, err);
	*untouched = slice_all((struct assay_slice){ (const uint8_t *)&r, sizeof r }, 0x55);
	return ok;
}

/*      offset 0 array, 1 version, 2 generation, 3 issued, 4 ends, 5 good-until, 14 heard,
 *      15 resetCount, 16 clock, 19 pcrs, 20 alg, 21 mask, 22 values, 56 ima, 57 bank, 58 alg,
 *      59 index, 60 pcr10, 94 deviations, 95 deviation, 96 reason, 102 index, 103 alg,
 *      104 digest */
#define H32 "0123456789abcdef0123456789abcdef"
#define B32 "\x58\x20" H32
#define TOP "\x8b\x01\x07"
#define NEVER "\x1b\xff\xff\xff\xff\xff\xff\xff\xff"
#define TIMES "\x0a\x0b" NEVER "\x05"
#define TPM "\x03\x19\x03\xe8"
#define HEAD TOP TIMES TPM
#define PCRS "\x83\x0b\x01" B32
#define BANK "\x83\x0b\x04" B32
#define IMA "\x81" BANK
#define DEV                                                                                    \
	"\x84\x65"                                                                             \
	"a.b-1"                                                                                \
	"\x09\x0b" B32
#define FRONT HEAD PCRS IMA

/* clang-format off */
static const struct row rows[] = {
	{ "all of it", IN(FRONT "\x81" DEV), READS },
	{ "no list, no deviations", IN(HEAD PCRS "\x80\x80"), READS },
	{ "two banks, ascending", IN(HEAD PCRS "\x82\x83\x04\x04\x54" "0123456789abcdef0123" BANK "\x80"), READS },
	{ "two deviations of one entry", IN(FRONT "\x82" DEV "\x84\x63" "a.c" "\x09\x0b" B32), READS },
	{ "two that differ in the digest", IN(FRONT "\x82" DEV "\x84\x65" "a.b-1" "\x09\x0b\x58\x20" "1123456789abcdef0123456789abcdef"), READS },
	{ "two that differ in the hash", IN(FRONT "\x82" DEV "\x84\x65" "a.b-1" "\x09\x18\x27" B32), READS },
	{ "a life of a day", IN(TOP "\x0a\x1a\x05\x26\x5c\x0a" NEVER "\x05" TPM PCRS "\x80\x80"), READS },
	{ "empty input", IN(""), ASSAY_F_TRUNCATED, "receipt", 0 },
	{ "ten items", IN("\x8a"), ASSAY_F_MISSING, "receipt", 0 },
	{ "twelve items", IN("\x8c"), ASSAY_F_LIMIT, "receipt", 0 },
	{ "another version", IN("\x8b\x02\x07" TIMES), ASSAY_F_UNSUPPORTED, "version", 1 },
	{ "generation is negative", IN("\x8b\x01\x20"), ASSAY_F_UNSUPPORTED, "generation", 2 },
	{ "issued in more bytes than needed", IN(TOP "\x18\x0a"), ASSAY_F_CANONICAL, "issued", 3 },
	{ "ends when it begins", IN(TOP "\x0a\x0a"), ASSAY_F_RANGE, "ends", 4 },
	{ "ends before it begins", IN(TOP "\x0a\x09"), ASSAY_F_RANGE, "ends", 4 },
	{ "a life of a day and a millisecond", IN(TOP "\x0a\x1a\x05\x26\x5c\x0b"), ASSAY_F_RANGE, "ends", 4 },
	{ "good-until is text", IN(TOP "\x0a\x0b\x60"), ASSAY_F_UNSUPPORTED, "good-until", 5 },
	{ "heard is text", IN(TOP "\x0a\x0b" NEVER "\x60"), ASSAY_F_UNSUPPORTED, "heard", 14 },
	{ "resetCount of 33 bits", IN(TOP TIMES "\x1b\x00\x00\x00\x01\x00\x00\x00\x00"), ASSAY_F_RANGE, "resetCount", 15 },
	{ "clock cut short", IN(TOP TIMES "\x03\x19\x03"), ASSAY_F_TRUNCATED, "clock", 16 },
	{ "pcrs of two items", IN(HEAD "\x82"), ASSAY_F_MISSING, "pcrs", 19 },
	{ "pcrs of an unknown bank", IN(HEAD "\x83\x0a"), ASSAY_F_UNSUPPORTED, "pcrs.alg", 20 },
	{ "pcrs of a bank of 17 bits", IN(HEAD "\x83\x1a\x00\x01\x00\x0b"), ASSAY_F_RANGE, "pcrs.alg", 20 },
	{ "no PCR", IN(HEAD "\x83\x0b\x00\x40"), ASSAY_F_RANGE, "pcrs.mask", 21 },
	{ "PCR 10 among them", IN(HEAD "\x83\x0b\x19\x04\x00" B32), ASSAY_F_RANGE, "pcrs.mask", 21 },
	{ "PCR 24", IN(HEAD "\x83\x0b\x1a\x01\x00\x00\x00" B32), ASSAY_F_RANGE, "pcrs.mask", 21 },
	{ "a value too few", IN(HEAD "\x83\x0b\x03" B32), ASSAY_F_RANGE, "pcrs.values", 22 },
	{ "a value too many", IN(HEAD "\x83\x0b\x01\x58\x40" H32 H32), ASSAY_F_RANGE, "pcrs.values", 22 },
	{ "values of another bank's size", IN(HEAD "\x83\x04\x01" B32), ASSAY_F_RANGE, "pcrs.values", 22 },
	{ "five banks", IN(HEAD PCRS "\x85"), ASSAY_F_LIMIT, "ima", 56 },
	{ "a bank of two items", IN(HEAD PCRS "\x81\x82"), ASSAY_F_MISSING, "ima.bank", 57 },
	{ "an unknown bank", IN(HEAD PCRS "\x81\x83\x00"), ASSAY_F_UNSUPPORTED, "ima.alg", 58 },
	{ "a bank twice", IN(HEAD PCRS "\x82" BANK BANK), ASSAY_F_DUPLICATE, "ima.alg", 95 },
	{ "banks that descend", IN(HEAD PCRS "\x82" BANK "\x83\x04"), ASSAY_F_CANONICAL, "ima.alg", 95 },
	{ "an index below zero", IN(HEAD PCRS "\x81\x83\x0b\x20"), ASSAY_F_UNSUPPORTED, "ima.index", 59 },
	{ "PCR 10 of another size", IN(HEAD PCRS "\x81\x83\x0b\x04\x41\x00"), ASSAY_F_RANGE, "ima.pcr10", 60 },
	{ "257 deviations", IN(FRONT "\x99\x01\x01"), ASSAY_F_LIMIT, "deviations", 94 },
	{ "a deviation of three items", IN(FRONT "\x81\x83"), ASSAY_F_MISSING, "deviation", 95 },
	{ "a reason of no letters", IN(FRONT "\x81\x84\x60"), ASSAY_F_RANGE, "deviation.reason", 96 },
	{ "a reason with a space", IN(FRONT "\x81\x84\x63" "a b"), ASSAY_F_RANGE, "deviation.reason", 96 },
	{ "a reason with a capital", IN(FRONT "\x81\x84\x63" "a.B"), ASSAY_F_RANGE, "deviation.reason", 96 },
	{ "a reason with a brace", IN(FRONT "\x81\x84\x63" "a.{"), ASSAY_F_RANGE, "deviation.reason", 96 },
	{ "a reason with a colon", IN(FRONT "\x81\x84\x63" "a.:"), ASSAY_F_RANGE, "deviation.reason", 96 },
	{ "a reason with a slash", IN(FRONT "\x81\x84\x63" "a/b"), ASSAY_F_RANGE, "deviation.reason", 96 },
	{ "a reason of 49 letters", IN(FRONT "\x81\x84\x78\x31" "abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefx"), ASSAY_F_LIMIT, "deviation.reason", 96 },
	{ "a reason of 48 letters", IN(FRONT "\x81\x84\x78\x30" "abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdef" "\x09\x0b" B32), READS },
	{ "an index that is text", IN(FRONT "\x81\x84\x65" "a.b-1" "\x60"), ASSAY_F_UNSUPPORTED, "deviation.index", 102 },
	{ "an unknown hash", IN(FRONT "\x81\x84\x65" "a.b-1" "\x09\x00"), ASSAY_F_UNSUPPORTED, "deviation.alg", 103 },
	{ "a digest of another size", IN(FRONT "\x81\x84\x65" "a.b-1" "\x09\x04" B32), ASSAY_F_RANGE, "deviation.digest", 104 },
	{ "a deviation twice", IN(FRONT "\x82" DEV DEV), ASSAY_F_DUPLICATE, "deviation", 138 },
	{ "bytes after it", IN(FRONT "\x81" DEV "\x00"), ASSAY_F_TRAILING, "receipt", 138 },
};
/* clang-format on */

static void test_round_trip(void)
{
	static struct assay_receipt r, again;
	static uint8_t out[ASSAY_RECEIPT_MAX], twice[ASSAY_RECEIPT_MAX];
	struct assay_err err;
	struct cbor_out o = { .p = out, .cap = sizeof out };
	struct cbor_out t = { .p = twice, .cap = sizeof twice };

	sample_receipt(&r);
	receipt_write(&o, &r);
	bool ok = !o.full && receipt_read((struct assay_slice){ out, o.n }, &again, &err);
	receipt_write(&t, &again);
	tap_ok(ok && t.n == o.n && memcmp(out, twice, o.n) == 0, "reads back as written");
	tap_ok(ok && again.generation == r.generation && again.issued == r.issued &&
		       again.ends == r.ends && again.good_until == r.good_until &&
		       again.heard == r.heard && again.resetCount == r.resetCount &&
		       again.clock == r.clock && again.pcr_alg == r.pcr_alg &&
		       again.pcr_mask == r.pcr_mask && slice_eq(again.pcrs, r.pcrs) &&
		       again.nbanks == 2 && again.bank[1].alg == r.bank[1].alg &&
		       again.bank[1].index == r.bank[1].index &&
		       slice_eq(again.bank[1].pcr10, r.bank[1].pcr10) &&
		       again.ndeviations == 2 &&
		       slice_eq(again.deviation[1].reason, r.deviation[1].reason) &&
		       again.deviation[1].index == r.deviation[1].index &&
		       again.deviation[1].alg == r.deviation[1].alg &&
		       slice_eq(again.deviation[1].digest, r.deviation[1].digest) &&
		       again.node.n == 0 && again.ak_name.n == 0,
	       "every field comes back in its place");
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(&rows[i], read);
	test_round_trip();
	return tap_done();
}
