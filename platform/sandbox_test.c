/* SPDX-License-Identifier: Apache-2.0
 *
 * Each rule in a child of its own, which says what it could still do by its exit status. */
#include "platform/sandbox.h"
#include "tests/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct platform_message why;

/* The exit status, or 1000 + the signal. */
static int child(int (*run)(void))
{
	int status;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		_exit(run());
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int refused_call(void)
{
	static const char *const none[] = { NULL };

	if (!platform_sandbox_calls(none, &why))
		return 2;
	socket(AF_INET, SOCK_STREAM, 0);
	return 0;
}

static void *thread(void *arg)
{
	free(malloc(100));
	return arg;
}

static int allowed_calls(void)
{
	pthread_t t;

	if (!platform_sandbox_calls(platform_sandbox_network, &why))
		return 2;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	/* clone3 says ENOSYS, and libc takes clone */
	if (fd < 0 || file < 0 || pthread_create(&t, NULL, thread, NULL) != 0 ||
	    pthread_join(t, NULL) != 0)
		return 1;
	return 0;
}

static int unknown_call(void)
{
	static const char *const names[] = { "no_such_call", NULL };

	return platform_sandbox_calls(names, &why) ? 1 : 0;
}

static char folder[] = "/tmp/assay-sandbox.XXXXXX";
static char inside[64], readable[64], outside[64];

static bool can(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* 0: as it should be; 9: this kernel has no Landlock; else which rule did not hold. */
static int files(void)
{
	const struct platform_sandbox_path paths[] = { { inside, PLATFORM_MAY_WRITE },
						       { readable, PLATFORM_MAY_READ },
						       { "/no/such/path", PLATFORM_MAY_READ },
						       { NULL, 0 } };
	char name[128];
	bool enforced;

	if (!platform_sandbox_files(paths, &enforced, &why))
		return 2;
	if (!enforced)
		return 9;
	snprintf(name, sizeof(name), "%s/new", inside);
	if (!can(name, O_RDWR | O_CREAT | O_TRUNC) || unlink(name) != 0)
		return 3;
	if (!can(readable, O_RDONLY))
		return 4;
	if (can(readable, O_WRONLY))
		return 5;
	if (can(outside, O_RDONLY) || can("/etc/passwd", O_RDONLY))
		return 6;
	snprintf(name, sizeof(name), "%s/new", folder);
	return can(name, O_RDWR | O_CREAT) ? 7 : 0;
}

static int drop_all(void)
{
	struct platform_message m;

	if (!platform_sandbox_user("nobody", 0, &m))
		return 2;
	if (geteuid() == 0 || getuid() == 0 || setuid(0) == 0)
		return 3;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 4;
	return prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) == 0 ? 0 : 5;
}

/* What CAP_DAC_READ_SEARCH is for, as nobody. */
static int keep_one(void)
{
	struct platform_message m;

	if (!platform_sandbox_user("nobody", 1ULL << CAP_DAC_READ_SEARCH, &m))
		return 2;
	return can(outside, O_RDONLY) && !can(outside, O_WRONLY) ? 0 : 3;
}

static int no_such_user(void)
{
	return platform_sandbox_user("no-such-user", 0, &why) ? 1 : 0;
}

static void make_files(void)
{
	if (!mkdtemp(folder))
		abort();
	snprintf(inside, sizeof(inside), "%s/inside", folder);
	snprintf(readable, sizeof(readable), "%s/readable", folder);
	snprintf(outside, sizeof(outside), "%s/outside", folder);
	if (mkdir(inside, 0700) != 0 || !can(readable, O_CREAT | O_RDWR) ||
	    !can(outside, O_CREAT | O_RDWR))
		abort();
}

int main(void)
{
	make_files();
	tap_ok(child(refused_call) == 1000 + SIGSYS, "a call that is not allowed kills");
	tap_ok(child(allowed_calls) == 0, "allowed ones work, and threads start");
	tap_ok(child(unknown_call) == 0, "a name that nobody knows is an error");
	int landlock = child(files);
	if (landlock == 9)
		tap_skip("files", "no Landlock in this kernel");
	else if (!tap_ok(landlock == 0, "only the files that were named"))
		printf("# rule %d\n", landlock);
	if (geteuid() == 0) {
		int e = child(drop_all);
		tap_ok(e == 0, "root becomes nobody, for good (%d)", e);
		e = child(keep_one);
		tap_ok(e == 0, "one capability stays (%d)", e);
		tap_ok(child(no_such_user) == 0, "a user that is not there is an error");
	} else {
		tap_skip("users", "not root");
	}
	unlink(readable);
	unlink(outside);
	rmdir(inside);
	rmdir(folder);
	return tap_done();
}
