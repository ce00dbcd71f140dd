/* SPDX-License-Identifier: Apache-2.0
 *
 * node_read - what a verifier says of a node (docs/formats/protocol.md: NODE, EVENT), checked
 * member by member before any of it is shown. A member that is not known here is passed over: a
 * newer verifier may have more to say.
 *
 *   ownership  texts live as long as the JSON
 */
#pragma once
#include "platform/json.h"

#include <assay/message.h>
#include <assay/result.h>

struct node_seen {
	const char *id;
	enum assay_tier status;
	/* RFC 3339; NULL: never, or not told */
	const char *since, *heard, *due, *enrolled;
	const char *policy, *ak, *ek;
	const json_t *reasons;
};

struct event_seen {
	uint64_t seq;
	const char *time, *node;
	int before; /* -1: the node's first */
	enum assay_tier status;
	const json_t *reasons;
};

struct reason_seen {
	const char *code, *severity, *where, *found, *expected, *hint; /* NULL: not told */
};

/* False: *what says what is wrong with it. */
ASSAY_MUST_USE bool node_read(const json_t *o, struct node_seen *out, const char **what);
ASSAY_MUST_USE bool event_read(const json_t *o, struct event_seen *out, const char **what);
/* One of reasons, which were checked. */
struct reason_seen reason_read(const json_t *o);

/* Its status by its word; -1. */
int tier_by_name(const char *word);

/* Milliseconds since 1970; false when it is no UTC time of RFC 3339. */
ASSAY_MUST_USE bool time_read(const char *text, uint64_t *ms);
/* "3 s ago", "in 2 min", "never". */
void time_near(const char *text, uint64_t now, char out[32]);
