/* SPDX-License-Identifier: Apache-2.0
 *
 * options - a subcommand of a command (`assay node list`) says what it takes in one table,
 * which reads its command line and makes its --help.
 *
 *   --name VALUE, --name=VALUE, --flag, -h; options and operands in any order; -- ends options.
 *   A name is whole, never cut short; one that may come once and comes twice is refused.
 */
#pragma once
#include "cli/exit.h"

#include <stdbool.h>
#include <stddef.h>

enum { CLI_LIST_MAX = 32 };

struct cli_list {
	const char *item[CLI_LIST_MAX];
	size_t n;
};

struct cli_option {
	const char *name;  /* "--server" */
	const char *value; /* "URL"; NULL: a flag */
	const char *help;
	/* where it goes: one of them */
	const char **text;
	bool *flag;
	struct cli_list *list; /* may come many times */
};

struct cli_spec {
	const char *command;  /* "node list" */
	const char *operands; /* "NODE", "" */
	const char *about;    /* a sentence or two, lines broken */
	const char *example;
	size_t least, most;                      /* operands */
	const struct cli_option *options, *more; /* more: those of a group of commands */
	size_t noptions, nmore;
};

/* EXIT_DONE: go on. CLI_HELPED: --help was answered, exit 0. EXIT_USAGE: told on stderr. */
enum { CLI_HELPED = -1 };
int cli_options_read(const struct cli_spec *spec, int argc, char **argv,
		     struct cli_list *operands);
/* The exit status when that did not say EXIT_DONE. */
int cli_options_status(int read);

/* A command that is a group. */
struct cli_sub {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is its own name */
	const char *help;
};

/* Runs argv[1]; answers --help with the list and the example. */
int cli_subs_run(const char *command, const char *example, const struct cli_sub *subs, size_t n,
		 int argc, char **argv);
