/* SPDX-License-Identifier: Apache-2.0
 *
 * state - what the agent remembers on disk: that this node was enrolled, as what and where.
 * Losing it costs nothing but a question: the verifier remembers the enrolment. A text file
 *
 *   assay-agent 1
 *   node NAME
 *   server URL
 *   enrolled SECONDS          since 1970
 *
 * of exactly these lines.
 */
#pragma once
#include "platform/message.h"

#include <assay/base.h>

struct agent_state {
	char node[ASSAY_NODE_ID_MAX + 1];
	char server[512];
	uint64_t enrolled; /* 0: not known to be enrolled */
};

/* False with *why when the file is there and cannot be read or is not of this form: *out is
 * then empty, as when there is none. */
ASSAY_MUST_USE bool agent_state_read(const char *path, struct agent_state *out,
				     struct platform_message *why);
ASSAY_MUST_USE bool agent_state_write(const char *path, const struct agent_state *state,
				      struct platform_message *why);
