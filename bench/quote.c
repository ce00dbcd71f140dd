/* SPDX-License-Identifier: Apache-2.0
 *
 * A quote with a cached key and an unchanged boot log, beside the public-key
 * operation alone: EVP_PKEY_verify over the same digest and signature on a
 * context that is kept. */
#include "bench/quote.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_nonce(struct bench_quote *q, struct assay_slice hex)
{
	for (q->nonce_n = 0; 2 * q->nonce_n + 1 < hex.n && q->nonce_n < sizeof q->nonce;
	     q->nonce_n++) {
		unsigned byte = 0;
		if (sscanf((const char *)hex.p + 2 * q->nonce_n, "%2x", &byte) != 1)
			break;
		q->nonce[q->nonce_n] = (uint8_t)byte;
	}
}

void bench_quote_load(struct bench_quote *q, const char *folder)
{
	struct assay_err err;
	struct assay_bank banks[ASSAY_PCR_BANKS_MAX];
	uint32_t known[ASSAY_PCR_BANKS_MAX];
	size_t n = 0;

	*q = (struct bench_quote){ .crypto = assay_crypto_new(NULL, NULL),
				   .message = bench_file(folder, "quote.msg"),
				   .signature = bench_file(folder, "quote.sig"),
				   .ak_file = bench_file(folder, "ak.pub") };
	struct assay_slice nonce = bench_file(folder, "nonce"),
			   pcrs = bench_file(folder, "pcrs.txt");

	read_nonce(q, nonce);
	if (!q->crypto || !assay_ak_read(q->crypto, q->ak_file, &q->ak, &err) ||
	    !assay_quote_read(q->message, &q->known, &err) ||
	    !assay_pcrs_read(pcrs, banks, known, ASSAY_PCR_BANKS_MAX, &n, &err))
		bench_die(folder);
	for (size_t i = 0; i < n; i++)
		if (banks[i].alg == q->known.pcrSelect.bank[0].hash)
			q->bank = banks[i];
	free((void *)(uintptr_t)nonce.p);
	free((void *)(uintptr_t)pcrs.p);
}

void bench_quote_drop(struct bench_quote *q)
{
	assay_key_free(q->ak.key);
	assay_crypto_free(q->crypto);
	free((void *)(uintptr_t)q->message.p);
	free((void *)(uintptr_t)q->signature.p);
	free((void *)(uintptr_t)q->ak_file.p);
}

static bool same_selection(const struct assay_pcr_selection *a,
			   const struct assay_pcr_selection *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->bank[i].hash != b->bank[i].hash || a->bank[i].mask != b->bank[i].mask)
			return false;
	return true;
}

static bool appraise(struct bench_quote *q)
{
	const struct assay_bank *banks[] = { &q->bank };
	struct assay_quote quote;
	struct assay_signature sig;
	struct assay_digest d;
	struct assay_err err;

	return assay_quote_read(q->message, &quote, &err) &&
	       assay_signature_read(q->signature, &sig, &err) &&
	       quote.extraData.n == q->nonce_n &&
	       memcmp(quote.extraData.p, q->nonce, q->nonce_n) == 0 &&
	       same_selection(&quote.pcrSelect, &q->known.pcrSelect) &&
	       assay_quote_composite(q->crypto, &quote.pcrSelect, banks, 1, sig.hash, &d) &&
	       quote.pcrDigest.n == d.n && memcmp(quote.pcrDigest.p, d.b, d.n) == 0 &&
	       assay_quote_verify(q->crypto, q->ak.key, &q->ak.pub, &quote, &sig);
}

double bench_quote_appraise(void *ctx, size_t times)
{
	double from = bench_cpu();

	for (size_t i = 0; i < times; i++)
		if (!appraise(ctx))
			bench_die("a quote that is good was refused");
	return bench_cpu() - from;
}

/* The bare verification. */
struct bare {
	EVP_PKEY_CTX *ctx;
	uint8_t digest[ASSAY_DIGEST_MAX], sig[1024];
	size_t digest_n, sig_n;
};

static double bare_verify(void *ctx, size_t times)
{
	struct bare *b = ctx;
	double from = bench_cpu();

	for (size_t i = 0; i < times; i++)
		if (EVP_PKEY_verify(b->ctx, b->sig, b->sig_n, b->digest, b->digest_n) != 1)
			bench_die("EVP_PKEY_verify");
	return bench_cpu() - from;
}

static EVP_PKEY *public_key(const struct bench_quote *q)
{
	uint8_t x[1024], y[1024];
	size_t nx = 0, ny = 0;
	char group[] = "prime256v1";
	uint8_t point[1 + 64] = { 4 };
	OSSL_PARAM ec[] = { OSSL_PARAM_utf8_string("group", group, sizeof group - 1),
			    OSSL_PARAM_octet_string("pub", point, sizeof point),
			    OSSL_PARAM_END };
	OSSL_PARAM rsa[] = { OSSL_PARAM_BN("n", x, 0), OSSL_PARAM_BN("e", y, 0),
			     OSSL_PARAM_END };
	bool is_rsa = assay_key_type(q->ak.key) == ASSAY_KEY_RSA;
	EVP_PKEY *key = NULL;

	if (!assay_key_numbers(q->ak.key, x, &nx, y, &ny))
		bench_die("assay_key_numbers");
	/* OSSL_PARAM holds numbers in the machine's order, here little-endian */
	for (size_t i = 0; is_rsa && i < nx / 2; i++) {
		uint8_t t = x[i];
		x[i] = x[nx - 1 - i];
		x[nx - 1 - i] = t;
	}
	for (size_t i = 0; is_rsa && i < ny / 2; i++) {
		uint8_t t = y[i];
		y[i] = y[ny - 1 - i];
		y[ny - 1 - i] = t;
	}
	rsa[0].data_size = nx;
	rsa[1].data_size = ny;
	if (!is_rsa) {
		memcpy(point + 1, x, 32);
		memcpy(point + 33, y, 32);
	}
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, is_rsa ? "RSA" : "EC", NULL);
	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, is_rsa ? rsa : ec) != 1)
		bench_die("EVP_PKEY_fromdata");
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void bare_signature(struct bare *b, const struct assay_signature *sig)
{
	if (sig->sigAlg != ASSAY_ECDSA) {
		memcpy(b->sig, sig->sig.p, sig->sig.n);
		b->sig_n = sig->sig.n;
		return;
	}
	ECDSA_SIG *s = ECDSA_SIG_new();
	uint8_t *at = b->sig;
	ECDSA_SIG_set0(s, BN_bin2bn(sig->signatureR.p, (int)sig->signatureR.n, NULL),
		       BN_bin2bn(sig->signatureS.p, (int)sig->signatureS.n, NULL));
	b->sig_n = (size_t)i2d_ECDSA_SIG(s, &at);
	ECDSA_SIG_free(s);
}

static void one(const char *evidence, const char *name, const char *figure)
{
	struct bench_quote q;
	struct bare b = { 0 };
	struct assay_signature sig;
	struct assay_err err;
	char folder[4096];
	unsigned n = 0;

	snprintf(folder, sizeof folder, "%s/%s", evidence, name);
	bench_quote_load(&q, folder);
	EVP_PKEY *key = public_key(&q);
	b.ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (!assay_signature_read(q.signature, &sig, &err) || !b.ctx ||
	    EVP_PKEY_verify_init(b.ctx) != 1 ||
	    (sig.sigAlg != ASSAY_ECDSA &&
	     EVP_PKEY_CTX_set_rsa_padding(b.ctx, RSA_PKCS1_PADDING) != 1) ||
	    EVP_PKEY_CTX_set_signature_md(b.ctx, EVP_sha256()) != 1 ||
	    EVP_Digest(q.message.p, q.message.n, b.digest, &n, EVP_sha256(), NULL) != 1)
		bench_die("OpenSSL's own verification");
	b.digest_n = n;
	bare_signature(&b, &sig);
	struct bench_pair p = bench_run((struct bench_work){ bench_quote_appraise, &q, 1 },
					(struct bench_work){ bare_verify, &b, 1 }, 31);
	bench_row(figure, p, BENCH_PERCENT, 0.85);
	EVP_PKEY_CTX_free(b.ctx);
	EVP_PKEY_free(key);
	bench_quote_drop(&q);
}

void bench_quote(const char *evidence)
{
	one(evidence, "clean-a", "quote, RSA-2048 | OpenSSL's bare verify");
	one(evidence, "clean-a-ecc", "quote, P-256 | OpenSSL's bare verify");
}
