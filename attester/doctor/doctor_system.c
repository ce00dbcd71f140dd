/* SPDX-License-Identifier: Apache-2.0
 * What firmware and kernel recorded. */
#include "attester/doctor/doctor.h"

#include "platform/file.h"

#include <assay/evidence/eventlog.h>
#include <assay/evidence/ima.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EFI_GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"

static bool read_below(const char *root, const char *path, size_t limit,
		       struct assay_slice *out, struct platform_message *why)
{
	char whole[4096];

	snprintf(whole, sizeof whole, "%s%s", root, path);
	return platform_file_read(whole, limit, out, why);
}

/* An EFI variable of one byte: efivarfs puts four bytes of attributes before
 * it. -1 when it is not there or has another form. */
static int efi_byte(const char *root, const char *name)
{
	struct platform_message ignored;
	struct assay_slice file;
	char path[256];

	snprintf(path, sizeof path, "/sys/firmware/efi/efivars/%s-" EFI_GLOBAL, name);
	if (!read_below(root, path, 4096, &file, &ignored))
		return -1;
	int value = file.n == 5 ? file.p[4] : -1;
	platform_file_drop(&file);
	return value;
}

static void check_secure_boot(const char *root, struct attester_check *check)
{
	int on = efi_byte(root, "SecureBoot");

	if (on < 0)
		attester_check_no(check,
				  "boot by UEFI, not legacy BIOS, and mount efivarfs on "
				  "/sys/firmware/efi/efivars",
				  "no SecureBoot variable");
	else if (efi_byte(root, "SetupMode") == 1)
		attester_check_no(check, "enrol a platform key in the firmware's setup",
				  "firmware is in setup mode: nothing is verified");
	else if (on != 1)
		attester_check_no(check, "switch Secure Boot on in the firmware's setup",
				  "off");
	else
		attester_check_yes(check, "on");
}

static void check_eventlog(const char *root, struct attester_check *check)
{
	struct platform_message why = { 0 };
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_slice file;
	struct assay_err err;
	size_t n = 0;

	if (!read_below(root, "/sys/kernel/security/tpm0/binary_bios_measurements",
			ASSAY_LOG_MAX, &file, &why)) {
		attester_check_no(
			check,
			why.errnum == ENOENT
				? "start the kernel by its EFI stub (GRUB does so under "
				  "Secure Boot) and mount securityfs"
				: why.hint,
			"%s", why.errnum == ENOENT ? "none" : why.why);
		return;
	}
	bool good = assay_eventlog_open(&log, file, &err);
	while (good && assay_eventlog_next(&log, &ev))
		n++;
	if (file.n == 0)
		attester_check_no(
			check,
			"switch the TPM on in the firmware's setup; if it is, update the "
			"firmware",
			"empty");
	else if (err.fault != ASSAY_F_OK)
		attester_check_no(check, "update the firmware; `assay inspect` tells more",
				  "unreadable: %s, %s at byte %zu", err.field,
				  assay_fault_text(err.fault), err.offset);
	else
		attester_check_yes(check, "%zu records", n);
	platform_file_drop(&file);
}

static bool read_ima(const char *root, struct assay_slice *out, struct platform_message *why)
{
	return read_below(root, "/sys/kernel/security/ima/binary_runtime_measurements",
			  ASSAY_IMA_MAX, out, why) ||
	       read_below(root,
			  "/sys/kernel/security/integrity/ima/binary_runtime_measurements",
			  ASSAY_IMA_MAX, out, why);
}

static void check_ima_list(const char *root, struct attester_check *check)
{
	struct platform_message why = { 0 };
	struct assay_ima_entry entry;
	struct assay_slice file;
	struct assay_ima ima;
	struct assay_err err;
	size_t n = 0;

	if (!read_ima(root, &file, &why)) {
		attester_check_no(check,
				  why.errnum == ENOENT
					  ? "use a kernel with IMA (Debian's have it) and "
					    "mount securityfs"
					  : why.hint,
				  "%s", why.errnum == ENOENT ? "no list" : why.why);
		return;
	}
	bool good = assay_ima_open(&ima, file, &err);
	while (good && assay_ima_next(&ima, &entry))
		n++;
	if (err.fault != ASSAY_F_OK)
		attester_check_no(check, "`assay inspect` tells more",
				  "unreadable: %s, %s at byte %zu", err.field,
				  assay_fault_text(err.fault), err.offset);
	else if (n < 2)
		attester_check_no(check, "boot with ima_policy=tcb, or load a policy",
				  "%zu entr%s: no file is measured", n, n == 1 ? "y" : "ies");
	else
		attester_check_yes(check, "%zu entries", n);
	platform_file_drop(&file);
}

/* A word of the command line that starts with name. */
static bool has_word(const char *line, const char *name)
{
	for (const char *at = strstr(line, name); at; at = strstr(at + 1, name))
		if (at == line || at[-1] == ' ')
			return true;
	return false;
}

static void check_ima_policy(const char *root, struct attester_check *check)
{
	struct platform_message why = { 0 };
	struct assay_slice line;
	char file[4096];

	if (!read_below(root, "/proc/cmdline", 64 * 1024, &line, &why)) {
		attester_check_no(check, why.hint, "the command line cannot be read: %s",
				  why.why);
		return;
	}
	bool given = has_word((const char *)line.p, "ima_policy=") ||
		     has_word((const char *)line.p, "ima_tcb");
	platform_file_drop(&line);
	snprintf(file, sizeof file, "%s/etc/ima/ima-policy", root);
	if (given)
		attester_check_yes(check, "on the kernel's command line");
	else
		attester_check_no(check, "add ima_policy=tcb to the kernel's command line",
				  access(file, R_OK) == 0
					  ? "only /etc/ima/ima-policy, loaded after "
					    "the first programs ran"
					  : "none on the kernel's command line");
}

void attester_doctor_system(const char *root, struct attester_check checks[ATTESTER_CHECKS_N])
{
	check_secure_boot(root, &checks[ATTESTER_CHECK_SECURE_BOOT]);
	check_eventlog(root, &checks[ATTESTER_CHECK_EVENTLOG]);
	check_ima_list(root, &checks[ATTESTER_CHECK_IMA_LIST]);
	check_ima_policy(root, &checks[ATTESTER_CHECK_IMA_POLICY]);
}
