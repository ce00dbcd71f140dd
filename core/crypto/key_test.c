/* SPDX-License-Identifier: Apache-2.0
 * Keys from numbers, and signatures that OpenSSL made with their other half. */
#include "core/base/slice.h"
#include "core/crypto/internal.h"
#include "tests/keys.h"
#include "tests/tap.h"

static const uint8_t zeros[66], ones[2048] = { 0xff };

static struct assay_slice number(const EVP_PKEY *pkey, const char *name, int width)
{
	static struct bytes b[4];
	static size_t i;
	struct bytes *at = &b[i++ % 4];

	at->n = 0;
	put_number(at, pkey, name, width);
	return slice_part(test_slice(at), 2, at->n);
}

static struct assay_key *key_of(struct assay_crypto *crypto, const EVP_PKEY *pkey,
				uint16_t curve)
{
	int size = (EVP_PKEY_get_bits(pkey) + 7) / 8;

	if (!curve)
		return assay_key_rsa(crypto, number(pkey, OSSL_PKEY_PARAM_RSA_N, 0), 65537);
	return assay_key_ec(crypto, curve, number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, size),
			    number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, size));
}

/* A modulus of so many bits, odd unless said. */
static struct assay_key *modulus(struct assay_crypto *crypto, size_t bits, bool odd, uint64_t e)
{
	uint8_t n[1100];

	memset(n, 0xa5, sizeof n);
	size_t size = (bits + 7) / 8;
	n[0] = (uint8_t)(0xff >> (8 * size - bits));
	n[size - 1] = odd ? 0xa5 : 0xa4;
	return assay_key_rsa(crypto, (struct assay_slice){ n, size }, e);
}

static void test_rsa_numbers(struct assay_crypto *crypto)
{
	static const struct {
		const char *name;
		size_t bits;
		bool odd;
		uint64_t e;
		bool taken;
	} rows[] = {
		{ "1024 bits", 1024, true, 65537, true },
		{ "1023 bits", 1023, true, 65537, false },
		{ "1025 bits", 1025, true, 65537, true },
		{ "8192 bits", 8192, true, 65537, true },
		{ "8193 bits", 8193, true, 65537, false },
		{ "512 bits", 512, true, 65537, false },
		{ "even modulus", 2048, false, 65537, false },
		{ "exponent 3", 2048, true, 3, true },
		{ "exponent 2^32 + 1", 2048, true, UINT64_C(0x100000001), true },
		{ "exponent 0", 2048, true, 0, false },
		{ "exponent 1", 2048, true, 1, false },
		{ "exponent 2", 2048, true, 2, false },
		{ "exponent even", 2048, true, 65536, false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_key *key = modulus(crypto, rows[i].bits, rows[i].odd, rows[i].e);
		tap_ok((key != NULL) == rows[i].taken &&
			       (!key || (assay_key_bits(key) == rows[i].bits &&
					 assay_key_type(key) == ASSAY_KEY_RSA &&
					 assay_key_curve(key) == 0)),
		       "RSA, %s: %s", rows[i].name, rows[i].taken ? "taken" : "refused");
		assay_key_free(key);
	}
	tap_ok(!assay_key_rsa(crypto, (struct assay_slice){ 0 }, 65537) &&
		       !assay_key_rsa(crypto, (struct assay_slice){ zeros, 66 }, 65537) &&
		       !assay_key_rsa(crypto, (struct assay_slice){ ones, sizeof ones }, 65537),
	       "RSA: no modulus, zeros, too long");
}

static void test_ec_numbers(struct assay_crypto *crypto)
{
	/* p of P-256: a coordinate that is not reduced */
	static const uint8_t p256[] = { 0xff, 0xff, 0xff, 0xff, 0,    0,    0,    1,
					0,    0,    0,    0,    0,    0,    0,    0,
					0,    0,    0,    0,    0xff, 0xff, 0xff, 0xff,
					0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	EVP_PKEY *pkey = test_ec("P-256"), *other = test_ec("P-384");
	struct assay_slice x = number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, 32);
	struct assay_slice y = number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
	struct assay_slice zero = { zeros, 32 }, p = { p256, sizeof p256 };
	uint8_t off[32];
	struct assay_key *key = assay_key_ec(crypto, ASSAY_P256, x, y);

	tap_ok(key && assay_key_type(key) == ASSAY_KEY_EC &&
		       assay_key_curve(key) == ASSAY_P256 && assay_key_bits(key) == 256,
	       "EC: taken");
	assay_key_free(key);
	memcpy(off, y.p, 32);
	off[31] ^= 1;
	tap_ok(!assay_key_ec(crypto, ASSAY_P256, x, (struct assay_slice){ off, 32 }),
	       "EC: not on the curve");
	tap_ok(!assay_key_ec(crypto, ASSAY_P256, zero, zero), "EC: (0, 0)");
	tap_ok(!assay_key_ec(crypto, ASSAY_P256, p, y) &&
		       !assay_key_ec(crypto, ASSAY_P256, x, p),
	       "EC: a coordinate that is p");
	tap_ok(!assay_key_ec(crypto, ASSAY_P384, x, y), "EC: another curve");
	tap_ok(!assay_key_ec(crypto, 0x0002, x, y) && !assay_key_ec(crypto, 0, x, y) &&
		       !assay_key_ec(crypto, 0x0010, x, y),
	       "EC: curves that are not taken");
	tap_ok(!assay_key_ec(crypto, ASSAY_P256, (struct assay_slice){ 0 }, y) &&
		       !assay_key_ec(crypto, ASSAY_P256, x, (struct assay_slice){ 0 }),
	       "EC: a coordinate is missing");
	tap_ok(!assay_key_ec(crypto, ASSAY_P256, number(other, OSSL_PKEY_PARAM_EC_PUB_X, 48),
			     y) &&
		       !assay_key_ec(crypto, ASSAY_P256, x,
				     number(other, OSSL_PKEY_PARAM_EC_PUB_Y, 48)),
	       "EC: a coordinate longer than the field");
	tap_ok(!assay_key_ed25519(crypto, (struct assay_slice){ p256, 31 }) &&
		       !assay_key_ed25519(crypto, (struct assay_slice){ 0 }),
	       "Ed25519: 32 bytes or none");
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(other);
}

/* A coordinate that begins with a zero byte, left out: the same key. */
static void test_short_coordinate(struct assay_crypto *crypto)
{
	for (int i = 0; i < 5000; i++) {
		EVP_PKEY *pkey = test_ec("P-256");
		struct assay_slice x = number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, 32);
		struct assay_slice y = number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
		bool found = x.p[0] == 0;
		if (found) {
			struct assay_key *a = assay_key_ec(crypto, ASSAY_P256, x, y);
			struct assay_key *b =
				assay_key_ec(crypto, ASSAY_P256, slice_part(x, 1, 32), y);
			tap_ok(a && b && assay_key_equal(a, b), "EC: a leading zero left out");
			assay_key_free(a);
			assay_key_free(b);
		}
		EVP_PKEY_free(pkey);
		if (found)
			return;
	}
	tap_ok(false, "EC: a leading zero left out");
}

static void test_equal(struct assay_crypto *crypto)
{
	EVP_PKEY *rsa = test_rsa(1024), *ec = test_ec("P-384"), *ec2 = test_ec("P-384");
	struct assay_key *a = key_of(crypto, rsa, 0), *a2 = key_of(crypto, rsa, 0);
	struct assay_key *e = assay_key_rsa(crypto, number(rsa, OSSL_PKEY_PARAM_RSA_N, 0), 3);
	struct assay_key *b = key_of(crypto, ec, ASSAY_P384),
			 *c = key_of(crypto, ec2, ASSAY_P384);
	struct assay_key *d = assay_key_ed25519(crypto, (struct assay_slice){ zeros, 32 });
	uint8_t x[1024], y[1024];
	size_t nx, ny;

	tap_ok(assay_key_equal(a, a2) && assay_key_equal(b, b) && assay_key_equal(d, d),
	       "equal: the same numbers");
	tap_ok(!assay_key_equal(a, e), "equal: another exponent");
	tap_ok(!assay_key_equal(b, c) && !assay_key_equal(a, b) && !assay_key_equal(d, b),
	       "equal: others");
	tap_ok(assay_key_numbers(a, x, &nx, y, &ny) && ny == 3 && memcmp(y, "\1\0\1", 3) == 0 &&
		       slice_eq((struct assay_slice){ x, nx },
				number(rsa, OSSL_PKEY_PARAM_RSA_N, 0)),
	       "numbers of RSA");
	tap_ok(assay_key_numbers(b, x, &nx, y, &ny) &&
		       slice_eq((struct assay_slice){ x, nx },
				number(ec, OSSL_PKEY_PARAM_EC_PUB_X, 48)) &&
		       slice_eq((struct assay_slice){ y, ny },
				number(ec, OSSL_PKEY_PARAM_EC_PUB_Y, 48)),
	       "numbers of EC, padded");
	tap_ok(assay_key_numbers(d, x, &nx, y, &ny) && nx == 32 && ny == 0,
	       "numbers of Ed25519");
	assay_key_free(a), assay_key_free(a2), assay_key_free(b), assay_key_free(c);
	assay_key_free(d), assay_key_free(e), assay_key_free(NULL);
	EVP_PKEY_free(rsa), EVP_PKEY_free(ec), EVP_PKEY_free(ec2);
}

static const struct {
	const char *name;
	uint16_t curve; /* 0: RSA */
	enum assay_scheme scheme;
	int saltlen;
	uint16_t hash;
} schemes[] = {
	{ "RSASSA SHA-1", 0, ASSAY_RSASSA, 0, ASSAY_SHA1 },
	{ "RSASSA SHA-256", 0, ASSAY_RSASSA, 0, ASSAY_SHA256 },
	{ "RSASSA SHA-384", 0, ASSAY_RSASSA, 0, ASSAY_SHA384 },
	{ "RSASSA SHA-512", 0, ASSAY_RSASSA, 0, ASSAY_SHA512 },
	{ "RSAPSS SHA-256, salt of the digest's length", 0, ASSAY_RSAPSS,
	  RSA_PSS_SALTLEN_DIGEST, ASSAY_SHA256 },
	{ "RSAPSS SHA-256, longest salt", 0, ASSAY_RSAPSS, RSA_PSS_SALTLEN_MAX, ASSAY_SHA256 },
	{ "RSAPSS SHA-384, salt of the digest's length", 0, ASSAY_RSAPSS,
	  RSA_PSS_SALTLEN_DIGEST, ASSAY_SHA384 },
	{ "RSAPSS SHA-1, longest salt", 0, ASSAY_RSAPSS, RSA_PSS_SALTLEN_MAX, ASSAY_SHA1 },
	{ "ECDSA P-256 SHA-256", ASSAY_P256, ASSAY_ECDSA, 0, ASSAY_SHA256 },
	{ "ECDSA P-256 SHA-1", ASSAY_P256, ASSAY_ECDSA, 0, ASSAY_SHA1 },
	{ "ECDSA P-256 SHA-512", ASSAY_P256, ASSAY_ECDSA, 0, ASSAY_SHA512 },
	{ "ECDSA P-384 SHA-384", ASSAY_P384, ASSAY_ECDSA, 0, ASSAY_SHA384 },
	{ "ECDSA P-521 SHA-512", ASSAY_P521, ASSAY_ECDSA, 0, ASSAY_SHA512 },
};

/* Every scheme and hash but the right ones. */
static bool only_this(struct assay_crypto *crypto, struct assay_key *key, size_t row,
		      struct assay_slice msg, struct assay_slice sig)
{
	static const int all[] = { ASSAY_RSASSA, ASSAY_RSAPSS, ASSAY_ECDSA, 0, 0x0010, 0x001b };
	static const uint16_t hashes[] = { ASSAY_SHA1,   ASSAY_SHA256,  ASSAY_SHA384,
					   ASSAY_SHA512, ASSAY_SM3_256, 0 };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (size_t j = 0; j < sizeof hashes / sizeof *hashes; j++) {
			bool right = all[i] == (int)schemes[row].scheme &&
				     hashes[j] == schemes[row].hash;
			if (assay_key_verify(crypto, key, (enum assay_scheme)all[i], hashes[j],
					     msg, sig) != right)
				return false;
		}
	return true;
}

static void test_scheme(struct assay_crypto *crypto, size_t row, EVP_PKEY *pkey)
{
	const char *name = schemes[row].name;
	uint16_t curve = schemes[row].curve;
	enum assay_scheme scheme = schemes[row].scheme;
	uint16_t hash = schemes[row].hash;
	struct assay_slice msg = slice_str("what was signed");
	struct assay_key *key = key_of(crypto, pkey, curve);
	uint8_t buf[1024] = { 0 };
	uint8_t *sig = buf + 1;
	size_t n = curve ? test_sign_raw(pkey, hash, msg, crypto_curve_size(curve), sig)
			 : test_sign(pkey, (uint16_t)scheme, schemes[row].saltlen, hash, msg,
				     sig, sizeof buf - 1);
	struct assay_slice s = { sig, n };

	tap_ok(key && assay_key_verify(crypto, key, scheme, hash, msg, s), "%s verifies", name);
	tap_ok(only_this(crypto, key, row, msg, s), "%s under no other scheme or hash", name);
	bool none = true;
	for (size_t i = 0; i < n; i += 7) {
		sig[i] ^= 0x40;
		none = none && !assay_key_verify(crypto, key, scheme, hash, msg, s);
		sig[i] ^= 0x40;
	}
	tap_ok(none, "%s: no changed byte verifies", name);
	tap_ok(!assay_key_verify(crypto, key, scheme, hash, msg,
				 (struct assay_slice){ sig, n - 1 }) &&
		       !assay_key_verify(crypto, key, scheme, hash, msg,
					 (struct assay_slice){ sig, n + 1 }) &&
		       !assay_key_verify(crypto, key, scheme, hash, msg,
					 (struct assay_slice){ buf, n + 1 }) &&
		       !assay_key_verify(crypto, key, scheme, hash, msg,
					 (struct assay_slice){ 0 }),
	       "%s: no other length verifies", name);
	tap_ok(assay_key_verify(crypto, key, scheme, hash, msg, s),
	       "%s verifies after all that", name);
	assay_key_free(key);
}

/* As a number, a signature with a leading zero byte left out is the same; PSS
 * would take it. */
static void test_short_signature(struct assay_crypto *crypto, EVP_PKEY *pkey)
{
	struct assay_key *key = key_of(crypto, pkey, 0);
	uint8_t msg[4] = { 0 }, sig[256];
	struct assay_slice m = { msg, 4 };

	for (uint32_t i = 0; i < 5000; i++) {
		memcpy(msg, &i, 4);
		size_t n = test_sign(pkey, ASSAY_RSAPSS, RSA_PSS_SALTLEN_DIGEST, ASSAY_SHA256,
				     m, sig, sizeof sig);
		if (sig[0] != 0)
			continue;
		tap_ok(assay_key_verify(crypto, key, ASSAY_RSAPSS, ASSAY_SHA256, m,
					(struct assay_slice){ sig, n }) &&
			       !assay_key_verify(crypto, key, ASSAY_RSAPSS, ASSAY_SHA256, m,
						 (struct assay_slice){ sig + 1, n - 1 }),
		       "RSAPSS: a leading zero must be there");
		break;
	}
	assay_key_free(key);
}

static void test_der(void)
{
	static const struct {
		const char *name, *der;
		size_t n;
		bool ok;
	} rows[] = {
#define DER(s) s, sizeof(s) - 1
		{ "small numbers", DER("\x30\6\2\1\5\2\1\6"), true },
		{ "a padded number", DER("\x30\7\2\2\0\x85\2\1\6"), true },
		{ "not a sequence", DER("\x31\6\2\1\5\2\1\6"), false },
		{ "not an integer", DER("\x30\6\3\1\5\2\1\6"), false },
		{ "number longer than the field", DER("\x30\7\2\1\5\2\2\6\6"), false },
		{ "bytes after", DER("\x30\6\2\1\5\2\1\6x"), false },
		{ "bytes inside after", DER("\x30\7\2\1\5\2\1\6x"), false },
		{ "length of two bytes", DER("\x30\x82\0\6\2\1\5\2\1\6"), false },
		{ "cut", DER("\x30\6\2\1\5\2\1"), false },
	};
	static const uint8_t edge[2] = { 0x7f, 0x80 };
	uint8_t raw[RAW_MAX], der[DER_MAX];
	uint8_t big[RAW_MAX];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_slice in = { (const uint8_t *)rows[i].der, rows[i].n };
		tap_ok(crypto_der_to_raw(in, 1, raw) == rows[i].ok, "DER: %s", rows[i].name);
	}
	tap_ok(crypto_raw_to_der((struct assay_slice){ edge, 2 }, 1, der) == 9 &&
		       memcmp(der, "\x30\7\2\1\x7f\2\2\0\x80", 9) == 0,
	       "DER: 0x80 is padded, 0x7f is not");
	memset(big, 0xff, sizeof big);
	tap_ok(crypto_raw_to_der((struct assay_slice){ big, RAW_MAX }, 66, der) == DER_MAX &&
		       crypto_der_to_raw((struct assay_slice){ der, DER_MAX }, 66, raw) &&
		       memcmp(raw, big, RAW_MAX) == 0,
	       "DER: the longest there and back");
	memset(big, 0x11, sizeof big);
	memset(big, 0, 4), memset(big + 66, 0, 4);
	tap_ok(crypto_raw_to_der((struct assay_slice){ big, RAW_MAX }, 66, der) == 131 &&
		       memcmp(der, "\x30\x81\x80\2\x3e", 5) == 0,
	       "DER: 128 bytes have the long form");
	memset(big, 0, 66);
	tap_ok(crypto_raw_to_der((struct assay_slice){ big, RAW_MAX }, 66, der) == 0,
	       "DER: r is zero");
	memset(big, 1, 66), memset(big + 66, 0, 66);
	tap_ok(crypto_raw_to_der((struct assay_slice){ big, RAW_MAX }, 66, der) == 0,
	       "DER: s is zero");
	tap_ok(crypto_raw_to_der((struct assay_slice){ big, 63 }, 32, der) == 0 &&
		       crypto_raw_to_der((struct assay_slice){ big, 64 }, 0, der) == 0 &&
		       crypto_raw_to_der((struct assay_slice){ ones, 134 }, 67, der) == 0,
	       "DER: r || s of another size");
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	EVP_PKEY *rsa = test_rsa(2048);

	if (!crypto)
		return 1;
	ERR_clear_error();
	test_rsa_numbers(crypto);
	test_ec_numbers(crypto);
	test_short_coordinate(crypto);
	test_equal(crypto);
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		EVP_PKEY *ec =
			schemes[i].curve ? test_ec(crypto_curve_name(schemes[i].curve)) : NULL;
		test_scheme(crypto, i, ec ? ec : rsa);
		EVP_PKEY_free(ec);
	}
	test_short_signature(crypto, rsa);
	test_der();
	tap_ok(ERR_peek_error() == 0, "no error is left behind");
	EVP_PKEY_free(rsa);
	assay_crypto_free(crypto);
	return tap_done();
}
