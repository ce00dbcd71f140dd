/* SPDX-License-Identifier: Apache-2.0
 *
 * clock - LD_PRELOAD: the wall clock of one program, moved by the milliseconds that the file
 * $FAULT_CLOCK holds as an int64, whenever that is written. The clocks that never jump are left
 * as they are, as a real step of the clock leaves them. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *moved;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FAULT_CLOCK");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *p =
		fd >= 0 ? mmap(NULL, sizeof *moved, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

	if (p != MAP_FAILED)
		moved = p;
	if (fd >= 0)
		close(fd);
}

static int real(clockid_t id, struct timespec *t)
{
	static int (*next)(clockid_t, struct timespec *);

	if (!next) {
		void *found = dlsym(RTLD_NEXT, "clock_gettime");
		__builtin_memcpy(&next, &found, sizeof next);
	}
	return next(id, t);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int rc = real(id, t);

	if (rc == 0 && moved && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
		int64_t ns = t->tv_nsec + *moved % 1000 * 1000000;
		t->tv_sec += *moved / 1000 + (ns < 0 ? -1 : ns / 1000000000);
		t->tv_nsec = ns < 0 ? ns + 1000000000 : ns % 1000000000;
	}
	return rc;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec t;
	int rc = clock_gettime(CLOCK_REALTIME, &t);

	(void)zone;
	*tv = (struct timeval){ t.tv_sec, t.tv_nsec / 1000 };
	return rc;
}

time_t time(time_t *out)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_REALTIME, &t);
	if (out)
		*out = t.tv_sec;
	return t.tv_sec;
}
