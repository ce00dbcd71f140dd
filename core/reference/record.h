/* SPDX-License-Identifier: Apache-2.0
 *
 * record - how a reference is kept: indices into the set's pool, and the two
 * hash chains it hangs on. A million of them with paths is about 120 MB. */
#pragma once
#include "core/base/slice.h"
#include <assay/reference.h>

#define RECORD_NONE UINT32_MAX

struct assay_ref_record {
	uint32_t next_digest, next_name;           /* RECORD_NONE ends a chain */
	uint32_t digest, name, signer, provenance; /* offsets in the pool, RECORD_NONE: empty */
	uint16_t alg,
		tag; /* tag: of the name's hash, so that a chain is walked without the pool */
	uint8_t place, kind, state, digest_n;
};

/* "/bin/x" and "/usr/bin/x" are one path on a merged system: the part that
 * both have in common, without "/usr" in front of bin, sbin and lib*. */
struct assay_slice ref_path_core(struct assay_slice path);
bool ref_is_pattern(struct assay_slice name);
uint32_t ref_hash(uint8_t place, struct assay_slice s);
static inline uint16_t ref_tag(uint32_t hash)
{
	return (uint16_t)(hash >> 16);
}
struct assay_slice ref_string(const struct assay_refs *refs, uint32_t at);
