/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_SOCKET = 3, SOCKETS_MAX = 64 };

static void notify(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET"); // NOLINT(concurrency-mt-unsafe): never set
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = path ? strlen(path) : 0;

	if (n < 2 || n >= sizeof(to.sun_path) || (*path != '/' && *path != '@'))
		return;
	memcpy(to.sun_path, path, n);
	if (*path == '@') /* an abstract name */
		to.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	(void)!sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&to, size);
	close(fd);
}

void platform_daemon_ready(const char *status)
{
	char text[256];

	snprintf(text, sizeof(text), "READY=1%s%.200s", status ? "\nSTATUS=" : "",
		 status ? status : "");
	notify(text);
}

void platform_daemon_reloading(void)
{
	struct timespec now;
	char text[64];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld",
		 (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	notify(text);
}

void platform_daemon_stopping(void)
{
	notify("STOPPING=1");
}

void platform_daemon_alive(void)
{
	notify("WATCHDOG=1");
}

/* A number in the environment, 0 when there is none. */
static unsigned long number(const char *name)
{
	const char *text = getenv(name); // NOLINT(concurrency-mt-unsafe): at start
	char *end = NULL;

	if (!text || *text < '0' || *text > '9')
		return 0;
	unsigned long v = strtoul(text, &end, 10);
	return *end ? 0 : v;
}

unsigned platform_daemon_alive_ms(void)
{
	unsigned long pid = number("WATCHDOG_PID"), us = number("WATCHDOG_USEC");

	if (us == 0 || us / 2000 > 86400000 || (pid && pid != (unsigned long)getpid()))
		return 0;
	return us < 2000 ? 1 : (unsigned)(us / 2000);
}

unsigned platform_daemon_sockets(int *first)
{
	unsigned long pid = number("LISTEN_PID"), n = number("LISTEN_FDS");

	*first = FIRST_SOCKET;
	unsetenv("LISTEN_PID"); // NOLINT(concurrency-mt-unsafe): at start
	unsetenv("LISTEN_FDS"); // NOLINT(concurrency-mt-unsafe)
	if (pid != (unsigned long)getpid() || n > SOCKETS_MAX)
		return 0;
	for (int fd = FIRST_SOCKET; fd < FIRST_SOCKET + (int)n; fd++)
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
			return 0;
	return (unsigned)n;
}

int platform_daemon_signals(struct platform_message *why)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	int e = pthread_sigmask(SIG_BLOCK, &set, NULL);
	int fd = e ? -1 : signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd >= 0 && sigaction(SIGPIPE, &ignore, NULL) == 0)
		return fd;
	platform_message_what(why, "cannot wait for signals");
	platform_message_errno(why, e ? e : errno);
	return -1;
}

int platform_daemon_wait(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct signalfd_siginfo info;

	if (poll(&p, 1, ms) <= 0 || read(fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}
