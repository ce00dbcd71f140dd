/* SPDX-License-Identifier: Apache-2.0
 *
 * commands - assay's subcommands. One line per command makes its prototype,
 * its row in the table and its line in `assay --help`; its code is cli/NAME.c
 * (int cmd_NAME(int argc, char **argv), argv[0] is the subcommand's name, the
 * result is an enum cli_exit), its manual man/assay-NAME.1.
 *
 * Each command answers --help itself, with an example, on stdout and exit 0.
 */
#pragma once
#include "cli/exit.h"

#include <stddef.h>

/* One line per command, in the order that a person meets them. */
/* clang-format off */
#define CLI_COMMANDS(X) \
	X(collect, "collect evidence of this machine: a quote and the logs that explain it") \
	X(verify, "appraise evidence: is the machine what it claims to be?") \
	X(result, "check a signed result") \
	X(inspect, "say what any single artefact is") \
	X(refs, "make reference values from machines known to be good") \
	X(policy, "print the policy that is used when none is given") \
	X(node, "what a verifier says of its nodes, and who may become one") \
	X(server, "make a verifier's keys, certificates and settings") \
	X(extend, "measure a file that firmware does not measure") \
	X(doctor, "is this machine ready to be attested, and what to do when not") \
	X(help, "show the manual of a command")
/* clang-format on */

struct cli_command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

extern const struct cli_command cli_commands[];
extern const size_t cli_ncommands;

/* NULL when there is none of this name. */
const struct cli_command *cli_command_find(const char *name);

/* The command whose name is nearest to a mistyped one; NULL when none is near. */
const char *cli_command_near(const char *name);

#define X(name, help) int cmd_##name(int argc, char **argv);
CLI_COMMANDS(X)
#undef X
