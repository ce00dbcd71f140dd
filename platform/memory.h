/* SPDX-License-Identifier: Apache-2.0
 * memory - room for a large set that is read without order. From 32 MiB on it
 * asks for huge pages: each look-up then waits for memory, not for its page tables as well. */
#pragma once
#include <stddef.h>

/* NULL when there is none; for free(). Not zeroed. */
void *platform_memory_large(size_t n);
