/* SPDX-License-Identifier: Apache-2.0
 * bundle - evidence as long as one likes: clean-a's boot and an IMA list made
 * here, under a quote that a software key signs. No TPM has seen it, but it
 * is good in every respect that a verifier can check. */
#pragma once
#include "bench/bench.h"
#include <openssl/evp.h>

/* Integers are big-endian; 2b: with a length of 16 bits before it. */
struct bench_out {
	uint8_t b[1024];
	size_t n;
};
void bench_put(struct bench_out *o, size_t width, uint64_t v);
void bench_put_2b(struct bench_out *o, const void *p, size_t n);

/* TPMS_ATTEST over PCR 0-10 and 14 of the SHA-256 bank. */
void bench_attest(struct bench_out *o, const uint8_t *pcrDigest, const uint8_t *extraData,
		  uint64_t clock);
/* TPM2B_PUBLIC of an attestation key: RSA-2048 (RSASSA) or P-256. */
void bench_public(struct bench_out *o, const EVP_PKEY *key);
/* TPMT_SIGNATURE of the attest under key. */
void bench_sign(struct bench_out *o, EVP_PKEY *key, const struct bench_out *attest);
/* pcrDigest after the boot, PCR 10 after the list; bank is moved on. */
void bench_pcr_digest(struct assay_crypto *crypto, struct assay_bank *bank,
		      struct assay_slice list, uint8_t *out);

/* Writes quote.msg, quote.sig, ak.pub, nonce and the logs into folder, which
 * is made when it is not there. */
void bench_bundle_make(const char *folder, const char *evidence, size_t entries);
