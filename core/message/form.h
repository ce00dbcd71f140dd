/* SPDX-License-Identifier: Apache-2.0
 *
 * message/form - every message is one array: its version, for some a word that tells its kind,
 * and a fixed number of items. A form says which; reading and writing obey the same one, so
 * nothing is written that the reader would refuse.
 *
 *   errors    field is the item's name; offset is where the item starts; a wrong number of
 *             items is told of the whole, at 0 */
#pragma once
#include "core/codec/cbor.h"

enum item_type {
	ITEM_NODE,  /* text: a node's id */
	ITEM_WORD,  /* text of visible ASCII, min to max characters */
	ITEM_BYTES, /* min to max bytes */
	ITEM_UINT,
};

enum { ITEMS_MAX = 6 };

struct form {
	const char *name;
	const char *kind; /* the word after the version, or NULL */
	size_t nitems;
	struct {
		enum item_type type;
		size_t min, max;
		const char *name;
	} item[ITEMS_MAX];
};

struct item {
	struct assay_slice s;
	uint64_t n;   /* ITEM_UINT */
	size_t start; /* offset of the item; written by the reader */
};

/* One of nforms, told by its kind: the index, or -1. What else must hold is for the caller to
 * ask, with message_fail(). */
int message_read(struct assay_slice in, const struct form *forms, size_t nforms,
		 struct item *items, struct assay_err *err);
/* Bytes written, 0 when an item breaks the form or does not fit; out == NULL measures. */
size_t message_write(const struct form *form, const struct item *items, uint8_t *out,
		     size_t cap);

/* Latches a fault of an item; returns false. */
bool message_fail(struct assay_err *err, enum assay_fault why, const char *field,
		  size_t offset);

/* For what is not of fixed items: false, with the fault latched, unless it is the version. */
bool message_version(struct cur *c);
void message_put_version(struct cbor_out *o);
