/* SPDX-License-Identifier: Apache-2.0
 * assay node list, assay node show. */
#include "cli/node.h"
#include "cli/show.h"
#include "cli/usage.h"

#include <stdio.h>
#include <string.h>

enum { PAGE = 500, ID_LEAST = 16, STATUS_WIDTH = 15, NEAR_WIDTH = 12 };

struct listing {
	struct show s;
	struct remote r;
	bool json, coloured, headed;
	int id_width;
	size_t n;
};

static void head(struct listing *l)
{
	if (l->headed)
		return;
	printf("%-*s  %-*s  %-*s  %s\n", l->id_width, "NODE", STATUS_WIDTH, "STATUS",
	       NEAR_WIDTH, "HEARD", "WHY");
	l->headed = true;
}

static void row(struct listing *l, const struct node_seen *n)
{
	char heard[32];

	time_near(n->heard, node_now(), heard);
	printf("%-*s  ", l->id_width, n->id);
	node_put_status(n->status, STATUS_WIDTH, l->coloured);
	bool why = json_array_size(n->reasons) > 0;
	printf("  %-*s", why ? NEAR_WIDTH + 2 : 0, heard);
	node_put_worst(n->reasons);
	putchar('\n');
}

/* Every node of a page is read before one is shown. */
static const char *check_page(struct listing *l, const json_t *nodes)
{
	const char *what = json_is_array(nodes) ? NULL : "nodes";
	struct node_seen n;

	for (size_t i = 0; !what && i < json_array_size(nodes); i++)
		if (node_read(json_array_get(nodes, i), &n, &what) &&
		    (int)strlen(n.id) > l->id_width)
			l->id_width = (int)strlen(n.id);
	return what;
}

static void show_page(struct listing *l, const json_t *nodes)
{
	const char *what;
	struct node_seen n;

	for (size_t i = 0; i < json_array_size(nodes); i++, l->n++) {
		const json_t *o = json_array_get(nodes, i);
		if (l->json)
			show_json(&l->s, NULL, o);
		else if (node_read(o, &n, &what)) {
			head(l);
			row(l, &n);
		}
	}
}

/* One page; *next is where the following begins, "" after the last. */
static int page(struct listing *l, const char *status, char next[256])
{
	char path[512];
	json_t *o;

	snprintf(path, sizeof path, "/v1/nodes?limit=%d%s%s%s%s", PAGE, *next ? "&after=" : "",
		 next, status ? "&status=" : "", status ? status : "");
	int got = remote_json(&l->r, "GET", path, NULL, &o);
	if (got != EXIT_DONE)
		return got;
	const json_t *nodes = json_object_get(o, "nodes");
	const char *what = check_page(l, nodes),
		   *after = json_string_value(json_object_get(o, "next"));
	struct assay_slice id = { (const uint8_t *)after, after ? strlen(after) : 0 };
	/* one that does not go on would never end */
	if (!what && after && (!assay_node_id_valid(id) || strcmp(after, next) <= 0))
		what = "next";
	if (what) {
		got = remote_unreadable(&l->r, what);
	} else {
		show_page(l, nodes);
		snprintf(next, 256, "%s", after ? after : "");
	}
	json_decref(o);
	return got;
}

static int list_all(struct listing *l, const char *status)
{
	char next[256] = "";
	int got;

	do
		got = page(l, status, next);
	while (got == EXIT_DONE && *next);
	return got;
}

int node_list(int argc, char **argv)
{
	struct remote_options ro = { 0 };
	struct cli_option rows[REMOTE_OPTIONS];
	struct cli_list operands;
	const char *status = NULL;
	const struct cli_option options[] = {
		{ "--status", "STATUS", "only affirming, warning, contraindicated or none",
		  &status, NULL, NULL },
	};
	const struct cli_spec spec = { "node list",
				       "",
				       "Lists the nodes that a verifier knows: what it says of "
				       "each now, when it heard of "
				       "it, and the\nworst of its reasons.",
				       "node list --status contraindicated",
				       0,
				       0,
				       options,
				       rows,
				       COUNT(options),
				       COUNT(rows) };
	remote_options_rows(&ro, rows);
	int got = cli_options_read(&spec, argc, argv, &operands);

	if (got != EXIT_DONE)
		return cli_options_status(got);
	if (status && tier_by_name(status) < 0)
		return cli_usage_error(
			"node list", "--status is affirming, warning, contraindicated or none");
	struct listing l = { .s = { .out = stdout, .json = true },
			     .json = ro.json,
			     .coloured = node_coloured(),
			     .id_width = ID_LEAST };
	got = remote_open(&l.r, "assay node list", &ro, -1);
	if (got != EXIT_DONE)
		return got;
	/* with --json an error is an object of its own, and stands alone */
	l.r.json = false;
	if (l.json) {
		show_object(&l.s, NULL);
		show_array(&l.s, "nodes");
	}
	got = list_all(&l, status);
	if (l.json) {
		show_close(&l.s);
		show_close(&l.s);
	} else if (got == EXIT_DONE && l.n == 0) {
		puts(status ? "No node is so." : "No node is enrolled.");
	}
	remote_close(&l.r);
	return got;
}

static void line(const char *name, const char *text)
{
	printf("  %-9s ", name);
	node_put(text);
	putchar('\n');
}

static void when(const char *name, const char *text, uint64_t now)
{
	char near[32];

	time_near(text, now, near);
	printf("  %-9s ", name);
	node_put_time(text);
	if (text)
		printf(" (%s)", near);
	putchar('\n');
}

static void show_reasons(const json_t *reasons, bool coloured)
{
	for (size_t i = 0; i < json_array_size(reasons); i++) {
		struct reason_seen r = reason_read(json_array_get(reasons, i));
		int tier = tier_by_name(r.severity);
		putchar('\n');
		if (tier >= 0)
			node_put_status((enum assay_tier)tier, STATUS_WIDTH, coloured);
		else
			printf("%-*s", STATUS_WIDTH,
			       strcmp(r.severity, "info") == 0 ? "info" : "?");
		fputs("  ", stdout);
		node_put(r.code);
		if (r.where) {
			fputs("  ", stdout);
			node_put(r.where);
		}
		putchar('\n');
		if (r.found)
			line("found", r.found);
		if (r.expected)
			line("expected", r.expected);
		if (r.hint)
			line("hint", r.hint);
	}
}

static void show_node(const struct node_seen *n)
{
	bool coloured = node_coloured();
	uint64_t now = node_now();

	printf("%s is ", n->id);
	node_put_status(n->status, 0, coloured);
	putchar('\n');
	when("since", n->since, now);
	when("heard", n->heard, now);
	when("due", n->due, now);
	when("enrolled", n->enrolled, now);
	line("policy", n->policy);
	line("AK", n->ak);
	line("EK", n->ek);
	show_reasons(n->reasons, coloured);
}

int node_show(int argc, char **argv)
{
	struct remote_options ro = { 0 };
	struct cli_option rows[REMOTE_OPTIONS];
	struct cli_list operands;
	const struct cli_spec spec = { "node show",
				       "NODE",
				       "Shows what a verifier says of a node now, and each "
				       "reason with what to do. Exit "
				       "status 1 when\nit is not affirming.",
				       "node show rack1-07",
				       1,
				       1,
				       NULL,
				       rows,
				       0,
				       COUNT(rows) };
	remote_options_rows(&ro, rows);
	int got = cli_options_read(&spec, argc, argv, &operands);
	struct node_seen n = { .status = ASSAY_NONE };
	const char *what;
	char path[256];
	struct remote r;
	json_t *o = NULL;

	if (got != EXIT_DONE)
		return cli_options_status(got);
	if (!node_path(path, operands.item[0], ""))
		return node_no_id("node show", operands.item[0]);
	got = remote_open(&r, "assay node show", &ro, -1);
	if (got == EXIT_DONE)
		got = remote_json(&r, "GET", path, NULL, &o);
	if (got == EXIT_DONE && !node_read(o, &n, &what))
		got = remote_unreadable(&r, what);
	if (got == EXIT_DONE && strcmp(n.id, operands.item[0]) != 0)
		got = remote_unreadable(&r, "it speaks of another node");
	if (got == EXIT_DONE) {
		struct show s = { .out = stdout, .json = true };
		if (ro.json)
			show_json(&s, NULL, o);
		else
			show_node(&n);
		got = n.status == ASSAY_AFFIRMING ? EXIT_DONE : EXIT_NOT_AFFIRMING;
	}
	json_decref(o);
	remote_close(&r);
	return got;
}
