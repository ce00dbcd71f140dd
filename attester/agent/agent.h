/* SPDX-License-Identifier: Apache-2.0
 *
 * agent - the node's daemon: enrols once, then tells the verifier whenever something changed,
 * and in time when nothing did. See README.md.
 */
#pragma once
#include "attester/agent/config.h"

/* Until SIGTERM or SIGINT (0), or with once until the first message was appraised (0) or
 * failed (5). What went wrong was logged. */
int agent_run(const struct agent_config *config, bool once);
