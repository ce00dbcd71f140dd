/* SPDX-License-Identifier: Apache-2.0
 * A digest that is good in one place, used in another: a kernel's file digest as a boot
 * application, a known program under the name of another. */
#include "tests/forge.h"

int main(void)
{
	struct forge *f = forge_new("clean-a");
	uint8_t kernel[32];

	memcpy(kernel, forge_find(f, 9, "/vmlinuz", 8)->digest, 32);
	struct forged_event *e = forge_insert(
		f, f->nevents, 4, (uint32_t)ASSAY_EV_EFI_BOOT_SERVICES_APPLICATION, kernel, 32);
	memcpy(e->digest, kernel, 32);
	forge_refuses(f, "boot.component-unknown", "PCR 9's kernel in PCR 4");
	forge_remove(f, f->nevents - 1);
	e = forge_insert(f, f->nevents, 14, ASSAY_EV_IPL, "MokList", 8);
	memcpy(e->digest, kernel, 32);
	forge_refuses(f, "boot.component-unknown", "PCR 9's kernel in PCR 14");
	forge_remove(f, f->nevents - 1);
	forge_ima(f, "/vmlinuz", kernel, 32, false);
	forge_refuses(f, "ima.file-unknown", "a boot digest is no file's");
	forge_free(f);

	f = forge_new("clean-a");
	struct assay_ref r = { 0 };
	for (uint32_t i = 0; i < f->refs.n; i++)
		if (assay_refs_get(&f->refs, i).place == ASSAY_PLACE_IMA)
			r = assay_refs_get(&f->refs, i);
	e = forge_insert(f, f->nevents, 9, ASSAY_EV_IPL, "(hd0)/initrd", 13);
	memcpy(e->digest, r.digest.p, 32);
	forge_refuses(f, "boot.component-unknown", "a file's digest at boot");
	forge_remove(f, f->nevents - 1);
	forge_ima(f, "/usr/sbin/auditd", r.digest.p, 32, false);
	forge_refuses(f, "ima.file-misplaced", "a known file under another name");
	forge_free(f);
	return tap_done();
}
