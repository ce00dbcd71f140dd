/* SPDX-License-Identifier: Apache-2.0
 * How nodes look to a person. */
#include "cli/node.h"
#include "cli/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_MAX = 256 };

uint64_t node_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

bool node_coloured(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

static const char *colour(enum assay_tier status)
{
	switch (status) {
	case ASSAY_AFFIRMING:
		return "\033[32m";
	case ASSAY_WARNING:
		return "\033[33m";
	case ASSAY_CONTRAINDICATED:
		return "\033[1;31m";
	default:
		return "\033[35m";
	}
}

void node_put_status(enum assay_tier status, int width, bool coloured)
{
	const char *word = assay_tier_name(status);
	int n = (int)strlen(word);

	printf("%s%s%s%*s", coloured ? colour(status) : "", word, coloured ? "\033[0m" : "",
	       width > n ? width - n : 0, "");
}

void node_put(const char *text)
{
	const char *t = text ? text : "-";

	show_safe(stdout, (struct assay_slice){ (const uint8_t *)t, strlen(t) }, TEXT_MAX);
}

static int badness(const char *severity)
{
	static const char *const words[] = { "info", "warning", "contraindicated" };

	for (int i = 0; i < 3; i++)
		if (strcmp(words[i], severity) == 0)
			return i;
	return 3; /* a word of a newer verifier is not passed over */
}

void node_put_worst(const json_t *reasons)
{
	size_t n = json_array_size(reasons);
	struct reason_seen worst = { 0 };
	int bad = -1;

	for (size_t i = 0; i < n; i++) {
		struct reason_seen r = reason_read(json_array_get(reasons, i));
		if (badness(r.severity) > bad) {
			worst = r;
			bad = badness(r.severity);
		}
	}
	if (bad < 0)
		return;
	node_put(worst.code);
	if (worst.where) {
		putchar(' ');
		node_put(worst.where);
	}
	if (n > 1)
		printf(" (+%zu)", n - 1);
}

void node_put_time(const char *text)
{
	uint64_t ms;

	if (!text || !time_read(text, &ms))
		fputs("never", stdout);
	else
		printf("%.10s %.8sZ", text, text + 11);
}
