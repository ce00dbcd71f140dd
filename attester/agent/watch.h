/* SPDX-License-Identifier: Apache-2.0
 *
 * watch - has anything changed that the verifier should hear of? The number of IMA's entries is
 * the truth; systemd's log of measurements is looked at too. Looking costs two system calls, so
 * it is done every few milliseconds; where fanotify is allowed, each start of a program is a
 * reason to look again at once.
 */
#pragma once
#include "platform/message.h"

#include <assay/base.h>

struct agent_watch {
	int count_fd;        /* runtime_measurements_count; -1: none */
	int exec_fd;         /* fanotify; -1: not allowed */
	char userlog[512];   /* path */
	uint64_t count;      /* at the last look */
	uint64_t log_size;   /* of userlog */
	int64_t log_time[2]; /* and when it was changed */
};

/* root: "" is the machine's own, which alone is watched by fanotify. */
ASSAY_MUST_USE bool agent_watch_open(struct agent_watch *w, const char *root,
				     struct platform_message *why);
void agent_watch_close(struct agent_watch *w);

/* Looks. True when the log is not what it was, or the count (which is then w->count) not
 * what the caller expects. */
bool agent_watch_look(struct agent_watch *w, uint64_t expected);
/* Takes what fanotify has to say. */
void agent_watch_drain(struct agent_watch *w);
