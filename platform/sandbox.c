/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Younger than Debian 12's headers. */
#define FS_TRUNCATE (1ULL << 14)

static bool fail(struct platform_message *why, const char *what, int errnum)
{
	platform_message_what(why, "cannot give up privileges: %s", what);
	platform_message_errno(why, errnum);
	return false;
}

static bool become(const char *user, struct platform_message *why)
{
	const struct passwd *p = getpwnam(user); // NOLINT(concurrency-mt-unsafe): one thread

	if (!p) {
		platform_message_what(why, "cannot become the user %s", user);
		platform_message_why(why, "there is none of that name");
		platform_message_hint(why, "systemd-sysusers or adduser --system makes one");
		return false;
	}
	if (initgroups(user, p->pw_gid) != 0 ||
	    setresgid(p->pw_gid, p->pw_gid, p->pw_gid) != 0 ||
	    setresuid(p->pw_uid, p->pw_uid, p->pw_uid) != 0)
		return fail(why, user, errno);
	/* A way back that is open would make all of it a gesture. */
	if (p->pw_uid != 0 && setuid(0) == 0)
		return fail(why, "root can be regained", EPERM);
	return true;
}

static bool set_capabilities(uint64_t keep, struct platform_message *why)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };

	if (syscall(SYS_capget, &head, data) != 0)
		return fail(why, "capabilities", errno);
	for (int i = 0; i < 2; i++) {
		uint32_t had = data[i].permitted & (uint32_t)(keep >> (32 * i));
		data[i].permitted = data[i].effective = had;
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &head, data) != 0)
		return fail(why, "capabilities", errno);
	return true;
}

bool platform_sandbox_user(const char *user, uint64_t keep, struct platform_message *why)
{
	bool root = geteuid() == 0;

	/* The bounding set while we still may; EINVAL ends the numbers that this kernel has. */
	for (unsigned long cap = 0; root && cap < 64; cap++)
		if (!(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0 &&
		    errno != EINVAL)
			return fail(why, "the bounding set", errno);
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
	    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0)
		return fail(why, "ambient capabilities", errno);
	if (root && user && !become(user, why))
		return false;
	if (!set_capabilities(keep, why))
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(why, "no_new_privs", errno);
	return true;
}

/* What each version of Landlock can be asked to refuse. */
static uint64_t handled(long abi)
{
	uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

	if (abi >= 2)
		all |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		all |= FS_TRUNCATE;
	return all;
}

static uint64_t allowed(enum platform_sandbox_may may, bool folder)
{
	uint64_t a = LANDLOCK_ACCESS_FS_READ_FILE;

	if (may == PLATFORM_MAY_RUN)
		a |= LANDLOCK_ACCESS_FS_EXECUTE;
	if (may == PLATFORM_MAY_WRITE)
		a |= LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE;
	if (folder)
		a |= LANDLOCK_ACCESS_FS_READ_DIR;
	if (folder && may == PLATFORM_MAY_WRITE)
		a |= LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE |
		     LANDLOCK_ACCESS_FS_MAKE_SOCK;
	return a;
}

static bool allow(int rules, uint64_t mask, const struct platform_sandbox_path *p,
		  struct platform_message *why)
{
	struct landlock_path_beneath_attr rule = { 0 };
	struct stat s;
	int fd = open(p->path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT || fail(why, p->path, errno);
	bool good = fstat(fd, &s) == 0;
	rule.parent_fd = fd;
	rule.allowed_access = allowed(p->may, good && S_ISDIR(s.st_mode)) & mask;
	good = good &&
	       syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
	int e = errno;
	close(fd);
	return good || fail(why, p->path, e);
}

bool platform_sandbox_files(const struct platform_sandbox_path *paths, bool *enforced,
			    struct platform_message *why)
{
	long abi =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attr = { .handled_access_fs = handled(abi) };

	*enforced = abi >= 1;
	if (abi < 1) /* not built in, or not switched on */
		return errno == ENOSYS || errno == EOPNOTSUPP || fail(why, "Landlock", errno);
	int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (rules < 0)
		return fail(why, "Landlock", errno);
	bool good = true;
	for (; good && paths->path; paths++)
		good = allow(rules, attr.handled_access_fs, paths, why);
	if (good && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		     syscall(SYS_landlock_restrict_self, rules, 0) != 0))
		good = fail(why, "Landlock", errno);
	close(rules);
	return good;
}

static const char *const base[] = {
	"brk", "clock_gettime", "clock_nanosleep", "clone", "close", "dup", "dup3", "exit",
	"exit_group", "fcntl", "fdatasync", "fstat", "fsync", "ftruncate", "futex", "getcpu",
	"getdents64", "getegid", "geteuid", "getgid", "getpid", "getppid", "getrandom",
	"getrusage", "gettid", "getuid", "lseek", "madvise", "mmap", "mprotect", "mremap",
	"munmap", "nanosleep", "newfstatat", "open", "openat", "pipe2", "poll", "ppoll",
	"pread64", "prctl", "pwrite64", "read", "readlink", "readlinkat", "readv",
	"restart_syscall", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
	"rt_sigtimedwait", "sched_getaffinity", "sched_yield", "set_robust_list", "sigaltstack",
	"stat", "sysinfo", "tgkill", "uname", "write", "writev",
	/* whole files are written beside their name and renamed */
	"rename", "renameat", "renameat2", "unlink", "unlinkat", "access", "faccessat",
	"gettimeofday", "time", NULL
};

const char *const platform_sandbox_network[] = {
	"accept4",     "bind",        "connect",        "epoll_create1",
	"epoll_ctl",   "epoll_pwait", "epoll_wait",     "eventfd2",
	"getpeername", "getsockname", "getsockopt",     "listen",
	"recvfrom",    "recvmmsg",    "recvmsg",        "select",
	"pselect6",    "sendmmsg",    "sendmsg",        "sendto",
	"setsockopt",  "shutdown",    "signalfd4",      "socket",
	"socketpair",  "ioctl",       "timerfd_create", "timerfd_settime",
	NULL
};

/* libc has an older way for each. */
static const char *const probed[] = { "clone3",       "rseq",        "statx",
				      "faccessat2",   "close_range", "openat2",
				      "epoll_pwait2", "futex_waitv", NULL };

static bool add(scmp_filter_ctx filter, uint32_t action, const char *const *names,
		struct platform_message *why)
{
	for (; *names; names++) {
		int number = seccomp_syscall_resolve_name(*names);
		if (number == __NR_SCMP_ERROR)
			return fail(why, *names, EINVAL);
		int e = number < 0 ? 0 : seccomp_rule_add(filter, action, number, 0);
		/* One that is already there with this or a stronger right. */
		if (e != 0 && e != -EEXIST)
			return fail(why, *names, -e);
	}
	return true;
}

static bool named(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

static bool build(scmp_filter_ctx filter, const char *const *names,
		  struct platform_message *why)
{
	const char *without[sizeof(probed) / sizeof(*probed)];
	size_t n = 0;

	for (const char *const *p = probed; *p; p++)
		if (!named(names, *p))
			without[n++] = *p;
	without[n] = NULL; /* BOUNDS: probed ends with NULL */
	return add(filter, SCMP_ACT_ALLOW, base, why) &&
	       add(filter, SCMP_ACT_ALLOW, names, why) &&
	       add(filter, SCMP_ACT_ERRNO(ENOSYS), without, why);
}

bool platform_sandbox_calls(const char *const *names, struct platform_message *why)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (!filter)
		return fail(why, "seccomp", ENOMEM);
	bool good = build(filter, names, why);
	int e = good ? seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) : 0;
	if (good && e == 0)
		e = seccomp_load(filter);
	seccomp_release(filter);
	return good && (e == 0 || fail(why, "seccomp", -e));
}
