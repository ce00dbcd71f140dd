/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/cursor.h"

void cur_fail(struct cur *c, enum assay_fault why, const char *field)
{
	if (cur_ok(c))
		*c->err = (struct assay_err){ why, field, c->base + c->field, NULL };
}

/* BOUNDS: the one place in assay where a length meets a pointer. */
struct assay_slice cur_bytes(struct cur *c, size_t n, const char *field)
{
	c->field = c->at;
	if (n > cur_left(c))
		cur_fail(c, ASSAY_F_TRUNCATED, field);
	if (!cur_ok(c) || n == 0)
		return (struct assay_slice){ 0 };

	struct assay_slice s = { c->p + c->at, n };
	c->at += n;
	return s;
}

uint64_t cur_be(struct cur *c, size_t width, const char *field)
{
	struct assay_slice s = cur_bytes(c, width, field);
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++)
		v = v << 8 | s.p[i];
	return v;
}

uint64_t cur_le(struct cur *c, size_t width, const char *field)
{
	struct assay_slice s = cur_bytes(c, width, field);
	uint64_t v = 0;

	for (size_t i = s.n; i > 0; i--)
		v = v << 8 | s.p[i - 1];
	return v;
}

struct cur cur_sub(struct cur *c, size_t n, const char *field)
{
	size_t base = c->base + c->at;
	struct assay_slice s = cur_bytes(c, n, field);

	return (struct cur){ .p = s.p, .n = s.n, .base = base, .err = c->err };
}

bool cur_done(struct cur *c, const char *field)
{
	c->field = c->at;
	if (cur_left(c) > 0)
		cur_fail(c, ASSAY_F_TRAILING, field);
	return cur_ok(c);
}
