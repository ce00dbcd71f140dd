/* SPDX-License-Identifier: Apache-2.0
 * assay-remote - run by assay for its commands that talk to a verifier; argv[0] is the command.
 */
#include "cli/exit.h"
#include "cli/helper.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	/* a reader or a verifier that goes away is an error of ours, not a kill */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 1 || strcmp(argv[0], "node") != 0) {
		fputs("assay-remote is run by assay: assay node\n", stderr);
		return EXIT_USAGE;
	}
	int status = cmd_node(argc, argv);
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_DONE) {
		perror("assay: cannot write standard output");
		return EXIT_ENVIRONMENT;
	}
	return status;
}
