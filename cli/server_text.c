/* SPDX-License-Identifier: Apache-2.0
 * The settings that a first run starts from: each says what it is for. */
#include "cli/server_init.h"
#include "platform/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In double quotes YAML takes any path but these. */
static bool writable(const char *text, struct platform_message *why)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p < 0x20 || *p == 0x7f || *p == '"' || *p == '\\') {
			*why = (struct platform_message){ 0 };
			platform_message_what(why, "cannot write %s into the settings", text);
			platform_message_why(why,
					     "a control character, a quote or a backslash");
			return false;
		}
	return true;
}

static bool put(const char *path, mode_t mode, FILE *f, char **text, size_t *n,
		struct platform_message *why)
{
	bool good =
		fclose(f) == 0 &&
		platform_file_write_atomic(
			path, (struct assay_slice){ (const uint8_t *)*text, *n }, mode, why);
	free(*text);
	return good;
}

static FILE *begin(char **text, size_t *n, struct platform_message *why)
{
	FILE *f = open_memstream(text, n);

	if (!f) {
		*why = (struct platform_message){ 0 };
		platform_message_what(why, "cannot write the settings");
		platform_message_why(why, "out of memory");
	}
	return f;
}

static void write_store(FILE *f, const struct server_init *in)
{
	fprintf(f, "# Where nodes, verdicts and events are kept. Many verifiers share one: "
		   "postgresql://HOST/NAME\n");
	if (in->store)
		fprintf(f, "store: \"%s\"\n\n", in->store);
	else
		fprintf(f, "store: \"sqlite:%s/data/assay.db\"\n\n", in->dir);
}

static void write_judged_with(FILE *f, const char *dir)
{
	fprintf(f,
		"# Keys that challenges, receipts and results are made with. Back them up "
		"apart "
		"from the store.\n"
		"# `assay server rotate` adds one.\n"
		"keys: \"%s/keys\"\n\n"
		"# What is good: files of `assay refs learn`. An empty folder knows nothing, "
		"so no "
		"node affirms.\n"
		"references: \"%s/references\"\n\n"
		"# Roots of the makers of TPMs (PEM or DER): a node enrols whose EK "
		"certificate one "
		"of them signed,\n"
		"# or whose EK was named when its token was made (assay node enrol "
		"--ek-digest).\n"
		"ek-roots: \"%s/ek-roots\"\n\n"
		"# `assay policy default` prints the policy that is used when none is given.\n"
		"#policy: \"%s/policy.yaml\"\n\n",
		dir, dir, dir, dir);
}

bool server_text_assayd(const char *path, const struct server_init *in,
			struct platform_message *why)
{
	char *text = NULL;
	size_t n = 0;

	if (!writable(in->dir, why) || !writable(in->store ? in->store : "", why) ||
	    !writable(in->address, why))
		return false;
	FILE *f = begin(&text, &n, why);
	if (!f)
		return false;
	fprintf(f, "# Settings of assayd, see assayd(8). `assayd --config FILE --check` reads "
		   "them and starts nothing.\n\n");
	write_store(f, in);
	write_judged_with(f, in->dir);
	fprintf(f,
		"# How long a node may be silent before its verdict is \"none\".\n"
		"interval: %s\n\n"
		"listen:\n  address: \"%s\"\n  port: %u\n\n"
		"# Clients show a certificate of client-ca; its OU is their role: viewer, "
		"relying-party or operator.\n"
		"# `assay server cert` makes one. client-crl: a list of those that are "
		"revoked.\n"
		"tls:\n"
		"  certificate: \"%s/tls/server.pem\"\n"
		"  key: \"%s/tls/server.key\"\n"
		"  client-ca: \"%s/tls/ca.pem\"\n",
		in->interval, in->address, in->port, in->dir, in->dir, in->dir);
	if (in->user)
		fprintf(f, "\n# Who assayd becomes when it is started as root.\nuser: \"%s\"\n",
			in->user);
	return put(path, 0600, f, &text, &n, why);
}

bool server_text_client(const char *path, const char *url, const char *prefix, const char *name,
			struct platform_message *why)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = writable(url, why) && writable(name, why) ? begin(&text, &n, why) : NULL;

	if (!f)
		return false;
	fprintf(f,
		"# How `assay node` talks to a verifier: name this file in ASSAY_CONFIG, or "
		"put it "
		"at\n"
		"# ~/.config/assay/config.yaml. Paths begin where this file lies.\n"
		"server: \"%s\"\nca: \"%sca.pem\"\ncert: \"%s%s.pem\"\nkey: \"%s%s.key\"\n",
		url, prefix, prefix, name, prefix, name);
	return put(path, 0644, f, &text, &n, why);
}
