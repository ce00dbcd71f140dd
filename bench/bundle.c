/* SPDX-License-Identifier: Apache-2.0
 *
 * TPMS_ATTEST, TPMT_SIGNATURE and TPM2B_PUBLIC as in TPM 2.0 Library v1.84,
 * Part 2; the order of the puts is the order of the fields. */
#include "bench/bundle.h"
#include "bench/logs.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PCRS_QUOTED = 0x47ff /* 0-10 and 14 */ };

static const uint8_t nonce[32] = "bench: a nonce that never repeat";

void bench_put(struct bench_out *o, size_t width, uint64_t v)
{
	while (width-- > 0)
		o->b[o->n++] = (uint8_t)(v >> 8 * width);
}

static void put_bytes(struct bench_out *o, const void *p, size_t n)
{
	memcpy(o->b + o->n, p, n);
	o->n += n;
}

void bench_put_2b(struct bench_out *o, const void *p, size_t n)
{
	bench_put(o, 2, n);
	put_bytes(o, p, n);
}

static void write_file(const char *folder, const char *name, const void *p, size_t n)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		bench_die(path);
}

/* TPMS_RSA_PARMS and the modulus. */
static void put_rsa(struct bench_out *o, const EVP_PKEY *key)
{
	uint8_t n[256];
	BIGNUM *modulus = NULL;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus) != 1 ||
	    BN_bn2binpad(modulus, n, sizeof n) != sizeof n)
		bench_die("modulus");
	BN_free(modulus);
	bench_put(o, 2, 2048);
	bench_put(o, 4, 0); /* exponent: 65537 */
	bench_put_2b(o, n, sizeof n);
}

/* TPMS_ECC_PARMS and the point. */
static void put_ecc(struct bench_out *o, const EVP_PKEY *key)
{
	uint8_t point[65];
	size_t n = 0;

	if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point,
					    &n) != 1 ||
	    n != sizeof point)
		bench_die("public key");
	bench_put(o, 2, ASSAY_P256);
	bench_put(o, 2, 0x0010); /* kdf: null */
	bench_put_2b(o, point + 1, 32);
	bench_put_2b(o, point + 33, 32);
}

void bench_public(struct bench_out *o, const EVP_PKEY *key)
{
	bool rsa = EVP_PKEY_is_a(key, "RSA") == 1;
	struct bench_out tpmt = { .n = 0 };

	bench_put(&tpmt, 2, rsa ? 0x0001 : 0x0023); /* type */
	bench_put(&tpmt, 2, ASSAY_SHA256);          /* nameAlg */
	bench_put(&tpmt, 4, ASSAY_OBJECT_ATTESTATION | ASSAY_OBJECT_userWithAuth);
	bench_put(&tpmt, 2, 0);      /* authPolicy */
	bench_put(&tpmt, 2, 0x0010); /* symmetric: null */
	bench_put(&tpmt, 2, rsa ? ASSAY_RSASSA : ASSAY_ECDSA);
	bench_put(&tpmt, 2, ASSAY_SHA256);
	if (rsa)
		put_rsa(&tpmt, key);
	else
		put_ecc(&tpmt, key);
	bench_put_2b(o, tpmt.b, tpmt.n);
}

void bench_attest(struct bench_out *o, const uint8_t *pcrDigest, const uint8_t *extraData,
		  uint64_t clock)
{
	static const uint8_t name[2 + 32] = { 0x00, 0x0b, 0xbe, 0xec };

	bench_put(o, 4, 0xff544347); /* magic */
	bench_put(o, 2, 0x8018);     /* type: quote */
	bench_put_2b(o, name, sizeof name);
	bench_put_2b(o, extraData, 32);
	bench_put(o, 8, clock);
	bench_put(o, 4, 1); /* resetCount */
	bench_put(o, 4, 0); /* restartCount */
	bench_put(o, 1, 1); /* safe */
	bench_put(o, 8, 1); /* firmwareVersion */
	bench_put(o, 4, 1); /* one bank */
	bench_put(o, 2, ASSAY_SHA256);
	bench_put(o, 1, 3);
	for (size_t i = 0; i < 3; i++)
		bench_put(o, 1, PCRS_QUOTED >> 8 * i & 0xff);
	bench_put_2b(o, pcrDigest, 32);
}

/* r and s of the DER signature. */
static void put_ecdsa(struct bench_out *o, const uint8_t *der, size_t n)
{
	uint8_t r[32], s[32];
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);

	if (!sig || BN_bn2binpad(ECDSA_SIG_get0_r(sig), r, 32) != 32 ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), s, 32) != 32)
		bench_die("ECDSA_SIG");
	bench_put_2b(o, r, 32);
	bench_put_2b(o, s, 32);
	ECDSA_SIG_free(sig);
}

void bench_sign(struct bench_out *o, EVP_PKEY *key, const struct bench_out *attest)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool rsa = EVP_PKEY_is_a(key, "RSA") == 1;
	uint8_t sig[256];
	size_t n = sizeof sig;

	if (!ctx || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSign(ctx, sig, &n, attest->b, attest->n) != 1)
		bench_die("EVP_DigestSign");
	EVP_MD_CTX_free(ctx);
	bench_put(o, 2, rsa ? ASSAY_RSASSA : ASSAY_ECDSA);
	bench_put(o, 2, ASSAY_SHA256);
	if (rsa)
		bench_put_2b(o, sig, n);
	else
		put_ecdsa(o, sig, n);
}

static void write_nonce(const char *folder)
{
	char hex[2 * sizeof nonce + 1];

	for (size_t i = 0; i < sizeof nonce; i++)
		snprintf(hex + 2 * i, 3, "%02x", nonce[i]);
	write_file(folder, "nonce", hex, 2 * sizeof nonce);
}

/* The PCRs after the boot, PCR 10 after the list. */
void bench_pcr_digest(struct assay_crypto *crypto, struct assay_bank *bank,
		      struct assay_slice list, uint8_t *out)
{
	struct bench_ima ima = { .crypto = crypto, .list = list };
	struct assay_slice parts[ASSAY_PCRS];
	struct assay_digest d;
	size_t n = 0;

	bench_ima_appraise(&ima, 1);
	memcpy(bank->value[10], ima.bank.value[10], 32);
	for (size_t p = 0; p < ASSAY_PCRS; p++)
		if (PCRS_QUOTED >> p & 1)
			parts[n++] = (struct assay_slice){ bank->value[p], 32 };
	if (!assay_hash(crypto, ASSAY_SHA256, parts, n, &d))
		bench_die("assay_hash");
	memcpy(out, d.b, 32);
}

void bench_bundle_make(const char *folder, const char *evidence, size_t entries)
{
	struct bench_log log;
	struct bench_list list;
	struct assay_digest aggregate;
	struct bench_out attest = { .n = 0 }, sig = { .n = 0 }, ak = { .n = 0 };
	uint8_t digest[32];
	EVP_PKEY *key = EVP_EC_gen("P-256");

	bench_log_load(&log, evidence);
	bench_log_replay(&log, 1);
	if (!key || (mkdir(folder, 0755) != 0 && errno != EEXIST) ||
	    !assay_ima_boot_aggregate(log.crypto, &log.bank, &aggregate))
		bench_die(folder);
	bench_list_make(&list, entries, aggregate.b, NULL);
	bench_pcr_digest(log.crypto, &log.bank, (struct assay_slice){ list.p, list.n }, digest);
	bench_attest(&attest, digest, nonce, 123456);
	bench_sign(&sig, key, &attest);
	bench_public(&ak, key);
	write_file(folder, "quote.msg", attest.b, attest.n);
	write_file(folder, "quote.sig", sig.b, sig.n);
	write_file(folder, "ak.pub", ak.b, ak.n);
	write_nonce(folder);
	write_file(folder, "binary_bios_measurements", log.log.p, log.log.n);
	write_file(folder, "binary_runtime_measurements", list.p, list.n);
	bench_list_drop(&list);
	bench_log_drop(&log);
	EVP_PKEY_free(key);
}
