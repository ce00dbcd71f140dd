/* SPDX-License-Identifier: Apache-2.0
 *
 * askers - the local socket where relying parties on the node hand in nonces (see ask.h). One
 * thread serves them all; each has a bounded time to ask and to take its answer, and no more
 * than AGENT_ASKERS_MAX are let in at once, so that a slow one harms nobody.
 *
 * Who may ask is a matter of the socket's owner and mode (0660).
 */
#pragma once
#include "attester/agent/desk.h"

enum {
	AGENT_ASKERS_MAX = 128,
	AGENT_ASK_MS = 2000,  /* from the connection to the whole question */
	AGENT_TAKE_MS = 5000, /* from the answer's first byte to its last */
};

struct agent_askers;

/* listen_fd: a listening socket, which belongs to the askers from now on. NULL with *why. */
struct agent_askers *agent_askers_start(struct agent_desk *desk, int listen_fd,
					struct platform_message *why);
/* Ends the thread (which waits for a quote that is under way) and all connections. */
void agent_askers_stop(struct agent_askers *a);

/* A listening socket at path, mode 0660, in place of one that nobody listens at; -1 with *why.
 */
int agent_socket_listen(const char *path, struct platform_message *why);
