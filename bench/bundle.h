/* SPDX-License-Identifier: Apache-2.0
 * bundle - evidence as long as one likes: clean-a's boot and an IMA list made
 * here, under a quote that a software key signs. No TPM has seen it, but it
 * is good in every respect that a verifier can check. */
#pragma once
#include "bench/bench.h"

/* Writes quote.msg, quote.sig, ak.pub, nonce and the logs into folder, which
 * is made when it is not there. */
void bench_bundle_make(const char *folder, const char *evidence, size_t entries);
