/* SPDX-License-Identifier: Apache-2.0
 * going_on_rows - a row of a test: a machine that has a receipt and goes on, one thing wrong.
 */
#pragma once
#include "core/base/slice.h"
#include "tests/going_on.h"

static struct forge *f;
static const uint8_t one[32] = { 1 }, two[32] = { 2 };

/* A machine with a receipt, and two known files more than it covers. */
static inline void fresh(void)
{
	struct assay_ref r = { .place = ASSAY_PLACE_IMA,
			       .kind = ASSAY_REF_FILE,
			       .alg = ASSAY_SHA256,
			       .digest = { one, 32 },
			       .name = slice_str("/one") };

	if (f)
		forge_free(f);
	f = forge_new("clean-a");
	generation = GENERATION;
	if (assay_refs_add(&f->refs, &r) != ASSAY_F_OK)
		exit(1);
	r.digest.p = two;
	r.name = slice_str("/two");
	if (assay_refs_add(&f->refs, &r) != ASSAY_F_OK)
		exit(1);
	forge_judge(f);
	if (!give_receipt(f))
		exit(1);
	f->clock++;
	forge_ima(f, "/one", one, 32, false);
	forge_ima(f, "/two", two, 32, false);
}

static inline void row(enum assay_going going, enum assay_going want, const char *what)
{
	bool nothing = going == ASSAY_GOING_ON || out.verdict.status == ASSAY_NONE;

	if (!tap_ok(going == want && nothing, "%s: %s", assay_going_word(want), what))
		printf("# got %s\n", assay_going_word(going));
}
