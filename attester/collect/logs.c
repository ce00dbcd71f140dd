/* SPDX-License-Identifier: Apache-2.0
 * The logs that explain the PCRs, where Linux and systemd keep them. */
#include "attester/collect/collect.h"

#include "platform/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

enum { USERSPACE_LOG_MAX = 16 * 1024 * 1024 };

struct place {
	enum assay_part part;
	const char *paths[2]; /* the first that is there counts */
	size_t limit;
	const char *absent; /* what to say when there is none; NULL: nothing */
};

static const struct place eventlog = {
	ASSAY_PART_EVENTLOG,
	{ "/sys/kernel/security/tpm0/binary_bios_measurements", NULL },
	ASSAY_LOG_MAX,
	"there is no boot event log (binary_bios_measurements): the kernel was started without "
	"its "
	"EFI stub, or securityfs is not mounted",
};

static const struct place ima = {
	ASSAY_PART_IMA_BINARY,
	{ "/sys/kernel/security/ima/binary_runtime_measurements",
	  "/sys/kernel/security/integrity/ima/binary_runtime_measurements" },
	ASSAY_IMA_MAX,
	"there is no IMA list (binary_runtime_measurements): the kernel has no IMA, or "
	"securityfs "
	"is not mounted",
};

static const struct place ima_ascii = {
	ASSAY_PART_IMA_ASCII,
	{ "/sys/kernel/security/ima/ascii_runtime_measurements",
	  "/sys/kernel/security/integrity/ima/ascii_runtime_measurements" },
	ASSAY_IMA_MAX,
	NULL,
};

static const struct place userspace = {
	ASSAY_PART_USERSPACE_LOG,
	{ "/run/log/systemd/tpm2-measure.log", NULL },
	USERSPACE_LOG_MAX,
	NULL,
};

int attester_userlog_hold(const struct attester_request *request)
{
	char path[4096];

	snprintf(path, sizeof path, "%s%s", request->root, userspace.paths[0]);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	while (fd >= 0 && flock(fd, LOCK_SH) < 0 && errno == EINTR)
		;
	return fd;
}

static bool read_log(const struct attester_request *request, const struct place *place,
		     struct assay_bundle *out, struct platform_message *why)
{
	struct assay_slice log;
	char path[4096];

	for (size_t i = 0; i < 2 && place->paths[i]; i++) {
		snprintf(path, sizeof path, "%s%s", request->root, place->paths[i]);
		if (platform_file_read(path, place->limit, &log, why)) {
			out->present[place->part] = true;
			out->part[place->part] = log;
			return true;
		}
		/* EIO: some firmware's log, by its broken ACPI table */
		if (why->errnum != ENOENT && why->errnum != ENOTDIR)
			return false;
	}
	if (place->absent && request->note)
		request->note(place->absent);
	return true;
}

bool attester_boot_logs_read(const struct attester_request *request, struct assay_bundle *out,
			     struct platform_message *why)
{
	return read_log(request, &eventlog, out, why) &&
	       read_log(request, &userspace, out, why);
}

bool attester_logs_read(const struct attester_request *request, struct assay_bundle *out,
			struct platform_message *why)
{
	if (!attester_boot_logs_read(request, out, why) || !read_log(request, &ima, out, why))
		return false;
	if (out->present[ASSAY_PART_IMA_BINARY] && !request->ascii)
		return true;
	return read_log(request, &ima_ascii, out, why);
}
