/* SPDX-License-Identifier: Apache-2.0
 *
 * enrol - the node becomes known to the verifier: it shows its token and its EK, and that its
 * AK lies in the TPM of that EK (docs/formats/protocol.md).
 */
#pragma once
#include "attester/agent/desk.h"
#include "attester/agent/talk.h"

/* True when there is a token to enrol with. */
bool agent_token_there(const char *path);

/* HEARD: enrolled, and the token's file is gone (or empty, where it cannot be removed); the
 * first challenge is copied to challenge (malloced). Otherwise talk->why. The TPM is this
 * call's alone meanwhile. */
enum agent_heard agent_enrol(struct agent_desk *desk, struct agent_talk *talk, const char *node,
			     const char *token, struct assay_slice *challenge);
