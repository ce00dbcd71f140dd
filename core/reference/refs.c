/* SPDX-License-Identifier: Apache-2.0 */
#include "core/reference/record.h"

enum { STRING_MAX = 4096 };

/* Of names; of digests, which are looked up when the name was not enough, half of it. */
static uint32_t buckets_for(uint32_t max)
{
	uint32_t n = 16;

	while (n < 2 * (uint64_t)max && n < (1u << 30))
		n *= 2;
	return n;
}

size_t assay_refs_bytes(uint32_t max, uint32_t pool_max)
{
	return (size_t)max * sizeof(struct assay_ref_record) +
	       3 * (size_t)buckets_for(max) / 2 * sizeof(uint32_t) + pool_max + 64;
}

bool assay_refs_init(struct assay_refs *refs, struct assay_arena *arena, uint32_t max,
		     uint32_t pool_max)
{
	uint32_t n = buckets_for(max);
	struct assay_refs r = {
		.records = assay_arena_take(arena, max, sizeof *r.records),
		.by_digest = assay_arena_take(arena, n / 2, sizeof *r.by_digest),
		.by_name = assay_arena_take(arena, n, sizeof *r.by_name),
		.pool = assay_arena_raw(arena, pool_max),
		.max = max,
		.buckets = n,
		.pool_max = pool_max,
	};

	if (!r.records || !r.by_digest || !r.by_name || !r.pool)
		return false;
	memset(r.by_digest, 0xff, n / 2 * sizeof *r.by_digest);
	memset(r.by_name, 0xff, n * sizeof *r.by_name);
	*refs = r;
	return true;
}

/* Eight bytes a step. The reader's byte order shows in the bucket alone. Names of a machine's
 * own choice can hit a long chain, but only of what its owner expects. */
uint32_t ref_hash(uint8_t place, struct assay_slice s)
{
	uint64_t h = (s.n << 8) ^ place;

	for (size_t i = 0; i < s.n; i += 8) {
		uint64_t v = 0;
		memcpy(&v, s.p + i, s.n - i < 8 ? s.n - i : 8);
		h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	return (uint32_t)h;
}

struct assay_slice ref_path_core(struct assay_slice path)
{
	static const char *const merged[] = { "/usr/bin/",   "/usr/sbin/",  "/usr/lib/",
					      "/usr/lib32/", "/usr/lib64/", "/usr/libx32/" };

	for (size_t i = 0; i < sizeof merged / sizeof *merged; i++)
		if (slice_starts(path, merged[i]))
			return slice_part(path, 4, path.n);
	return path;
}

/* BOUNDS: the offset was written by pool_add(), which left room for it. */
struct assay_slice ref_string(const struct assay_refs *refs, uint32_t at)
{
	if (at == RECORD_NONE)
		return (struct assay_slice){ 0 };
	uint32_t n = (uint32_t)refs->pool[at] << 8 | refs->pool[at + 1];

	return (struct assay_slice){ refs->pool + at + 2, n };
}

static bool pool_add(struct assay_refs *refs, struct assay_slice s, uint32_t *at)
{
	*at = RECORD_NONE;
	if (s.n == 0)
		return true;
	if (s.n > STRING_MAX || s.n + 2 > refs->pool_max - refs->pool_n)
		return false;
	*at = refs->pool_n;
	refs->pool[*at] = (uint8_t)(s.n >> 8);
	refs->pool[*at + 1] = (uint8_t)s.n;
	memcpy(refs->pool + *at + 2, s.p, s.n);
	refs->pool_n += (uint32_t)s.n + 2;
	return true;
}

/* Signers and provenances repeat from one line to the next: kept once. */
static bool pool_share(struct assay_refs *refs, struct assay_slice s, uint32_t before,
		       uint32_t *at)
{
	if (before != RECORD_NONE && slice_eq(s, ref_string(refs, before))) {
		*at = before;
		return true;
	}
	return pool_add(refs, s, at);
}

static const uint16_t algs[] = { ASSAY_SHA1, ASSAY_SHA256, ASSAY_SHA384, ASSAY_SHA512 };

static uint32_t alg_bit(uint16_t alg)
{
	for (uint32_t i = 0; i < sizeof algs / sizeof *algs; i++)
		if (algs[i] == alg)
			return 1u << i;
	return 0;
}

bool assay_refs_has_alg(const struct assay_refs *refs, uint16_t alg)
{
	return (refs->algs & alg_bit(alg)) != 0;
}

bool ref_is_pattern(struct assay_slice name)
{
	return name.n > 3 && memcmp(name.p + name.n - 3, "/**", 3) == 0;
}

static bool there_already(const struct assay_refs *refs, const struct assay_ref *ref)
{
	bool named = ref->name.n > 0;
	int64_t i = named ? assay_refs_named(refs, ref->place, ref->name)
			  : assay_refs_find(refs, ref->place, ref->alg, ref->digest);

	for (; i != ASSAY_REF_NONE;
	     i = named ? assay_refs_named_next(refs, i) : assay_refs_find_next(refs, i)) {
		struct assay_ref old = assay_refs_get(refs, (uint32_t)i);
		if (old.state == ref->state && old.kind == ref->kind && old.alg == ref->alg &&
		    slice_eq(old.name, ref->name) && slice_eq(old.digest, ref->digest))
			return true;
	}
	return false;
}

/* The order in a chain of digests: revoked, then folders, then paths. */
static unsigned rank_of(const struct assay_refs *refs, const struct assay_ref_record *r)
{
	if (r->state == ASSAY_REF_REVOKED)
		return 0;
	return ref_is_pattern(ref_string(refs, r->name)) ? 1 : 2;
}

/* Where a new record is linked in: before all others of its rank. */
static uint32_t *digest_link(struct assay_refs *refs, const struct assay_ref_record *r)
{
	uint32_t h = ref_hash(r->place, ref_string(refs, r->digest));
	uint32_t *link = &refs->by_digest[h & (refs->buckets / 2 - 1)];
	unsigned rank = rank_of(refs, r);

	while (rank > 0 && *link != RECORD_NONE && rank_of(refs, &refs->records[*link]) < rank)
		link = &refs->records[*link].next_digest;
	return link;
}

enum assay_fault assay_refs_add(struct assay_refs *refs, const struct assay_ref *ref)
{
	if (ref->place >= ASSAY_PCRS && ref->place != ASSAY_PLACE_IMA)
		return ASSAY_F_RANGE;
	if (alg_bit(ref->alg) == 0 || ref->digest.n != assay_alg_size(ref->alg) ||
	    slice_all(ref->digest, 0))
		return ASSAY_F_RANGE;
	if (there_already(refs, ref))
		return ASSAY_F_OK;
	if (refs->n == refs->max)
		return ASSAY_F_MEMORY;

	const struct assay_ref_record *last = refs->n ? &refs->records[refs->n - 1] : NULL;
	struct assay_ref_record r = {
		.alg = ref->alg,
		.place = ref->place,
		.kind = (uint8_t)ref->kind,
		.state = (uint8_t)ref->state,
		.digest_n = (uint8_t)ref->digest.n,
	};
	if (!pool_add(refs, ref->digest, &r.digest) || !pool_add(refs, ref->name, &r.name) ||
	    !pool_share(refs, ref->signer, last ? last->signer : RECORD_NONE, &r.signer) ||
	    !pool_share(refs, ref->provenance, last ? last->provenance : RECORD_NONE,
			&r.provenance))
		return ASSAY_F_MEMORY;

	uint32_t *digest = digest_link(refs, &r);
	uint32_t h = ref_hash(r.place, ref_path_core(ref->name));
	uint32_t *name = &refs->by_name[h & (refs->buckets - 1)];

	r.tag = ref_tag(h);
	r.next_digest = *digest;
	r.next_name = *name;
	*digest = *name = refs->n;
	if (r.place != ASSAY_PLACE_IMA) {
		refs->places |= 1u << r.place;
		refs->algs |= alg_bit(r.alg);
	}
	refs->revoked |= ref->state == ASSAY_REF_REVOKED;
	refs->records[refs->n++] = r;
	return ASSAY_F_OK;
}

struct assay_ref assay_refs_get(const struct assay_refs *refs, uint32_t i)
{
	const struct assay_ref_record *r = &refs->records[i];

	return (struct assay_ref){
		.place = r->place,
		.kind = (enum assay_kind)r->kind,
		.state = (enum assay_ref_state)r->state,
		.alg = r->alg,
		.digest = ref_string(refs, r->digest),
		.name = ref_string(refs, r->name),
		.signer = ref_string(refs, r->signer),
		.provenance = ref_string(refs, r->provenance),
	};
}
