/* SPDX-License-Identifier: Apache-2.0
 * random - bytes that nobody can guess, from the kernel (getrandom, which waits once at boot).
 */
#pragma once
#include <assay/base.h>

/* Fills n bytes. It cannot fail where we run; should it, the process ends: nothing that needs
 * them may go on without. */
void platform_random(void *out, size_t n);
/* Below n, without bias; n > 0. For jitter and the like. */
uint64_t platform_random_below(uint64_t n);
