/* SPDX-License-Identifier: Apache-2.0
 * rows - a row of a test: the boot that was learned from, with one thing wrong. */
#pragma once
#include "tests/forge.h"

static struct forge *f;

static inline void fresh(void)
{
	if (f)
		forge_free(f);
	f = forge_new("clean-a");
}

static inline void refuses(const char *word, const char *what)
{
	forge_refuses(f, word, what);
	fresh();
}

/* Allowed, but told. */
static inline void tells(const char *word, const char *what)
{
	bool told = false;

	forge_judge(f);
	for (size_t i = 0; f->judged && i < f->out.verdict.nreasons; i++)
		told |= strcmp(assay_reason_info(f->out.verdict.reasons[i].code)->word, word) ==
			0;
	if (!tap_ok(told && forge_affirms(f), "%s: %s, still affirming", what, word))
		forge_explain(f);
	fresh();
}
