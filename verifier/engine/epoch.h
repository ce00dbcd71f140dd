/* SPDX-License-Identifier: Apache-2.0
 *
 * epoch - is this the database that was left? The last state of it that this verifier saw lies
 * in a file outside of it, keys/epoch:
 *
 *     assay-epoch-1 ID COUNTER EVENT\n       (hex, decimal, decimal)
 *
 *   threads   one
 */
#pragma once
#include "verifier/store/store.h"

struct epoch {
	char path[4096];
	struct store_epoch seen;
	bool has_seen; /* a file was there */
	uint64_t written, written_counter, written_at;
};

/* No file: a first start, whatever the database says is believed. False with *why when a file
 * is there and cannot be read. */
bool epoch_open(struct epoch *e, const char *folder, struct platform_message *why);
/* STORE_DONE: the database follows what was seen, and was noted (at once when its counter
 * moved, every five seconds for events; now: ms of any clock). STORE_CONFLICT: it was put back.
 * The file is read again then: an operator may have accepted it. */
enum store_status epoch_check(struct epoch *e, struct store *s, uint64_t now,
			      struct platform_message *why);
/* Writes what was seen last. */
bool epoch_note(struct epoch *e, uint64_t now, struct platform_message *why);
