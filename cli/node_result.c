/* SPDX-License-Identifier: Apache-2.0
 * assay node result - a node's result as the verifier signs it, for whoever relies on it. */
#include "cli/node.h"
#include "cli/result.h"
#include "cli/usage.h"
#include "platform/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JWKS_MAX = 1024 * 1024 };

/* The verifier's own set, or the file of one that the caller already has. */
static int read_keys(struct remote *r, const char *file, struct assay_slice *out)
{
	struct platform_message why = { 0 };
	struct assay_slice set;

	if (file) {
		if (platform_file_read(file, JWKS_MAX, out, &why))
			return EXIT_DONE;
		platform_message_print(r->program, &why, r->json);
		return EXIT_ENVIRONMENT;
	}
	int got = remote_bytes(r, "/.well-known/jwks.json", "application/jwk-set+json", &set);
	if (got != EXIT_DONE)
		return got;
	uint8_t *copy = malloc(set.n + 1);
	if (!copy) {
		fputs("assay node result: out of memory\n", stderr);
		return EXIT_ENVIRONMENT;
	}
	memcpy(copy, set.p, set.n); /* BOUNDS: allocated above */
	copy[set.n] = 0;
	*out = (struct assay_slice){ copy, set.n };
	return EXIT_DONE;
}

static bool is_jwt(struct assay_slice t)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789-_.";

	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] == 0 || !strchr(letters, t.p[i]))
			return false;
	return t.n > 0;
}

/* Keys before the result: its bytes are the client's until the next request. */
static int result(struct remote *r, const char *path, const char *node, bool verify,
		  const char *jwks)
{
	struct assay_slice keys = { 0 }, token;
	int got = verify ? read_keys(r, jwks, &keys) : EXIT_DONE;

	if (got == EXIT_DONE)
		got = remote_bytes(r, path, ASSAY_MEDIA_EAR_JWT, &token);
	if (got == EXIT_DONE && !is_jwt(token))
		got = remote_unreadable(r, "it is no token");
	if (got == EXIT_DONE && verify)
		got = result_check(token, keys, node, r->json);
	else if (got == EXIT_DONE && r->json)
		printf("{\"result\": \"%.*s\"}\n", (int)token.n, (const char *)token.p);
	else if (got == EXIT_DONE)
		printf("%.*s\n", (int)token.n, (const char *)token.p);
	platform_file_drop(&keys);
	return got;
}

int node_result(int argc, char **argv)
{
	struct remote_options ro = { 0 };
	struct cli_option rows[REMOTE_OPTIONS];
	struct cli_list operands;
	const char *jwks = NULL;
	bool verify = false;
	const struct cli_option options[] = {
		{ "--verify", NULL,
		  "check it in place of printing it, as `assay result verify` does", NULL,
		  &verify, NULL },
		{ "--jwks", "FILE",
		  "with these keys, in place of those that the verifier shows now", &jwks, NULL,
		  NULL },
	};
	const struct cli_spec spec = { "node result",
				       "NODE",
				       "Prints a node's result as a signed EAR (a JWT), which "
				       "anybody can check without "
				       "asking again.",
				       "node result rack1-07 >rack1-07.jwt",
				       1,
				       1,
				       options,
				       rows,
				       COUNT(options),
				       COUNT(rows) };
	remote_options_rows(&ro, rows);
	int got = cli_options_read(&spec, argc, argv, &operands);
	struct remote r;
	char path[256];

	if (got != EXIT_DONE)
		return cli_options_status(got);
	if (!node_path(path, operands.item[0], "/result"))
		return node_no_id("node result", operands.item[0]);
	if (jwks && !verify)
		return cli_usage_error("node result", "--jwks is nothing without --verify");
	got = remote_open(&r, "assay node result", &ro, -1);
	if (got == EXIT_DONE)
		got = result(&r, path, operands.item[0], verify, jwks);
	remote_close(&r);
	return got;
}
