/* SPDX-License-Identifier: Apache-2.0
 *
 * slice - comparing and naming bytes. No function here reads outside s.n. */
#pragma once
#include <assay/base.h>
#include <string.h>

static inline bool slice_eq(struct assay_slice a, struct assay_slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* True when every byte is v; an empty slice is never "all zero". */
static inline bool slice_all(struct assay_slice s, uint8_t v)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != v)
			return false;
	return s.n > 0;
}

static inline struct assay_slice slice_str(const char *s)
{
	return (struct assay_slice){ (const uint8_t *)s, strlen(s) };
}

static inline bool slice_is(struct assay_slice s, const char *text)
{
	return slice_eq(s, slice_str(text));
}

static inline bool slice_starts(struct assay_slice s, const char *text)
{
	size_t n = strlen(text);

	return s.n >= n && (n == 0 || memcmp(s.p, text, n) == 0);
}

/* BOUNDS: the part [from, to) of s, both clamped to s. */
static inline struct assay_slice slice_part(struct assay_slice s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from >= to)
		return (struct assay_slice){ 0 };
	return (struct assay_slice){ s.p + from, to - from };
}
