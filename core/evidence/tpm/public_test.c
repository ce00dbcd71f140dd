/* SPDX-License-Identifier: Apache-2.0
 * One row per rule in public.c and name.c; the name says which rule. */
#include "core/base/slice.h"
#include "tests/rows.h"
#include <assay/evidence/tpm.h>

#define U4 "UUUU"
#define U16 U4 U4 U4 U4
#define U32 U16 U16
#define U64 U32 U32
#define U128 U64 U64
#define U1024 U128 U128 U128 U128 U128 U128 U128 U128

/* offsets: type 0, nameAlg 2, objectAttributes 4, authPolicy 8, symmetric 10,
 * scheme 12, hashAlg 14, then keyBits or curveID 16, exponent or kdf 18 */
#define HEAD(type, alg)                                                                        \
	type alg "\0\5\0\x72"                                                                  \
		 "\0\0"
#define RSA HEAD("\0\x01", "\0\x0b")
#define ECC HEAD("\0\x23", "\0\x0b")
#define NONE "\0\x10"
#define RSASSA "\0\x14\0\x0b"
#define ECDSA "\0\x18\0\x0b"
#define BITS "\4\0"
#define EXP "\0\0\0\0"
#define N "\0\x80" U128
#define P256 "\0\3"
#define XY "\0\x20" U32 "\0\x20" U32

/* clang-format off */
static const struct row rows[] = {
 { "RSA",                            IN(RSA NONE RSASSA BITS EXP N), READS },
 { "ECC",                            IN(ECC NONE ECDSA P256 NONE XY), READS },
 { "RSA, sized",                     IN("\0\x98" RSA NONE RSASSA BITS EXP N), READS },
 { "ECC, sized",                     IN("\0\x58" ECC NONE ECDSA P256 NONE XY), READS },
 { "every attribute that exists",    IN("\0\x01" "\0\x0b" "\0\x0f\x0f\xf6" "\0\0" NONE RSASSA BITS EXP N), READS },
 { "no attribute",                   IN("\0\x01" "\0\x0b" "\0\0\0\0" "\0\0" NONE RSASSA BITS EXP N), READS },
 { "policy of nameAlg's size",       IN("\0\x01" "\0\x0b" "\0\5\0\x72" "\0\x20" U32 NONE RSASSA BITS EXP N), READS },
 { "nameAlg SM3",                    IN(HEAD("\0\x01", "\0\x12") NONE RSASSA BITS EXP N), READS },
 { "storage key",                    IN(RSA "\0\x06" "\0\x80" "\0\x43" NONE BITS EXP N), READS },
 { "cipher without mode",            IN(RSA "\0\x26" "\1\0" NONE NONE BITS EXP N), READS },
 { "cipher mode first",              IN(RSA "\0\x13" "\0\x80" "\0\x40" NONE BITS EXP N), READS },
 { "cipher mode last",               IN(RSA "\0\x03" "\0\xc0" "\0\x44" NONE BITS EXP N), READS },
 { "scheme RSAES has no hash",       IN(RSA NONE "\0\x15" BITS EXP N), READS },
 { "scheme OAEP",                    IN(RSA NONE "\0\x17\0\x0b" BITS EXP N), READS },
 { "scheme RSAPSS",                  IN(RSA NONE "\0\x16\0\x0b" BITS EXP N), READS },
 { "exponent 65537 written out",     IN(RSA NONE RSASSA BITS "\0\1\0\1" N), READS },
 { "exponent 3",                     IN(RSA NONE RSASSA BITS "\0\0\0\3" N), READS },
 { "RSA of 8192 bits",               IN(RSA NONE RSASSA "\x20\0" EXP "\4\0" U1024), READS },
 { "scheme ECDAA has a count",       IN(ECC NONE "\0\x1a\0\x0b\0\1" P256 NONE XY), READS },
 { "scheme ECDH",                    IN(ECC NONE "\0\x19\0\x0b" P256 NONE XY), READS },
 { "kdf with a hash",                IN(ECC NONE NONE P256 "\0\x20\0\x0b" XY), READS },
 { "P-384",                          IN(ECC NONE ECDSA "\0\4" NONE "\0\x30" U32 U16 "\0\x30" U32 U16), READS },
 { "P-521",                          IN(ECC NONE ECDSA "\0\5" NONE "\0\x42" U64 "UU" "\0\x42" U64 "UU"), READS },
 { "coordinates without zeros",      IN(ECC NONE ECDSA P256 NONE "\0\1x" "\0\1y"), READS },

 { "empty input",                    IN(""), ASSAY_F_TRUNCATED, "size", 0 },
 { "one byte",                       IN("\0"), ASSAY_F_TRUNCATED, "size", 0 },
 { "size of more than there is",     IN("\0\x99" RSA NONE RSASSA BITS EXP N), ASSAY_F_TRUNCATED, "publicArea", 2 },
 { "size of less than there is",     IN("\0\x97" RSA NONE RSASSA BITS EXP N), ASSAY_F_TRUNCATED, "unique", 26 },
 { "bytes after the sized area",     IN("\0\x58" ECC NONE ECDSA P256 NONE XY "x"), ASSAY_F_TRAILING, "TPM2B_PUBLIC", 90 },
 { "bytes after unique, sized",      IN("\0\x59" ECC NONE ECDSA P256 NONE XY "x"), ASSAY_F_TRAILING, "TPMT_PUBLIC", 90 },
 { "bytes after unique",             IN(ECC NONE ECDSA P256 NONE XY "x"), ASSAY_F_TRAILING, "TPMT_PUBLIC", 88 },
 { "size 0",                         IN("\0\0"), ASSAY_F_TRUNCATED, "type", 2 },
 { "size 1 is not type RSA",         IN("\0\1x"), ASSAY_F_TRUNCATED, "type", 2 },
 { "type that is none, sized",       IN("\0\x58" HEAD("\0\x02", "\0\x0b") NONE ECDSA P256 NONE XY), ASSAY_F_RANGE, "type", 2 },
 { "type keyed hash",                IN(HEAD("\0\x08", "\0\x0b") NONE "\0\0"), ASSAY_F_UNSUPPORTED, "type", 0 },
 { "type cipher",                    IN(HEAD("\0\x25", "\0\x0b") NONE "\0\0"), ASSAY_F_UNSUPPORTED, "type", 0 },
 { "nameAlg NULL",                   IN(HEAD("\0\x01", NONE) NONE RSASSA BITS EXP N), ASSAY_F_UNSUPPORTED, "nameAlg", 2 },
 { "reserved attribute 0",           IN("\0\x01" "\0\x0b" "\0\5\0\x73" "\0\0" NONE RSASSA BITS EXP N), ASSAY_F_RANGE, "objectAttributes", 4 },
 { "reserved attribute 3",           IN("\0\x01" "\0\x0b" "\0\5\0\x7a" "\0\0" NONE RSASSA BITS EXP N), ASSAY_F_RANGE, "objectAttributes", 4 },
 { "reserved attribute 12",          IN("\0\x01" "\0\x0b" "\0\5\x10\x72" "\0\0" NONE RSASSA BITS EXP N), ASSAY_F_RANGE, "objectAttributes", 4 },
 { "reserved attribute 15",          IN("\0\x01" "\0\x0b" "\0\5\x80\x72" "\0\0" NONE RSASSA BITS EXP N), ASSAY_F_RANGE, "objectAttributes", 4 },
 { "reserved attribute 20",          IN("\0\x01" "\0\x0b" "\0\x15\0\x72" "\0\0" NONE RSASSA BITS EXP N), ASSAY_F_RANGE, "objectAttributes", 4 },
 { "reserved attribute 31",          IN("\0\x01" "\0\x0b" "\x80\5\0\x72" "\0\0" NONE RSASSA BITS EXP N), ASSAY_F_RANGE, "objectAttributes", 4 },
 { "policy of another size",         IN("\0\x01" "\0\x0b" "\0\5\0\x72" "\0\x10" U16 NONE RSASSA BITS EXP N), ASSAY_F_RANGE, "authPolicy", 10 },
 { "policy of 65 bytes",             IN("\0\x01" "\0\x0b" "\0\5\0\x72" "\0\x41" U64 "U" NONE RSASSA BITS EXP N), ASSAY_F_LIMIT, "authPolicy", 8 },
 { "symmetric that is none",         IN(RSA "\0\x0a" RSASSA BITS EXP N), ASSAY_F_RANGE, "symmetric", 10 },
 { "cipher of 129 bits",             IN(RSA "\0\x06" "\0\x81" "\0\x43" NONE BITS EXP N), ASSAY_F_RANGE, "symmetric.keyBits", 12 },
 { "cipher mode below",              IN(RSA "\0\x06" "\0\x80" "\0\x3f" NONE BITS EXP N), ASSAY_F_RANGE, "symmetric.mode", 14 },
 { "cipher mode above",              IN(RSA "\0\x06" "\0\x80" "\0\x45" NONE BITS EXP N), ASSAY_F_RANGE, "symmetric.mode", 14 },
 { "scheme of ECC in RSA",           IN(RSA NONE ECDSA BITS EXP N), ASSAY_F_RANGE, "scheme", 12 },
 { "scheme of RSA in ECC",           IN(ECC NONE RSASSA P256 NONE XY), ASSAY_F_RANGE, "scheme", 12 },
 { "scheme that is none",            IN(RSA NONE "\0\x05\0\x0b" BITS EXP N), ASSAY_F_RANGE, "scheme", 12 },
 { "scheme with hash NULL",          IN(RSA NONE "\0\x14" NONE BITS EXP N), ASSAY_F_UNSUPPORTED, "scheme.hashAlg", 14 },
 { "512 bits",                       IN(RSA NONE RSASSA "\2\0" EXP "\0\x40" U64), ASSAY_F_RANGE, "keyBits", 16 },
 { "more than 8192 bits",            IN(RSA NONE RSASSA "\x20\x08" EXP "\4\1" U1024 "U"), ASSAY_F_RANGE, "keyBits", 16 },
 { "bits that are no bytes",         IN(RSA NONE RSASSA "\4\1" EXP N), ASSAY_F_RANGE, "keyBits", 16 },
 { "exponent 1",                     IN(RSA NONE RSASSA BITS "\0\0\0\1" N), ASSAY_F_RANGE, "exponent", 18 },
 { "exponent even",                  IN(RSA NONE RSASSA BITS "\0\1\0\0" N), ASSAY_F_RANGE, "exponent", 18 },
 { "modulus shorter than keyBits",   IN(RSA NONE RSASSA "\x08\0" EXP N), ASSAY_F_CONFLICT, "unique", 24 },
 { "modulus longer than keyBits",    IN(RSA NONE RSASSA BITS EXP "\1\0" U128 U128), ASSAY_F_CONFLICT, "unique", 24 },
 { "modulus above the limit",        IN(RSA NONE RSASSA "\x20\0" EXP "\4\1" U1024 "U"), ASSAY_F_LIMIT, "unique", 22 },
 { "modulus empty, as in a template", IN(RSA NONE RSASSA BITS EXP "\0\0"), ASSAY_F_CONFLICT, "unique", 24 },
 { "P-192",                          IN(ECC NONE ECDSA "\0\1" NONE XY), ASSAY_F_UNSUPPORTED, "curveID", 16 },
 { "P-224",                          IN(ECC NONE ECDSA "\0\2" NONE XY), ASSAY_F_UNSUPPORTED, "curveID", 16 },
 { "BN P-256",                       IN(ECC NONE ECDSA "\0\x10" NONE XY), ASSAY_F_UNSUPPORTED, "curveID", 16 },
 { "curve 0",                        IN(ECC NONE ECDSA "\0\0" NONE XY), ASSAY_F_UNSUPPORTED, "curveID", 16 },
 { "kdf that is none",               IN(ECC NONE ECDSA P256 "\0\x0b" XY), ASSAY_F_RANGE, "kdf", 18 },
 { "kdf with hash NULL",             IN(ECC NONE ECDSA P256 "\0\x22" NONE XY), ASSAY_F_UNSUPPORTED, "kdf.hashAlg", 20 },
 { "x empty",                        IN(ECC NONE ECDSA P256 NONE "\0\0" "\0\x20" U32), ASSAY_F_RANGE, "unique.x", 22 },
 { "y empty",                        IN(ECC NONE ECDSA P256 NONE "\0\x20" U32 "\0\0"), ASSAY_F_RANGE, "unique.y", 56 },
 { "x longer than the field",        IN(ECC NONE ECDSA P256 NONE "\0\x21" U32 "U" "\0\x20" U32), ASSAY_F_LIMIT, "unique.x", 20 },
 { "y longer than the field",        IN(ECC NONE ECDSA P256 NONE "\0\x20" U32 "\0\x21" U32 "U"), ASSAY_F_LIMIT, "unique.y", 54 },
};
/* clang-format on */

static bool read_row(struct assay_slice in, struct assay_err *err, bool *untouched)
{
	struct assay_public pub, before;

	memset(&pub, 0x77, sizeof pub);
	before = pub;
	bool ok = assay_public_read(in, &pub, err);
	*untouched = memcmp(&pub, &before, sizeof pub) == 0;
	return ok;
}

static struct assay_public get(const char *in, size_t n)
{
	struct assay_err err;
	struct assay_public pub = { 0 };

	tap_ok(assay_public_read((struct assay_slice){ (const uint8_t *)in, n }, &pub, &err),
	       "fields: reads");
	return pub;
}

static void test_fields(void)
{
	struct assay_public p = get(IN("\0\x98" RSA NONE RSASSA BITS EXP N));

	tap_ok(p.sized && p.tpmt.n == 0x98 && p.type == 1 && p.nameAlg == ASSAY_SHA256 &&
		       p.objectAttributes == 0x50072 && p.authPolicy.n == 0,
	       "head of RSA");
	tap_ok(p.symmetric == 0x10 && p.scheme == 0x14 && p.schemeHash == 0x0b &&
		       p.keyBits == 1024 && p.exponent == 65537 && p.unique_n.n == 128,
	       "parameters of RSA, exponent 0 is 65537");
	p = get(IN(ECC NONE NONE P256 NONE "\0\1x"
					   "\0\1y"));
	tap_ok(!p.sized && p.type == 0x23 && p.scheme == 0x10 && p.schemeHash == 0x10 &&
		       p.curveID == 3 && slice_is(p.unique_x, "x") && slice_is(p.unique_y, "y"),
	       "parameters of ECC without a scheme");
	p = get(IN(RSA "\0\x06"
		       "\0\x80"
		       "\0\x43"
		       "\0\x15" BITS "\0\0\0\3" N));
	tap_ok(p.symmetric == 6 && p.scheme == 0x15 && p.schemeHash == 0x10 && p.exponent == 3,
	       "parameters of a storage key");
}

static void test_unbound(void)
{
	struct assay_public p = get(IN(RSA NONE RSASSA BITS EXP N));
	struct assay_range r[3] = { { 0 } };

	tap_ok(assay_public_unbound(&p, r, 3) == 2 && r[0].offset == 3 && r[0].n == 1 &&
		       r[1].offset == 6 && r[1].n == 2,
	       "unbound: nameAlg, lower attributes");
	p = get(IN("\0\xb8"
		   "\0\x01"
		   "\0\x0b"
		   "\0\5\0\x72"
		   "\0\x20" U32 NONE RSASSA BITS EXP N));
	tap_ok(assay_public_unbound(&p, r, 3) == 3 && r[0].offset == 5 && r[1].offset == 8 &&
		       r[2].offset == 12 && r[2].n == 32,
	       "unbound: and the policy, in a sized file");
	memset(r, 0, sizeof r);
	tap_ok(assay_public_unbound(&p, r, 1) == 3 && r[0].n == 1 && r[1].n == 0,
	       "unbound: no more than there is room for");
}

/* SHA-256 over the TPMT_PUBLIC, and over parent || Name. */
static void test_names(struct assay_crypto *crypto)
{
	struct assay_public p = get(IN("\0\x98" RSA NONE RSASSA BITS EXP N));
	uint8_t name[66], qn[66], want[66] = { 0x00, 0x0b };
	static const uint8_t owner[] = { 0x40, 0, 0, 1 };
	struct assay_slice parts[] = { { owner, 4 }, { name, 34 } };
	struct assay_digest d;

	tap_ok(assay_public_name(crypto, &p, name) == 34 &&
		       assay_hash1(crypto, ASSAY_SHA256, p.tpmt, want + 2) &&
		       memcmp(name, want, 34) == 0,
	       "Name covers the TPMT_PUBLIC, not its size");
	tap_ok(assay_public_qualified_name(crypto, &p, ASSAY_RH_OWNER, qn) == 34 &&
		       assay_hash(crypto, ASSAY_SHA256, parts, 2, &d) &&
		       memcmp(qn, want, 2) == 0 && memcmp(qn + 2, d.b, 32) == 0,
	       "Qualified Name of a primary key");
	tap_ok(assay_public_qualified_name_under(crypto, &p, (struct assay_slice){ 0 }, qn) ==
		       0,
	       "no Qualified Name without a parent");
	p.nameAlg = ASSAY_SM3_256;
	tap_ok(assay_public_name(crypto, &p, name) == 0 &&
		       assay_public_qualified_name(crypto, &p, ASSAY_RH_OWNER, qn) == 0,
	       "no Name under a hash that cannot be computed");
}

static void test_key(struct assay_crypto *crypto)
{
	/* U's highest bit is 0: 2047 bits in a key that says 2048 */
	struct assay_public p = get(IN(RSA NONE RSASSA "\x08\0" EXP "\1\0" U128 U128));
	tap_ok(!assay_public_key(crypto, &p), "modulus weaker than keyBits makes no key");

	static const char odd[] = RSA NONE RSASSA BITS EXP "\0\x80"
							   "\x80" U64 U32 U16 U4 U4 U4 "UUU";
	p = get(odd, sizeof odd - 1);
	struct assay_key *key = assay_public_key(crypto, &p);
	tap_ok(key && assay_key_bits(key) == 1024, "modulus of keyBits makes a key");
	assay_key_free(key);

	p = get(IN(ECC NONE ECDSA P256 NONE XY));
	tap_ok(!assay_public_key(crypto, &p), "point that is not on the curve makes no key");
	p.type = 0x08;
	tap_ok(!assay_public_key(crypto, &p), "another type makes no key");
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);

	if (!crypto)
		return 1;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(&rows[i], read_row);
	test_fields();
	test_unbound();
	test_names(crypto);
	test_key(crypto);
	assay_crypto_free(crypto);
	return tap_done();
}
