/* SPDX-License-Identifier: Apache-2.0
 * assay - attestation for people: one table of subcommands, each its own file. */
#include "cli/commands.h"
#include "cli/usage.h"

#include <assay/base.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int run(int argc, char **argv)
{
	if (argc < 2) {
		cli_usage();
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		cli_usage();
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("assay " ASSAY_VERSION);
		return EXIT_DONE;
	}

	const struct cli_command *command = cli_command_find(argv[1]);
	return command ? command->run(argc - 1, argv + 1) : cli_unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
	/* a reader that goes away (head, less) is an I/O error of ours, not a kill */
	signal(SIGPIPE, SIG_IGN);
	/* the process ends anyway: taking libcrypto apart first is a tenth of a verdict's time
	 */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);

	int status = run(argc, argv);

	/* output that never arrived is not done: a verdict may hang on it */
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_DONE) {
		perror("assay: cannot write standard output");
		return EXIT_ENVIRONMENT;
	}
	return status;
}
