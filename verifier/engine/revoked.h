/* SPDX-License-Identifier: Apache-2.0
 *
 * revoked - the revocations that this verifier has heard of, in memory: asked for each message,
 * written when one more is heard of.
 *
 *   threads   any
 */
#pragma once
#include "verifier/store/store.h"

struct revoked;

struct revoked *revoked_new(void);
void revoked_free(struct revoked *r);

/* Takes in all that the store has beyond what is known, whole or not at all. */
enum store_status revoked_hear(struct revoked *r, struct store *s);
/* The number up to which all is known. */
uint64_t revoked_seq(struct revoked *r);
size_t revoked_count(struct revoked *r);

/* What concerns a node. */
struct revoked_of {
	uint64_t known;     /* revoked_seq() of this answer */
	uint64_t last;      /* the newest that concerns node or AK, 0: none */
	uint64_t node_time; /* when the node was last revoked or removed, 0: never */
	bool ak;            /* the AK is revoked, for good */
};
struct revoked_of revoked_ask(struct revoked *r, struct assay_slice node,
			      struct assay_slice ak_name);
/* True when a component of this id is revoked. */
bool revoked_component(struct revoked *r, const uint8_t id[32]);
