/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool platform_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

void platform_file_drop(struct assay_slice *file)
{
	free((void *)(uintptr_t)file->p);
	*file = (struct assay_slice){ 0 };
}

/* Reads to the end; at most limit bytes. Returns 0 or an errno. */
static int read_all(int fd, size_t limit, uint8_t **out, size_t *n)
{
	size_t cap = 0, at = 0;
	uint8_t *p = NULL;

	for (;;) {
		if (at + 1 >= cap) {
			cap = cap ? cap * 2 : 64 * 1024;
			uint8_t *grown = realloc(p, cap);
			if (!grown) {
				free(p);
				return ENOMEM;
			}
			p = grown;
		}
		ssize_t got = read(fd, p + at, cap - at - 1);
		if (got < 0 && errno == EINTR)
			continue;
		int problem = got < 0 ? errno : at + (size_t)got > limit ? EFBIG : 0;
		if (problem) {
			free(p);
			return problem;
		}
		if (got == 0)
			break;
		at += (size_t)got;
	}
	p[at] = 0;
	*out = p;
	*n = at;
	return 0;
}

bool platform_file_read(const char *path, size_t limit, struct assay_slice *out,
			struct platform_message *why)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	uint8_t *p = NULL;
	size_t n = 0;
	int problem = fd < 0 ? errno : read_all(fd, limit, &p, &n);

	if (fd >= 0 && !standard)
		close(fd);
	if (problem) {
		*why = (struct platform_message){ 0 };
		platform_message_what(why, "cannot read %s",
				      standard ? "standard input" : path);
		platform_message_errno(why, problem);
		if (problem == EFBIG)
			platform_message_why(why, "it has more than %zu bytes", limit);
		return false;
	}
	*out = (struct assay_slice){ p, n };
	return true;
}

bool platform_fd_write(int fd, const void *p, size_t n)
{
	const uint8_t *at = p;

	while (n > 0) {
		ssize_t put = write(fd, at, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		at += put;
		n -= (size_t)put;
	}
	return true;
}

/* After a rename the new name itself has to reach the disk. A file system that
 * cannot sync a folder (EINVAL) keeps its own order. */
static int sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[4096] = ".";

	if (slash)
		snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path),
			 path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int problem = fd < 0 || (fsync(fd) < 0 && errno != EINVAL) ? errno : 0;
	if (fd >= 0)
		close(fd);
	return problem;
}

static int write_beside(const char *path, struct assay_slice bytes, mode_t mode)
{
	char temporary[4096];

	if ((size_t)snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >=
	    sizeof temporary)
		return ENAMETOOLONG;
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return errno;

	bool good = platform_fd_write(fd, bytes.p, bytes.n) && fchmod(fd, mode) == 0 &&
		    fsync(fd) == 0;
	int problem = good ? 0 : errno;
	if (close(fd) < 0 && !problem)
		problem = errno;
	if (!problem && rename(temporary, path) < 0)
		problem = errno;
	if (problem)
		unlink(temporary);
	return problem ? problem : sync_folder(path);
}

bool platform_file_write_atomic(const char *path, struct assay_slice bytes, mode_t mode,
				struct platform_message *why)
{
	int problem = 0;

	if (strcmp(path, "-") != 0)
		problem = write_beside(path, bytes, mode);
	else if (!platform_fd_write(STDOUT_FILENO, bytes.p, bytes.n))
		problem = errno;
	if (!problem)
		return true;
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot write %s", path);
	platform_message_errno(why, problem);
	if (problem == ENOENT)
		platform_message_hint(why, "make the folder that it should lie in first");
	return false;
}
