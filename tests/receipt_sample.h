/* SPDX-License-Identifier: Apache-2.0
 * receipt_sample - one receipt with something in each field, and the keys that seal it. */
#pragma once
#include <assay/receipt.h>
#include <string.h>

enum { SAMPLE_NOW = 1700000000 }; /* milliseconds; small enough for an int */

static const uint8_t sample_bytes[] = "0123456789abcdef0123456789abcdef"
				      "fedcba9876543210fedcba9876543210"
				      "0123456789abcdeffedcba9876543210";

static const struct assay_secret sample_secrets[] = {
	{ 3, "the verifiers' key, 32 bytes of " },
	{ 9, "the key before that, 32 bytes as" },
};

static inline struct assay_slice sample_slice(size_t from, size_t n)
{
	return (struct assay_slice){ sample_bytes + from, n };
}

static inline struct assay_slice sample_text(const char *s)
{
	return (struct assay_slice){ (const uint8_t *)s, strlen(s) };
}

static inline struct assay_slice sample_ak_name(void)
{
	return sample_slice(30, 34);
}

static inline void sample_receipt(struct assay_receipt *r)
{
	memset(r, 0, sizeof *r);
	r->node = sample_text("node-17");
	r->ak_name = sample_ak_name();
	r->generation = 41;
	r->issued = SAMPLE_NOW;
	r->ends = SAMPLE_NOW + 3600 * 1000;
	r->good_until = SAMPLE_NOW + 3000 * 1000;
	r->heard = 12;
	r->resetCount = 7;
	r->clock = 123456;
	r->pcr_alg = ASSAY_SHA256;
	r->pcr_mask = 1u << 0 | 1u << 7;
	r->pcrs = sample_slice(0, 64);
	r->nbanks = 2;
	r->bank[0].alg = ASSAY_SHA1;
	r->bank[0].index = 1000;
	r->bank[0].pcr10 = sample_slice(1, 20);
	r->bank[1].alg = ASSAY_SHA256;
	r->bank[1].index = 1001;
	r->bank[1].pcr10 = sample_slice(2, 32);
	r->ndeviations = 2;
	r->deviation[0] = (struct assay_deviation){ sample_text("ima.file-unknown"), 17,
						    ASSAY_SHA256, sample_slice(3, 32) };
	r->deviation[1] = (struct assay_deviation){ sample_text("boot.log-odd"), 5, ASSAY_SHA1,
						    sample_slice(4, 20) };
}

static inline struct assay_receipt_want sample_want(void)
{
	return (struct assay_receipt_want){ .node = sample_text("node-17"),
					    .ak_name = sample_ak_name(),
					    .now = SAMPLE_NOW,
					    .generation = 41,
					    .revoked = 12 };
}
