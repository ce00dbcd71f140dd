/* SPDX-License-Identifier: Apache-2.0
 *
 * Going on from what an earlier message proved: the registers of that message, PCR 10 moved on
 * by the new entries, must hash to what the TPM signs now. */
#include "core/base/slice.h"
#include "core/evidence/claims/replay.h"

enum {
	IMA = 10, /* the register that moves on */
	/* The quote may lie before the list's end, and each look hashes all registers: who is
	 * further behind sends all. */
	BEHIND_MAX = 4096,
	PARTS_MAX = 3 * ASSAY_CLAIM_BANKS,
};

struct resume {
	struct assay_crypto *crypto;
	const struct assay_resume *last;
	struct assay_claims *claims;
	uint8_t pcr10[ASSAY_CLAIM_BANKS][ASSAY_DIGEST_MAX];
	size_t entries; /* that were walked */
	bool found, odd;
	bool elsewhere; /* an entry, under the quote or not, goes to another register */
};

static const struct {
	const char *word, *text;
} goings[] = {
#define X(code, word, text) { word, text },
	ASSAY_GOINGS(X)
#undef X
};

const char *assay_going_word(enum assay_going going)
{
	return (size_t)going < ASSAY_GOINGS_N ? goings[going].word : "unknown";
}

const char *assay_going_text(enum assay_going going)
{
	return (size_t)going < ASSAY_GOINGS_N ? goings[going].text : "unknown";
}

static size_t bits(uint32_t mask)
{
	size_t n = 0;

	for (; mask != 0; mask &= mask - 1)
		n++;
	return n;
}

/* BOUNDS: what is remembered has the sizes that are relied upon below. */
static bool well_formed(const struct assay_resume *last)
{
	bool judged = false;

	if (assay_claim_bank(last->pcr_alg) < 0 || last->pcr_mask >> ASSAY_PCRS != 0 ||
	    last->pcr_mask & 1u << IMA || last->nbanks > ASSAY_CLAIM_BANKS ||
	    last->pcrs.n != bits(last->pcr_mask) * assay_alg_size(last->pcr_alg))
		return false;
	for (size_t i = 0; i < last->nbanks; i++) {
		judged |= last->bank[i].alg == last->pcr_alg;
		if (assay_claim_bank(last->bank[i].alg) < 0 ||
		    last->bank[i].pcr10.n != assay_alg_size(last->bank[i].alg))
			return false;
	}
	return judged;
}

static bool same_selection(const struct assay_claims *c, const struct assay_resume *last)
{
	uint32_t want[ASSAY_CLAIM_BANKS] = { 0 };

	for (size_t i = 0; i < last->nbanks; i++)
		want[assay_claim_bank(last->bank[i].alg)] = 1u << IMA;
	want[assay_claim_bank(last->pcr_alg)] |= last->pcr_mask;
	return c->odd_bank == 0 && memcmp(want, c->quoted, sizeof want) == 0;
}

/* Whether the registers as they are now hash to the quote: in the order of the selection,
 * each bank from its lowest register (Part 3, TPM2_Quote). */
static bool matches(const struct resume *r)
{
	const struct assay_claims *c = r->claims;
	size_t size = assay_alg_size(r->last->pcr_alg), n = 0;
	size_t below = size * bits(r->last->pcr_mask & ((1u << IMA) - 1));
	struct assay_slice parts[PARTS_MAX];
	struct assay_digest d;

	for (size_t i = 0; i < c->quote.pcrSelect.n; i++) {
		uint16_t alg = c->quote.pcrSelect.bank[i].hash;
		bool judged = alg == r->last->pcr_alg;
		if (c->quote.pcrSelect.bank[i].mask == 0)
			continue;
		if (judged)
			parts[n++] = slice_part(r->last->pcrs, 0, below);
		parts[n++] = (struct assay_slice){ r->pcr10[assay_claim_bank(alg)],
						   assay_alg_size(alg) };
		if (judged)
			parts[n++] = slice_part(r->last->pcrs, below, r->last->pcrs.n);
	}
	return assay_hash(r->crypto, c->signature.hash, parts, n, &d) &&
	       slice_eq((struct assay_slice){ d.b, d.n }, c->quote.pcrDigest);
}

/* Moves PCR 10 of each quoted bank on by one entry. */
static bool extend(struct resume *r, const struct assay_ima_entry *e)
{
	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++) {
		uint8_t v[ASSAY_DIGEST_MAX];
		uint16_t alg = assay_claim_alg(b);
		size_t size = assay_alg_size(alg);
		struct assay_slice parts[] = { { r->pcr10[b], size }, { v, size } };
		struct assay_digest d;
		if (r->claims->quoted[b] == 0)
			continue;
		if (!assay_ima_extend_value(r->crypto, e, alg, ASSAY_IMA_NATIVE, NULL, v) ||
		    !assay_hash(r->crypto, alg, parts, 2, &d))
			return false;
		memcpy(r->pcr10[b], d.b, size);
	}
	return true;
}

/* What a receipt cannot answer for: an entry whose template hash is wrong (or could not be
 * computed), a boot_aggregate, which is compared with the boot's PCRs. */
static bool is_odd(const struct resume *r, const struct assay_ima_entry *e)
{
	return !assay_ima_check(r->crypto, e, NULL) ||
	       (!e->violation && slice_is(e->name, "boot_aggregate"));
}

/* One pass over the new entries. search: look before the first and after each, else at the
 * end alone. False on a fault. */
static bool walk(struct resume *r, bool search, struct assay_err *err)
{
	struct assay_ima list;
	struct assay_ima_entry e;

	for (size_t i = 0; i < r->last->nbanks; i++)
		memcpy(r->pcr10[assay_claim_bank(r->last->bank[i].alg)],
		       r->last->bank[i].pcr10.p, r->last->bank[i].pcr10.n);
	r->entries = 0;
	r->odd = false;
	if (!assay_ima_open(&list, r->claims->bundle.part[ASSAY_PART_IMA_BINARY], err))
		return false;
	r->found = search && matches(r);
	while (!r->found && assay_ima_next(&list, &e)) {
		r->entries++;
		r->odd |= is_odd(r, &e);
		r->elsewhere |= e.pcr != IMA;
		if (!extend(r, &e)) {
			*err = (struct assay_err){ ASSAY_F_CRYPTO, "template_hash", e.offset,
						   NULL };
			return false;
		}
		r->found = search && matches(r);
	}
	if (!search)
		r->found = matches(r);
	return err->fault == ASSAY_F_OK;
}

/* The likely case, new entries to the list's end, costs one look. */
static bool find_quote(struct resume *r, struct assay_err *err)
{
	struct assay_ima_claims *ima = &r->claims->ima;
	size_t entries;

	if (!walk(r, false, err))
		return false;
	entries = r->entries;
	if (!r->found && entries > 0 && entries <= BEHIND_MAX && !walk(r, true, err))
		return false;
	ima->present = true;
	ima->proven = r->found;
	ima->entries = (size_t)r->claims->from + entries;
	ima->quoted = (size_t)r->claims->from + r->entries;
	ima->pcrs = 1u << IMA;
	return true;
}

/* What can be said without hashing anything. */
static enum assay_going check(const struct assay_claims *c, const struct assay_resume *last,
			      uint64_t from)
{
	const bool *present = c->bundle.present;

	if (present[ASSAY_PART_EVENTLOG] || present[ASSAY_PART_USERSPACE_LOG] ||
	    present[ASSAY_PART_IMA_ASCII])
		return ASSAY_GOING_LOGS;
	if (!well_formed(last) || from > SIZE_MAX / 2)
		return ASSAY_GOING_FORM;
	if (c->quote.resetCount != last->resetCount)
		return ASSAY_GOING_BOOT;
	if (c->quote.clock < last->clock)
		return ASSAY_GOING_CLOCK;
	if (!same_selection(c, last))
		return ASSAY_GOING_SELECTION;
	return from == last->index ? ASSAY_GOING_ON : ASSAY_GOING_PLACE;
}

static void tell(struct resume *r)
{
	struct assay_claims *c = r->claims;

	c->replayed = true;
	c->pcrs = r->last->pcrs;
	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++) {
		if (c->quoted[b] == 0)
			continue;
		c->value[b].alg = assay_claim_alg(b);
		c->value[b].size = (uint16_t)assay_alg_size(c->value[b].alg);
		memcpy(c->value[b].value[IMA], r->pcr10[b], ASSAY_DIGEST_MAX);
		c->state[b][IMA] = ASSAY_PCR_REPLAYED;
	}
}

/* All but the values of registers, 12 KiB that nobody reads: see tell(). */
static void begin(struct assay_claims *c, const struct assay_bundle *bundle, uint64_t from)
{
	memset(c, 0, offsetof(struct assay_claims, value));
	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++) {
		c->value[b].alg = c->value[b].size = 0;
		c->value[b].extended = 0;
		c->booted[b].alg = c->booted[b].size = 0;
		c->booted[b].extended = 0;
	}
	memset(&c->log_present, 0, sizeof *c - offsetof(struct assay_claims, log_present));
	c->bundle = *bundle;
	c->resumed = true;
	c->from = from;
}

enum assay_going assay_claims_resume(struct assay_crypto *crypto,
				     const struct assay_bundle *bundle,
				     const struct assay_resume *last, uint64_t from,
				     struct assay_claims *out, struct assay_err *err)
{
	struct resume r = { .crypto = crypto, .last = last, .claims = out };
	enum assay_going going;

	*err = (struct assay_err){ 0 };
	begin(out, bundle, from);
	if (!claims_read_quote(out, err))
		return ASSAY_GOING_FAULT;
	going = check(out, last, from);
	if (going != ASSAY_GOING_ON)
		return going;
	if (!find_quote(&r, err)) {
		claims_fail(err, ASSAY_PART_IMA_BINARY, ASSAY_F_CRYPTO, "template_hash");
		return ASSAY_GOING_FAULT;
	}
	if (r.elsewhere || (r.found && r.odd))
		return ASSAY_GOING_ENTRY;
	if (!r.found)
		return ASSAY_GOING_DIGEST;
	tell(&r);
	return ASSAY_GOING_ON;
}
