/* SPDX-License-Identifier: Apache-2.0
 * usage - telling a person how the command line works. */
#pragma once
#include <stdbool.h>

/* `assay --help` on stdout. */
void cli_usage(void);

/* "assay COMMAND: WHY" and where to read on, on stderr. Always EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) int cli_usage_error(const char *command,
							  const char *format, ...);
/* The same for a subcommand that does not exist, with the nearest that does. */
int cli_unknown_command(const char *name);
