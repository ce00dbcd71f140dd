/* SPDX-License-Identifier: Apache-2.0
 * server - what the subcommands of `assay server` share. */
#pragma once
#include "cli/server_init.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

int server_cert(int argc, char **argv);

/* Tells it; EXIT_ENVIRONMENT. */
int server_fail(const char *command, const struct platform_message *why, bool json);
/* Decimal, from 1 to most; 0 when it is not. */
unsigned server_number(const char *text, unsigned most);
/* folder/name goes to the folder's owner, where another made it. */
ASSAY_MUST_USE bool server_give_as_folder(const char *folder, const char *name,
					  struct platform_message *why);
