/* SPDX-License-Identifier: Apache-2.0
 *
 * list - IMA's binary list as it grows: what was not yet shown to the verifier, and nothing
 * else, is in memory. The file is read on from where it was left (which costs the kernel
 * nothing), never whole again unless it has to be sent whole.
 *
 *   ownership  `ahead` is the list's; agent_list_close gives it back
 */
#pragma once
#include "platform/message.h"

#include <assay/base.h>

struct agent_list {
	char path[512]; /* "": there is none on this machine */
	int fd;         /* -1: not open */
	uint64_t dev, ino;
	uint64_t offset; /* of ahead's first byte in the file */
	uint8_t *ahead;  /* what was read from there on, n bytes */
	size_t n, cap;
};

/* Looks for the list below root ("": the machine's own). One that is not there (a kernel
 * without IMA) is an empty list. */
ASSAY_MUST_USE bool agent_list_open(struct agent_list *list, const char *root,
				    struct platform_message *why);
void agent_list_close(struct agent_list *list);

/* Forgets all that was read: the next fill begins with the first entry. */
ASSAY_MUST_USE bool agent_list_restart(struct agent_list *list, struct platform_message *why);
/* Reads on to the file's end. *again: it is not the file that it was, or shorter than what was
 * read: nothing is known of it, restart. */
ASSAY_MUST_USE bool agent_list_fill(struct agent_list *list, bool *again,
				    struct platform_message *why);
/* The first n bytes of ahead are done with. Memory of a large list goes back to the system. */
void agent_list_drop(struct agent_list *list, size_t n);
