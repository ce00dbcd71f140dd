/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/state.h"

#include "platform/file.h"

#include <assay/message.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATE_MAX = 1024 };

/* The value of the next line, which must begin with name and a space; NUL-terminated in place.
 * NULL when it does not. */
static char *line(char **at, const char *name)
{
	size_t n = strlen(name);
	char *end = strchr(*at, '\n'), *value = *at + n + 1;

	if (!end || strncmp(*at, name, n) != 0 || (*at)[n] != ' ' || value >= end)
		return NULL;
	*end = '\0';
	*at = end + 1;
	return value;
}

static bool parse(char *text, struct agent_state *out)
{
	struct agent_state s = { 0 };
	char *end = NULL;

	const char *version = line(&text, "assay-agent");
	const char *node = version ? line(&text, "node") : NULL;
	const char *server = node ? line(&text, "server") : NULL;
	const char *enrolled = server ? line(&text, "enrolled") : NULL;

	if (!enrolled || *text || strcmp(version, "1") != 0 || *enrolled < '1' ||
	    *enrolled > '9' || strlen(server) >= sizeof s.server)
		return false;
	if (!assay_node_id_valid((struct assay_slice){ (const uint8_t *)node, strlen(node) }))
		return false;
	errno = 0;
	s.enrolled = strtoull(enrolled, &end, 10);
	if (errno || *end)
		return false;
	snprintf(s.node, sizeof s.node, "%s", node);
	snprintf(s.server, sizeof s.server, "%s", server);
	*out = s;
	return true;
}

bool agent_state_read(const char *path, struct agent_state *out, struct platform_message *why)
{
	struct assay_slice file = { 0 };

	*out = (struct agent_state){ 0 };
	if (!platform_file_read(path, STATE_MAX, &file, why))
		return why->errnum == ENOENT;
	char *text = (char *)(uintptr_t)file.p; /* ours, with a zero behind it */
	bool good = strlen(text) == file.n && parse(text, out);
	platform_file_drop(&file);
	if (good)
		return true;
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot use %s", path);
	platform_message_why(why, "it is not of the form that the agent writes");
	platform_message_hint(why, "it may be removed: the verifier remembers the enrolment");
	return false;
}

bool agent_state_write(const char *path, const struct agent_state *state,
		       struct platform_message *why)
{
	char text[STATE_MAX];
	int n = snprintf(text, sizeof text,
			 "assay-agent 1\nnode %s\nserver %s\nenrolled %llu\n", state->node,
			 state->server, (unsigned long long)state->enrolled);

	return platform_file_write_atomic(
		path, (struct assay_slice){ (const uint8_t *)text, (size_t)n }, 0600, why);
}
