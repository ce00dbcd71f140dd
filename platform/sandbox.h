/* SPDX-License-Identifier: Apache-2.0
 *
 * sandbox - what a daemon gives up once it has opened what it needs. In this order, before it
 * starts threads (Landlock and capabilities belong to the thread that calls):
 *
 *     platform_sandbox_user    root becomes somebody; capabilities go, but those to keep
 *     platform_sandbox_files   Landlock: only these paths from now on
 *     platform_sandbox_calls   seccomp: only these system calls
 *
 * A system call that is not in the list kills the process. EPERM would send the program down
 * paths that nobody has tested, and a verifier that goes on after a failure it did not expect
 * is worse than one that is restarted; the kernel's log names the call. What libc tries first
 * and does without (clone3, statx, ...) says ENOSYS instead.
 */
#pragma once
#include "platform/message.h"

#include <assay/base.h>

/* As root: becomes user, with its groups alone; afterwards holds only the capabilities whose
 * bits are in keep (1 << CAP_...), and can never gain any. Not as root: drops what is not in
 * keep. Always sets no_new_privs. user NULL: stays who it is. */
bool platform_sandbox_user(const char *user, uint64_t keep, struct platform_message *why);

enum platform_sandbox_may {
	PLATFORM_MAY_READ = 1, /* files and folders */
	PLATFORM_MAY_WRITE,    /* beside reading: write, make and remove files below it */
	PLATFORM_MAY_RUN,      /* beside reading: execute */
};

struct platform_sandbox_path {
	const char *path; /* NULL ends the list; one that is not there is left out */
	enum platform_sandbox_may may;
};

/* True when the rules hold, or when this kernel has no Landlock (then *enforced is false and
 * the caller says so in its log). */
bool platform_sandbox_files(const struct platform_sandbox_path *paths, bool *enforced,
			    struct platform_message *why);

/* names ends with NULL; added to the base list that threads, memory, time and files that are
 * open need (sandbox.c). A name that this machine does not have is left out, one that nobody
 * knows is an error. All threads of the process. */
bool platform_sandbox_calls(const char *const *names, struct platform_message *why);
/* Names for platform_sandbox_calls of what servers and clients need: sockets and epoll. */
extern const char *const platform_sandbox_network[];
