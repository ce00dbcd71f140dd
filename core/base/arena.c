/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/arena.h"
#include <stdalign.h>
#include <string.h>

void *arena_room(struct assay_arena *arena, size_t count, size_t size)
{
	const size_t unit = alignof(max_align_t);
	size_t skip = (unit - ((uintptr_t)arena->p + arena->at) % unit) % unit;
	size_t left = arena->n - arena->at;

	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	if (skip > left || count * size > left - skip)
		return NULL;

	void *p = arena->p + arena->at + skip;
	arena->at += skip + count * size;
	return p;
}

void *assay_arena_take(struct assay_arena *arena, size_t count, size_t size)
{
	void *p = arena_room(arena, count, size);

	return p ? memset(p, 0, count * size) : NULL;
}

void *assay_arena_raw(struct assay_arena *arena, size_t n)
{
	if (n > arena->n - arena->at)
		return NULL;
	void *p = arena->p + arena->at;
	arena->at += n;
	return p;
}
