/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/usage.h"

#include "cli/commands.h"
#include "platform/message.h"

#include <stdio.h>

void cli_usage(void)
{
	puts("assay finds out whether a machine is what it claims to be.\n\n"
	     "usage: assay COMMAND [ARGUMENTS]\n\ncommands:");
	for (size_t i = 0; i < cli_ncommands; i++)
		printf("  %-9s %s\n", cli_commands[i].name, cli_commands[i].help);
	puts("\nexample:\n"
	     "  assay collect -o bundle/ --nonce 8f1d2c3b4a596877\n"
	     "  assay verify bundle/ --ak known.pub --nonce 8f1d2c3b4a596877 --refs "
	     "good.refs\n\n"
	     "`assay help COMMAND` tells more. Exit status: 0 done or affirming, 1 not "
	     "affirming,\n"
	     "2 usage, 3 malformed input, 4 endorsement missing or stale, 5 I/O, TPM or "
	     "server.");
}

int cli_unknown_command(const char *name)
{
	struct platform_message m = { 0 };
	const char *near = cli_command_near(name);

	platform_message_what(&m, "there is no command '%s'", name);
	if (near)
		platform_message_hint(&m, "did you mean '%s'? `assay --help` lists all", near);
	else
		platform_message_hint(&m, "`assay --help` lists all commands");
	platform_message_print("assay", &m, false);
	return EXIT_USAGE;
}
