/* SPDX-License-Identifier: Apache-2.0
 * assay node - what a verifier says of its nodes, and who may become one. */
#include "cli/node.h"

#include "cli/helper.h"
#include "cli/show.h"
#include "cli/usage.h"
#include "platform/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIFE_LEAST = 60, LIFE_MOST = 90 * 24 * 3600 };

bool node_path(char out[256], const char *id, const char *rest)
{
	/* none of an id's characters means anything in a path */
	return assay_node_id_valid((struct assay_slice){ (const uint8_t *)id, strlen(id) }) &&
	       snprintf(out, 256, "/v1/nodes/%s%s", id, rest) < 256;
}

int node_no_id(const char *command, const char *id)
{
	return cli_usage_error(command, "'%s' is no node's id: 1 to 128 of A-Z a-z 0-9 . _ : -",
			       id);
}

/* "90s", "30m", "1h", "7d" in seconds; 0 when it is none. */
static long life_read(const char *text)
{
	static const struct {
		char unit;
		long seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 24 * 3600 } };
	size_t n = strspn(text, "0123456789");

	if (n == 0 || n > 7 || strlen(text) != n + 1)
		return 0;
	for (size_t i = 0; i < COUNT(units); i++)
		if (units[i].unit == text[n]) {
			long v = strtol(text, NULL, 10) * units[i].seconds;
			return v >= LIFE_LEAST && v <= LIFE_MOST ? v : 0;
		}
	return 0;
}

/* The token goes to a file that only its owner can read, or to stdout, and nowhere else. */
static int tell_token(struct remote *r, const json_t *o, const char *out)
{
	const char *token = json_string_value(json_object_get(o, "token")),
		   *node = json_string_value(json_object_get(o, "node")),
		   *ends = json_string_value(json_object_get(o, "ends"));
	struct platform_message why = { 0 };
	struct show s = { .out = stdout, .json = true };
	char line[512];
	uint64_t ms;

	if (!token || strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-_.") != strlen(token))
		return remote_unreadable(r, "token");
	if (!ends || !time_read(ends, &ms) || !node)
		return remote_unreadable(r, "ends");
	int n = snprintf(line, sizeof line, "%s\n", token);
	if (n < 0 || (size_t)n >= sizeof line)
		return remote_unreadable(r, "token");
	if (out && !platform_file_write_atomic(
			   out, (struct assay_slice){ (const uint8_t *)line, (size_t)n }, 0600,
			   &why)) {
		platform_message_print(r->program, &why, r->json);
		return EXIT_ENVIRONMENT;
	}
	if (r->json) {
		show_object(&s, NULL);
		show_str(&s, "id", json_string_value(json_object_get(o, "id")));
		show_str(&s, "node", node);
		show_str(&s, "ends", ends);
		show_str(&s, out ? "file" : "token", out ? out : token);
		show_close(&s);
	} else if (!out) {
		fputs(line, stdout);
	}
	if (!r->json)
		platform_note(r->program, "good once, for node %s, until %.10s %.8sZ%s%s", node,
			      ends, ends + 11, out ? "; in " : "", out ? out : "");
	return EXIT_DONE;
}

int node_enrol(int argc, char **argv)
{
	struct remote_options ro = { 0 };
	struct cli_option rows[REMOTE_OPTIONS];
	struct cli_list operands;
	const char *life = NULL, *ek = NULL, *out = NULL;
	const struct cli_option options[] = {
		{ "--life", "TIME", "that the token is good, 60s to 90d (24h)", &life, NULL,
		  NULL },
		{ "--ek-digest", "DIGEST",
		  "sha256:... of the TPM's EK, where no maker vouches for it", &ek, NULL,
		  NULL },
		{ "--out", "FILE", "where the token goes, for its owner alone to read", &out,
		  NULL, NULL },
	};
	const struct cli_spec spec = {
		"node enrol",
		"NODE",
		"Makes a token with which one machine becomes the node of this name, once. It "
		"is "
		"told once: put\nit where the agent's settings look for it (token:).",
		"node enrol rack1-07 --life 1h --out agent.token",
		1,
		1,
		options,
		rows,
		COUNT(options),
		COUNT(rows)
	};
	remote_options_rows(&ro, rows);
	int got = cli_options_read(&spec, argc, argv, &operands);
	long seconds = life ? life_read(life) : 24 * 3600;
	struct remote r;
	json_t *o = NULL;
	char path[256];

	if (got != EXIT_DONE)
		return cli_options_status(got);
	if (!node_path(path, operands.item[0], ""))
		return node_no_id("node enrol", operands.item[0]);
	if (seconds == 0)
		return cli_usage_error("node enrol",
				       "--life is 60s to 90d, like 30m, 1h or 7d");
	got = remote_open(&r, "assay node enrol", &ro, -1);
	if (got != EXIT_DONE)
		return got;
	json_t *body = json_pack("{s:s, s:I, s:s*}", "node", operands.item[0], "life",
				 (json_int_t)seconds, "ekDigest", ek);
	got = remote_json(&r, "POST", "/v1/tokens", body, &o);
	if (got == EXIT_DONE)
		got = tell_token(&r, o, out);
	json_decref(body);
	json_decref(o);
	remote_close(&r);
	return got;
}

int node_remove(int argc, char **argv)
{
	struct remote_options ro = { 0 };
	struct cli_option rows[REMOTE_OPTIONS];
	struct cli_list operands;
	const struct cli_spec spec = {
		"node remove",
		"NODE...",
		"Removes nodes from a verifier: what they prove from now on is not heard, and "
		"what "
		"was said of\nthem is void. To come back, a machine enrols anew.",
		"node remove rack1-07",
		1,
		CLI_LIST_MAX,
		NULL,
		rows,
		0,
		COUNT(rows)
	};
	remote_options_rows(&ro, rows);
	int got = cli_options_read(&spec, argc, argv, &operands);
	struct remote r;
	char path[256];

	if (got != EXIT_DONE)
		return cli_options_status(got);
	for (size_t i = 0; i < operands.n; i++)
		if (!node_path(path, operands.item[i], ""))
			return node_no_id("node remove", operands.item[i]);
	got = remote_open(&r, "assay node remove", &ro, -1);
	for (size_t i = 0; got == EXIT_DONE && i < operands.n; i++) {
		json_t *o = NULL;
		got = node_path(path, operands.item[i], "")
			      ? remote_json(&r, "DELETE", path, NULL, &o)
			      : EXIT_USAGE;
		json_decref(o);
		if (got == EXIT_DONE && ro.json)
			printf("{\"removed\": \"%s\"}\n", operands.item[i]);
		else if (got == EXIT_DONE)
			printf("%s is removed\n", operands.item[i]);
	}
	remote_close(&r);
	return got;
}

int cmd_node(int argc, char **argv)
{
	static const struct cli_sub subs[] = {
		{ "list", node_list, "what a verifier says of each node" },
		{ "show", node_show, "one node, with every reason and what to do" },
		{ "watch", node_watch, "each change of a verdict, as it comes" },
		{ "result", node_result, "a node's signed result (EAR)" },
		{ "enrol", node_enrol, "a token with which a machine becomes a node" },
		{ "remove", node_remove, "forget a node" },
	};

	return cli_subs_run("node", "node list --server https://verifier.example.org:8443",
			    subs, COUNT(subs), argc, argv);
}
