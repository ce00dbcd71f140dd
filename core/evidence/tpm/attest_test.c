/* SPDX-License-Identifier: Apache-2.0
 * One row per rule in attest.c and selection.c; the name says which rule. */
#include "tests/rows.h"
#include <assay/evidence/tpm.h>

#define D4 "DDDD"
#define D16 D4 D4 D4 D4
#define D32 D16 D16
#define D64 D32 D32

#define MAGIC "\xff\x54\x43\x47"
#define TYPE "\x80\x18"
#define SIGNER                                                                                 \
	"\0\x04"                                                                               \
	"name"
#define NONCE                                                                                  \
	"\0\x03"                                                                               \
	"abc"
#define CLOCK                                                                                  \
	"\0\0\0\0\0\x01\x02\x03"                                                               \
	"\0\0\0\x05"                                                                           \
	"\0\0\0\x06"
#define SAFE "\1"
#define FIRMWARE "\x20\x19\x10\x23\0\x16\x36\x36"
#define BANK                                                                                   \
	"\0\x0b"                                                                               \
	"\3"                                                                                   \
	"\xff\x47\x80"
#define SELECT "\0\0\0\1" BANK
#define DIGEST "\0\x20" D32

/* offsets: signer 6, nonce 12, clock 17, reset 25, restart 29, safe 33, firmware 34,
 * count 42, hash 46, sizeofSelect 48, pcrSelect 49, pcrDigest 52 */
#define UNTIL_SELECT MAGIC TYPE SIGNER NONCE CLOCK SAFE FIRMWARE

/* clang-format off */
static const struct row rows[] = {
 { "a quote",                       IN(UNTIL_SELECT SELECT DIGEST), READS },
 { "safe 0",                        IN(MAGIC TYPE SIGNER NONCE CLOCK "\0" FIRMWARE SELECT DIGEST), READS },
 { "no signer, no nonce",           IN(MAGIC TYPE "\0\0" "\0\0" CLOCK SAFE FIRMWARE SELECT DIGEST), READS },
 { "signer, nonce of 66 bytes",     IN(MAGIC TYPE "\0\x42" D64 "\0\x01" "\0\x42" D64 "\0\x01" CLOCK SAFE FIRMWARE SELECT DIGEST), READS },
 { "nothing selected",              IN(UNTIL_SELECT "\0\0\0\0" DIGEST), READS },
 { "SHA-1 digest",                  IN(UNTIL_SELECT SELECT "\0\x14" D16 D4), READS },
 { "SHA-384 digest",                IN(UNTIL_SELECT SELECT "\0\x30" D32 D16), READS },
 { "SHA-512 digest",                IN(UNTIL_SELECT SELECT "\0\x40" D64), READS },
 { "magic of a copy",               IN("\xff\x54\x43\x48" TYPE SIGNER NONCE CLOCK SAFE FIRMWARE SELECT DIGEST), ASSAY_F_MAGIC, "magic", 0 },
 { "magic zero",                    IN("\0\0\0\0" TYPE SIGNER NONCE CLOCK SAFE FIRMWARE SELECT DIGEST), ASSAY_F_MAGIC, "magic", 0 },
 { "type of a creation",            IN(MAGIC "\x80\x1a" SIGNER NONCE CLOCK SAFE FIRMWARE SELECT DIGEST), ASSAY_F_RANGE, "type", 4 },
 { "type of a certify",             IN(MAGIC "\x80\x17" SIGNER NONCE CLOCK SAFE FIRMWARE SELECT DIGEST), ASSAY_F_RANGE, "type", 4 },
 { "signer of 67 bytes",            IN(MAGIC TYPE "\0\x43" D64 "abc" NONCE CLOCK SAFE FIRMWARE SELECT DIGEST), ASSAY_F_LIMIT, "qualifiedSigner", 6 },
 { "nonce of 67 bytes",             IN(MAGIC TYPE SIGNER "\0\x43" D64 "abc" CLOCK SAFE FIRMWARE SELECT DIGEST), ASSAY_F_LIMIT, "extraData", 12 },
 { "safe 2",                        IN(MAGIC TYPE SIGNER NONCE CLOCK "\2" FIRMWARE SELECT DIGEST), ASSAY_F_RANGE, "safe", 33 },
 { "safe 255",                      IN(MAGIC TYPE SIGNER NONCE CLOCK "\xff" FIRMWARE SELECT DIGEST), ASSAY_F_RANGE, "safe", 33 },
 { "digest empty",                  IN(UNTIL_SELECT SELECT "\0\0"), ASSAY_F_RANGE, "pcrDigest", 54 },
 { "digest of 31 bytes",            IN(UNTIL_SELECT SELECT "\0\x1f" D16 D4 D4 D4 "abc"), ASSAY_F_RANGE, "pcrDigest", 54 },
 { "digest of 65 bytes",            IN(UNTIL_SELECT SELECT "\0\x41" D64 "x"), ASSAY_F_LIMIT, "pcrDigest", 52 },
 { "bytes after the quote",         IN(UNTIL_SELECT SELECT DIGEST "x"), ASSAY_F_TRAILING, "TPMS_ATTEST", 86 },
 { "empty input",                   IN(""), ASSAY_F_TRUNCATED, "magic", 0 },
 { "cut in type",                   IN(MAGIC "\x80"), ASSAY_F_TRUNCATED, "type", 4 },
 { "cut in signer",                 IN(MAGIC TYPE "\0\x04" "nam"), ASSAY_F_TRUNCATED, "qualifiedSigner", 8 },
 { "cut in nonce",                  IN(MAGIC TYPE SIGNER "\0\x03" "ab"), ASSAY_F_TRUNCATED, "extraData", 14 },
 { "cut in clock",                  IN(MAGIC TYPE SIGNER NONCE "\0\0\0\0\0\0\0"), ASSAY_F_TRUNCATED, "clock", 17 },
 { "cut before resetCount",         IN(MAGIC TYPE SIGNER NONCE "\0\0\0\0\0\0\0\0"), ASSAY_F_TRUNCATED, "resetCount", 25 },
 { "cut before restartCount",       IN(MAGIC TYPE SIGNER NONCE "\0\0\0\0\0\0\0\0" "\0\0\0\0"), ASSAY_F_TRUNCATED, "restartCount", 29 },
 { "cut before safe",               IN(MAGIC TYPE SIGNER NONCE CLOCK), ASSAY_F_TRUNCATED, "safe", 33 },
 { "cut before firmwareVersion",    IN(MAGIC TYPE SIGNER NONCE CLOCK SAFE), ASSAY_F_TRUNCATED, "firmwareVersion", 34 },
 { "cut before count",              IN(UNTIL_SELECT), ASSAY_F_TRUNCATED, "count", 42 },
 { "cut in digest",                 IN(UNTIL_SELECT SELECT "\0\x20" D16), ASSAY_F_TRUNCATED, "pcrDigest", 54 },

 { "two banks",                     IN(UNTIL_SELECT "\0\0\0\2" "\0\x04\3\1\0\0" BANK DIGEST), READS },
 { "bank of SM3",                   IN(UNTIL_SELECT "\0\0\0\1" "\0\x12\3\1\0\0" DIGEST), READS },
 { "mask of no octets",             IN(UNTIL_SELECT "\0\0\0\1" "\0\x0b\0" DIGEST), READS },
 { "mask of four octets",           IN(UNTIL_SELECT "\0\0\0\1" "\0\x0b\4\1\0\0\0" DIGEST), READS },
 { "PCR 24",                        IN(UNTIL_SELECT "\0\0\0\1" "\0\x0b\4\0\0\0\1" DIGEST), ASSAY_F_RANGE, "pcrSelect", 49 },
 { "mask of five octets",           IN(UNTIL_SELECT "\0\0\0\1" "\0\x0b\5\0\0\0\0\0" DIGEST), ASSAY_F_LIMIT, "sizeofSelect", 48 },
 { "same bank twice",               IN(UNTIL_SELECT "\0\0\0\2" BANK BANK DIGEST), ASSAY_F_DUPLICATE, "hash", 52 },
 { "same bank, first and third",    IN(UNTIL_SELECT "\0\0\0\3" BANK "\0\x04\0" BANK DIGEST), ASSAY_F_DUPLICATE, "hash", 55 },
 { "bank that is no hash",          IN(UNTIL_SELECT "\0\0\0\1" "\0\x10\3\1\0\0" DIGEST), ASSAY_F_UNSUPPORTED, "hash", 46 },
 { "17 banks",                      IN(UNTIL_SELECT "\0\0\0\x11" BANK), ASSAY_F_LIMIT, "count", 42 },
 { "count that would overflow",     IN(UNTIL_SELECT "\xff\xff\xff\xff" BANK), ASSAY_F_LIMIT, "count", 42 },
 { "fewer banks than counted",      IN(UNTIL_SELECT "\0\0\0\2" BANK), ASSAY_F_TRUNCATED, "hash", 52 },
 { "cut in mask",                   IN(UNTIL_SELECT "\0\0\0\1" "\0\x0b\3\1\0"), ASSAY_F_TRUNCATED, "pcrSelect", 49 },
};
/* clang-format on */

static bool read_row(struct assay_slice in, struct assay_err *err, bool *untouched)
{
	struct assay_quote q, before;

	memset(&q, 0x77, sizeof q);
	before = q;
	bool ok = assay_quote_read(in, &q, err);
	*untouched = memcmp(&q, &before, sizeof q) == 0;
	return ok;
}

static void test_fields(void)
{
	static const char in[] = UNTIL_SELECT "\0\0\0\2"
					      "\0\x04\3\1\0\0" BANK DIGEST;
	struct assay_slice s = { (const uint8_t *)in, sizeof in - 1 };
	struct assay_err err;
	struct assay_quote q;

	if (!tap_ok(assay_quote_read(s, &q, &err), "fields: reads"))
		return;
	tap_ok(q.message.p == s.p && q.message.n == s.n, "message is the input");
	tap_ok(q.qualifiedSigner.p == s.p + 8 && q.qualifiedSigner.n == 4, "qualifiedSigner");
	tap_ok(q.extraData.p == s.p + 14 && q.extraData.n == 3, "extraData");
	tap_ok(q.clock == 0x010203 && q.resetCount == 5 && q.restartCount == 6 && q.safe,
	       "clock");
	tap_ok(q.firmwareVersion == UINT64_C(0x2019102300163636), "firmwareVersion");
	tap_ok(q.pcrSelect.n == 2 && q.pcrSelect.bank[0].hash == ASSAY_SHA1 &&
		       q.pcrSelect.bank[0].mask == 1 &&
		       q.pcrSelect.bank[1].hash == ASSAY_SHA256 &&
		       q.pcrSelect.bank[1].mask == 0x8047ff,
	       "pcrSelect in its order");
	tap_ok(q.pcrDigest.p == s.p + s.n - 32 && q.pcrDigest.n == 32, "pcrDigest");
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(&rows[i], read_row);
	test_fields();
	return tap_done();
}
