/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/helper.h"

#include "cli/exit.h"
#include "platform/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Beside this program, and nowhere else: no search path decides what runs. */
static bool helper_path(const char *helper, char *path, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path, size - 1);

	if (n <= 0)
		return false;
	path[n] = '\0';
	char *slash = strrchr(path, '/');
	size_t length = strlen(helper) + 1;
	if (!slash || (size_t)(slash + 1 - path) + length > size)
		return false;
	memcpy(slash + 1, helper, length); /* BOUNDS: checked above */
	return true;
}

/* Returns only when it fails. */
static int run_helper(const char *helper, char **argv)
{
	struct platform_message why = { 0 };
	char path[4096];

	bool found = helper_path(helper, path, sizeof path);
	if (found)
		execv(path, argv);
	platform_message_what(&why, "cannot run %s", found ? path : helper);
	platform_message_errno(&why, errno);
	platform_message_hint(&why, "it belongs beside assay; install it again");
	platform_message_print("assay", &why, false);
	return EXIT_ENVIRONMENT;
}

int cmd_collect(int argc, char **argv)
{
	(void)argc;
	return run_helper("assay-node", argv);
}

int cmd_extend(int argc, char **argv)
{
	(void)argc;
	return run_helper("assay-node", argv);
}

int cmd_doctor(int argc, char **argv)
{
	(void)argc;
	return run_helper("assay-node", argv);
}

int cmd_node(int argc, char **argv)
{
	(void)argc;
	return run_helper("assay-remote", argv);
}
