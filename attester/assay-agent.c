/* SPDX-License-Identifier: Apache-2.0
 * assay-agent - the node's daemon. */
#include "attester/agent/agent.h"
#include "platform/log.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { EXIT_USAGE = 2, EXIT_ENVIRONMENT = 5 };

static const char usage[] =
	"usage: assay-agent [--config FILE] [--once]\n\n"
	"  --config FILE  settings (" AGENT_CONFIG ")\n"
	"  --once         one message, then the end: 0 when it was appraised, 5 when not\n"
	"  --version      which version this is\n\n"
	"example: assay-agent --config /etc/assay/agent.yaml\n";

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "once", no_argument, NULL, 'o' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct platform_message why = { 0 };
	const char *path = AGENT_CONFIG;
	static struct agent_config config;
	bool once = false;
	int option;

	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'o':
			once = true;
			break;
		case 'v':
			puts("assay-agent " ASSAY_VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (!agent_config_read(path, &config, &why)) {
		platform_message_print("assay-agent", &why, false);
		return EXIT_ENVIRONMENT;
	}
	platform_log_open("assay-agent", PLATFORM_LOG_INFO);
	return agent_run(&config, once);
}
