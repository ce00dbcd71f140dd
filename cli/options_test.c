/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"
#include "tests/tap.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct got {
	const char *text;
	bool flag;
	struct cli_list list, operands;
	int status;
};

/* The command line, split at spaces. */
static struct got run(const char *line)
{
	static char copy[8][256];
	static size_t turn;
	struct got g = { 0 };
	char *argv[64], *p = copy[turn++ % 8], *save = NULL;
	int argc = 0;

	snprintf(p, sizeof copy[0], "sub %s", line);
	for (char *w = strtok_r(p, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	argv[argc] = NULL;
	const struct cli_option own[] = { { .name = "--text", .value = "T", .text = &g.text },
					  { .name = "--on", .flag = &g.flag } };
	const struct cli_option more[] = {
		{ .name = "--each", .value = "E", .list = &g.list }
	};
	const struct cli_spec spec = {
		"x sub", "A", "about", "x sub a", 1, 2, own, more, 2, 1
	};
	g.status = cli_options_read(&spec, argc, argv, &g.operands);
	return g;
}

int main(void)
{
	/* what is told of wrong command lines is not this test's output */
	if (!freopen("/dev/null", "w", stderr))
		return 1;

	struct got g = run("a --text=b=c --on --each 1 b --each=2");
	tap_ok(g.status == EXIT_DONE && g.flag && g.text && strcmp(g.text, "b=c") == 0,
	       "values beside and after");
	tap_ok(g.operands.n == 2 && strcmp(g.operands.item[1], "b") == 0,
	       "operands between options");
	tap_ok(g.list.n == 2 && strcmp(g.list.item[1], "2") == 0,
	       "one that may come many times");
	g = run("-- --on");
	tap_ok(g.status == EXIT_DONE && !g.flag && g.operands.n == 1, "-- ends options");
	tap_ok(run("- ").status == EXIT_DONE, "- is an operand");
	tap_ok(run("a --text --on").flag == false, "a value may look like an option");

	static const struct {
		const char *line, *rule;
	} wrong[] = {
		{ "", "an operand is missing" },
		{ "a b c", "an operand too many" },
		{ "a --tex b", "a name cut short" },
		{ "a --text", "a value is missing" },
		{ "a --text=", "a value is empty" },
		{ "a --text b --text c", "one comes twice" },
		{ "a --on=yes", "a flag with a value" },
		{ "a -x", "a letter that is none" },
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		tap_ok(run(wrong[i].line).status == EXIT_USAGE, "%s", wrong[i].rule);
	return tap_done();
}
