/* SPDX-License-Identifier: Apache-2.0
 * What really ran stands in PCR 10. Root hands those extends over as "events" of the
 * firmware's log, and as IMA's list one that he made himself and extended into another
 * register. Whatever the list says, nothing but it may explain the kernel's register. */
#include "tests/forge.h"

/* Everything that the list extended, as events of the firmware's log. */
static void as_events(struct forge *f, uint32_t type)
{
	struct assay_ima ima;
	struct assay_ima_entry e;
	struct assay_err err;
	uint8_t v[ASSAY_DIGEST_MAX];

	forge_write(f);
	if (!assay_ima_open(&ima, (struct assay_slice){ f->ima, f->nima }, &err))
		return;
	for (size_t i = 0; i < 20 && assay_ima_next(&ima, &e); i++) {
		if (!assay_ima_extend_value(f->crypto, &e, ASSAY_SHA256, ASSAY_IMA_NATIVE, NULL,
					    v))
			return;
		struct forged_event *ev = forge_insert(f, f->nevents, 10, type, "", 0);
		memcpy(ev->digest, v, 32);
	}
}

/* The policy does not name PCR 10: it is needed all the same. */
static void unquoted(void)
{
	struct forge *f = forge_new("clean-a");

	f->ima_pcr = 11;
	f->pcrs = (f->pcrs | 1u << 11) & ~(1u << 10);
	f->policy.pcrs_quoted &= ~(1u << 10);
	forge_refuses(f, "ima.not-quoted", "the list in PCR 11, PCR 10 not quoted");
	forge_free(f);
}

static void elsewhere(uint32_t pcr, uint32_t type)
{
	static const uint8_t evil[32] = { 0xe7, 0x11 };
	struct forge *f = forge_new("clean-a");
	char what[64];

	forge_ima_first(f, "/tmp/evil", evil, 32);
	as_events(f, type);
	memset(f->rest, 0, sizeof f->rest);
	struct forge *good = forge_new("clean-a");
	memcpy(f->rest, good->rest, good->nrest);
	f->nrest = good->nrest;
	forge_free(good);
	f->ima_pcr = pcr;
	f->pcrs |= 1u << pcr;
	snprintf(what, sizeof what, "the list in PCR %u, PCR 10 as events of type %x", pcr,
		 type);
	forge_refuses(f, "boot.component-unknown", what);
	forge_free(f);
}

int main(void)
{
	static const uint32_t pcrs[] = { 11, 15, 16, 23, 5 };
	static const uint32_t types[] = { ASSAY_EV_IPL, ASSAY_EV_COMPACT_HASH,
					  (uint32_t)ASSAY_EV_EFI_ACTION };

	for (size_t i = 0; i < sizeof pcrs / sizeof *pcrs; i++)
		elsewhere(pcrs[i], types[i % 2]);
	unquoted();
	return tap_done();
}
