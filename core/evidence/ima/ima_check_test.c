/* SPDX-License-Identifier: Apache-2.0
 * What entries hash to and extend, where the lists of real boots
 * (ima_evidence_test.c) have no example. */
#include <assay/evidence/ima.h>
#include <string.h>

#include "core/base/slice.h"
#include "tests/tap.h"

#define DATA "\11\0\0\0sha1:\0abc\3\0\0\0/a\0"

static struct assay_crypto *crypto;

static struct assay_slice over(const void *p, size_t n)
{
	return (struct assay_slice){ p, n };
}

/* An entry of DATA whose template hash is that of alg, one byte of it changed by flip. */
static struct assay_ima_entry entry(uint16_t alg, uint8_t *hash, uint8_t flip)
{
	struct assay_ima_entry e = { .template_alg = alg, .data = over(DATA, sizeof DATA - 1) };

	if (!assay_hash1(crypto, alg, e.data, hash))
		return e;
	hash[assay_alg_size(alg) - 1] ^= flip;
	e.template_hash = over(hash, assay_alg_size(alg));
	return e;
}

static void checks(void)
{
	static const uint16_t algs[] = { ASSAY_SHA1, ASSAY_SHA256, ASSAY_SHA384, ASSAY_SHA512 };
	uint8_t hash[ASSAY_DIGEST_MAX], want[ASSAY_DIGEST_MAX], sha1[20];

	for (size_t i = 0; i < sizeof algs / sizeof *algs; i++) {
		struct assay_ima_entry e = entry(algs[i], hash, 0);
		bool good =
			assay_ima_check(crypto, &e, NULL) && assay_ima_check(crypto, &e, sha1);
		bool is_sha1 = assay_hash1(crypto, ASSAY_SHA1, e.data, want) &&
			       memcmp(want, sha1, 20) == 0;

		memset(sha1, 0, sizeof sha1);
		e = entry(algs[i], hash, 0x80);
		bool bad =
			assay_ima_check(crypto, &e, NULL) || assay_ima_check(crypto, &e, sha1);
		tap_ok(good && is_sha1 && !bad && memcmp(want, sha1, 20) == 0,
		       "%s template hashes; the SHA-1 is given either way",
		       assay_alg_name(algs[i]));
	}
	struct assay_ima_entry sm3 = entry(ASSAY_SHA256, hash, 0);
	sm3.template_alg = ASSAY_SM3_256;
	tap_ok(!assay_ima_check(crypto, &sm3, NULL),
	       "a hash that assay cannot compute is not checked");
}

static void extends(void)
{
	uint8_t hash[ASSAY_DIGEST_MAX], out[ASSAY_DIGEST_MAX], native[ASSAY_DIGEST_MAX];
	static const uint8_t zeros[ASSAY_DIGEST_MAX];
	struct assay_ima_entry e = entry(ASSAY_SHA1, hash, 0);

	memset(out, 0x77, sizeof out);
	tap_ok(assay_ima_extend_value(crypto, &e, ASSAY_SHA512, ASSAY_IMA_PADDED, NULL, out) &&
		       !memcmp(out, hash, 20) && !memcmp(out + 20, zeros, 44),
	       "padded: SHA-1 and zeros");
	memset(out, 0x77, sizeof out);
	tap_ok(assay_ima_extend_value(crypto, &e, ASSAY_SM3_256, ASSAY_IMA_PADDED, hash, out) &&
		       !memcmp(out, hash, 20) && !memcmp(out + 20, zeros, 12) &&
		       out[32] == 0x77,
	       "padded: a bank that assay cannot compute, and nothing behind it");
	tap_ok(!assay_ima_extend_value(crypto, &e, ASSAY_SM3_256, ASSAY_IMA_NATIVE, hash, out),
	       "native: not for a bank that assay cannot compute");
	tap_ok(assay_hash1(crypto, ASSAY_SHA512, e.data, native) &&
		       assay_ima_extend_value(crypto, &e, ASSAY_SHA512, ASSAY_IMA_NATIVE, NULL,
					      out) &&
		       !memcmp(out, native, 64),
	       "native: the bank's own hash of the data");
	tap_ok(assay_ima_extend_value(crypto, &e, ASSAY_SHA1, ASSAY_IMA_NATIVE, NULL, out) &&
		       !memcmp(out, hash, 20),
	       "native: SHA-1 is computed when it is not given");

	memset(out, 0x77, sizeof out);
	tap_ok(!assay_ima_extend_value(crypto, &e, 0x7777, ASSAY_IMA_PADDED, hash, out) &&
		       out[0] == 0x77,
	       "an unknown bank extends nothing");
	e.violation = true;
	tap_ok(!assay_ima_extend_value(crypto, &e, 0x7777, ASSAY_IMA_NATIVE, hash, out) &&
		       out[0] == 0x77,
	       "nor does a violation there");
}

static void legacy(void)
{
	struct assay_ima_entry e = { .legacy = true, .template_alg = ASSAY_SHA1 };
	uint8_t padded[276] = "hhhhhhhhhhhhhhhhhhhh/a", want[ASSAY_DIGEST_MAX];
	static uint8_t name[257];

	e.digest = over("hhhhhhhhhhhhhhhhhhhh", 20);
	e.name = over("/a", 2);
	e.template_hash = over(want, 20);
	tap_ok(assay_hash1(crypto, ASSAY_SHA1, over(padded, sizeof padded), want) &&
		       assay_ima_check(crypto, &e, NULL),
	       "template ima hashes its name padded to 256 bytes");
	e.name = over(name, sizeof name);
	tap_ok(!assay_ima_check(crypto, &e, NULL), "a name of 257 cannot be");
}

static void buffers(void)
{
	uint8_t hash[ASSAY_DIGEST_MAX];
	struct assay_ima_entry e = { .has_digest = true, .has_buf = true };

	e.buf = over("buffer", 6);
	e.digest_alg = ASSAY_SHA256;
	e.digest = over(hash, 32);
	tap_ok(assay_hash1(crypto, ASSAY_SHA256, e.buf, hash) &&
		       assay_ima_buf_check(crypto, &e),
	       "a buffer that hashes to its digest");
	e.violation = true;
	tap_ok(!assay_ima_buf_check(crypto, &e), "not in a violation");
	e.violation = false;
	e.digest.n = 31;
	tap_ok(!assay_ima_buf_check(crypto, &e), "not by a part of the digest");
	e.digest.n = 32;
	e.buf = over("buffes", 6);
	tap_ok(!assay_ima_buf_check(crypto, &e), "not another buffer");
	e.digest_alg = ASSAY_SM3_256;
	tap_ok(!assay_ima_buf_check(crypto, &e), "not under a hash that assay cannot compute");
	e.digest_alg = ASSAY_SHA256;
	e.buf = (struct assay_slice){ 0 };
	tap_ok(assay_hash1(crypto, ASSAY_SHA256, e.buf, hash) &&
		       !assay_ima_buf_check(crypto, &e),
	       "an empty buffer is none: an empty file has its digest");
}

static void boot_aggregates(void)
{
	static const struct {
		uint16_t alg;
		size_t pcrs;
	} rows[] = { { ASSAY_SHA1, 8 },
		     { ASSAY_SHA256, 10 },
		     { ASSAY_SHA384, 10 },
		     { ASSAY_SHA512, 10 } };
	struct assay_bank bank;
	struct assay_digest d, want;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_slice parts[10];

		bool ok = assay_bank_reset(&bank, rows[i].alg);
		for (size_t k = 0; k < ASSAY_PCRS; k++)
			bank.value[k][0] = (uint8_t)k;
		for (size_t k = 0; k < rows[i].pcrs; k++)
			parts[k] = over(bank.value[k], bank.size);
		tap_ok(ok && assay_hash(crypto, rows[i].alg, parts, rows[i].pcrs, &want) &&
			       assay_ima_boot_aggregate(crypto, &bank, &d) &&
			       d.alg == rows[i].alg &&
			       slice_eq(over(d.b, d.n), over(want.b, want.n)),
		       "boot_aggregate over %zu PCRs of %s", rows[i].pcrs,
		       assay_alg_name(rows[i].alg));
	}
	bank.size--;
	tap_ok(!assay_ima_boot_aggregate(crypto, &bank, &d),
	       "no boot_aggregate of a bank of another size");
	bank = (struct assay_bank){ 0 };
	tap_ok(!assay_ima_boot_aggregate(crypto, &bank, &d), "no boot_aggregate of no bank");
}

int main(void)
{
	crypto = assay_crypto_new(NULL, NULL);
	checks();
	extends();
	legacy();
	buffers();
	boot_aggregates();
	assay_crypto_free(crypto);
	return tap_done();
}
