/* SPDX-License-Identifier: Apache-2.0
 * One row per rule in signature.c; the name says which rule. */
#include "tests/rows.h"
#include <assay/evidence/tpm.h>

#define S4 "ssss"
#define S3 "sss"
#define S16 S4 S4 S4 S4
#define S32 S16 S16
#define S64 S32 S32
#define S256 S64 S64 S64 S64
#define S1024 S256 S256 S256 S256

/* clang-format off */
static const struct row rows[] = {
 { "RSASSA",                      IN("\0\x14" "\0\x0b" "\1\0" S256), READS },
 { "RSAPSS",                      IN("\0\x16" "\0\x0c" "\1\0" S256), READS },
 { "RSA of 8192 bits",            IN("\0\x14" "\0\x0b" "\4\0" S1024), READS },
 { "ECDSA",                       IN("\0\x18" "\0\x0b" "\0\x20" S32 "\0\x20" S32), READS },
 { "ECDSA, a short r",            IN("\0\x18" "\0\x0b" "\0\x01" "r" "\0\x20" S32), READS },
 { "ECDSA of P-521",              IN("\0\x18" "\0\x0d" "\0\x42" S64 "ss" "\0\x42" S64 "ss"), READS },
 { "hash that assay only sizes",  IN("\0\x14" "\0\x12" "\1\0" S256), READS },
 { "HMAC",                        IN("\0\x05" "\0\x0b" S32), ASSAY_F_UNSUPPORTED, "sigAlg", 0 },
 { "ECDAA",                       IN("\0\x1a" "\0\x0b" "\0\1r" "\0\1s"), ASSAY_F_UNSUPPORTED, "sigAlg", 0 },
 { "SM2",                         IN("\0\x1b" "\0\x12" "\0\1r" "\0\1s"), ASSAY_F_UNSUPPORTED, "sigAlg", 0 },
 { "Schnorr",                     IN("\0\x1c" "\0\x0b" "\0\1r" "\0\1s"), ASSAY_F_UNSUPPORTED, "sigAlg", 0 },
 { "no signature (NULL)",         IN("\0\x10"), ASSAY_F_RANGE, "sigAlg", 0 },
 { "an encryption scheme",        IN("\0\x17" "\0\x0b" "\1\0" S256), ASSAY_F_RANGE, "sigAlg", 0 },
 { "hash that is none",           IN("\0\x14" "\0\x14" "\1\0" S256), ASSAY_F_UNSUPPORTED, "hash", 2 },
 { "hash NULL",                   IN("\0\x18" "\0\x10" "\0\1r" "\0\1s"), ASSAY_F_UNSUPPORTED, "hash", 2 },
 { "sig empty",                   IN("\0\x14" "\0\x0b" "\0\0"), ASSAY_F_RANGE, "sig", 6 },
 { "sig of 1025 bytes",           IN("\0\x14" "\0\x0b" "\4\1" S1024 "s"), ASSAY_F_LIMIT, "sig", 4 },
 { "r empty",                     IN("\0\x18" "\0\x0b" "\0\0" "\0\1s"), ASSAY_F_RANGE, "signatureR", 6 },
 { "s empty",                     IN("\0\x18" "\0\x0b" "\0\1r" "\0\0"), ASSAY_F_RANGE, "signatureS", 9 },
 { "r of 67 bytes",               IN("\0\x18" "\0\x0b" "\0\x43" S64 S3 "\0\1s"), ASSAY_F_LIMIT, "signatureR", 4 },
 { "s of 67 bytes",               IN("\0\x18" "\0\x0b" "\0\1r" "\0\x43" S64 S3), ASSAY_F_LIMIT, "signatureS", 7 },
 { "bytes after RSA",             IN("\0\x14" "\0\x0b" "\0\1" "s" "x"), ASSAY_F_TRAILING, "TPMT_SIGNATURE", 7 },
 { "bytes after ECDSA",           IN("\0\x18" "\0\x0b" "\0\1r" "\0\1s" "x"), ASSAY_F_TRAILING, "TPMT_SIGNATURE", 10 },
 { "empty input",                 IN(""), ASSAY_F_TRUNCATED, "sigAlg", 0 },
 { "cut in hash",                 IN("\0\x14" "\0"), ASSAY_F_TRUNCATED, "hash", 2 },
 { "cut in sig's size",           IN("\0\x14" "\0\x0b" "\1"), ASSAY_F_TRUNCATED, "sig", 4 },
 { "cut in sig",                  IN("\0\x14" "\0\x0b" "\1\0" S64), ASSAY_F_TRUNCATED, "sig", 6 },
 { "cut in r",                    IN("\0\x18" "\0\x0b" "\0\2r"), ASSAY_F_TRUNCATED, "signatureR", 6 },
 { "cut in s",                    IN("\0\x18" "\0\x0b" "\0\1r" "\0\2s"), ASSAY_F_TRUNCATED, "signatureS", 9 },
};
/* clang-format on */

static bool read_row(struct assay_slice in, struct assay_err *err, bool *untouched)
{
	struct assay_signature s, before;

	memset(&s, 0x77, sizeof s);
	before = s;
	bool ok = assay_signature_read(in, &s, err);
	*untouched = memcmp(&s, &before, sizeof s) == 0;
	return ok;
}

static void test_fields(void)
{
	static const uint8_t rsa[] = { 0, 0x16, 0, 0x0c, 0, 2, 'a', 'b' };
	static const uint8_t ecc[] = { 0, 0x18, 0, 0x0b, 0, 1, 'r', 0, 2, 's', 't' };
	struct assay_err err;
	struct assay_signature s;

	tap_ok(assay_signature_read((struct assay_slice){ rsa, sizeof rsa }, &s, &err) &&
		       s.sigAlg == ASSAY_RSAPSS && s.hash == ASSAY_SHA384 &&
		       s.sig.p == rsa + 6 && s.sig.n == 2 && s.signatureR.n == 0 &&
		       s.signatureS.n == 0,
	       "fields of RSA");
	tap_ok(assay_signature_read((struct assay_slice){ ecc, sizeof ecc }, &s, &err) &&
		       s.sigAlg == ASSAY_ECDSA && s.hash == ASSAY_SHA256 && s.sig.n == 0 &&
		       s.signatureR.p == ecc + 6 && s.signatureR.n == 1 &&
		       s.signatureS.p == ecc + 9 && s.signatureS.n == 2,
	       "fields of ECDSA");
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(&rows[i], read_row);
	test_fields();
	return tap_done();
}
