/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/serve/settings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { KIB = 1024, MIB = 1024 * 1024, SECOND = 1000, HOUR = 3600 * SECOND };

static unsigned number(struct platform_config *c, const char *section, const char *key,
		       unsigned fallback, unsigned least, unsigned most)
{
	return (unsigned)platform_config_uint(c, section, key, fallback, least, most);
}

static void log_read(struct settings *s)
{
	static const struct {
		const char *word;
		enum platform_log_level level;
	} levels[] = { { "error", PLATFORM_LOG_ERROR },
		       { "warning", PLATFORM_LOG_WARNING },
		       { "info", PLATFORM_LOG_INFO },
		       { "debug", PLATFORM_LOG_DEBUG } };
	const char *word = platform_config_text(s->file, NULL, "log", "info");

	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
		if (strcmp(word, levels[i].word) == 0) {
			s->log = levels[i].level;
			return;
		}
	platform_config_refuse(s->file, NULL, "log", "is error, warning, info or debug");
}

static void http_read(struct settings *s)
{
	struct platform_config *c = s->file;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned threads = cpus < 1 ? 1 : cpus > 64 ? 64 : (unsigned)cpus;

	s->http = (struct http_server_config){
		.listen_fd = -1,
		.address = platform_config_text(c, "listen", "address", "::"),
		.port = (uint16_t)number(c, "listen", "port", 8443, 0, 65535),
		.threads = number(c, "listen", "threads", threads, 1, 64),
		.max_connections = number(c, "listen", "connections", 20000, 1, 1000000),
		.request_seconds = number(c, "listen", "request-seconds", 10, 1, 600),
		.body_seconds = number(c, "listen", "body-seconds", 10, 1, 600),
		.idle_seconds = number(c, "listen", "idle-seconds", 75, 1, 3600),
		.cert = platform_config_text(c, "tls", "certificate", NULL),
		.key = platform_config_text(c, "tls", "key", NULL),
		.client_ca = platform_config_optional(c, "tls", "client-ca"),
		.client_crl = platform_config_optional(c, "tls", "client-crl"),
	};
	if (s->http.client_crl && !s->http.client_ca)
		platform_config_refuse(c, "tls", "client-crl", "is nothing without client-ca");
}

static void engine_read(struct settings *s)
{
	struct platform_config *c = s->file;

	s->engine = (struct engine_config){
		.store = platform_config_text(c, NULL, "store", NULL),
		.policy = platform_config_optional(c, NULL, "policy"),
		.refs = s->refs,
		.nrefs =
			platform_config_list(c, NULL, "references", s->refs, SETTINGS_REFS_MAX),
		.keys = platform_config_text(c, NULL, "keys", NULL),
		.ek_roots = platform_config_optional(c, NULL, "ek-roots"),
		.interval = platform_config_duration(c, NULL, "interval", 60 * SECOND, SECOND,
						     24 * HOUR),
		.node_max = number(c, NULL, "nodes", 1000000, 1, 100000000),
		.ak_cache = number(c, NULL, "ak-cache", 16384, 1, 10000000),
		.developer = platform_config_text(c, NULL, "developer", "assay"),
		.settle = platform_config_duration(c, NULL, "key-settle", 60 * SECOND, 1, HOUR),
	};
}

static void api_read(struct settings *s)
{
	struct platform_config *c = s->file;

	s->api = (struct api_config){
		.ek_roots = s->engine.ek_roots,
		.workers = number(c, NULL, "workers", 4, 1, 256),
		.queue = number(c, NULL, "queue", 1024, 1, 1000000),
		.subscribers = number(c, "limits", "subscribers", 256, 1, 100000),
		.max_body =
			number(c, "limits", "body-kib", 32 * KIB, 64, 512 * KIB) * (size_t)KIB,
		.challenges = { number(c, "limits", "challenges-per-second", 100, 0, 1000000),
				number(c, "limits", "challenges-burst", 400, 1, 1000000) },
		.enrolments = { number(c, "limits", "enrolments-per-second", 2, 0, 1000000),
				number(c, "limits", "enrolments-burst", 50, 1, 1000000) },
	};
}

/* hooks names them; each has a section of its own, "hook-NAME". */
static void hooks_read(struct settings *s)
{
	struct platform_config *c = s->file;
	const char *names[SETTINGS_HOOKS_MAX];
	size_t n = platform_config_list(c, NULL, "hooks", names, SETTINGS_HOOKS_MAX);

	for (size_t i = 0; i < n; i++) {
		char section[80];
		snprintf(section, sizeof section, "hook-%s", names[i]);
		s->hooks[i] = (struct notify_hook){
			.name = names[i],
			.url = platform_config_text(c, section, "url", NULL),
			.secret_file = platform_config_text(c, section, "secret", NULL),
			.ca = platform_config_optional(c, section, "ca"),
		};
	}
	s->notify = (struct notify_config){ .store = s->engine.store,
					    .hooks = s->hooks,
					    .nhooks = n,
					    .timeout_ms = 10 * SECOND,
					    .wait_ms = SECOND,
					    .wait_most_ms = 300 * SECOND };
}

bool settings_read(const char *path, struct settings *out, struct platform_message *why)
{
	memset(out, 0, sizeof *out);
	out->file = platform_config_read(path, why);
	if (!out->file)
		return false;
	out->user = platform_config_optional(out->file, NULL, "user");
	out->confine = platform_config_bool(out->file, NULL, "sandbox", true);
	log_read(out);
	http_read(out);
	engine_read(out);
	api_read(out);
	hooks_read(out);
	if (platform_config_finish(out->file, why))
		return true;
	settings_drop(out);
	return false;
}

void settings_drop(struct settings *s)
{
	platform_config_drop(s->file);
	s->file = NULL;
}
