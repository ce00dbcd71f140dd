/* SPDX-License-Identifier: Apache-2.0
 * assay doctor - is this machine ready to be attested? */
#include "attester/doctor/doctor.h"

#include "cli/exit.h"
#include "cli/helper.h"
#include "cli/usage.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

static const char usage[] =
	"usage: assay doctor [--tcti CONF] [--root DIR] [--json]\n\n"
	"  --tcti CONF  way to the TPM ($TPM2TOOLS_TCTI, else " ATTESTER_TPM_DEFAULT ")\n"
	"  --root DIR   look for /sys, /proc and /etc below DIR\n"
	"  --json       one object: ready, checks\n\n"
	"Exit status 0: ready, 1: not ready.\n\n"
	"example: assay doctor\n";

static void print_people(const struct attester_check *checks)
{
	bool colour = isatty(STDOUT_FILENO);

	for (size_t i = 0; i < ATTESTER_CHECKS_N; i++) {
		const char *mark = checks[i].good ? "yes" : "NO ";
		printf("%s%s%s  %-26s %s\n",
		       !colour          ? ""
		       : checks[i].good ? "\033[32m"
					: "\033[31m",
		       mark, colour ? "\033[0m" : "",
		       attester_check_text((enum attester_check_code)i), checks[i].found);
		if (!checks[i].good)
			printf("       hint: %s\n", checks[i].hint);
	}
}

static bool print_json(const struct attester_check *checks, bool ready)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ATTESTER_CHECKS_N; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:b, s:s, s:s}", "check",
					attester_check_word((enum attester_check_code)i),
					"good", checks[i].good, "found", checks[i].found,
					"hint", checks[i].hint));
	json_t *all = json_pack("{s:b, s:o}", "ready", ready, "checks", list);
	bool good = all && json_dumpf(all, stdout, JSON_INDENT(2)) == 0;
	putchar('\n');
	json_decref(all);
	return good;
}

int cmd_doctor(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "tcti", required_argument, NULL, 't' },
		{ "root", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct attester_check checks[ATTESTER_CHECKS_N];
	const char *tcti = NULL, *root = "";
	bool json = false, ready = true;
	int option;

	while ((option = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (option == 't')
			tcti = optarg;
		else if (option == 'r')
			root = optarg;
		else if (option == 'j')
			json = true;
		else if (option == 'h')
			return fputs(usage, stdout) < 0 ? EXIT_ENVIRONMENT : EXIT_DONE;
		else
			return cli_usage_error("doctor",
					       option == ':' ? "%s needs a value"
							     : "%s: no such option",
					       argv[optind - 1]);
	}
	if (optind < argc)
		return cli_usage_error("doctor", "'%s' is one argument too many", argv[optind]);

	attester_doctor(tcti, root, checks);
	for (size_t i = 0; i < ATTESTER_CHECKS_N; i++)
		ready = ready && checks[i].good;
	if (!json)
		print_people(checks);
	else if (!print_json(checks, ready))
		return EXIT_ENVIRONMENT;
	return ready ? EXIT_DONE : EXIT_NOT_AFFIRMING;
}
