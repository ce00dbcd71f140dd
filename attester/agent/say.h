/* SPDX-License-Identifier: Apache-2.0
 * say - a trouble that goes on is logged once, and once more when it is another one or over: an
 * agent that cannot reach its server for a night writes two lines. */
#pragma once
#include "platform/message.h"

struct agent_trouble {
	struct platform_message last;
	bool on;
};

void agent_trouble(struct agent_trouble *t, const struct platform_message *why);
/* text: what is said when there was a trouble. */
void agent_trouble_over(struct agent_trouble *t, const char *text);
