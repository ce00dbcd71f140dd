/* SPDX-License-Identifier: Apache-2.0
 *
 * cursor - the only code in assay that turns untrusted bytes into integers.
 *
 * A cursor is a bounded view plus one error latch. The first failure is
 * recorded (fault, field, byte offset in the outermost input) and sticks;
 * from then on every get returns zero or an empty slice and moves nothing.
 * Callers read a whole structure straight through and ask once, at
 * cur_done(), whether to believe any of it.
 *
 *   invariant  at <= n, always; p[at .. n) is what is left
 *   ownership  none: slices point into the caller's input and live as long
 *   threads    a cursor belongs to one thread; inputs may be shared
 */
#pragma once
#include <assay/base.h>

struct cur {
	const uint8_t *p;
	size_t n, at;          /* bytes in view; bytes consumed */
	size_t field;          /* where the last field read starts */
	size_t base;           /* where this view starts in the outermost input */
	struct assay_err *err; /* shared by every cursor cut from one input */
};

static inline struct cur cur_over(struct assay_slice in, struct assay_err *err)
{
	*err = (struct assay_err){ 0 };
	return (struct cur){ .p = in.p, .n = in.n, .err = err };
}

static inline bool cur_ok(const struct cur *c)
{
	return c->err->fault == ASSAY_F_OK;
}

static inline size_t cur_left(const struct cur *c)
{
	return c->n - c->at;
}

/* Offset in the outermost input of the next byte to be read. */
static inline size_t cur_tell(const struct cur *c)
{
	return c->base + c->at;
}

/* Latches a fault at the field that was read last. */
void cur_fail(struct cur *c, enum assay_fault why, const char *field);
struct assay_slice cur_bytes(struct cur *c, size_t n, const char *field);
uint64_t cur_be(struct cur *c, size_t width, const char *field); /* width <= 8 */
uint64_t cur_le(struct cur *c, size_t width, const char *field); /* width <= 8 */

/* A length-prefixed inner structure: same latch, its own end. */
struct cur cur_sub(struct cur *c, size_t n, const char *field);

/* True when everything was consumed and nothing failed. */
ASSAY_MUST_USE bool cur_done(struct cur *c, const char *field);
