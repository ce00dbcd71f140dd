/* SPDX-License-Identifier: Apache-2.0
 * rows - one row per rule of a reader: the input, and the fault, field and
 * offset that it must end in. */
#pragma once
#include "tests/tap.h"
#include <assay/base.h>
#include <stdlib.h>
#include <string.h>

struct row {
	const char *name, *in;
	size_t n;
	enum assay_fault want;
	const char *field;
	size_t offset;
};

#define IN(s) s, sizeof(s) - 1
#define READS ASSAY_F_OK, NULL, 0

/* read: true when it read, *untouched false when it wrote to what it had to leave. */
static inline void test_row(const struct row *row,
			    bool (*read)(struct assay_slice in, struct assay_err *err,
					 bool *untouched))
{
	struct assay_err err = { ASSAY_F_MEMORY, "stale", 77, NULL };
	uint8_t *copy = malloc(row->n + 1); /* exact, so that sanitizers see an overread */
	bool untouched = true;

	if (!copy)
		exit(1);
	memcpy(copy, row->in, row->n);
	bool ok = read((struct assay_slice){ copy, row->n }, &err, &untouched);
	bool pass = ok == (row->want == ASSAY_F_OK) && err.fault == row->want &&
		    (ok || (untouched && err.offset == row->offset && err.field &&
			    strcmp(err.field, row->field) == 0));
	free(copy);
	if (!tap_ok(pass, "%s", row->name))
		printf("# got %s %s at %zu%s\n", assay_fault_word(err.fault),
		       err.field ? err.field : "-", err.offset, untouched ? "" : ", wrote");
}
