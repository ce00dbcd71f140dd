/* SPDX-License-Identifier: Apache-2.0
 * One row per rule of struct assay_ima_sig. */
#include <assay/evidence/ima.h>
#include <string.h>

#include "core/base/slice.h"
#include "tests/tap.h"

#define IN(s) (s), sizeof(s) - 1

static const struct {
	const char *name, *in;
	size_t n;
	enum assay_fault want;
	const char *field;
	size_t offset;
} rows[] = {
	{ "IMA signature", IN("\3\2\4KEYI\0\2ss"), ASSAY_F_OK, 0, 0 },
	{ "EVM portable signature", IN("\5\2\4KEYI\0\2ss"), ASSAY_F_OK, 0, 0 },
	{ "fs-verity signature", IN("\6\3\4KEYI\0\2ss"), ASSAY_F_OK, 0, 0 },
	{ "no bytes", IN(""), ASSAY_F_TRUNCATED, "type", 0 },
	{ "an HMAC is not a signature", IN("\2\2\4KEYI\0\2ss"), ASSAY_F_UNSUPPORTED, "type",
	  0 },
	{ "type 4", IN("\4\2\4KEYI\0\2ss"), ASSAY_F_UNSUPPORTED, "type", 0 },
	{ "type 7", IN("\7\2\4KEYI\0\2ss"), ASSAY_F_UNSUPPORTED, "type", 0 },
	{ "version 1", IN("\3\1\4KEYI\0\2ss"), ASSAY_F_UNSUPPORTED, "version", 1 },
	{ "version 4", IN("\3\4\4KEYI\0\2ss"), ASSAY_F_UNSUPPORTED, "version", 1 },
	{ "last hash of the kernel", IN("\3\2\26KEYI\0\2ss"), ASSAY_F_OK, 0, 0 },
	{ "hash that no kernel has", IN("\3\2\27KEYI\0\2ss"), ASSAY_F_RANGE, "hash_algo", 2 },
	{ "keyid cut short", IN("\3\2\4KEY"), ASSAY_F_TRUNCATED, "keyid", 3 },
	{ "size cut short", IN("\3\2\4KEYI\0"), ASSAY_F_TRUNCATED, "sig_size", 7 },
	{ "size of zero", IN("\3\2\4KEYI\0\0"), ASSAY_F_RANGE, "sig_size", 7 },
	{ "size above what is there", IN("\3\2\4KEYI\0\3ss"), ASSAY_F_TRUNCATED, "sig", 9 },
	{ "size is big-endian", IN("\3\2\4KEYI\2\0ss"), ASSAY_F_TRUNCATED, "sig", 9 },
	{ "bytes after the signature", IN("\3\2\4KEYI\0\1ss"), ASSAY_F_TRAILING, "sig", 10 },
};

static void row(size_t i)
{
	struct assay_slice in = { (const uint8_t *)rows[i].in, rows[i].n };
	struct assay_ima_sig s = { .keyid = 77 };
	struct assay_err err;
	bool ok = assay_ima_sig_read(in, &s, &err);
	bool pass = ok == (rows[i].want == ASSAY_F_OK) && err.fault == rows[i].want;

	if (ok)
		pass = pass && s.keyid == 0x4b455949 && slice_is(s.sig, "ss") &&
		       s.type == in.p[0] && s.version == in.p[1] && s.hash_algo == in.p[2];
	else
		pass = pass && s.keyid == 77 && !strcmp(err.field, rows[i].field) &&
		       err.offset == rows[i].offset;
	if (!tap_ok(pass, "%s", rows[i].name))
		printf("# got %s %s at %zu\n", assay_fault_word(err.fault),
		       err.field ? err.field : "-", err.offset);
}

/* The kernel's numbers of hashes that have a TPM_ALG_ID in assay. */
static void hashes(void)
{
	static const uint16_t want[] = {
		[2] = ASSAY_SHA1,      [4] = ASSAY_SHA256,    [5] = ASSAY_SHA384,
		[6] = ASSAY_SHA512,    [17] = ASSAY_SM3_256,  [20] = ASSAY_SHA3_256,
		[21] = ASSAY_SHA3_384, [22] = ASSAY_SHA3_512,
	};
	uint8_t in[] = "\3\2xKEYI\0\2ss";
	struct assay_ima_sig s;
	struct assay_err err;
	size_t bad = 0;

	for (uint8_t i = 0; i < sizeof want / sizeof *want; i++) {
		in[2] = i;
		bad += !assay_ima_sig_read((struct assay_slice){ in, 11 }, &s, &err) ||
		       s.hash != want[i];
	}
	tap_ok(bad == 0, "hash algorithms");
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		row(i);
	hashes();
	return tap_done();
}
