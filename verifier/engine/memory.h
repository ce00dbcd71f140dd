/* SPDX-License-Identifier: Apache-2.0
 *
 * memory - what this verifier remembers of nodes, so that a message that changes nothing
 * touches no store. Bounded: the node that was not heard of for longest is forgotten first, and
 * its next message costs a look into the store.
 *
 *   threads   any; a node's shard is locked for the length of a copy
 */
#pragma once
#include "verifier/store/store.h"

enum { MEMORY_REASONS_MAX = 448 };

/* At most 1 KiB. */
struct remembered {
	char id[ASSAY_NODE_ID_MAX + 1];
	uint8_t ak_name[ASSAY_AK_NAME_MAX];
	uint8_t ak_name_n;
	bool known;           /* the verdict below is the stored one, as far as was heard */
	uint32_t doubts;      /* how often something else was heard of it */
	uint64_t event;       /* seq of the event that its verdict made, 0: none */
	uint64_t doubted;     /* seq of the last event that raised a doubt */
	uint64_t enrolled;    /* of the node, ms */
	uint64_t revocations; /* those that were regarded when the verdict was stored */
	enum assay_tier status;
	int8_t vector[ASSAY_CLAIMS_N];
	uint8_t verdict[32];
	struct store_order order;
	uint64_t ends, due, generation;
	uint16_t reasons_n; /* MEMORY_REASONS_MAX + 1: they did not fit */
	char reasons[MEMORY_REASONS_MAX];
};

struct memory;

struct memory *memory_new(size_t node_max);
void memory_free(struct memory *m);
size_t memory_count(struct memory *m);

bool memory_get(struct memory *m, struct assay_slice id, struct remembered *out);
/* Remembers who the node is; its verdict is not known unless it was with this AK. *doubts: for
 * memory_put. False when memory is short. */
bool memory_meet(struct memory *m, struct assay_slice id, struct assay_slice ak_name,
		 uint64_t enrolled, uint32_t *doubts);
/* The verdict that is stored now. Not believed when another event was heard of since
 * memory_meet() said doubts, unless r->event is that event or a later one. Nothing when the
 * node was forgotten meanwhile. */
void memory_put(struct memory *m, const struct remembered *r, uint32_t doubts);

enum memory_heard {
	MEMORY_HEARD,   /* remembered: the message is the node's last now */
	MEMORY_OLDER,   /* one as late or later is remembered; nothing was changed */
	MEMORY_UNKNOWN, /* this is not the remembered verdict: ask the store */
};
/* The node was heard of again, with the verdict that it has already. */
enum memory_heard memory_hear(struct memory *m, struct assay_slice id,
			      const uint8_t verdict[32], const struct store_order *order,
			      uint64_t ends, uint64_t due, uint64_t generation);
/* An event of the store's says that the node's verdict changed: unless that is the change which
 * is remembered, the verdict is not known any more. */
void memory_doubt(struct memory *m, const char *id, uint64_t event);
void memory_forget(struct memory *m, struct assay_slice id);
