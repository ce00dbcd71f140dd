/* SPDX-License-Identifier: Apache-2.0
 * assay help [COMMAND] - the manual page where it is installed, else the usage. */
#include "cli/commands.h"
#include "cli/usage.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs man(1) with these arguments; true when it exits 0. */
static bool run_man(char *const *argv, bool quiet)
{
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t child;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	for (int fd = 1; quiet && fd <= 2; fd++)
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
	bool ran = posix_spawnp(&child, "man", &actions, NULL, argv, environ) == 0 &&
		   waitpid(child, &status, 0) == child;
	posix_spawn_file_actions_destroy(&actions);
	return ran && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool show_page(char *page)
{
	char man[] = "man", where[] = "-w";

	return run_man((char *[]){ man, where, page, NULL }, true) &&
	       run_man((char *[]){ man, page, NULL }, false);
}

int cmd_help(int argc, char **argv)
{
	char page[64] = "assay", option[] = "--help";

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		puts("usage: assay help [COMMAND]\nexample: assay help verify");
		return EXIT_DONE;
	}
	if (argc > 2)
		return cli_usage_error("help", "it takes one command");

	const struct cli_command *command = argc > 1 ? cli_command_find(argv[1]) : NULL;
	if (argc > 1 && !command)
		return cli_unknown_command(argv[1]);
	if (command)
		snprintf(page, sizeof page, "assay-%s", command->name);
	if (show_page(page))
		return EXIT_DONE;
	if (command && command->run != cmd_help)
		return command->run(2, (char *[]){ argv[1], option, NULL });
	cli_usage();
	return EXIT_DONE;
}
