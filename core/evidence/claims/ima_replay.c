/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/evidence/claims/replay.h"

enum { NOT_FOUND = -1 };

bool assay_claims_ima(const struct assay_bundle *bundle, uint8_t *scratch, struct assay_ima *ima,
		      struct assay_err *err)
{
	if (bundle->present[ASSAY_PART_IMA_BINARY])
		return assay_ima_open(ima, bundle->part[ASSAY_PART_IMA_BINARY], err);
	return assay_ima_open_ascii(ima, bundle->part[ASSAY_PART_IMA_ASCII], scratch,
				    ASSAY_IMA_DATA_MAX, err);
}

/* Whether the state after some entry is the quoted one. Stated values make it a comparison;
 * else the whole quote is hashed. */
static bool at_quote(const struct replay *r, uint32_t pcrs)
{
	const struct assay_claims *c = r->claims;
	bool any = false;

	if (!r->stated)
		return replay_matches(r);
	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++)
		for (uint32_t p = 0; p < ASSAY_PCRS; p++) {
			if (!(c->quoted[b] & pcrs & 1u << p))
				continue;
			any = true;
			if (memcmp(r->now[b].value[p], r->stated[b].value[p], r->now[b].size) != 0)
				return false;
		}
	return any;
}

static bool extend_all(struct replay *r, const struct assay_ima_entry *e, const uint8_t *sha1,
		       uint32_t padded)
{
	uint8_t v[ASSAY_DIGEST_MAX];

	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++) {
		uint16_t alg = assay_claim_alg(b);
		enum assay_ima_mode mode = padded & 1u << b ? ASSAY_IMA_PADDED : ASSAY_IMA_NATIVE;
		if (r->claims->quoted[b] == 0)
			continue;
		if (!assay_ima_extend_value(r->crypto, e, alg, mode, sha1, v) ||
		    !assay_bank_extend(r->crypto, &r->now[b], e->pcr,
				       (struct assay_slice){ v, r->now[b].size }))
			return false;
	}
	return true;
}

static void note_hash(struct assay_ima_claims *ima, const struct assay_ima_entry *e)
{
	if (ima->bad_hashes++ == 0)
		ima->first_bad = e->index;
}

/* One pass. search: stop at the first entry that leads to the quote; otherwise look at the end
 * alone. *found: entries under the quote, or NOT_FOUND. */
static bool run(struct replay *r, uint32_t padded, bool search, int64_t *found,
		struct assay_err *err)
{
	struct assay_ima_claims *c = &r->claims->ima;
	struct assay_ima list;
	struct assay_ima_entry e;

	*found = NOT_FOUND;
	memcpy(r->now, r->start, sizeof r->now);
	c->entries = c->bad_hashes = 0;
	if (!assay_claims_ima(&r->claims->bundle, r->scratch, &list, err))
		return false;
	while (assay_ima_next(&list, &e)) {
		uint8_t sha1[ASSAY_DIGEST_MAX];
		c->entries++;
		if (*found != NOT_FOUND)
			continue;
		c->pcrs |= 1u << e.pcr;
		if (!assay_ima_check(r->crypto, &e, sha1))
			note_hash(c, &e);
		if (!extend_all(r, &e, sha1, padded)) {
			*err = (struct assay_err){ ASSAY_F_CRYPTO, "template_hash", e.offset, NULL };
			return false;
		}
		if (search && at_quote(r, 1u << e.pcr))
			*found = (int64_t)e.index + 1;
	}
	if (*found == NOT_FOUND && at_quote(r, c->pcrs))
		*found = (int64_t)c->entries;
	return err->fault == ASSAY_F_OK;
}

/* Banks whose hash a kernel may lack, likeliest first. */
static const uint32_t paddings[] = { 0, 4 | 8, 8, 4, 2 | 4 | 8, 2 };

bool replay_ima(struct replay *r, struct assay_err *err)
{
	struct assay_ima_claims *c = &r->claims->ima;
	uint32_t tried[sizeof paddings / sizeof *paddings];
	int64_t found = NOT_FOUND;
	uint32_t banks = 0;

	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++)
		banks |= r->claims->quoted[b] ? 1u << b : 0;
	if (!run(r, 0, r->stated != NULL, &found, err))
		return false;
	for (size_t i = 0; i < sizeof paddings / sizeof *paddings && found == NOT_FOUND; i++) {
		bool again = i == 0 && r->stated != NULL;
		tried[i] = paddings[i] & banks;
		for (size_t j = 0; j < i; j++)
			again |= tried[j] == tried[i];
		if (again)
			continue;
		if (!run(r, tried[i], true, &found, err))
			return false;
		if (found != NOT_FOUND)
			c->padded = tried[i];
	}
	c->proven = found != NOT_FOUND;
	c->quoted = c->proven ? (size_t)found : 0;
	return true;
}
