/* SPDX-License-Identifier: Apache-2.0
 * A bundle as a folder. */
#include "attester/collect/collect.h"

#include "platform/file.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(const char *what, const char *path, struct platform_message *why)
{
	int problem = errno;

	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot %s %s", what, path);
	platform_message_errno(why, problem);
	return false;
}

static bool path_of(const char *folder, enum assay_part part, char *out, size_t cap,
		    struct platform_message *why)
{
	int n = snprintf(out, cap, "%s/%s", folder, assay_part_name(part));

	errno = ENAMETOOLONG;
	return n >= 0 && (size_t)n < cap ? true : fail("write", folder, why);
}

static bool write_part(const char *folder, const struct assay_bundle *bundle,
		       enum assay_part part, struct platform_message *why)
{
	char path[4096];

	return path_of(folder, part, path, sizeof path, why) &&
	       platform_file_write_atomic(path, bundle->part[part], 0644, why);
}

static bool remove_part(const char *folder, enum assay_part part, struct platform_message *why)
{
	char path[4096];

	if (!path_of(folder, part, path, sizeof path, why))
		return false;
	return unlink(path) == 0 || errno == ENOENT ? true : fail("remove", path, why);
}

bool attester_folder_write(const char *folder, const struct assay_bundle *bundle,
			   struct platform_message *why)
{
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return fail("make", folder, why);
	if (!remove_part(folder, ASSAY_PART_QUOTE_SIG, why))
		return false;
	for (enum assay_part part = 0; part < ASSAY_PARTS_N; part++) {
		if (part == ASSAY_PART_QUOTE_SIG)
			continue;
		if (bundle->present[part] ? !write_part(folder, bundle, part, why)
					  : !remove_part(folder, part, why))
			return false;
	}
	return !bundle->present[ASSAY_PART_QUOTE_SIG] ||
	       write_part(folder, bundle, ASSAY_PART_QUOTE_SIG, why);
}
