/* SPDX-License-Identifier: Apache-2.0
 * ima_replay - for tests: a list opened by its kind, and its PCR replayed. */
#pragma once
#include <assay/evidence/ima.h>
#include <string.h>

#include "core/base/slice.h"

struct replay {
	size_t entries, violations, mismatches;
	size_t mismatch; /* index of the last entry that fails its check */
	size_t match;    /* entries after which PCR 10 was the wanted value; 0: never */
	struct assay_bank bank;
	struct assay_err err;
};

static inline bool replay_open(struct assay_ima *ima, struct assay_slice in, bool ascii,
			       struct assay_err *err)
{
	static uint8_t scratch[ASSAY_IMA_DATA_MAX];

	return ascii ? assay_ima_open_ascii(ima, in, scratch, sizeof scratch, err)
		     : assay_ima_open(ima, in, err);
}

/* want: PCR 10 to be met, or NULL. The bank is as after the last entry. */
static inline struct replay replay(struct assay_crypto *crypto, struct assay_slice in,
				   bool ascii, uint16_t alg, enum assay_ima_mode mode,
				   const uint8_t *want)
{
	struct replay r = { .entries = 0 };
	struct assay_ima_entry e;
	struct assay_ima ima;
	uint8_t sha1[20], value[ASSAY_DIGEST_MAX];

	if (!assay_bank_reset(&r.bank, alg) || !replay_open(&ima, in, ascii, &r.err))
		return r;
	while (assay_ima_next(&ima, &e)) {
		if (!assay_ima_check(crypto, &e, sha1)) {
			r.mismatches++;
			r.mismatch = e.index;
		}
		if (!assay_ima_extend_value(crypto, &e, alg, mode, sha1, value) ||
		    !assay_bank_extend(crypto, &r.bank, e.pcr,
				       (struct assay_slice){ value, r.bank.size }))
			r.mismatches++;
		r.entries++;
		r.violations += e.violation;
		if (want && memcmp(r.bank.value[10], want, r.bank.size) == 0)
			r.match = r.entries;
	}
	return r;
}
