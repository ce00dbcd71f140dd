/* SPDX-License-Identifier: Apache-2.0
 * assay server - what an operator does at the machine of the verifier: a first set of keys,
 * certificates and settings, and one more of each later. assayd need not run. */
#include "cli/server.h"
#include "cli/commands.h"
#include "cli/show.h"
#include "cli/usage.h"
#include "verifier/keys/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PORT = 8443 };

static void add_host(struct cli_list *hosts, const char *host)
{
	for (size_t i = 0; i < hosts->n; i++)
		if (strcmp(hosts->item[i], host) == 0)
			return;
	if (hosts->n < CLI_LIST_MAX)
		hosts->item[hosts->n++] = host;
}

/* What was named, then what this machine is called in any case. */
static int add_hosts(struct server_init *in, const struct cli_list *named)
{
	static char host[256];

	for (size_t i = 0; i < named->n; i++) {
		if (!pki_host_valid(named->item[i]))
			return cli_usage_error("server init",
					       "'%s' is no host name and no address",
					       named->item[i]);
		add_host(&in->hosts, named->item[i]);
	}
	add_host(&in->hosts, "localhost");
	add_host(&in->hosts, "127.0.0.1");
	add_host(&in->hosts, "::1");
	if (gethostname(host, sizeof host - 1) == 0 && pki_host_valid(host))
		add_host(&in->hosts, host);
	return EXIT_DONE;
}

/* Absolute: what assayd's settings name must not depend on where it is started. */
static bool absolute(const char *dir, char out[SERVER_PATH_MAX], struct platform_message *why)
{
	char copy[SERVER_PATH_MAX];
	size_t n = (size_t)snprintf(copy, sizeof copy, "%s", dir);

	while (n > 1 && n < sizeof copy && copy[n - 1] == '/')
		copy[--n] = '\0';
	char *slash = strrchr(copy, '/'), *name = slash ? slash + 1 : copy;
	bool named = *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
	if (slash)
		*slash = '\0';
	char *parent = realpath(!slash ? "." : *copy ? copy : "/", NULL);
	errno = named || !parent ? errno : EINVAL;
	bool good = named && parent && n < sizeof copy &&
		    (size_t)snprintf(out, SERVER_PATH_MAX, "%s/%s",
				     strcmp(parent, "/") == 0 ? "" : parent,
				     name) < SERVER_PATH_MAX;
	if (!good) {
		*why = (struct platform_message){ 0 };
		platform_message_what(why, "cannot make %s", dir);
		platform_message_errno(why, parent && named ? ENAMETOOLONG : errno);
	}
	free(parent);
	return good;
}

static void tell_made(const struct server_init *in, bool json)
{
	struct show s = { .out = stdout, .json = json };
	char path[SERVER_PATH_MAX + 64];

	if (!json) {
		printf("Made %s. Next:\n\n"
		       "  assayd --config %s/assayd.yaml\n"
		       "  export ASSAY_CONFIG=%s/client.yaml\n"
		       "  assay node list\n\n"
		       "assayd.yaml says what each setting is for. References go to "
		       "references/, "
		       "the roots of TPM\nmakers to ek-roots/. ca/ca.key signs certificates of "
		       "clients: keep it where assayd is not.\n",
		       in->dir, in->dir, in->dir);
		return;
	}
	show_object(&s, NULL);
	show_str(&s, "folder", in->dir);
	snprintf(path, sizeof path, "%s/assayd.yaml", in->dir);
	show_str(&s, "config", path);
	snprintf(path, sizeof path, "%s/client.yaml", in->dir);
	show_str(&s, "client", path);
	show_close(&s);
}

static bool is_duration(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits < 7 &&
	       (strcmp(text + digits, "s") == 0 || strcmp(text + digits, "m") == 0 ||
		strcmp(text + digits, "h") == 0 || strcmp(text + digits, "ms") == 0);
}

static int run_init(int argc, char **argv)
{
	struct server_init in = { .port = PORT };
	struct platform_message why = { 0 };
	struct cli_list names = { 0 }, operands;
	const char *port = NULL;
	bool json = false;
	const struct cli_option options[] = {
		{ "--name", "HOST",
		  "of the verifier, in its certificate; the first is where clients "
		  "look; may repeat",
		  NULL, NULL, &names },
		{ "--address", "IP", "to listen on (::, all)", &in.address, NULL, NULL },
		{ "--port", "N", "to listen on (8443)", &port, NULL, NULL },
		{ "--store", "URL", "sqlite:FILE or postgresql://... (SQLite in DIR/data)",
		  &in.store, NULL, NULL },
		{ "--interval", "TIME", "that a node may be silent (60s)", &in.interval, NULL,
		  NULL },
		{ "--user", "NAME", "who assayd will be, when it is not who makes the folder",
		  &in.user, NULL, NULL },
		{ "--json", NULL, "say in JSON what was made", NULL, &json, NULL },
	};
	const struct cli_spec spec = {
		"server init",
		"DIR",
		"Makes the folder of a verifier: its keys, a CA with a certificate for the "
		"server "
		"and one\nfor an operator, and commented settings for assayd and for `assay "
		"node`. "
		"All or nothing;\nwhat is there is never replaced.",
		"server init /var/lib/assay/verifier --name verifier.example.org --user assay",
		1,
		1,
		options,
		NULL,
		COUNT(options),
		0
	};
	int status = cli_options_read(&spec, argc, argv, &operands);

	if (status != EXIT_DONE)
		return cli_options_status(status);
	if (port && !(in.port = server_number(port, 65535)))
		return cli_usage_error("server init", "--port is 1 to 65535");
	in.address = in.address ? in.address : "::";
	in.interval = in.interval ? in.interval : "60s";
	if (!is_duration(in.interval))
		return cli_usage_error("server init",
				       "--interval is like 500ms, 60s, 5m or 2h");
	status = add_hosts(&in, &names);
	if (status != EXIT_DONE)
		return status;
	if (!absolute(operands.item[0], in.dir, &why) || !server_init_make(&in, &why))
		return server_fail("assay server init", &why, json);
	tell_made(&in, json);
	return EXIT_DONE;
}

static int run_rotate(int argc, char **argv)
{
	struct platform_message why = { 0 };
	struct cli_list operands;
	char name[KEYS_NAME_MAX], keys[SERVER_PATH_MAX + 64], folder[SERVER_PATH_MAX + 96];
	bool json = false;
	const struct cli_option options[] = {
		{ "--json", NULL, "say in JSON what was made", NULL, &json, NULL },
	};
	const struct cli_spec spec = { "server rotate",
				       "DIR challenge|receipt|cookie|ear",
				       "Adds a key. Every key that is there is accepted; the "
				       "new one makes a minute after "
				       "it was made,\nonce assayd has read it. Copy it to the "
				       "other verifiers of a fleet "
				       "before that. Old keys are\nremoved by hand, when "
				       "nothing that they made lives.",
				       "server rotate /var/lib/assay/verifier ear",
				       2,
				       2,
				       options,
				       NULL,
				       COUNT(options),
				       0 };
	int status = cli_options_read(&spec, argc, argv, &operands);

	if (status != EXIT_DONE)
		return cli_options_status(status);
	int kind = keys_kind_by_word(operands.item[1]);
	if (kind < 0)
		return cli_usage_error("server rotate",
				       "'%s' is not challenge, receipt, cookie or ear",
				       operands.item[1]);
	snprintf(keys, sizeof keys, "%s/keys", operands.item[0]);
	snprintf(folder, sizeof folder, "%s/%s", keys, operands.item[1]);
	if (!keys_rotate(keys, (enum keys_kind)kind, name, &why) ||
	    !server_give_as_folder(folder, name, &why))
		return server_fail("assay server rotate", &why, json);
	struct show s = { .out = stdout, .json = json };
	if (!json) {
		printf("Made %s/%s. assayd takes it when it is told to reload (SIGHUP).\n",
		       folder, name);
		return EXIT_DONE;
	}
	show_object(&s, NULL);
	show_format(&s, "key", "%s/%s", folder, name);
	show_close(&s);
	return EXIT_DONE;
}

int cmd_server(int argc, char **argv)
{
	static const struct cli_sub subs[] = {
		{ "init", run_init, "make the folder of a verifier" },
		{ "cert", server_cert,
		  "make a certificate for a client, or the server's anew" },
		{ "rotate", run_rotate, "add a key" },
	};

	return cli_subs_run("server", "server init /var/lib/assay/verifier", subs, COUNT(subs),
			    argc, argv);
}
