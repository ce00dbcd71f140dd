/* SPDX-License-Identifier: Apache-2.0
 * The level that a machine booted with is old, and known, as other nodes have not been
 * updated either. Root leaves its text out of the log and extends PCR 7 with the newer level
 * that the references know too. */
#include "tests/forge.h"

static size_t variable(uint8_t *p, const char *level)
{
	static const uint8_t guid[16] = { 0x50, 0xab, 0x5d, 0x60, 0x46, 0xe0, 0x00, 0x43,
					  0xab, 0xb6, 0x3d, 0xd8, 0x10, 0xdd, 0x8b, 0x23 };
	static const char name[] = "SbatLevel";
	size_t n = 32;

	memset(p, 0, 32);
	memcpy(p, guid, 16);
	p[16] = sizeof name - 1;
	p[24] = (uint8_t)strlen(level);
	for (size_t i = 0; i + 1 < sizeof name; i++, n += 2) {
		p[n] = (uint8_t)name[i];
		p[n + 1] = 0;
	}
	memcpy(p + n, level, strlen(level));
	return n + strlen(level);
}

static void known(struct forge *f, const struct forged_event *e)
{
	struct assay_ref r = { .place = 7,
			       .kind = ASSAY_REF_AUTHORITY,
			       .alg = ASSAY_SHA256,
			       .digest = { e->digest, 32 } };

	tap_ok(assay_refs_add(&f->refs, &r) == ASSAY_F_OK, "a known level");
}

int main(void)
{
	struct forge *f = forge_new("clean-a");
	uint8_t old[128], new[128];
	struct forged_event *e = forge_find(f, 7, "S\0b\0a\0t\0L", 9);

	if (e)
		forge_remove(f, (size_t)(e - f->events));
	size_t n_old = variable(old, "sbat,1,2021030218\nshim,1\n"),
	       n_new = variable(new, "sbat,1,2025051000\nshim,4\n");
	f->policy.min_sbat_level = 2025051000;
	size_t at = f->nevents;
	known(f, forge_insert(f, at, 7, (uint32_t)ASSAY_EV_EFI_VARIABLE_AUTHORITY, new, n_new));
	forge_judge(f);
	if (!tap_ok(forge_affirms(f), "the new level"))
		forge_explain(f);
	e = forge_insert(f, at, 7, (uint32_t)ASSAY_EV_EFI_VARIABLE_AUTHORITY, old, n_old);
	known(f, e);
	forge_refuses(f, "boot.sbat-level-old", "the old level before the new one");
	e->type = ASSAY_EV_COMPACT_HASH;
	e->n = 0;
	forge_refuses(f, "boot.sbat-level-old", "the same, its text left out");
	forge_free(f);
	return tap_done();
}
