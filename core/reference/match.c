/* SPDX-License-Identifier: Apache-2.0 */
#include "core/reference/record.h"

enum { CACHE_LINE = 64 };

static int64_t digest_chain(const struct assay_refs *refs, uint32_t at, uint8_t place,
			    uint16_t alg, struct assay_slice digest)
{
	for (; at != RECORD_NONE; at = refs->records[at].next_digest) {
		const struct assay_ref_record *r = &refs->records[at];
		if (r->place == place && r->alg == alg &&
		    slice_eq(ref_string(refs, r->digest), digest))
			return at;
	}
	return ASSAY_REF_NONE;
}

int64_t assay_refs_find(const struct assay_refs *refs, uint8_t place, uint16_t alg,
			struct assay_slice digest)
{
	if (refs->buckets == 0 || digest.n == 0)
		return ASSAY_REF_NONE;
	return digest_chain(refs,
			    refs->by_digest[ref_hash(place, digest) & (refs->buckets / 2 - 1)],
			    place, alg, digest);
}

int64_t assay_refs_find_next(const struct assay_refs *refs, int64_t i)
{
	const struct assay_ref_record *r = &refs->records[i];

	return digest_chain(refs, r->next_digest, r->place, r->alg,
			    ref_string(refs, r->digest));
}

static int64_t name_chain(const struct assay_refs *refs, uint32_t at, uint8_t place,
			  uint16_t tag, struct assay_slice name)
{
	name = ref_path_core(name);
	for (; at != RECORD_NONE; at = refs->records[at].next_name) {
		const struct assay_ref_record *r = &refs->records[at];
		if (r->tag == tag && r->place == place &&
		    slice_eq(ref_path_core(ref_string(refs, r->name)), name))
			return at;
	}
	return ASSAY_REF_NONE;
}

int64_t assay_refs_named(const struct assay_refs *refs, uint8_t place, struct assay_slice name)
{
	if (refs->buckets == 0 || name.n == 0)
		return ASSAY_REF_NONE;
	uint32_t h = ref_hash(place, ref_path_core(name));

	return name_chain(refs, refs->by_name[h & (refs->buckets - 1)], place, ref_tag(h),
			  name);
}

int64_t assay_refs_named_next(const struct assay_refs *refs, int64_t i)
{
	const struct assay_ref_record *r = &refs->records[i];

	return name_chain(refs, r->next_name, r->place, r->tag, ref_string(refs, r->name));
}

/* A folder and all below it: "/opt/x/" and two asterisks. */
static bool pattern_fits(struct assay_slice name, struct assay_slice path)
{
	struct assay_slice a = ref_path_core(name), b = ref_path_core(path);

	return ref_is_pattern(a) && b.n > a.n - 2 && memcmp(a.p, b.p, a.n - 2) == 0;
}

void assay_refs_prefetch(const struct assay_refs *refs, const struct assay_slice *paths,
			 size_t n)
{
	uint32_t hash[ASSAY_REFS_BATCH], at[ASSAY_REFS_BATCH];

	n = refs->buckets == 0 ? 0 : n < ASSAY_REFS_BATCH ? n : ASSAY_REFS_BATCH;
	for (size_t i = 0; i < n; i++) {
		hash[i] = ref_hash(ASSAY_PLACE_IMA, ref_path_core(paths[i]));
		__builtin_prefetch(&refs->by_name[hash[i] & (refs->buckets - 1)]);
	}
	for (size_t i = 0; i < n; i++) {
		at[i] = refs->by_name[hash[i] & (refs->buckets - 1)];
		if (at[i] != RECORD_NONE)
			__builtin_prefetch(&refs->records[at[i]]);
	}
	for (size_t i = 0; i < n; i++) {
		/* chains are short: the second record is nearly always the last */
		if (at[i] != RECORD_NONE && refs->records[at[i]].tag != ref_tag(hash[i]))
			at[i] = refs->records[at[i]].next_name;
		if (at[i] != RECORD_NONE)
			__builtin_prefetch(&refs->records[at[i]]);
	}
	for (size_t i = 0; i < n; i++) {
		if (at[i] == RECORD_NONE)
			continue;
		/* the digest, and the name behind it */
		const uint8_t *p = refs->pool + refs->records[at[i]].digest;
		__builtin_prefetch(p);
		__builtin_prefetch(p + CACHE_LINE);
	}
}

/* Among the references of a path the one with this digest. */
static int64_t named_with(const struct assay_refs *refs, int64_t i, uint16_t alg,
			  struct assay_slice digest)
{
	while (i != ASSAY_REF_NONE &&
	       !(refs->records[i].alg == alg &&
		 slice_eq(ref_string(refs, refs->records[i].digest), digest)))
		i = assay_refs_named_next(refs, i);
	return i;
}

static bool names_folder(const struct assay_refs *refs, int64_t i)
{
	return ref_is_pattern(ref_string(refs, refs->records[i].name));
}

/* Many paths share one digest (every empty file), few digests share one path:
 * the path leads, and the digest's own chain is walked only where it must be. */
enum assay_match assay_refs_match_file(const struct assay_refs *refs, uint16_t alg,
				       struct assay_slice digest, struct assay_slice path,
				       int64_t *at)
{
	int64_t named = assay_refs_named(refs, ASSAY_PLACE_IMA, path);
	int64_t good = named_with(refs, named, alg, digest);

	/* what nearly every file is: nothing else need be looked at */
	*at = good;
	if (good != ASSAY_REF_NONE && !refs->revoked)
		return ASSAY_MATCH_GOOD;

	int64_t same = assay_refs_find(refs, ASSAY_PLACE_IMA, alg, digest);
	/* a revoked digest is bad at every path; what is revoked stands first in its chain */
	*at = same;
	if (same != ASSAY_REF_NONE && refs->records[same].state == ASSAY_REF_REVOKED)
		return ASSAY_MATCH_REVOKED;
	*at = good;
	if (good != ASSAY_REF_NONE)
		return ASSAY_MATCH_GOOD;
	*at = same;
	if (same == ASSAY_REF_NONE) {
		*at = named;
		return named != ASSAY_REF_NONE ? ASSAY_MATCH_MODIFIED : ASSAY_MATCH_UNKNOWN;
	}
	/* and folders before paths, so that the many paths of one digest are not walked */
	for (int64_t i = same; i != ASSAY_REF_NONE && names_folder(refs, i);
	     i = assay_refs_find_next(refs, i))
		if (pattern_fits(ref_string(refs, refs->records[i].name), path)) {
			*at = i;
			return ASSAY_MATCH_GOOD;
		}
	return ASSAY_MATCH_MISPLACED;
}

enum assay_match assay_refs_match_pcr(const struct assay_refs *refs, uint8_t place,
				      uint16_t alg, struct assay_slice digest, int64_t *at)
{
	enum assay_match m = ASSAY_MATCH_UNKNOWN;

	*at = ASSAY_REF_NONE;
	for (int64_t i = assay_refs_find(refs, place, alg, digest); i != ASSAY_REF_NONE;
	     i = assay_refs_find_next(refs, i)) {
		const struct assay_ref_record *r = &refs->records[i];
		/* the value of a whole register is no component */
		if (r->kind == ASSAY_REF_PCR_VALUE)
			continue;
		*at = i;
		if (r->state == ASSAY_REF_REVOKED)
			return ASSAY_MATCH_REVOKED;
		m = ASSAY_MATCH_GOOD;
	}
	return m;
}
