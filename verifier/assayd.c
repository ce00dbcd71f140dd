/* SPDX-License-Identifier: Apache-2.0
 * assayd - the verifier as a service. */
#include "verifier/serve/serve.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { EXIT_USAGE = 2, EXIT_ENVIRONMENT = 5 };

static const char help[] =
	"usage: assayd [--config FILE] [OPTION]\n"
	"\n"
	"  --config FILE       settings (/etc/assay/assayd.yaml)\n"
	"  --check             reads all that it would start with, starts nothing\n"
	"  --make-keys         makes the keys that are missing\n"
	"  --rotate-key KIND   adds a key: challenge, receipt, cookie or ear\n"
	"  --accept-database   after a backup was put back: accepts what was lost\n"
	"  --version, --help\n"
	"\n"
	"Example: assayd --config ./assayd.yaml --check\n";

struct asked {
	const char *config, *kind;
	bool check, make_keys, accept;
};

static int failed(const struct platform_message *why)
{
	fprintf(stderr, "assayd: %s: %s\n", why->what, why->why);
	if (*why->hint)
		fprintf(stderr, "  hint: %s\n", why->hint);
	return EXIT_ENVIRONMENT;
}

static int usage(void)
{
	fputs(help, stderr);
	return EXIT_USAGE;
}

static int run(const struct asked *a)
{
	struct platform_message why = { 0 };
	struct settings s;

	if (!settings_read(a->config, &s, &why))
		return failed(&why);
	platform_log_open("assayd", s.log);
	bool good = a->make_keys ? task_make_keys(&s, &why)
		    : a->kind    ? task_rotate_key(&s, a->kind, &why)
		    : a->accept  ? task_accept_database(&s, &why)
		    : a->check   ? serve_check(&s, &why)
				 : serve(&s, &why);
	settings_drop(&s);
	if (good && a->check)
		puts("assayd would start");
	return good ? 0 : failed(&why);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'n' },
		{ "make-keys", no_argument, NULL, 'k' },
		{ "rotate-key", required_argument, NULL, 'r' },
		{ "accept-database", no_argument, NULL, 'a' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct asked a = { .config = "/etc/assay/assayd.yaml" };

	umask(077);
	for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (o == 'h' || o == 'v')
			return fputs(o == 'h' ? help : "assayd " ASSAY_VERSION "\n", stdout) <
			       0;
		if (o == '?')
			return usage();
		if (o == 'c')
			a.config = optarg;
		if (o == 'r')
			a.kind = optarg;
		a.check = a.check || o == 'n';
		a.make_keys = a.make_keys || o == 'k';
		a.accept = a.accept || o == 'a';
	}
	return optind < argc ? usage() : run(&a);
}
