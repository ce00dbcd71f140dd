/* SPDX-License-Identifier: Apache-2.0
 *
 * cbor - the part of CBOR (RFC 8949) that assay's own formats need, read and
 * written in the core deterministic encoding alone (section 4.2.1).
 *
 *   offset  size  field
 *        0     1  initial byte          major type << 5 | additional information
 *        1  0..8  argument              big-endian, in the fewest bytes
 *           n     content               of byte and text strings
 *
 * The reader has one function per type and no generic item: who reads a
 * format names what must stand there, so nesting is as deep as the format
 * and never as deep as the input likes. Anything else there is UNSUPPORTED.
 *
 * Stricter than the specification: an argument in more bytes than needed, an
 * indefinite length, and map keys that are not in ascending bytewise order of
 * their encoding are faults (CANONICAL), a key that appears twice is one
 * (DUPLICATE), and text that is not UTF-8 is one (ENCODING). A bundle has one
 * encoding, so whoever compares digests of bundles compares bundles.
 *
 *   errors    latched in the cursor; the offset is where the item starts
 *   lifetime  slices alias the input */
#pragma once
#include "core/base/cursor.h"

enum cbor_type {
	CBOR_UINT,
	CBOR_NINT,
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY,
	CBOR_MAP,
	CBOR_TAG,
	CBOR_SIMPLE,
};

uint64_t cbor_uint(struct cur *c, const char *field);
struct assay_slice cbor_bytes(struct cur *c, const char *field);
struct assay_slice cbor_text(struct cur *c, const char *field);

/* Number of items; above max is a fault (LIMIT). */
size_t cbor_array(struct cur *c, size_t max, const char *field);

struct cbor_map {
	size_t n;                /* pairs */
	struct assay_slice last; /* encoding of the key read last */
};

struct cbor_map cbor_map(struct cur *c, size_t max, const char *field);
/* The next key, a text; the caller reads its value before the next one. */
struct assay_slice cbor_key(struct cur *c, struct cbor_map *map, const char *field);

/* Writing: what does not fit latches `full`, n goes on counting, so that
 * a cbor_out over NULL measures. */
struct cbor_out {
	uint8_t *p;
	size_t n, cap;
	bool full;
};

void cbor_put_head(struct cbor_out *o, enum cbor_type type, uint64_t argument);
void cbor_put_bytes(struct cbor_out *o, struct assay_slice s);
void cbor_put_text(struct cbor_out *o, struct assay_slice s);
