/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/evidence/claims/replay.h"

enum {
	NOT_FOUND = -1,
	/* Without pcrs.txt each look hashes the whole quote, some 5 us: a list that is longer
	 * than this behind its quote needs the values. */
	LOOKS_MAX = 400 * 1000,
};

bool assay_claims_ima(const struct assay_bundle *bundle, uint8_t *scratch,
		      struct assay_ima *ima, struct assay_err *err)
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
			if (memcmp(r->now[b].value[p], r->stated[b].value[p], r->now[b].size) !=
			    0)
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
		enum assay_ima_mode mode =
			padded & 1u << b ? ASSAY_IMA_PADDED : ASSAY_IMA_NATIVE;
		if (r->claims->quoted[b] == 0)
			continue;
		if (!assay_ima_extend_value(r->crypto, e, alg, mode, sha1, v) ||
		    !assay_bank_extend(r->crypto, &r->now[b], e->pcr,
				       (struct assay_slice){ v, r->now[b].size }))
			return false;
	}
	return true;
}

/* The state at the entry where the quote was made. */
struct found {
	int64_t entries; /* NOT_FOUND until then */
	uint32_t pcrs;
	size_t bad_hashes;
	struct assay_bank now[ASSAY_CLAIM_BANKS];
};

static void note_found(struct found *f, const struct replay *r)
{
	f->entries = (int64_t)r->claims->ima.entries;
	f->pcrs = r->claims->ima.pcrs;
	f->bad_hashes = r->claims->ima.bad_hashes;
	memcpy(f->now, r->now, sizeof f->now);
}

/* Tells a wrong template hash from a library that fails, which is no word about the list. (A
 * violation has nothing to check: for it the library is all that fails.) */
static bool can_hash(const struct replay *r, const struct assay_ima_entry *e)
{
	uint8_t d[ASSAY_DIGEST_MAX];

	return !e->violation &&
	       assay_ima_extend_value(r->crypto, e, e->template_alg, ASSAY_IMA_NATIVE, NULL,
				      d) &&
	       assay_ima_extend_value(r->crypto, e, ASSAY_SHA1, ASSAY_IMA_NATIVE, NULL, d);
}

static bool take_entry(struct replay *r, const struct assay_ima_entry *e, uint32_t padded)
{
	struct assay_ima_claims *c = &r->claims->ima;
	uint8_t sha1[ASSAY_DIGEST_MAX];

	c->entries++;
	c->pcrs |= 1u << e->pcr;
	if (!assay_ima_check(r->crypto, e, sha1)) {
		if (!can_hash(r, e))
			return false;
		if (c->bad_hashes++ == 0)
			c->first_bad = e->index;
	}
	return extend_all(r, e, sha1, padded);
}

/* One pass. search: look after each entry, otherwise at the end alone. The
 * last place that fits counts: entries may go to several PCRs, and the first
 * place that fits one of them may be too early for another. */
static bool run(struct replay *r, uint32_t padded, bool search, struct found *f,
		struct assay_err *err)
{
	struct assay_ima_claims *c = &r->claims->ima;
	struct assay_ima list;
	struct assay_ima_entry e;

	f->entries = NOT_FOUND;
	memcpy(r->now, r->start, sizeof r->now);
	c->entries = c->bad_hashes = 0;
	c->pcrs = 0;
	if (!assay_claims_ima(&r->claims->bundle, r->scratch, &list, err))
		return false;
	while (assay_ima_next(&list, &e)) {
		if (!take_entry(r, &e, padded)) {
			*err = (struct assay_err){ ASSAY_F_CRYPTO, "template_hash", e.offset,
						   NULL };
			return false;
		}
		if (search && (r->stated || r->looks++ < LOOKS_MAX) && at_quote(r, c->pcrs))
			note_found(f, r);
	}
	if (err->fault != ASSAY_F_OK)
		return false;
	if (!search && at_quote(r, c->pcrs))
		note_found(f, r);
	if (f->entries != NOT_FOUND) {
		c->pcrs = f->pcrs;
		c->bad_hashes = f->bad_hashes;
		memcpy(r->now, f->now, sizeof r->now);
	}
	return true;
}

/* Banks whose hash a kernel may lack, likeliest first. */
static const uint32_t paddings[] = { 0, 4 | 8, 8, 4, 2 | 4 | 8, 2 };

static bool already_tried(const uint32_t *tried, size_t n, uint32_t padded)
{
	for (size_t i = 0; i < n; i++)
		if (tried[i] == padded)
			return true;
	return false;
}

bool replay_ima(struct replay *r, struct assay_err *err)
{
	struct assay_ima_claims *c = &r->claims->ima;
	uint32_t tried[sizeof paddings / sizeof *paddings + 1], banks = 0;
	struct found f;
	size_t n = 0;

	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++)
		banks |= r->claims->quoted[b] ? 1u << b : 0;
	/* stated values are cheap to compare with after each entry, the whole quote is not */
	if (!run(r, 0, r->stated != NULL, &f, err))
		return false;
	if (r->stated)
		tried[n++] = 0;
	for (size_t i = 0; i < sizeof paddings / sizeof *paddings && f.entries == NOT_FOUND;
	     i++) {
		uint32_t padded = paddings[i] & banks;
		if (already_tried(tried, n, padded) || (!r->stated && r->looks >= LOOKS_MAX))
			continue;
		tried[n++] = padded;
		if (!run(r, padded, true, &f, err))
			return false;
		if (f.entries != NOT_FOUND)
			c->padded = padded;
	}
	c->proven = f.entries != NOT_FOUND;
	c->quoted = c->proven ? (size_t)f.entries : 0;
	return true;
}
