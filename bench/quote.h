/* SPDX-License-Identifier: Apache-2.0
 * quote - one bundle's quote with everything that a verifier keeps of a node:
 * the key, the selection asked for, the PCR values that the logs led to. */
#pragma once
#include "bench/bench.h"

struct bench_quote {
	struct assay_crypto *crypto;
	struct assay_slice message, signature, ak_file;
	struct assay_ak ak;
	struct assay_quote known; /* its pcrSelect is what is asked for */
	struct assay_bank bank;
	uint8_t nonce[64];
	size_t nonce_n;
};

void bench_quote_load(struct bench_quote *q, const char *folder);
void bench_quote_drop(struct bench_quote *q);
/* The whole checklist: structure, nonce, selection, PCR digest, signature. */
double bench_quote_appraise(void *quote, size_t times);
