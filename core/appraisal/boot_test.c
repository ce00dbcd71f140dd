/* SPDX-License-Identifier: Apache-2.0
 * The boot's reasons: one row each, a boot in which this and nothing else is wrong. */
#include "core/base/slice.h"
#include "tests/forge_rows.h"

static void logs(void)
{
	forge_write(f);
	f->nlog = 0;
	forge_judge_again(f);
	tap_ok(!forge_affirms(f) && forge_says(f, "boot.log-empty"),
	       "an empty log: boot.log-empty");
	fresh();

	forge_write(f);
	f->no_log = true;
	forge_judge_again(f);
	tap_ok(!forge_affirms(f) && forge_says(f, "boot.log-missing"),
	       "no log: boot.log-missing");
	fresh();

	struct forged_event *e =
		forge_insert(f, f->nevents, 9, ASSAY_EV_IPL, "(hd0,gpt1)/evil.mod", 20);
	forge_digest(f, e, "evil", 4);
	refuses("boot.component-unknown", "a file that no reference knows");
	e = forge_insert(f, f->nevents, 8, ASSAY_EV_IPL, "grub_cmd: insmod evil", 22);
	forge_digest(f, e, "insmod evil", 11);
	refuses("boot.command-line-unknown", "a command that no reference knows");
	e = forge_insert(f, f->nevents, 8, ASSAY_EV_IPL, "anything: linux /vmlinuz rd.break",
			 34);
	forge_digest(f, e, "linux /vmlinuz rd.break", 23);
	refuses("boot.command-line-forbidden", "a forbidden word, under any prefix");
	f->events[10].type = 0x12345678;
	refuses("boot.event-type-unknown", "a type that nobody knows");
	e = forge_find(f, 8, "ima_policy=tcb", 14);
	e->data[e->n - 3] ^= 1;
	refuses("boot.event-unproven", "a command whose text is not what was hashed");
	forge_insert(f, 0, 0, ASSAY_EV_NO_ACTION, "StartupLocality", 16);
	tells("boot.log-odd", "a StartupLocality event that ends before the locality");
	e = forge_insert(f, 3, 0, ASSAY_EV_NO_ACTION, "whatever", 8);
	memset(e->digest, 1, sizeof e->digest);
	refuses("boot.no-action-digest", "an EV_NO_ACTION with a digest");
	for (size_t i = f->nevents; i-- > 0;)
		if (f->events[i].pcr == 9)
			forge_remove(f, i);
	for (size_t i = f->nevents; i-- > 0;)
		if (f->events[i].pcr == 4 && f->events[i].n == 32)
			forge_remove(f, i);
	refuses("boot.component-missing", "no kernel was measured");
	struct assay_ref revoked = { .place = 9,
				     .kind = ASSAY_REF_INITRD,
				     .state = ASSAY_REF_REVOKED,
				     .alg = ASSAY_SHA256 };
	e = forge_find(f, 9, "/initrd", 7);
	revoked.digest = (struct assay_slice){ e->digest, 32 };
	tap_ok(assay_refs_add(&f->refs, &revoked) == ASSAY_F_OK, "an initrd is revoked");
	refuses("boot.component-revoked", "a revoked initrd");
}

/* A revoked component is bad where the policy does not ask for references, too. */
static void revoked_elsewhere(void)
{
	struct forged_event *e = forge_find(f, 5, "EFI PART", 8);
	struct assay_ref revoked = {
		.place = 5,
		.kind = ASSAY_REF_PARTITION_TABLE,
		.state = ASSAY_REF_REVOKED,
		.alg = ASSAY_SHA256,
		.digest = { e->digest, 32 },
	};

	tap_ok(assay_refs_add(&f->refs, &revoked) == ASSAY_F_OK,
	       "a partition table is revoked");
	refuses("boot.component-revoked", "revoked, in a PCR that is not judged");
	f->policy.forbidden[0] = slice_str("console=");
	refuses("boot.command-line-forbidden", "a word forbidden with every value");
	f->policy.forbidden[0] = slice_str("consol=");
	forge_judge(f);
	tap_ok(forge_affirms(f), "but not one that merely begins alike");
	fresh();
}

static const uint8_t secure_boot_off[] = { 0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11, 0xaa,
					   0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c, 10,   0,
					   0,    0,    0,    0,    0,    0,    1,    0,    0,
					   0,    0,    0,    0,    0,    'S',  0,    'e',  0,
					   'c',  0,    'u',  0,    'r',  0,    'e',  0,    'B',
					   0,    'o',  0,    'o',  0,    't',  0,    0 };

static const char name_secure_boot[] = "S\0e\0c\0u\0r\0e\0B\0o\0o\0t";

static void secure_boot(void)
{
	struct forged_event *e = forge_find(f, 7, name_secure_boot, 19);

	e->data[e->n - 1] = 0;
	forge_digest(f, e, e->data, e->n);
	refuses("boot.secure-boot-off", "SecureBoot = 0");
	e = forge_find(f, 7, name_secure_boot, 19);
	forge_remove(f, (size_t)(e - f->events));
	refuses("boot.secure-boot-unknown", "no SecureBoot variable");
	e = forge_find(f, 7, name_secure_boot, 19);
	e->data[e->n - 1] = 7;
	forge_digest(f, e, e->data, e->n);
	refuses("boot.secure-boot-unknown", "SecureBoot = 7");
	forge_insert(f, (size_t)(forge_find(f, 7, name_secure_boot, 19) - f->events), 7,
		     (uint32_t)ASSAY_EV_EFI_VARIABLE_DRIVER_CONFIG, secure_boot_off,
		     sizeof secure_boot_off);
	refuses("boot.variable-repeated", "SecureBoot = 0, then SecureBoot = 1");
	e = forge_find(f, 7, name_secure_boot, 19);
	forge_insert(f, f->nevents, 7, e->type, e->data, e->n);
	refuses("boot.variable-repeated", "SecureBoot once more after the separator");
	e = forge_find(f, 7, name_secure_boot, 19);
	struct forged_event late = *e;
	forge_remove(f, (size_t)(e - f->events));
	forge_insert(f, f->nevents, 7, late.type, late.data, late.n);
	refuses("boot.secure-boot-unknown", "SecureBoot = 1, but after the separator");
	e = forge_find(f, 7, name_secure_boot, 19);
	e->data[0] ^= 1;
	forge_digest(f, e, e->data, e->n);
	refuses("boot.secure-boot-unknown", "a SecureBoot of another vendor's GUID");
	e = forge_find(f, 7, "P\0K", 3);
	e->n = 36;
	memset(e->data + 24, 0, 8);
	forge_digest(f, e, e->data, e->n);
	refuses("boot.setup-mode", "an empty PK");
	forge_insert(f, 5, 7, (uint32_t)ASSAY_EV_EFI_ACTION, "UEFI Debug Mode", 15);
	refuses("boot.debug-mode", "a firmware debugger");
	e = forge_insert(f, 5, 7, (uint32_t)ASSAY_EV_EFI_ACTION, "UEFI Debug Mode", 16);
	forge_digest(f, e, e->data, 15);
	refuses("boot.debug-mode", "the same, with a NUL that its digest does not cover");
	f->policy.min_sbat_level = 2099010100;
	refuses("boot.sbat-level-old", "an SBAT level before the policy's");
	f->policy.min_sbat_level = 1;
	e = forge_find(f, 7, "sbat,1,", 7);
	forge_remove(f, (size_t)(e - f->events));
	refuses("boot.sbat-level-old", "no SBAT level where the policy wants one");
}

static void separators(void)
{
	static const uint8_t zero[4], error[4] = { 1, 0, 0, 0 };

	forge_insert(f, f->nevents, 4, ASSAY_EV_SEPARATOR, zero, 4);
	refuses("boot.separator", "a second separator");
	for (size_t i = 0; i < f->nevents; i++)
		if (f->events[i].pcr == 2 && f->events[i].type == ASSAY_EV_SEPARATOR)
			forge_remove(f, i);
	refuses("boot.separator", "no separator");
	for (size_t i = 0; i < f->nevents; i++)
		if (f->events[i].pcr == 3 && f->events[i].type == ASSAY_EV_SEPARATOR)
			forge_digest(f, &f->events[i], error, 4);
	refuses("boot.firmware-error", "a separator that tells of an error");
}

int main(void)
{
	fresh();
	logs();
	revoked_elsewhere();
	secure_boot();
	separators();
	forge_free(f);
	return tap_done();
}
