/* SPDX-License-Identifier: Apache-2.0
 *
 * file - whole files in, whole files out.
 *
 *   ownership  what platform_file_read returns is malloced: free it with
 *              platform_file_drop (or free((void *)slice.p))
 */
#pragma once
#include "platform/message.h"

#include <assay/base.h>
#include <sys/types.h>

/* The whole of path ("-": standard input) when it has at most limit bytes. The
 * size that the file system states is not believed: securityfs and sysfs say
 * 0, so it is read to its end. One zero byte follows the slice, not counted in
 * it. False with *why filled and *out untouched otherwise; why->errnum is EFBIG above the
 * limit. */
ASSAY_MUST_USE bool platform_file_read(const char *path, size_t limit, struct assay_slice *out,
				       struct platform_message *why);
void platform_file_drop(struct assay_slice *file);

/* path ends up with exactly these bytes and mode, or as it was: written beside
 * it, synced, renamed, and the folder synced. "-" is standard output (then
 * not atomic). */
ASSAY_MUST_USE bool platform_file_write_atomic(const char *path, struct assay_slice bytes,
					       mode_t mode, struct platform_message *why);

/* All n bytes to fd, through interruptions. False with errno set. */
ASSAY_MUST_USE bool platform_fd_write(int fd, const void *p, size_t n);

bool platform_is_folder(const char *path);
