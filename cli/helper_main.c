/* SPDX-License-Identifier: Apache-2.0
 * assay-node - run by assay for its commands that talk to a TPM; argv[0] is the command. */
#include "cli/exit.h"
#include "cli/helper.h"
#include "cli/usage.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "collect", cmd_collect },
	{ "extend", cmd_extend },
	{ "doctor", cmd_doctor },
};

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; argc > 0 && i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(argv[0], commands[i].name) != 0)
			continue;
		int status = commands[i].run(argc, argv);
		if (fflush(stdout) != 0 && status == EXIT_DONE) {
			perror("assay: cannot write standard output");
			return EXIT_ENVIRONMENT;
		}
		return status;
	}
	fputs("assay-node is run by assay: assay collect, assay extend, assay doctor\n",
	      stderr);
	return EXIT_USAGE;
}
