/* SPDX-License-Identifier: Apache-2.0
 * One row per rule in nv.c; the name says which rule. */
#include "core/endorsement/ek/ek.h"
#include "tests/rows.h"

#define HEAD "\x10\x01\0\0\5\x10\x02"
#define DER "\x30\3abc"
#define X16 "0123456789abcdef"
#define X64 X16 X16 X16 X16
#define X128 X64 X64
#define X256 X128 X128

/* clang-format off */
static const struct row rows[] = {
 { "DER alone",                    IN(DER), READS },
 { "padded with ff",               IN(DER "\xff\xff"), READS },
 { "padded with 00",               IN(DER "\0\0\0"), READS },
 { "padded with both",             IN(DER "\0\xff"), READS },
 { "padded with 11",               IN(DER "\x11\x11"), READS },
 { "header in front",              IN(HEAD DER), READS },
 { "header and padding",           IN(HEAD DER "\xff"), READS },
 { "certSize that is wrong",       IN("\x10\x01\0\xff\xff\x10\x02" DER), READS },
 { "length of one byte more",      IN("\x30\x81\x80" X128), READS },
 { "length of two bytes more",     IN("\x30\x82\1\0" X256), READS },
 { "empty input",                  IN(""), ASSAY_F_TRUNCATED, "Certificate", 0 },
 { "neither",                      IN("\x31\3abc...."), ASSAY_F_MAGIC, "tag", 0 },
 { "tag of the header",            IN("\x10\x02\0\0\5\x10\x02" DER), ASSAY_F_MAGIC, "tag", 0 },
 { "partial certificate",          IN("\x10\x01\1\0\5\x10\x02" DER), ASSAY_F_UNSUPPORTED, "certType", 2 },
 { "tag of the inner one",         IN("\x10\x01\0\0\5\x10\x03" DER), ASSAY_F_MAGIC, "cert.tag", 5 },
 { "header alone",                 IN(HEAD), ASSAY_F_TRUNCATED, "Certificate", 7 },
 { "no SEQUENCE behind it",        IN(HEAD "\x31\3abc"), ASSAY_F_MAGIC, "Certificate", 7 },
 { "PEM",                          IN("-----BEGIN CERTIFICATE-----"), ASSAY_F_MAGIC, "tag", 0 },
 { "no length",                    IN("\x30"), ASSAY_F_TRUNCATED, "length", 1 },
 { "indefinite length",            IN("\x30\x80" "abc\0\0"), ASSAY_F_UNSUPPORTED, "length", 1 },
 { "length of three bytes more",   IN("\x30\x83\0\1\0" X256), ASSAY_F_UNSUPPORTED, "length", 1 },
 { "long form for a short one",    IN("\x30\x81\3abc"), ASSAY_F_CANONICAL, "length", 2 },
 { "127 in the long form",         IN("\x30\x81\x7f" X128), ASSAY_F_CANONICAL, "length", 2 },
 { "255 in the longer form",       IN("\x30\x82\0\xff" X256), ASSAY_F_CANONICAL, "length", 2 },
 { "cut short",                    IN("\x30\3ab"), ASSAY_F_TRUNCATED, "Certificate", 2 },
 { "one byte behind that is none", IN(DER "\xff" "\1" "\xff"), ASSAY_F_TRAILING, "padding", 6 },
 { "a second certificate",         IN(DER DER), ASSAY_F_TRAILING, "padding", 5 },
};
/* clang-format on */

static bool read_row(struct assay_slice in, struct assay_err *err, bool *untouched)
{
	struct ek_nv nv = { .header = 77 };
	bool ok = ek_nv_read(in, &nv, err);

	*untouched = nv.header == 77;
	if (ok && nv.header + nv.cert.n + nv.padding != in.n)
		return false;
	return ok;
}

int main(void)
{
	static uint8_t big[ASSAY_CERT_MAX + 1] = { 0x30, 0x03 };
	struct assay_err err;
	struct ek_nv nv = { 0 };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(&rows[i], read_row);
	tap_ok(ek_nv_read((struct assay_slice){ big, ASSAY_CERT_MAX }, &nv, &err) &&
		       nv.cert.n == 5 && nv.cert.p == big && nv.padding == ASSAY_CERT_MAX - 5,
	       "as large as the limit");
	tap_ok(!ek_nv_read((struct assay_slice){ big, sizeof big }, &nv, &err) &&
		       err.fault == ASSAY_F_LIMIT && err.offset == 0,
	       "above the limit");
	tap_ok(ek_nv_read((struct assay_slice){ (const uint8_t *)HEAD DER "\xff\xff", 14 }, &nv,
			  &err) &&
		       nv.header == 7 && nv.cert.n == 5 && nv.padding == 2,
	       "what is around it is told");
	return tap_done();
}
