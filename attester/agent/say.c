/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/say.h"

#include "platform/log.h"

#include <string.h>

void agent_trouble(struct agent_trouble *t, const struct platform_message *why)
{
	if (t->on && strcmp(t->last.what, why->what) == 0 && strcmp(t->last.why, why->why) == 0)
		return;
	t->last = *why;
	t->on = true;
	platform_log(PLATFORM_LOG_ERROR, why->what, log_text("why", why->why),
		     log_text("hint", why->hint), LOG_END);
}

void agent_trouble_over(struct agent_trouble *t, const char *text)
{
	if (t->on)
		platform_log(PLATFORM_LOG_NOTICE, text, LOG_END);
	t->on = false;
}
