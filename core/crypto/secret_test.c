/* SPDX-License-Identifier: Apache-2.0
 * HMAC (RFC 4231), HKDF (RFC 5869) and AES-256-GCM (the cases of McGrew and Viega that SP
 * 800-38D names), and what each refuses. */
#include "core/base/slice.h"
#include "core/crypto/internal.h"
#include "tests/tap.h"
#include <stdlib.h>

struct hex {
	uint8_t b[256];
	size_t n;
};

static struct hex hex(const char *text)
{
	struct hex h = { .n = strlen(text) / 2 };

	for (size_t i = 0; i < h.n; i++) {
		char pair[3] = { text[2 * i], text[2 * i + 1], 0 };
		h.b[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return h;
}

#define SLICE(h) ((struct assay_slice){ (h).b, (h).n })

static const struct {
	const char *name, *key, *data, *mac;
} macs[] = {
	{ "RFC 4231 case 1", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
	  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ "RFC 4231 case 2", "4a656665",
	  "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ "RFC 4231 case 3", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  "dddddddddddddddddddddddddddddddddddddddddddddddddd"
	  "dddddddddddddddddddddddddddddddddddddddddddddddddd",
	  "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
};

static void test_hmac(struct assay_crypto *crypto)
{
	uint8_t out[ASSAY_MAC_SIZE];

	for (size_t i = 0; i < sizeof macs / sizeof *macs; i++) {
		struct hex key = hex(macs[i].key), data = hex(macs[i].data);
		struct hex want = hex(macs[i].mac);
		struct assay_slice parts[] = { slice_part(SLICE(data), 0, 3),
					       { 0 },
					       slice_part(SLICE(data), 3, data.n) };

		tap_ok(assay_hmac(crypto, SLICE(key), parts, 3, out) &&
			       memcmp(out, want.b, sizeof out) == 0,
		       "HMAC, %s, in parts", macs[i].name);
	}
	memset(out, 0x55, sizeof out);
	tap_ok(!assay_hmac(crypto, (struct assay_slice){ 0 }, NULL, 0, out) &&
		       slice_all((struct assay_slice){ out, sizeof out }, 0x55),
	       "HMAC without a key is refused, and does not go on with the last one");
}

static const struct {
	const char *name, *key, *salt, *info, *okm;
} kdfs[] = {
	{ "RFC 5869 A.1", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
	  "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
	  "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b88718586"
	  "5" },
	{ "RFC 5869 A.3, no salt, no info", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "",
	  "",
	  "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c"
	  "8" },
};

static void test_hkdf(struct assay_crypto *crypto)
{
	uint8_t out[43];

	for (size_t i = 0; i < sizeof kdfs / sizeof *kdfs; i++) {
		struct hex key = hex(kdfs[i].key), salt = hex(kdfs[i].salt);
		struct hex info = hex(kdfs[i].info), want = hex(kdfs[i].okm);

		memset(out, 0x55, sizeof out);
		tap_ok(assay_hkdf(crypto, SLICE(key), SLICE(salt), SLICE(info), out, want.n) &&
			       memcmp(out, want.b, want.n) == 0 && out[want.n] == 0x55,
		       "HKDF, %s", kdfs[i].name);
	}
	tap_ok(!assay_hkdf(crypto, (struct assay_slice){ out, 0 }, slice_str("salt"),
			   slice_str("info"), out, 32),
	       "HKDF without a key is refused");

	static uint8_t much[255 * 32 + 1];
	memset(much, 0x55, sizeof much);
	tap_ok(!assay_hkdf(crypto, slice_str("key"), slice_str("salt"), slice_str("info"), much,
			   sizeof much) &&
		       slice_all((struct assay_slice){ much, sizeof much }, 0),
	       "HKDF of more than 255 blocks is refused, out wiped");
}

static const struct {
	const char *name, *key, *nonce, *ad, *plain, *sealed;
} seals[] = {
	{ "case 13, nothing in it",
	  "0000000000000000000000000000000000000000000000000000000000000000",
	  "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b" },
	{ "case 16", "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	  "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	  "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
	  "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	  "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
	  "76fc6ece0f4e1768cddf8853bb2d551b" },
};

static bool flips_refused(struct assay_crypto *crypto, struct hex *what, const struct hex *key,
			  const struct hex *nonce, const struct hex *ad,
			  const struct hex *sealed)
{
	uint8_t out[256];

	for (size_t bit = 0; bit < 8 * what->n; bit++) {
		what->b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		memset(out, 0x55, sizeof out);
		size_t n = sealed->n - ASSAY_AEAD_TAG;
		bool ok = assay_aead_open(crypto, key->b, nonce->b, SLICE(*ad), SLICE(*sealed),
					  out);
		what->b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (ok || (n > 0 && !slice_all((struct assay_slice){ out, n }, 0)) ||
		    out[n] != 0x55)
			return false;
	}
	return true;
}

static void test_aead(struct assay_crypto *crypto)
{
	for (size_t i = 0; i < sizeof seals / sizeof *seals; i++) {
		struct hex key = hex(seals[i].key), nonce = hex(seals[i].nonce);
		struct hex ad = hex(seals[i].ad), plain = hex(seals[i].plain);
		struct hex want = hex(seals[i].sealed), out = plain;

		tap_ok(assay_aead_seal(crypto, key.b, nonce.b, SLICE(ad), SLICE(plain),
				       out.b) &&
			       memcmp(out.b, want.b, want.n) == 0,
		       "AES-256-GCM, %s", seals[i].name);
		tap_ok(assay_aead_seal(crypto, key.b, nonce.b, SLICE(ad),
				       (struct assay_slice){ plain.b, plain.n }, plain.b) &&
			       memcmp(plain.b, want.b, want.n) == 0,
		       "in place, %s", seals[i].name);
		tap_ok(assay_aead_open(crypto, key.b, nonce.b, SLICE(ad), SLICE(want), out.b) &&
			       assay_aead_open(crypto, key.b, nonce.b, SLICE(ad),
					       (struct assay_slice){ plain.b, want.n },
					       plain.b) &&
			       memcmp(out.b, plain.b, plain.n) == 0,
		       "opened, also in place, %s", seals[i].name);
		tap_ok(flips_refused(crypto, &want, &key, &nonce, &ad, &want) &&
			       flips_refused(crypto, &key, &key, &nonce, &ad, &want) &&
			       flips_refused(crypto, &nonce, &key, &nonce, &ad, &want) &&
			       flips_refused(crypto, &ad, &key, &nonce, &ad, &want),
		       "every bit of text, tag, key, nonce and associated data matters, %s",
		       seals[i].name);
		bool cut = true;
		for (size_t n = 0; n < want.n; n++)
			cut = cut && !assay_aead_open(crypto, key.b, nonce.b, SLICE(ad),
						      (struct assay_slice){ want.b, n }, out.b);
		tap_ok(cut, "every shorter text is refused, %s", seals[i].name);
	}
}

static void test_equal(void)
{
	struct assay_slice a = slice_str("abc");

	tap_ok(assay_secret_equal(a, slice_str("abc")) &&
		       !assay_secret_equal(a, slice_str("abd")) &&
		       !assay_secret_equal(a, slice_str("ab")) &&
		       assay_secret_equal((struct assay_slice){ 0 }, (struct assay_slice){ 0 }),
	       "equal is all bytes and the length");
	uint8_t b[] = { 1, 2, 3 };
	assay_secret_wipe(b, 2);
	tap_ok(b[0] == 0 && b[1] == 0 && b[2] == 3, "wiped, and no byte more");
}

/* What a provider lacks is refused, never done without. */
static void test_lacking(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, "provider=default");
	struct hex key = hex(seals[1].key), sealed = hex(seals[1].sealed);
	uint8_t out[256];

	if (!crypto)
		exit(1);
	tap_ok(assay_aead_seal(crypto, key.b, key.b, SLICE(key), SLICE(key), out),
	       "a property query reaches the cipher");
	crypto_secret_free(crypto);
	crypto->gcm = NULL;
	crypto->gcm_ctx = NULL;
	tap_ok(!assay_aead_seal(crypto, key.b, key.b, SLICE(key), SLICE(key), out) &&
		       !assay_aead_open(crypto, key.b, key.b, SLICE(key), SLICE(sealed), out),
	       "what the provider lacks fails");
	assay_crypto_free(crypto);
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);

	if (!crypto)
		return 1;
	test_hmac(crypto);
	test_hkdf(crypto);
	test_aead(crypto);
	test_equal();
	test_lacking();
	tap_ok(ERR_peek_error() == 0, "no error is left in libcrypto's queue");
	assay_crypto_free(crypto);
	return tap_done();
}
