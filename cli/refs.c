/* SPDX-License-Identifier: Apache-2.0
 * assay refs - reference values from machines known to be good. */
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/usage.h"
#include "platform/file.h"
#include "platform/hex.h"
#include "platform/json.h"

#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lines {
	char *text;
	size_t n, cap;
	size_t count;
	bool failed;
};

static void append(struct lines *l, const char *s, size_t n)
{
	if (l->failed || n > SIZE_MAX / 4 - l->n) {
		l->failed = true;
		return;
	}
	if (l->n + n + 1 > l->cap) {
		size_t cap = 2 * (l->n + n + 1) + 4096;
		char *grown = realloc(l->text, cap);
		if (!grown) {
			l->failed = true;
			return;
		}
		l->text = grown;
		l->cap = cap;
	}
	memcpy(l->text + l->n, s, n);
	l->n += n;
}

static json_t *string_of(struct assay_slice s)
{
	return json_stringn((const char *)s.p, s.n);
}

/* One reference as a JSON line. A name that is no UTF-8 (a path may be any
 * bytes) goes as hex. */
static bool add_line(void *ctx, const struct assay_ref *ref)
{
	struct lines *l = ctx;
	char digest[16 + 2 * ASSAY_DIGEST_MAX];
	json_t *o = json_object(), *name = string_of(ref->name);

	int n = snprintf(digest, 16, "%s:", assay_alg_name(ref->alg));
	platform_hex_write(ref->digest, digest + n);
	json_object_set_new(o, "register",
			    ref->place == ASSAY_PLACE_IMA ? json_string("ima")
							  : json_integer(ref->place));
	json_object_set_new(o, "digest", json_string(digest));
	json_object_set_new(o, "kind", json_string(assay_kind_word(ref->kind)));
	if (name) {
		json_object_set_new(o, "name", name);
	} else {
		char *hex = malloc(2 * ref->name.n + 1);
		if (hex) {
			platform_hex_write(ref->name, hex);
			json_object_set_new(o, "name-hex", json_string(hex));
		}
		free(hex);
	}
	json_object_set_new(o, "provenance", string_of(ref->provenance));
	char *line = json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(o);
	if (!line) {
		l->failed = true;
		return false;
	}
	append(l, line, strlen(line));
	append(l, "\n", 1);
	free(line);
	l->count++;
	return !l->failed;
}

static int refuse(const char *path, const char *why)
{
	fprintf(stderr,
		"assay refs: nothing learned from %s: %s\n"
		"  hint: learn from a machine known to be good, with its quote, its event log "
		"and its IMA list\n",
		path, why);
	return EXIT_NOT_AFFIRMING;
}

/* Without --ak whoever altered the bundle could have signed it anew: a person
 * should see whose key was believed. */
static void tell_own_key(struct assay_crypto *crypto, const struct assay_ak *own,
			 const char *path)
{
	uint8_t name[2 + ASSAY_DIGEST_MAX];
	char hex[2 * sizeof name + 1] = "";

	if (own->has_public)
		platform_hex_write(
			(struct assay_slice){ name,
					      assay_public_name(crypto, &own->pub, name) },
			hex);
	platform_note("assay refs",
		      "%s: its own key was believed, Name %s; --ak would tell which it must be",
		      path, *hex ? hex : "unknown (PEM)");
}

static int learn_loaded(struct assay_crypto *crypto, const struct loaded_bundle *b,
			const struct assay_ak *named, const char *path, struct lines *l)
{
	size_t size = sizeof(struct assay_claims) + 3 * (size_t)ASSAY_IMA_DATA_MAX;
	struct assay_arena arena = { .p = malloc(size), .n = size };
	struct assay_claims *claims =
		arena.p ? assay_arena_take(&arena, 1, sizeof *claims) : NULL;
	struct assay_ak own = { 0 };
	struct assay_err err = { ASSAY_F_MEMORY, "arena", 0, NULL };
	struct load_error e;
	const char *refused = NULL;
	char provenance[512], *copy = strdup(path);

	snprintf(provenance, sizeof provenance, "learned from %s",
		 copy ? basename(copy) : path);
	free(copy);
	struct assay_slice told = { (const uint8_t *)provenance, strlen(provenance) };
	bool ok = claims &&
		  (!b->bundle.present[ASSAY_PART_AK_PUB] ||
		   assay_ak_read(crypto, b->bundle.part[ASSAY_PART_AK_PUB], &own, &err));
	ok = ok && assay_claims_read(crypto, &b->bundle, b->user.events, b->user.n, &arena,
				     claims, &err);
	struct assay_expectation expect = { .ak = named, .bundle_ak = own.key ? &own : NULL };
	size_t before = l->n;
	ok = ok &&
	     assay_learn(crypto, claims, &expect, told, &arena, add_line, l, &refused, &err);
	if (ok && !refused && !named)
		tell_own_key(crypto, &own, path);
	free(arena.p);
	assay_key_free(own.key);
	if (!ok) {
		load_malformed(&e, path, &err);
		platform_message_print("assay refs", &e.why, false);
		return e.status;
	}
	if (refused) {
		l->n = before;
		return refuse(path, refused);
	}
	return EXIT_DONE;
}

static int learn(struct assay_crypto *crypto, const struct assay_ak *named, const char *path,
		 struct lines *l)
{
	struct loaded_bundle b;
	struct load_error e;

	if (!load_bundle(path, &b, &e)) {
		platform_message_print("assay refs", &e.why, false);
		return e.status;
	}
	int status = learn_loaded(crypto, &b, named, path, l);
	load_bundle_drop(&b);
	return status;
}

static int usage(void)
{
	puts("usage: assay refs learn BUNDLE... -o FILE [--ak FILE]\n\n"
	     "Makes reference values (JSON lines) from machines known to be good. A bundle is "
	     "refused\n"
	     "when its quote does not verify, its logs do not lead to the quote, or its IMA "
	     "list holds\n"
	     "violations or zero digests; then nothing is written.\n\n"
	     "  -o FILE    where to write; - is standard output\n"
	     "  --ak FILE  the key that must have signed; without it the bundle's own "
	     "counts\n\n"
	     "example: assay refs learn golden-node/ -o refs/golden.jsonl");
	return EXIT_DONE;
}

static int learn_all(char *const *paths, size_t n, const char *out, const char *ak_path)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct loaded_ak ak = { 0 };
	struct load_error e;
	struct lines l = { 0 };
	int status = crypto ? EXIT_DONE : EXIT_ENVIRONMENT;

	if (crypto && ak_path && !load_ak(crypto, ak_path, &ak, &e)) {
		platform_message_print("assay refs", &e.why, false);
		status = e.status;
	}
	for (size_t i = 0; status == EXIT_DONE && i < n; i++)
		status = learn(crypto, ak_path ? &ak.ak : NULL, paths[i], &l);
	if (status == EXIT_DONE) {
		struct assay_slice text = { (const uint8_t *)l.text, l.n };
		if (!platform_file_write_atomic(out, text, 0644, &e.why)) {
			platform_message_print("assay refs", &e.why, false);
			status = EXIT_ENVIRONMENT;
		} else {
			fprintf(stderr, "%zu reference values from %zu bundle%s\n", l.count, n,
				n == 1 ? "" : "s");
		}
	}
	free(l.text);
	load_ak_drop(&ak);
	assay_crypto_free(crypto);
	return status;
}

int cmd_refs(int argc, char **argv)
{
	static const struct option longs[] = { { "ak", required_argument, NULL, 'a' },
					       { "output", required_argument, NULL, 'o' },
					       { "help", no_argument, NULL, 'h' },
					       { NULL, 0, NULL, 0 } };
	const char *out = NULL, *ak = NULL;
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "o:h", longs, NULL)) != -1) {
		if (c == 'h')
			return usage();
		if (c == 'o')
			out = optarg;
		else if (c == 'a')
			ak = optarg;
		else
			return EXIT_USAGE;
	}
	if (optind >= argc || strcmp(argv[optind], "learn") != 0)
		return cli_usage_error("refs", "expected `learn`");
	if (optind + 1 >= argc || !out)
		return cli_usage_error("refs", "expected bundles and -o FILE");
	return learn_all(argv + optind + 1, (size_t)(argc - optind - 1), out, ak);
}
