/* SPDX-License-Identifier: Apache-2.0
 *
 * json - writing JSON (RFC 8259) into a text; nothing here reads any.
 *
 * Whatever a string holds, the output is valid UTF-8 and valid JSON on one
 * line: controls (C0, DEL, C1, U+2028, U+2029) become \u00NN, and a byte that
 * belongs to no UTF-8 character is shown as the four characters \xNN (of which
 * the backslash is escaped). That showing is for people and not reversible.
 *
 * Commas come by themselves. Wrong nesting is the caller's bug; it latches
 * `full` in the text, so that nothing half-made is ever signed. */
#pragma once
#include "core/base/text.h"

enum { JSON_DEPTH_MAX = 32 };

struct json {
	struct text *t;
	size_t start; /* where the value begins in t */
	unsigned depth;
	uint32_t is_object, not_first; /* bit d: of the container at depth d + 1 */
	bool after_key;
};

static inline struct json codec_json_over(struct text *t)
{
	return (struct json){ .t = t, .start = t->n };
}

void codec_json_object(struct json *j);
void codec_json_array(struct json *j);
void codec_json_close(struct json *j);

void codec_json_key(struct json *j, const char *key);

void codec_json_string(struct json *j, struct assay_slice s);
void codec_json_str(struct json *j, const char *s); /* NULL writes null */
void codec_json_u64(struct json *j, uint64_t v);
void codec_json_i64(struct json *j, int64_t v);
void codec_json_bool(struct json *j, bool v);
void codec_json_null(struct json *j);
void codec_json_base64url(struct json *j, struct assay_slice s);
void codec_json_hex(struct json *j, struct assay_slice s);

/* True when one whole value was written and all of it fitted. */
ASSAY_MUST_USE bool codec_json_done(const struct json *j);
