/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include <string.h>

const struct cli_command cli_commands[] = {
#define X(name, help) { #name, cmd_##name, help },
	CLI_COMMANDS(X)
#undef X
};
const size_t cli_ncommands = sizeof cli_commands / sizeof *cli_commands;

const struct cli_command *cli_command_find(const char *name)
{
	for (size_t i = 0; i < cli_ncommands; i++)
		if (strcmp(cli_commands[i].name, name) == 0)
			return &cli_commands[i];
	return NULL;
}

/* Levenshtein distance of two short words. */
static size_t distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b), row[17];

	if (nb >= sizeof row / sizeof *row || na > 32)
		return 99;
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);
			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[nb];
}

const char *cli_command_near(const char *name)
{
	const char *near = NULL;
	size_t best = 3;

	for (size_t i = 0; i < cli_ncommands; i++) {
		size_t d = distance(name, cli_commands[i].name);
		if (d < best) {
			best = d;
			near = cli_commands[i].name;
		}
	}
	return near;
}
