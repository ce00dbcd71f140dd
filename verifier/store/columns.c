/* SPDX-License-Identifier: Apache-2.0
 *
 * columns - what comes out of a row and what goes into one. A row may have been written by
 * another version, or by somebody else: nothing of it is believed, neither length nor range. */
#include "verifier/store/store_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void store_bad_row(struct store *s, int col, const char *what)
{
	if (s->fault != STORE_IO_DONE)
		return;
	s->fault = STORE_IO_BROKEN;
	platform_message_what(&s->why, "cannot understand the store");
	platform_message_why(&s->why, "statement %s, column %d: %s",
			     s->driver->statements[s->running].name, col, what);
	platform_message_hint(&s->why, "it was changed by something else than assayd, or is "
				       "damaged; restore a backup");
}

void store_no_memory(struct store *s)
{
	if (s->fault != STORE_IO_DONE)
		return;
	s->fault = STORE_IO_DOWN;
	platform_message_what(&s->why, "cannot use the store");
	platform_message_errno(&s->why, ENOMEM);
}

int64_t store_col_int(struct store *s, int col, int64_t min, int64_t max)
{
	int64_t v = 0;

	if (s->fault != STORE_IO_DONE)
		return 0;
	if (!s->driver->integer(s, col, &v)) {
		store_bad_row(s, col, "not an integer");
		return 0;
	}
	if (v < min || v > max) {
		store_bad_row(s, col, "out of range");
		return 0;
	}
	return v;
}

uint64_t store_col_u64(struct store *s, int col)
{
	return (uint64_t)store_col_int(s, col, 0, INT64_MAX);
}

static struct assay_slice column(struct store *s, int col, char type, size_t max)
{
	struct assay_slice v = { 0 };

	if (s->fault != STORE_IO_DONE)
		return (struct assay_slice){ 0 };
	if (!s->driver->bytes(s, col, type, &v)) {
		store_bad_row(s, col, type == 't' ? "not a text" : "not bytes");
	} else if (v.n > max) {
		store_bad_row(s, col, "too long");
	} else {
		return v;
	}
	return (struct assay_slice){ 0 };
}

struct assay_slice store_col_text(struct store *s, int col, size_t max)
{
	return column(s, col, 't', max);
}

struct assay_slice store_col_bytes(struct store *s, int col, size_t max)
{
	return column(s, col, 'b', max);
}

void store_col_string(struct store *s, int col, char *out, size_t cap)
{
	struct assay_slice v = column(s, col, 't', cap - 1);

	if (v.n && memchr(v.p, 0, v.n)) {
		store_bad_row(s, col, "a text with a NUL");
		v.n = 0;
	}
	if (v.n)
		memcpy(out, v.p, v.n);
	out[v.n] = 0;
}

void store_col_fixed(struct store *s, int col, uint8_t *out, size_t n)
{
	struct assay_slice v = column(s, col, 'b', n);

	if (v.p && v.n == n) {
		memcpy(out, v.p, n);
		return;
	}
	store_bad_row(s, col, "not of its length");
	memset(out, 0, n);
}

bool store_room(struct store *s, size_t n)
{
	free(s->texts.p);
	s->texts = (struct assay_arena){ .p = malloc(n ? n : 1), .n = n };
	if (s->texts.p)
		return true;
	s->texts.n = 0;
	store_no_memory(s);
	return false;
}

struct assay_slice store_keep(struct store *s, struct assay_slice text)
{
	uint8_t *p = text.p && text.n ? assay_arena_raw(&s->texts, text.n) : NULL;

	if (!p)
		return (struct assay_slice){ 0 };
	memcpy(p, text.p, text.n);
	return (struct assay_slice){ p, text.n };
}

enum store_status store_refuse(struct store *s, enum store_status status, const char *why)
{
	if (s->fault == STORE_IO_DONE) {
		platform_message_what(&s->why, "the store refused");
		platform_message_why(&s->why, "%s", why);
	}
	return status;
}

enum assay_tier store_tier(struct store *s, int col)
{
	switch (store_col_int(s, col, -1, ASSAY_CONTRAINDICATED)) {
	case -1:
	case ASSAY_NONE:
		return ASSAY_NONE;
	case ASSAY_AFFIRMING:
		return ASSAY_AFFIRMING;
	case ASSAY_WARNING:
		return ASSAY_WARNING;
	case ASSAY_CONTRAINDICATED:
		return ASSAY_CONTRAINDICATED;
	default:
		break;
	}
	store_bad_row(s, col, "not a tier");
	return ASSAY_NONE;
}

struct store_arg store_int(uint64_t v)
{
	return store_signed(v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

struct store_arg store_signed(int64_t v)
{
	return (struct store_arg){ .i = v };
}

struct store_arg store_bytes(const void *p, size_t n)
{
	return (struct store_arg){ .p = n ? p : "", .n = n };
}

struct store_arg store_slice(struct assay_slice v)
{
	return store_bytes(v.p, v.n);
}

struct store_arg store_text(const char *text)
{
	return store_bytes(text ? text : "", text ? strlen(text) : 0);
}
