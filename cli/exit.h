/* SPDX-License-Identifier: Apache-2.0
 * exit - what assay's exit status means; assay(1) documents the same numbers. */
#pragma once

enum cli_exit {
	EXIT_DONE = 0,          /* done; for `verify`: affirming */
	EXIT_NOT_AFFIRMING = 1, /* appraised, and not affirming */
	EXIT_USAGE = 2,         /* the command line is wrong */
	EXIT_MALFORMED = 3,     /* input could not be read, so nothing was appraised */
	EXIT_ENDORSEMENT = 4,   /* an endorsement or collateral is missing or stale */
	EXIT_ENVIRONMENT = 5,   /* I/O, TPM or server */
};
