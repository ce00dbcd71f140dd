/* SPDX-License-Identifier: Apache-2.0
 * tap - the little that a table of tests needs (https://testanything.org). */
#pragma once
#include <stdbool.h>
#include <stdio.h>

static int tap_n, tap_bad;

__attribute__((format(printf, 2, 3))) static inline bool tap_ok(bool pass, const char *name,
								...)
{
	__builtin_va_list ap;

	printf("%sok %d - ", pass ? "" : "not ", ++tap_n);
	__builtin_va_start(ap, name);
	vprintf(name, ap);
	__builtin_va_end(ap);
	putchar('\n');
	tap_bad += !pass;
	return pass;
}

static inline void tap_skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_n, name, why);
}

static inline int tap_done(void)
{
	printf("1..%d\n", tap_n);
	return tap_bad != 0;
}
