/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/exit.h"
#include "cli/usage.h"
#include "platform/message.h"

#include <stdarg.h>
#include <stdio.h>

int cli_usage_error(const char *command, const char *format, ...)
{
	struct platform_message m = { 0 };
	char program[64];
	va_list ap;

	va_start(ap, format);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): started one line above */
	vsnprintf(m.what, sizeof m.what, format, ap);
	va_end(ap);
	platform_message_hint(&m, "assay %s --help", command);
	snprintf(program, sizeof program, "assay %s", command);
	platform_message_print(program, &m, false);
	return EXIT_USAGE;
}
