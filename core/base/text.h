/* SPDX-License-Identifier: Apache-2.0
 *
 * text - building bounded text without printf (the core has no locale).
 *
 * A text is a buffer with a fill and one latch: what does not fit is left out
 * whole, sets `full`, and from then on nothing is added. Always NUL-terminated while
 * cap > 0. A text that ended full is never shown as if it were whole:
 * text_in() marks it with "..." for people; writers of formats check full. */
#pragma once
#include <assay/base.h>

struct text {
	char *p;
	size_t n, cap; /* bytes used without the NUL; bytes in p */
	bool full;
};

static inline struct text text_over(char *p, size_t cap)
{
	if (cap > 0)
		p[0] = '\0';
	return (struct text){ .p = p, .cap = cap };
}

/* Room for n bytes that the caller writes at once, all of them; NULL when it is full. */
char *text_room(struct text *t, size_t n);
void text_raw(struct text *t, struct assay_slice s);
void text_str(struct text *t, const char *s);
void text_u64(struct text *t, uint64_t v);
void text_i64(struct text *t, int64_t v);
void text_hex(struct text *t, struct assay_slice s);            /* lower case */
void text_hex_u64(struct text *t, uint64_t v, unsigned digits); /* 0x-less, padded */

/* Untrusted bytes for a person: printable ASCII and valid UTF-8 above U+00A0 as
 * they are, all else as \xNN (so no terminal escape gets through), and so are
 * characters that cannot be seen or that change the direction of writing; at
 * most max input bytes, then "...". A backslash stays one: the text is to be
 * read by a person, never parsed or compared. */
void text_safe(struct text *t, struct assay_slice s, size_t max);

/* UTF-16LE the same way; surrogates and controls as \uNNNN. */
void text_safe_utf16(struct text *t, struct assay_slice s, size_t max);

/* Copies t's text into the arena; NULL when there is no room. When t is full
 * the copy ends in "...". */
const char *text_in(const struct text *t, struct assay_arena *arena);
