/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 * 1024 * 1024, LARGE = 16 * HUGE_PAGE };

void *platform_memory_large(size_t n)
{
	if (n < LARGE || n > SIZE_MAX - HUGE_PAGE)
		return malloc(n);

	size_t whole = (n + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	void *p = aligned_alloc(HUGE_PAGE, whole);
	if (p)
		(void)!madvise(p, whole, MADV_HUGEPAGE); /* a wish */
	return p;
}
