/* SPDX-License-Identifier: Apache-2.0
 * A listening socket in the file system. */
#include "attester/agent/askers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Whether somebody listens there: what a killed agent left behind may be replaced, another
 * agent's socket may not. */
static bool alive(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof *at) == 0;

	if (fd >= 0)
		close(fd);
	return yes;
}

static int fail(const char *path, int problem, int fd, struct platform_message *why)
{
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot listen at %s", path);
	platform_message_errno(why, problem);
	if (problem == EADDRINUSE)
		platform_message_hint(why, "another agent runs here");
	if (fd >= 0)
		close(fd);
	return -1;
}

int agent_socket_listen(const char *path, struct platform_message *why)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	if ((size_t)snprintf(at.sun_path, sizeof at.sun_path, "%s", path) >= sizeof at.sun_path)
		return fail(path, ENAMETOOLONG, -1, why);
	if (alive(&at))
		return fail(path, EADDRINUSE, -1, why);
	unlink(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fail(path, errno, -1, why);
	mode_t old = umask(0117); /* 0660 from its first moment on */
	int bad = bind(fd, (const struct sockaddr *)&at, sizeof at);
	int problem = errno;
	umask(old);
	if (bad < 0)
		return fail(path, problem, fd, why);
	return listen(fd, 128) < 0 ? fail(path, errno, fd, why) : fd;
}
