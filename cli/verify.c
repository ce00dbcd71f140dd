/* SPDX-License-Identifier: Apache-2.0
 * assay verify - is the machine what it claims to be? */
#include "cli/verify.h"
#include "cli/commands.h"
#include "cli/usage.h"
#include "platform/file.h"
#include "platform/hex.h"
#include "platform/json.h"

#include <getopt.h>
#include <libgen.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATHS_MAX = 4096, EAR_BYTES_PER_BUNDLE = 1024 * 1024 };

struct options {
	const char *refs[PATHS_MAX];
	size_t nrefs;
	const char *policy, *ak, *nonce, *sign;
	bool json, archive;
	char *const *bundles;
	size_t nbundles;
};

static int usage(void)
{
	puts("usage: assay verify BUNDLE... [--refs FILE|DIR]... [--policy FILE] [--ak FILE]\n"
	     "                    [--nonce HEX | --archive] [--json] [--sign KEY]\n\n"
	     "Appraises evidence. A bundle is a CMW collection or a folder with quote.msg, "
	     "quote.sig\n"
	     "and the logs. Only --ak says whose key it is, and only --nonce that the quote is "
	     "fresh.\n\n"
	     "  --refs FILE|DIR  reference values; may be repeated\n"
	     "  --policy FILE    YAML; `assay policy default` prints the default\n"
	     "  --ak FILE        the node's attestation key (TPM2B_PUBLIC or TPMT_PUBLIC)\n"
	     "  --nonce HEX      the challenge that the quote must answer\n"
	     "  --archive        an old bundle is looked at: freshness is not asked for\n"
	     "  --json           the EAR payload on standard output\n"
	     "  --sign KEY       a PEM private key (P-256, P-384 or Ed25519): prints the "
	     "signed EAR\n\n"
	     "exit status: 0 affirming, 1 not affirming, 2 usage, 3 malformed, 4 endorsement "
	     "missing,\n"
	     "5 environment; of several bundles the worst.\n\n"
	     "example: assay verify node1/ --ak node1.pub --nonce \"$NONCE\" --refs refs/");
	return EXIT_DONE;
}

static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "refs", required_argument, NULL, 'r' },
		{ "policy", required_argument, NULL, 'p' },
		{ "ak", required_argument, NULL, 'a' },
		{ "nonce", required_argument, NULL, 'n' },
		{ "sign", required_argument, NULL, 's' },
		{ "archive", no_argument, NULL, 'A' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (c) {
		case 'r':
			if (o->nrefs == PATHS_MAX)
				return cli_usage_error("verify", "too many --refs");
			o->refs[o->nrefs++] = optarg;
			break;
		case 'p':
			o->policy = optarg;
			break;
		case 'a':
			o->ak = optarg;
			break;
		case 'n':
			o->nonce = optarg;
			break;
		case 's':
			o->sign = optarg;
			break;
		case 'A':
			o->archive = true;
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
	o->bundles = argv + optind;
	o->nbundles = (size_t)(argc - optind);
	if (o->nbundles == 0)
		return cli_usage_error("verify", "expected at least one bundle");
	if (o->nonce && o->archive)
		return cli_usage_error("verify", "--nonce and --archive exclude each other");
	return EXIT_DONE;
}

/* The last part of the path, made unique among those before it. */
static char *submod_name(const struct verified *all, size_t i, const char *path)
{
	char *copy = strdup(path), *name = NULL;
	const char *base = copy ? basename(copy) : "";

	if (strcmp(base, ".") == 0 || strcmp(base, "-") == 0 || *base == '\0')
		base = "node";
	for (unsigned k = 1; copy; k++) {
		bool taken = false;
		free(name);
		name = NULL;
		if ((k == 1 ? asprintf(&name, "%s", base) : asprintf(&name, "%s#%u", base, k)) <
		    0) {
			name = NULL;
			break;
		}
		for (size_t j = 0; j < i; j++)
			taken |= all[j].name && strcmp(all[j].name, name) == 0;
		if (!taken)
			break;
	}
	free(copy);
	return name;
}

static size_t write_ear(const struct options *o, const struct verify_request *r,
			const struct verified *all, char *out, size_t cap)
{
	struct assay_submod *submods = calloc(o->nbundles, sizeof *submods);
	int64_t now = (int64_t)time(NULL);
	/* a result about an archive has as good as run out: nobody may act on it */
	struct assay_ear ear = {
		.iat = now,
		.exp = now + (r->archive ? 1 : (int64_t)r->policy->result_life),
		.nonce = r->nonce,
		.developer = "https://assay.invalid",
		.build = "assay " ASSAY_VERSION,
		.submods = submods,
	};
	size_t n = 0;

	for (size_t i = 0; submods && i < o->nbundles; i++)
		if (all[i].ok)
			submods[ear.nsubmods++] = (struct assay_submod){
				.name = all[i].name,
				.verdict = &all[i].appraisal.verdict,
				.policy_id = r->policy->id,
				.archive_note = r->archive ? "freshness was not checked" : NULL,
			};
	if (ear.nsubmods > 0)
		n = assay_ear_write(&ear, out, cap);
	free(submods);
	return n;
}

/* Signs; NULL with a message when the key cannot. */
static char *sign_ear(const struct options *o, struct assay_crypto *crypto, const char *ear,
		      size_t n)
{
	struct assay_slice pem;
	struct platform_message why;
	size_t cap = 2 * n + 4096;

	if (!platform_file_read(o->sign, 64 * 1024, &pem, &why)) {
		platform_message_print("assay verify", &why, false);
		return NULL;
	}
	struct assay_key *key = assay_key_pem(crypto, pem, true);
	OPENSSL_cleanse((void *)(uintptr_t)pem.p, pem.n);
	platform_file_drop(&pem);
	char *token = key ? malloc(cap) : NULL;
	size_t len = token ? assay_jws_sign(crypto, key, NULL,
					    (struct assay_slice){ (const uint8_t *)ear, n },
					    token, cap)
			   : 0;
	assay_key_free(key);
	if (len == 0) {
		fprintf(stderr,
			"assay verify: cannot sign with %s: not an unencrypted PEM private key "
			"of "
			"P-256, P-384 or Ed25519\n",
			o->sign);
		free(token);
		return NULL;
	}
	return token;
}

static int print_json(const struct options *o, const struct verified *all, const char *ear,
		      const char *token)
{
	json_t *root = ear ? json_loads(ear, 0, NULL) : json_object();
	json_t *errors = json_array();

	for (size_t i = 0; i < o->nbundles; i++)
		if (!all[i].ok)
			json_array_append_new(errors, verify_error_json(&all[i]));
	if (json_array_size(errors) > 0) {
		json_object_set(root, "error", json_array_get(errors, 0));
		if (o->nbundles > 1)
			json_object_set(root, "errors", errors);
	}
	json_decref(errors);
	if (token)
		json_object_set_new(root, "assay.token", json_string(token));
	int bad = json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(root);
	return bad ? EXIT_ENVIRONMENT : EXIT_DONE;
}

static int worst(int a, int b)
{
	return a > b ? a : b;
}

/* Shows what was found; the exit status is the worst of the bundles'. */
static int report(const struct options *o, const struct verify_request *r,
		  const struct verified *all)
{
	size_t cap = o->nbundles * (size_t)EAR_BYTES_PER_BUNDLE;
	char *ear = malloc(cap), *token = NULL;
	size_t n = ear ? write_ear(o, r, all, ear, cap) : 0;
	int status = EXIT_DONE;
	bool any = false;

	for (size_t i = 0; i < o->nbundles; i++) {
		any |= all[i].ok;
		bool good = all[i].ok && all[i].appraisal.verdict.status == ASSAY_AFFIRMING;
		status = worst(status, good        ? EXIT_DONE
				       : all[i].ok ? EXIT_NOT_AFFIRMING
						   : all[i].error.status);
		if (!all[i].ok && !o->json)
			platform_message_print("assay verify", &all[i].error.why, false);
		else if (!o->json && !o->sign)
			verify_show(&all[i]);
	}
	/* a verdict that cannot be written down is none */
	if (any && n == 0) {
		fputs("assay verify: the result could not be written: not enough memory, or a "
		      "bug of assay's\n",
		      stderr);
		status = EXIT_ENVIRONMENT;
	}
	if (n > 0 && o->sign) {
		token = sign_ear(o, r->crypto, ear, n);
		if (!token)
			status = EXIT_ENVIRONMENT;
		else if (!o->json)
			puts(token);
	}
	if (o->json)
		status = worst(status, print_json(o, all, n > 0 ? ear : NULL, token));
	free(token);
	free(ear);
	return status;
}

static int verify_all(const struct options *o, struct verify_request *r)
{
	struct verified *all = calloc(o->nbundles, sizeof *all);
	int status = EXIT_ENVIRONMENT;

	for (size_t i = 0; all && i < o->nbundles; i++) {
		verify_bundle(r, o->bundles[i], &all[i]);
		all[i].name = submod_name(all, i, o->bundles[i]);
	}
	if (all)
		status = report(o, r, all);
	for (size_t i = 0; all && i < o->nbundles; i++)
		verified_drop(&all[i]);
	free(all);
	return status;
}

static bool read_nonce(const char *hex, uint8_t *out, size_t cap, size_t *n)
{
	struct assay_slice text = { (const uint8_t *)hex, strlen(hex) };

	return platform_hex_read(text, out, cap, n) && *n >= ASSAY_EAR_NONCE_MIN &&
	       *n <= ASSAY_EAR_NONCE_MAX;
}

int cmd_verify(int argc, char **argv)
{
	static struct options o;
	struct loaded_policy policy = { 0 };
	struct loaded_refs refs = { 0 };
	struct loaded_ak ak = { 0 };
	struct load_error e = { 0 };
	uint8_t nonce[ASSAY_EAR_NONCE_MAX];
	struct verify_request r = { .nonce = { nonce, 0 } };

	int status = read_options(argc, argv, &o);
	if (status != EXIT_DONE)
		return status < 0 ? EXIT_DONE : status;
	if (o.nonce && !read_nonce(o.nonce, nonce, sizeof nonce, &r.nonce.n))
		return cli_usage_error("verify", "--nonce must be 8 to 64 bytes in hex");
	r.nonce_given = o.nonce != NULL;
	r.archive = o.archive;
	r.crypto = assay_crypto_new(NULL, NULL);
	if (!r.crypto) {
		fputs("assay verify: OpenSSL gives no SHA-256; check its configuration\n",
		      stderr);
		return EXIT_ENVIRONMENT;
	}
	if (load_policy(o.policy, &policy, &e) && load_refs(o.refs, o.nrefs, &refs, &e) &&
	    (!o.ak || load_ak(r.crypto, o.ak, &ak, &e))) {
		r.policy = &policy.policy;
		r.refs = &refs.refs;
		r.ak = o.ak ? &ak.ak : NULL;
		status = verify_all(&o, &r);
	} else {
		platform_message_print("assay verify", &e.why, o.json);
		status = e.status;
	}
	load_ak_drop(&ak);
	load_refs_drop(&refs);
	load_policy_drop(&policy);
	assay_crypto_free(r.crypto);
	return status;
}
