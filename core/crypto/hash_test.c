/* SPDX-License-Identifier: Apache-2.0
 * Algorithms, digests (FIPS 180-4 examples) and banks. */
#include "core/base/slice.h"
#include "tests/tap.h"
#include <assay/crypto.h>
#include <openssl/err.h>

static const struct {
	uint16_t alg;
	const char *name;
	size_t size;
	const char *abc; /* digest of "abc"; NULL: not computed */
} rows[] = {
	{ ASSAY_SHA1, "sha1", 20, "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ ASSAY_SHA256, "sha256", 32,
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ ASSAY_SHA384, "sha384", 48,
	  "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	  "8086072ba1e7cc2358baeca134c825a7" },
	{ ASSAY_SHA512, "sha512", 64,
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	{ ASSAY_SM3_256, "sm3_256", 32, NULL },
	{ ASSAY_SHA3_256, "sha3_256", 32, NULL },
	{ ASSAY_SHA3_384, "sha3_384", 48, NULL },
	{ ASSAY_SHA3_512, "sha3_512", 64, NULL },
	{ 0x0010, NULL, 0, NULL },
};

static bool is_hex(const uint8_t *p, size_t n, const char *hex)
{
	char text[2 * ASSAY_DIGEST_MAX + 1] = "";

	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", p[i]);
	return strcmp(text, hex) == 0;
}

static void test_algs(struct assay_crypto *crypto)
{
	struct assay_slice abc[] = { { (const uint8_t *)"a", 1 },
				     { 0 },
				     { (const uint8_t *)"bc", 2 } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *name = rows[i].name;
		struct assay_digest d, before;
		uint8_t one[ASSAY_DIGEST_MAX + 1];
		memset(&d, 0x55, sizeof d);
		memset(one, 0x55, sizeof one);
		before = d;

		tap_ok(assay_alg_size(rows[i].alg) == rows[i].size &&
			       assay_alg_computable(rows[i].alg) == (rows[i].abc != NULL),
		       "size of %04x", rows[i].alg);
		tap_ok(name ? strcmp(assay_alg_name(rows[i].alg), name) == 0 &&
				       assay_alg_by_name(slice_str(name)) == rows[i].alg
			    : !assay_alg_name(rows[i].alg),
		       "name of %04x", rows[i].alg);
		bool ok = assay_hash(crypto, rows[i].alg, abc, 3, &d);
		if (!rows[i].abc) {
			tap_ok(!ok && memcmp(&d, &before, sizeof d) == 0 &&
				       !assay_hash1(crypto, rows[i].alg, abc[0], one),
			       "%04x is not computed, out untouched", rows[i].alg);
			continue;
		}
		tap_ok(ok && d.alg == rows[i].alg && d.n == rows[i].size &&
			       is_hex(d.b, d.n, rows[i].abc),
		       "digest of parts, %s", name);
		tap_ok(assay_hash1(crypto, rows[i].alg, slice_str("abc"), one) &&
			       is_hex(one, rows[i].size, rows[i].abc) &&
			       one[rows[i].size] == 0x55,
		       "digest of one, %s, no byte more", name);
	}
	tap_ok(assay_alg_by_name(slice_str("SHA256")) == 0 &&
		       assay_alg_by_name(slice_str("sha")) == 0 &&
		       assay_alg_by_name((struct assay_slice){ 0 }) == 0,
	       "names are exact");
}

static void test_empty(struct assay_crypto *crypto)
{
	static const char sha256[] =
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	struct assay_digest d;

	tap_ok(assay_hash(crypto, ASSAY_SHA256, NULL, 0, &d) && is_hex(d.b, 32, sha256),
	       "digest of no parts");
	tap_ok(assay_hash1(crypto, ASSAY_SHA256, (struct assay_slice){ 0 }, d.b) &&
		       is_hex(d.b, 32, sha256),
	       "digest of an empty part");
}

static void test_bank(struct assay_crypto *crypto)
{
	static struct assay_bank bank;
	uint8_t digest[64] = { 1 };
	bool reset = true;

	tap_ok(!assay_bank_reset(&bank, ASSAY_SM3_256), "no bank of SM3");
	memset(&bank, 0x55, sizeof bank);
	tap_ok(assay_bank_reset(&bank, ASSAY_SHA1) && bank.alg == ASSAY_SHA1 &&
		       bank.size == 20 && bank.extended == 0,
	       "bank of SHA-1");
	for (size_t i = 0; i < ASSAY_PCRS; i++)
		reset = reset && slice_all((struct assay_slice){ bank.value[i], 20 },
					   i >= 17 && i <= 22 ? 0xff : 0);
	tap_ok(reset, "PCR 17-22 start at ones, the others at zeros");

	tap_ok(assay_bank_extend(crypto, &bank, 7, (struct assay_slice){ digest, 20 }) &&
		       bank.extended == 1u << 7 &&
		       is_hex(bank.value[7], 20, "14326af4714bd0fa442f4d482befc95233a5b3a9"),
	       "extend once");
	tap_ok(assay_bank_extend(crypto, &bank, 17, (struct assay_slice){ digest, 20 }) &&
		       bank.extended == (1u << 7 | 1u << 17) &&
		       is_hex(bank.value[17], 20, "cca6741eae342c641a802756b7e19ceabe4e9938"),
	       "extend from ones");

	struct assay_bank before = bank;
	tap_ok(!assay_bank_extend(crypto, &bank, 24, (struct assay_slice){ digest, 20 }) &&
		       !assay_bank_extend(crypto, &bank, 7,
					  (struct assay_slice){ digest, 32 }) &&
		       !assay_bank_extend(crypto, &bank, 7,
					  (struct assay_slice){ digest, 0 }) &&
		       memcmp(&bank, &before, sizeof bank) == 0,
	       "no PCR 24, no digest of another size");
}

static void test_new(void)
{
	ERR_clear_error();
	tap_ok(!assay_crypto_new(NULL, "provider=none-such") && ERR_peek_error() == 0,
	       "a provider without SHA-256 is none, and leaves no error behind");
	struct assay_crypto *crypto = assay_crypto_new(NULL, "provider=default");
	uint8_t out[ASSAY_DIGEST_MAX];
	tap_ok(crypto && assay_hash1(crypto, ASSAY_SHA384, slice_str("abc"), out),
	       "a property query");
	assay_crypto_free(crypto);
	assay_crypto_free(NULL);
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);

	if (!crypto)
		return 1;
	test_algs(crypto);
	test_empty(crypto);
	test_bank(crypto);
	test_new();
	assay_crypto_free(crypto);
	return tap_done();
}
