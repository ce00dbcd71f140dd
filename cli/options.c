/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "cli/usage.h"

#include <stdio.h>
#include <string.h>

static void help_options(const struct cli_option *o, size_t n)
{
	char left[64];

	for (size_t i = 0; i < n; i++) {
		snprintf(left, sizeof left, "%s%s%s", o[i].name, o[i].value ? " " : "",
			 o[i].value ? o[i].value : "");
		printf("  %-22s %s\n", left, o[i].help);
	}
}

static void help(const struct cli_spec *s)
{
	printf("usage: assay %s%s%s [OPTIONS]\n\n%s\n\n", s->command, *s->operands ? " " : "",
	       s->operands, s->about);
	help_options(s->options, s->noptions);
	help_options(s->more, s->nmore);
	printf("\nexample: assay %s\n", s->example);
}

/* n: of the name, which may be followed by =VALUE. */
static const struct cli_option *find(const struct cli_option *o, size_t count, const char *arg,
				     size_t n)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(o[i].name) == n && memcmp(o[i].name, arg, n) == 0)
			return &o[i];
	return NULL;
}

static bool add(struct cli_list *list, const char *item)
{
	if (list->n == CLI_LIST_MAX)
		return false;
	list->item[list->n++] = item;
	return true;
}

static int set(const struct cli_spec *s, const struct cli_option *o, const char *value)
{
	if (o->flag) {
		*o->flag = true;
		return EXIT_DONE;
	}
	if (*value == '\0')
		return cli_usage_error(s->command, "%s is empty", o->name);
	if (o->list)
		return add(o->list, value)
			       ? EXIT_DONE
			       : cli_usage_error(s->command, "%s comes too often", o->name);
	if (*o->text)
		return cli_usage_error(s->command, "%s comes twice", o->name);
	*o->text = value;
	return EXIT_DONE;
}

/* One option at argv[*i]; moves on when its value is the next one. */
static int take(const struct cli_spec *s, int argc, char **argv, int *i)
{
	const char *arg = argv[*i], *equals = strchr(arg, '=');
	size_t n = equals ? (size_t)(equals - arg) : strlen(arg);
	const struct cli_option *o = find(s->options, s->noptions, arg, n);

	if (!o)
		o = find(s->more, s->nmore, arg, n);
	if (!o)
		return cli_usage_error(s->command, "%s: no such option", arg);
	if (o->flag && equals)
		return cli_usage_error(s->command, "%s takes no value", o->name);
	if (o->flag || equals)
		return set(s, o, equals ? equals + 1 : "");
	if (*i + 1 >= argc)
		return cli_usage_error(s->command, "%s needs a value", o->name);
	return set(s, o, argv[++*i]);
}

static int operand(const struct cli_spec *s, const char *arg, struct cli_list *operands)
{
	if (operands->n >= s->most || !add(operands, arg))
		return cli_usage_error(s->command, "'%s' is one argument too many", arg);
	return EXIT_DONE;
}

int cli_options_read(const struct cli_spec *s, int argc, char **argv, struct cli_list *operands)
{
	bool ended = false;
	int status = EXIT_DONE;

	*operands = (struct cli_list){ 0 };
	for (int i = 1; i < argc && status == EXIT_DONE; i++) {
		const char *arg = argv[i];
		if (!ended && (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0)) {
			help(s);
			return CLI_HELPED;
		}
		if (!ended && strcmp(arg, "--") == 0)
			ended = true;
		else if (!ended && arg[0] == '-' && arg[1] != '\0')
			status = take(s, argc, argv, &i);
		else
			status = operand(s, arg, operands);
	}
	if (status == EXIT_DONE && operands->n < s->least)
		return cli_usage_error(s->command, "expected: assay %s %s", s->command,
				       s->operands);
	return status;
}

int cli_options_status(int read)
{
	return read == CLI_HELPED ? EXIT_DONE : read;
}

int cli_subs_run(const char *command, const char *example, const struct cli_sub *subs, size_t n,
		 int argc, char **argv)
{
	if (argc < 2)
		return cli_usage_error(command, "what of it?");
	for (size_t i = 0; i < n; i++)
		if (strcmp(subs[i].name, argv[1]) == 0)
			return subs[i].run(argc - 1, argv + 1);
	if (strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0)
		return cli_usage_error(command, "there is no '%s' of it", argv[1]);
	printf("usage: assay %s COMMAND [ARGUMENTS]\n\ncommands:\n", command);
	for (size_t i = 0; i < n; i++)
		printf("  %-7s %s\n", subs[i].name, subs[i].help);
	printf("\n`assay %s COMMAND --help` tells more.\n\nexample: assay %s\n", command,
	       example);
	return EXIT_DONE;
}
