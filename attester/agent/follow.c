/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/follow.h"

#include <assay/evidence/ima.h>
#include <string.h>

enum { IMA_PCR = 10 };

void agent_follow_start(struct agent_follow *f, const struct assay_bank *bank,
			uint32_t resetCount)
{
	for (size_t mode = 0; mode < 2; mode++) {
		f->bank[mode] = *bank;
		memset(f->bank[mode].value[IMA_PCR], 0, sizeof f->bank[mode].value[IMA_PCR]);
		f->possible[mode] = true;
	}
	f->entries = 0;
	f->resetCount = resetCount;
	f->started = true;
}

/* Whether the quote is over this bank as it now is. */
static bool at_quote(struct agent_follow *f, size_t mode, const struct assay_quote *quote,
		     uint16_t hash)
{
	const struct assay_bank *one = &f->bank[mode];
	struct assay_digest digest;

	return assay_quote_composite(f->crypto, &quote->pcrSelect, &one, 1, hash, &digest) &&
	       digest.n == quote->pcrDigest.n &&
	       memcmp(digest.b, quote->pcrDigest.p, digest.n) == 0;
}

static bool extend(struct agent_follow *f, const struct assay_ima_entry *e)
{
	uint8_t sha1[20] = { 0 }, value[ASSAY_DIGEST_MAX];

	/* a wrong template hash is the verifier's to find; the PCR has what it has */
	(void)!assay_ima_check(f->crypto, e, sha1);
	for (size_t mode = 0; mode < 2; mode++) {
		struct assay_bank *bank = &f->bank[mode];
		if (!f->possible[mode])
			continue;
		if (!assay_ima_extend_value(f->crypto, e, bank->alg,
					    mode ? ASSAY_IMA_PADDED : ASSAY_IMA_NATIVE, sha1,
					    value) ||
		    !assay_bank_extend(f->crypto, bank, e->pcr,
				       (struct assay_slice){ value, bank->size }))
			return false;
	}
	return true;
}

/* Goes on in *f until the quote is met. Entries that are cut short are not there yet. */
static enum agent_followed go(struct agent_follow *f, struct assay_slice bytes,
			      const struct assay_quote *quote, uint16_t hash,
			      const uint8_t *hint, size_t *covered)
{
	struct assay_ima_entry e;
	struct assay_err err = { 0 };
	struct assay_ima ima;
	bool look[2] = { !hint, !hint };
	size_t at = 0;

	if (!assay_ima_open(&ima, bytes, &err))
		return AGENT_LOST;
	for (;;) {
		for (size_t mode = 0; mode < 2; mode++) {
			struct assay_bank *bank = &f->bank[mode];
			look[mode] |=
				hint && memcmp(bank->value[IMA_PCR], hint, bank->size) == 0;
			if (!look[mode] || !f->possible[mode] ||
			    !at_quote(f, mode, quote, hash))
				continue;
			/* with no entry yet both are alike */
			if (f->entries > 0)
				f->possible[!mode] = false;
			*covered = at;
			return AGENT_FOLLOWED;
		}
		if (!assay_ima_next(&ima, &e))
			return AGENT_LOST;
		if (!extend(f, &e))
			return AGENT_BROKE;
		f->entries++;
		at = e.offset + e.size;
	}
}

enum agent_followed agent_follow(struct agent_follow *f, struct assay_slice bytes,
				 const struct assay_quote *quote, uint16_t hash,
				 const uint8_t *hint, size_t *covered)
{
	struct agent_follow next = *f;
	enum agent_followed said = AGENT_LOST;

	if (!f->started || quote->resetCount != f->resetCount)
		return AGENT_LOST;
	said = go(&next, bytes, quote, hash, hint, covered);
	if (said == AGENT_FOLLOWED)
		*f = next;
	return said;
}
