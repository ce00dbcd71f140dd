/* SPDX-License-Identifier: Apache-2.0
 * say - the agent's log. A trouble that goes on is told once, and once more when it is another
 * one or over: an agent that cannot reach its server for a night writes two lines. */
#pragma once
#include "platform/message.h"

struct agent_trouble {
	struct platform_message last;
	bool on;
};

__attribute__((format(printf, 1, 2))) void agent_say(const char *format, ...);
void agent_trouble(struct agent_trouble *t, const struct platform_message *why);
void agent_trouble_over(struct agent_trouble *t, const char *text);
