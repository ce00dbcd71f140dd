/* SPDX-License-Identifier: Apache-2.0
 * assay result verify - anybody can check a result. */
#include "cli/result.h"

#include "cli/commands.h"
#include "cli/result_read.h"
#include "cli/show.h"
#include "cli/usage.h"
#include "platform/file.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct options {
	const char *token, *key, *jwks, *subject;
	int64_t max_age;
	bool json;
};

static int usage(void)
{
	puts("usage: assay result verify TOKEN --key FILE | --jwks FILE [--json] [--max-age "
	     "SEC]\n\n"
	     "Checks a signed result (EAR, as a JWT). TOKEN is a file, - or the token "
	     "itself.\n\n"
	     "  --key FILE     the verifier's key: PEM public key or certificate, or a JWK\n"
	     "  --jwks FILE    a JWK set; the token's kid chooses\n"
	     "  --max-age SEC  refuse what was issued longer ago\n"
	     "  --json         {\"verified\":..,\"reason\":..,\"alg\":..,\"claims\":{..}}\n\n"
	     "exit status: 0 signature good, alive and affirming; 1 not so; 2 usage; 3 "
	     "malformed;\n"
	     "5 environment\n\n"
	     "example: assay result verify node1.jwt --key verifier.pem --max-age 300");
	return EXIT_DONE;
}

static int read_age(const char *text, int64_t *out)
{
	char *end = NULL;

	errno = 0;
	long long v = strtoll(text, &end, 10);
	if (errno || end == text || *end || v <= 0)
		return cli_usage_error("result", "--max-age must be a number of seconds");
	*out = v;
	return EXIT_DONE;
}

static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "key", required_argument, NULL, 'k' },
		{ "jwks", required_argument, NULL, 'J' },
		{ "max-age", required_argument, NULL, 'm' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c, status = EXIT_DONE;

	optind = 1;
	while (status == EXIT_DONE && (c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (c) {
		case 'k':
			o->key = optarg;
			break;
		case 'J':
			o->jwks = optarg;
			break;
		case 'm':
			status = read_age(optarg, &o->max_age);
			break;
		case 'j':
			o->json = true;
			break;
		case 'h':
			usage();
			return -1;
		default:
			return EXIT_USAGE;
		}
	}
	if (status != EXIT_DONE)
		return status;
	if (argc - optind != 2 || strcmp(argv[optind], "verify") != 0)
		return cli_usage_error("result", "expected: verify TOKEN");
	if (!o->key == !o->jwks)
		return cli_usage_error("result", "expected one of --key and --jwks");
	o->token = argv[optind + 1];
	return EXIT_DONE;
}

/* {"verified":false,"reason":"malformed","error":{..}} */
static int malformed(const struct options *o, const char *path, const struct assay_err *err)
{
	struct show s = { .out = stdout, .json = true };

	if (!o->json) {
		struct platform_message m = { 0 };
		platform_message_what(&m, "cannot read %s", path);
		platform_message_why(&m, "%s%s%s: %s (%s at offset %zu)",
				     err->artefact ? err->artefact : "",
				     err->artefact ? ": " : "", assay_fault_word(err->fault),
				     assay_fault_text(err->fault),
				     err->field ? err->field : "?", err->offset);
		platform_message_print("assay result", &m, false);
		return EXIT_MALFORMED;
	}
	show_object(&s, NULL);
	show_bool(&s, "verified", false);
	show_str(&s, "reason", "malformed");
	show_object(&s, "error");
	show_str(&s, "artefact", err->artefact ? err->artefact : path);
	show_str(&s, "fault", assay_fault_word(err->fault));
	show_str(&s, "field", err->field);
	show_u64(&s, "offset", err->offset);
	show_str(&s, "text", assay_fault_text(err->fault));
	show_close(&s);
	show_close(&s);
	return EXIT_MALFORMED;
}

/* Claims are shown only when the signature is good: anybody can write the others. */
static void show_answer(const struct options *o, enum result_answer a,
			const struct result_token *t, const json_t *payload,
			const struct result_claims *c)
{
	struct show s = { .out = stdout, .json = o->json };

	if (o->json)
		show_object(&s, NULL);
	show_bool(&s, "verified", a == RESULT_AFFIRMING);
	show_str(&s, "reason", result_answer_word(a));
	show_str(&s, "text", result_answer_text(a));
	show_str(&s, "alg", t->alg);
	if (c && !o->json) {
		show_str(&s, "verifier", c->developer);
		show_i64(&s, "issued", c->iat);
		if (c->has_exp)
			show_i64(&s, "expires", c->exp);
		for (size_t k = 0; k < c->nsubmods; k++)
			show_str(&s, c->submods[k].name, assay_tier_name(c->submods[k].status));
	}
	if (o->json)
		show_json(&s, "claims", payload);
	if (c && !c->has_exp)
		show_str(&s, "note",
			 "it states no end of its life (exp); only --max-age bounds it");
	if (o->json)
		show_close(&s);
}

static bool speaks_of(const struct result_claims *c, const char *subject)
{
	for (size_t k = 0; k < c->nsubmods; k++)
		if (strcmp(c->submods[k].name, subject) == 0)
			return true;
	return false;
}

static int judge(const struct options *o, struct assay_crypto *crypto,
		 const struct result_keys *keys, const struct result_token *t)
{
	enum result_answer a = result_verify(crypto, keys, t);
	struct result_claims c;
	struct assay_err err;

	if (a != RESULT_AFFIRMING) {
		show_answer(o, a, t, NULL, NULL);
		return EXIT_NOT_AFFIRMING;
	}
	json_t *payload = result_payload(t, &err);
	if (!payload || !result_claims_read(payload, &c, &err)) {
		json_decref(payload);
		return malformed(o, "the token", &err);
	}
	a = result_judge(&c, (int64_t)time(NULL), o->max_age);
	if (o->subject && !speaks_of(&c, o->subject))
		a = RESULT_SUBJECT;
	show_answer(o, a, t, payload, &c);
	result_claims_drop(&c);
	json_decref(payload);
	return a == RESULT_AFFIRMING ? EXIT_DONE : EXIT_NOT_AFFIRMING;
}

/* A token given on the command line is no path: two dots between base64url that begins as '{"'
 * does, or one that is longer than any file's name. */
static bool is_token(const char *arg)
{
	static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					"0123456789-_.";
	const char *dot = strchr(arg, '.');

	if (!dot || arg[strspn(arg, base64url)] != '\0')
		return false;
	bool shaped = strncmp(arg, "ey", 2) == 0 && strchr(dot + 1, '.');
	return (shaped || strlen(arg) > NAME_MAX) && access(arg, F_OK) != 0;
}

static int read_both(const struct options *o, struct assay_slice *token,
		     struct assay_slice *key)
{
	struct platform_message m;
	bool good;

	if (is_token(o->token)) {
		char *copy = strdup(o->token);
		if (!copy)
			return EXIT_ENVIRONMENT;
		*token = (struct assay_slice){ (uint8_t *)copy, strlen(copy) };
		good = true;
	} else {
		good = platform_file_read(o->token, (size_t)ASSAY_JWS_MAX + 4096, token, &m);
	}
	good = good && platform_file_read(o->key ? o->key : o->jwks, 1024 * 1024, key, &m);
	if (good)
		return EXIT_DONE;
	platform_message_print("assay result", &m, o->json);
	return m.errnum == EFBIG ? EXIT_MALFORMED : EXIT_ENVIRONMENT;
}

static int verify(const struct options *o, struct assay_crypto *crypto,
		  struct assay_slice token, struct assay_slice file)
{
	struct result_keys keys = { 0 };
	int status = EXIT_DONE;
	struct result_token t;
	struct assay_err err;

	if (!result_keys_read(crypto, file, o->jwks != NULL, &keys, &err))
		return malformed(o, o->key ? "--key" : "--jwks", &err);
	if (!result_token_read(token, &t, &err)) {
		status = malformed(o, "the token", &err);
	} else {
		status = judge(o, crypto, &keys, &t);
		result_token_drop(&t);
	}
	result_keys_drop(&keys);
	return status;
}

static int with_crypto(const struct options *o, struct assay_slice token,
		       struct assay_slice file)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);

	if (!crypto) {
		fputs("assay result: OpenSSL gives no SHA-256; check its configuration\n",
		      stderr);
		return EXIT_ENVIRONMENT;
	}
	int status = verify(o, crypto, token, file);
	assay_crypto_free(crypto);
	return status;
}

int result_check(struct assay_slice token, struct assay_slice jwks, const char *subject,
		 bool json)
{
	const struct options o = { .jwks = "the verifier's keys",
				   .subject = subject,
				   .json = json };

	return with_crypto(&o, token, jwks);
}

int cmd_result(int argc, char **argv)
{
	struct assay_slice token = { 0 }, file = { 0 };
	struct options o = { 0 };
	int status = read_options(argc, argv, &o);

	if (status != EXIT_DONE || !o.token)
		return status < 0 ? EXIT_DONE : status;
	status = read_both(&o, &token, &file);
	if (status == EXIT_DONE)
		status = with_crypto(&o, token, file);
	platform_file_drop(&token);
	platform_file_drop(&file);
	return status;
}
