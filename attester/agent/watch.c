/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const counts[] = {
	"/sys/kernel/security/ima/runtime_measurements_count",
	"/sys/kernel/security/integrity/ima/runtime_measurements_count",
};

/* Programs that start anywhere on the root's file system; the mounts that are not watched are
 * what the timer is for. Needs CAP_SYS_ADMIN for this call alone, which may be given up later.
 */
static int watch_programs(void)
{
	/* by id: an event opens no file of ours */
	int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_FID,
			       O_RDONLY);

	if (fd >= 0 && fanotify_mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN_EXEC,
				     AT_FDCWD, "/") < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

bool agent_watch_open(struct agent_watch *w, const char *root, struct platform_message *why)
{
	char path[512];

	*w = (struct agent_watch){ .count_fd = -1, .exec_fd = -1 };
	snprintf(w->userlog, sizeof w->userlog, "%s/run/log/systemd/tpm2-measure.log", root);
	for (size_t i = 0; i < sizeof counts / sizeof *counts && w->count_fd < 0; i++) {
		snprintf(path, sizeof path, "%s%s", root, counts[i]);
		w->count_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (w->count_fd >= 0 || errno == ENOENT || errno == ENOTDIR)
			continue;
		*why = (struct platform_message){ 0 };
		int problem = errno;
		platform_message_what(why, "cannot read %s", path);
		platform_message_errno(why, problem);
		platform_message_hint(why, "securityfs is for root alone: the agent needs "
					   "CAP_DAC_READ_SEARCH");
		return false;
	}
	if (w->count_fd >= 0 && !*root)
		w->exec_fd = watch_programs();
	return true;
}

void agent_watch_close(struct agent_watch *w)
{
	if (w->count_fd >= 0)
		close(w->count_fd);
	if (w->exec_fd >= 0)
		close(w->exec_fd);
	w->count_fd = w->exec_fd = -1;
}

/* True when the log moved since the last look. */
static bool look_at_log(struct agent_watch *w)
{
	struct stat st = { 0 };

	if (stat(w->userlog, &st) < 0)
		st = (struct stat){ 0 };
	bool moved = w->log_size != (uint64_t)st.st_size ||
		     w->log_time[0] != st.st_mtim.tv_sec ||
		     w->log_time[1] != st.st_mtim.tv_nsec;
	w->log_size = (uint64_t)st.st_size;
	w->log_time[0] = st.st_mtim.tv_sec;
	w->log_time[1] = st.st_mtim.tv_nsec;
	return moved;
}

bool agent_watch_look(struct agent_watch *w, uint64_t expected)
{
	bool moved = look_at_log(w);
	char text[32];

	if (w->count_fd < 0)
		return moved;
	ssize_t n = pread(w->count_fd, text, sizeof text - 1, 0);
	if (n > 0) {
		text[n] = '\0';
		w->count = strtoull(text, NULL, 10);
	}
	return moved || w->count != expected;
}

void agent_watch_drain(struct agent_watch *w)
{
	char buffer[4096];

	while (w->exec_fd >= 0 && read(w->exec_fd, buffer, sizeof buffer) > 0)
		;
}
