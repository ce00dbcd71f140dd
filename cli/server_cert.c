/* SPDX-License-Identifier: Apache-2.0
 * assay server cert - certificates of the CA that `assay server init` made. */
#include "cli/server.h"
#include "cli/show.h"
#include "cli/usage.h"
#include "platform/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_CHARS = 64 };

int server_fail(const char *command, const struct platform_message *why, bool json)
{
	platform_message_print(command, why, json);
	return EXIT_ENVIRONMENT;
}

unsigned server_number(const char *text, unsigned most)
{
	size_t n = strlen(text);

	if (n == 0 || n > 9 || strspn(text, "0123456789") != n)
		return 0;
	unsigned long v = strtoul(text, NULL, 10);
	return v <= most ? (unsigned)v : 0;
}

bool server_give_as_folder(const char *folder, const char *name, struct platform_message *why)
{
	char path[SERVER_PATH_MAX + 128];
	struct stat st;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (stat(folder, &st) == 0 &&
	    (st.st_uid == geteuid() || lchown(path, st.st_uid, st.st_gid) == 0))
		return true;
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot give %s to the owner of its folder", path);
	platform_message_errno(why, errno);
	return false;
}

static bool is_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._@-";
	size_t n = strlen(name);

	return n > 0 && n <= NAME_MAX_CHARS && name[0] != '.' && name[0] != '-' &&
	       strspn(name, letters) == n && strcmp(name, "ca") != 0;
}

/* Where DIR's clients look, from its client.yaml. */
static bool read_url(const char *dir, char *out, size_t cap, struct platform_message *why)
{
	char path[SERVER_PATH_MAX + 64];

	snprintf(path, sizeof path, "%s/client.yaml", dir);
	struct platform_config *c = platform_config_read(path, why);
	if (!c)
		return false;
	const char *url = platform_config_text(c, NULL, "server", NULL);
	(void)platform_config_optional(c, NULL, "ca");
	(void)platform_config_optional(c, NULL, "cert");
	(void)platform_config_optional(c, NULL, "key");
	snprintf(out, cap, "%s", url ? url : "");
	bool good = platform_config_finish(c, why);
	platform_config_drop(c);
	return good;
}

static int cert_server(const char *dir, const struct cli_list *hosts, unsigned days, bool json)
{
	char ca[SERVER_PATH_MAX + 64], path[SERVER_PATH_MAX + 64], tls[SERVER_PATH_MAX + 64];
	const struct pki_wanted wanted = { hosts->n ? hosts->item[0] : "assayd", NULL, hosts,
					   days };
	struct platform_message why = { 0 };

	snprintf(ca, sizeof ca, "%s/ca/ca", dir);
	snprintf(tls, sizeof tls, "%s/tls", dir);
	snprintf(path, sizeof path, "%s/tls/server", dir);
	if (!pki_make(ca, path, &wanted, &why) ||
	    !server_give_as_folder(tls, "server.key", &why) ||
	    !server_give_as_folder(tls, "server.pem", &why))
		return server_fail("assay server cert", &why, json);
	struct show s = { .out = stdout, .json = json };
	if (!json) {
		printf("Made %s.pem and .key. assayd takes them when it is told to reload "
		       "(SIGHUP).\n",
		       path);
		return EXIT_DONE;
	}
	show_object(&s, NULL);
	show_format(&s, "certificate", "%s.pem", path);
	show_close(&s);
	return EXIT_DONE;
}

static int cert_client(const char *dir, const struct server_client *client, bool json)
{
	struct platform_message why = { 0 };
	char url[512];

	if (!read_url(dir, url, sizeof url, &why) ||
	    !server_client_make(dir, url, client, NULL, &why))
		return server_fail("assay server cert", &why, json);
	struct show s = { .out = stdout, .json = json };
	if (!json) {
		printf("Made %s/clients/%s.pem, .key and .yaml (for ASSAY_CONFIG). They go to "
		       "%s "
		       "together with ca.pem.\n",
		       dir, client->name, client->name);
		return EXIT_DONE;
	}
	show_object(&s, NULL);
	show_format(&s, "certificate", "%s/clients/%s.pem", dir, client->name);
	show_format(&s, "client", "%s/clients/%s.yaml", dir, client->name);
	show_close(&s);
	return EXIT_DONE;
}

int server_cert(int argc, char **argv)
{
	struct cli_list hosts = { 0 }, operands;
	const char *role = NULL, *name = NULL, *days = NULL;
	bool json = false;
	const struct cli_option options[] = {
		{ "--role", "ROLE", "viewer, relying-party, operator; or server", &role, NULL,
		  NULL },
		{ "--name", "NAME", "who it is for; for the audit log", &name, NULL, NULL },
		{ "--host", "HOST", "of a server; may repeat (those it has)", NULL, NULL,
		  &hosts },
		{ "--days", "N", "it is good for (365)", &days, NULL, NULL },
		{ "--json", NULL, "say in JSON what was made", NULL, &json, NULL },
	};
	const struct cli_spec spec = {
		"server cert",
		"DIR",
		"Makes a client's certificate for a role, with its key and settings in "
		"DIR/clients; or, with\n--role server, assayd's own anew. DIR/ca signs.",
		"server cert /var/lib/assay/verifier --role viewer --name dashboard",
		1,
		1,
		options,
		NULL,
		COUNT(options),
		0
	};
	int status = cli_options_read(&spec, argc, argv, &operands);
	struct server_client client = { name, role, PKI_DAYS };

	if (status != EXIT_DONE)
		return cli_options_status(status);
	if (!role)
		return cli_usage_error("server cert", "--role says what it is for");
	if (days && !(client.days = server_number(days, PKI_DAYS_MAX)))
		return cli_usage_error("server cert", "--days is 1 to %d", PKI_DAYS_MAX);
	for (size_t i = 0; i < hosts.n; i++)
		if (!pki_host_valid(hosts.item[i]))
			return cli_usage_error("server cert",
					       "'%s' is no host name and no address",
					       hosts.item[i]);
	if (strcmp(role, "server") == 0)
		return name ? cli_usage_error("server cert", "a server has --host, no --name")
			    : cert_server(operands.item[0], &hosts, client.days, json);
	if (strcmp(role, "viewer") != 0 && strcmp(role, "relying-party") != 0 &&
	    strcmp(role, "operator") != 0)
		return cli_usage_error("server cert",
				       "--role is viewer, relying-party, operator or server");
	if (hosts.n > 0)
		return cli_usage_error("server cert", "--host is a server's");
	if (!name || !is_name(name))
		return cli_usage_error("server cert",
				       "--name is 1 to 64 of A-Z a-z 0-9 . _ @ -");
	return cert_client(operands.item[0], &client, json);
}
