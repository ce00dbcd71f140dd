/* SPDX-License-Identifier: Apache-2.0
 *
 * show - one writer for what a command found: JSON for programs, aligned lines
 * for people. It streams: nothing is kept, so a list may be as long as it likes.
 *
 * Names are the caller's; texts may be anybody's. Whatever a text holds, JSON
 * is valid UTF-8 on which no terminal control gets through, and so is the
 * rest: controls, characters that cannot be seen or that turn the direction
 * of writing are escaped, a byte of no UTF-8 character is shown as \xNN.
 *
 *   threads  one at a time; the file is not locked
 */
#pragma once
#include <assay/base.h>
#include <jansson.h>
#include <stdio.h>

enum { SHOW_DEPTH_MAX = 8 };

struct show {
	FILE *out;
	bool json;
	unsigned depth;
	bool any[SHOW_DEPTH_MAX];   /* something was written at this depth */
	bool array[SHOW_DEPTH_MAX]; /* what is open there is an array */
};

/* key: NULL for an element of an array (and for the outermost value). */
void show_object(struct show *s, const char *key);
void show_array(struct show *s, const char *key);
void show_close(struct show *s);

void show_str(struct show *s, const char *key, const char *text); /* NULL is null */
void show_text(struct show *s, const char *key, struct assay_slice text);
void show_utf16(struct show *s, const char *key, struct assay_slice text); /* little-endian */
void show_hex(struct show *s, const char *key, struct assay_slice bytes);
void show_u64(struct show *s, const char *key, uint64_t v);
void show_i64(struct show *s, const char *key, int64_t v);
void show_bool(struct show *s, const char *key, bool v);
void show_json(struct show *s, const char *key,
	       const json_t *v); /* as it stands; NULL is null */
__attribute__((format(printf, 3, 4))) void show_format(struct show *s, const char *key,
						       const char *format, ...);

/* Untrusted text on a line that the caller writes itself (people only). */
void show_safe(FILE *out, struct assay_slice text, size_t max);
void show_safe_utf16(FILE *out, struct assay_slice text, size_t max);
