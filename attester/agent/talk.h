/* SPDX-License-Identifier: Apache-2.0
 *
 * talk - one message to the verifier and its answer. What went wrong is sorted by what the
 * agent does about it.
 */
#pragma once
#include "platform/http.h"

enum agent_heard {
	AGENT_HEARD = 0, /* 200 and a message */
	AGENT_REFUSED,   /* 403: node, token or key are not known there */
	AGENT_UNHEARD,   /* all else: try again, not before retry_after */
	AGENT_STOPPED,   /* wake_fd */
};

struct agent_talk {
	struct http_client *client;
	const char *server;
	unsigned retry_after;        /* seconds, of the last answer */
	struct platform_message why; /* unless AGENT_HEARD */
};

/* answer: until the next talk. */
enum agent_heard agent_talk(struct agent_talk *t, const char *path, struct assay_slice message,
			    struct assay_slice *answer);
/* The answer was none that can be read. */
enum agent_heard agent_talk_garbage(struct agent_talk *t, const struct assay_err *err);
