/* SPDX-License-Identifier: Apache-2.0
 * file - a whole file for a test, as a slice of malloced bytes (p == NULL: not there). */
#pragma once
#include <assay/base.h>
#include <stdio.h>
#include <stdlib.h>

static inline struct assay_slice test_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct assay_slice s = { 0 };

	if (!f)
		return s;
	fseek(f, 0, SEEK_END);
	long n = ftell(f);
	rewind(f);
	uint8_t *p = n >= 0 ? malloc((size_t)n + 1) : NULL;
	if (p) {
		s.n = fread(p, 1, (size_t)n, f);
		s.p = p;
	}
	fclose(f);
	return s;
}
