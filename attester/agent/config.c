/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/config.h"

#include "platform/config.h"

#include <assay/message.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void copy(struct platform_config *c, const char *key, const char *fallback, char *out,
		 size_t cap)
{
	const char *text = fallback ? platform_config_text(c, NULL, key, fallback)
				    : platform_config_optional(c, NULL, key);

	if (text && (size_t)snprintf(out, cap, "%s", text) >= cap)
		platform_config_refuse(c, NULL, key, "is too long");
}

static void read_server(struct platform_config *c, struct agent_config *out)
{
	const char *text = platform_config_text(c, NULL, "server", NULL);

	if (text && strncmp(text, "https://", 8) != 0 &&
	    strncmp(text, "http://127.0.0.1:", 17) != 0)
		platform_config_refuse(c, NULL, "server", "must be https://host:port");
	if (text &&
	    (size_t)snprintf(out->server, sizeof out->server, "%s", text) >= sizeof out->server)
		platform_config_refuse(c, NULL, "server", "is too long");
}

static void read_node(struct platform_config *c, struct agent_config *out)
{
	char host[ASSAY_NODE_ID_MAX + 1] = "";

	(void)!gethostname(host, sizeof host - 1);
	copy(c, "node", host[0] ? host : "localhost", out->node, sizeof out->node);
	if (!assay_node_id_valid(
		    (struct assay_slice){ (const uint8_t *)out->node, strlen(out->node) }))
		platform_config_refuse(c, NULL, "node",
				       "must be 1 to 128 of A-Z a-z 0-9 . _ : - and begin with "
				       "a letter or digit");
}

static void read_key(struct platform_config *c, struct agent_config *out)
{
	const char *type = platform_config_optional(c, NULL, "keyType");
	const char *ak = platform_config_optional(c, NULL, "ak");
	char *end = NULL;

	if (ak) {
		unsigned long handle = strtoul(ak, &end, 16);
		if (*ak == '-' || *end || handle > 0xffffffff || handle >> 24 != 0x81)
			platform_config_refuse(c, NULL, "ak",
					       "must be a persistent handle, 0x81...");
		out->ak = (TPM2_HANDLE)handle;
	}
	if (type && ak)
		platform_config_refuse(c, NULL, "keyType",
				       "cannot change the key that ak names");
	if (type && strcmp(type, "rsa") == 0)
		out->key_type = ATTESTER_KEY_RSA;
	else if (type && strcmp(type, "ecc") != 0)
		platform_config_refuse(c, NULL, "keyType", "must be ecc or rsa");
}

bool agent_config_read(const char *path, struct agent_config *out, struct platform_message *why)
{
	struct platform_config *c = platform_config_read(path, why);
	struct agent_config config = { 0 };

	if (!c)
		return false;
	read_server(c, &config);
	copy(c, "ca", NULL, config.ca, sizeof config.ca);
	read_node(c, &config);
	copy(c, "token", "/var/lib/assay-agent/token", config.token, sizeof config.token);
	copy(c, "tcti", NULL, config.tcti, sizeof config.tcti);
	copy(c, "root", NULL, config.root, sizeof config.root);
	copy(c, "socket", NULL, config.socket, sizeof config.socket);
	copy(c, "state", "/var/lib/assay-agent", config.state, sizeof config.state);
	copy(c, "user", NULL, config.user, sizeof config.user);
	read_key(c, &config);
	config.gap = (unsigned)platform_config_duration(c, NULL, "gap", 250, 1, 60 * 1000);
	config.look = (unsigned)platform_config_duration(c, NULL, "look", 20, 1, 60 * 1000);
	config.timeout = (unsigned)platform_config_duration(c, NULL, "timeout", 30 * 1000, 100,
							    10 * 60 * 1000);
	config.sandbox = platform_config_bool(c, NULL, "sandbox", true);
	bool good = platform_config_finish(c, why);
	platform_config_drop(c);
	if (good)
		*out = config;
	return good;
}
