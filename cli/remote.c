/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/remote.h"

#include "cli/usage.h"
#include "platform/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH = 4096 };

struct settings {
	char server[512], ca[PATH], cert[PATH], key[PATH];
};

void remote_options_rows(struct remote_options *o, struct cli_option rows[REMOTE_OPTIONS])
{
	const struct cli_option all[REMOTE_OPTIONS] = {
		{ "--server", "URL", "the verifier, https://HOST:PORT", &o->server, NULL,
		  NULL },
		{ "--ca", "FILE", "who signs its certificate (PEM)", &o->ca, NULL, NULL },
		{ "--cert", "FILE", "your certificate (PEM)", &o->cert, NULL, NULL },
		{ "--key", "FILE", "its key (PEM)", &o->key, NULL, NULL },
		{ "--config", "FILE",
		  "has these four ($ASSAY_CONFIG, ~/.config/assay/config.yaml)", &o->config,
		  NULL, NULL },
		{ "--json", NULL, "for programs", NULL, &o->json, NULL },
	};

	memcpy(rows, all, sizeof all);
}

/* The file that is read, "" for none. False: it was named and is too long. */
static bool config_path(const struct remote_options *o, char out[PATH])
{
	const char *named = o->config ? o->config : getenv("ASSAY_CONFIG");
	const char *home = getenv("HOME"), *xdg = getenv("XDG_CONFIG_HOME");
	int n = 0;

	*out = '\0';
	if (named && *named)
		return snprintf(out, PATH, "%s", named) < PATH;
	if (xdg && *xdg)
		n = snprintf(out, PATH, "%s/assay/config.yaml", xdg);
	else if (home && *home)
		n = snprintf(out, PATH, "%s/.config/assay/config.yaml", home);
	if (n >= PATH || access(out, F_OK) != 0)
		*out = '\0';
	return true;
}

/* text, where it is no absolute path, beside the file that names it. */
static void beside(struct platform_config *c, const char *file, const char *key, char out[PATH])
{
	const char *text = platform_config_optional(c, NULL, key);
	const char *slash = strrchr(file, '/');
	int folder = slash && text && *text != '/' ? (int)(slash + 1 - file) : 0;

	if (text && snprintf(out, PATH, "%.*s%s", folder, file, text) >= PATH)
		platform_config_refuse(c, NULL, key, "is too long");
}

static bool read_file(const char *path, struct settings *s, struct platform_message *why)
{
	struct platform_config *c = platform_config_read(path, why);

	if (!c)
		return false;
	const char *server = platform_config_text(c, NULL, "server", NULL);
	if (server &&
	    (size_t)snprintf(s->server, sizeof s->server, "%s", server) >= sizeof s->server)
		platform_config_refuse(c, NULL, "server", "is too long");
	beside(c, path, "ca", s->ca);
	beside(c, path, "cert", s->cert);
	beside(c, path, "key", s->key);
	bool good = platform_config_finish(c, why);
	platform_config_drop(c);
	return good;
}

static bool put(const char *option, char *out, size_t cap)
{
	return !option || (size_t)snprintf(out, cap, "%s", option) < cap;
}

/* False with *why; nothing is named: with an empty server. */
static bool read_settings(const struct remote_options *o, struct settings *s,
			  struct platform_message *why)
{
	char path[PATH];
	bool fits = config_path(o, path);

	if (fits && *path && !read_file(path, s, why))
		return false;
	if (fits && put(o->server, s->server, sizeof s->server) && put(o->ca, s->ca, PATH) &&
	    put(o->cert, s->cert, PATH) && put(o->key, s->key, PATH))
		return true;
	platform_message_what(why, "cannot find the verifier");
	platform_message_errno(why, ENAMETOOLONG);
	return false;
}

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

int remote_open(struct remote *r, const char *program, const struct remote_options *o,
		int wake_fd)
{
	struct platform_message why = { 0 };
	struct settings s = { 0 };

	*r = (struct remote){ program, o->json, NULL };
	bool good = read_settings(o, &s, &why);
	if (good && !*s.server)
		return cli_usage_error(
			program + strlen("assay "),
			"which verifier? --server, or ASSAY_CONFIG=DIR/client.yaml "
			"of `assay server init DIR`");
	if (good && strncmp(s.server, "https://", 8) != 0 &&
	    strncmp(s.server, "http://127.0.0.1:", 17) != 0)
		return cli_usage_error(program + strlen("assay "),
				       "%s is not https://HOST:PORT", s.server);
	if (good) {
		const struct http_client_config config = { .url = s.server,
							   .ca = or_null(s.ca),
							   .cert = or_null(s.cert),
							   .key = or_null(s.key),
							   .timeout_ms = REMOTE_TIMEOUT_MS,
							   .max_answer = REMOTE_ANSWER_MAX,
							   .user_agent = "assay/" ASSAY_VERSION,
							   .wake_fd = wake_fd };
		r->client = http_client_new(&config, &why);
	}
	if (r->client)
		return EXIT_DONE;
	platform_message_print(program, &why, o->json);
	return EXIT_ENVIRONMENT;
}

void remote_close(struct remote *r)
{
	http_client_free(r->client);
	r->client = NULL;
}

int remote_unreadable(struct remote *r, const char *what)
{
	struct platform_message why = { 0 };

	platform_message_what(&why, "cannot read the verifier's answer");
	platform_message_why(&why, "%s", what);
	platform_message_hint(&why, "is it an assayd, and of this version?");
	platform_message_print(r->program, &why, r->json);
	return EXIT_MALFORMED;
}

static const char *member(const json_t *o, const char *name, const char *fallback)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : fallback;
}

static void refused_hint(struct platform_message *why, const struct http_answer_in *a)
{
	if (a->status == 401)
		platform_message_hint(why,
				      "show a certificate that it knows: --cert and --key, or "
				      "ASSAY_CONFIG");
	else if (a->status == 403)
		platform_message_hint(why, "the role is the OU of your certificate");
	else if (a->retry_after > 0)
		platform_message_hint(why, "try again in %u s", a->retry_after);
}

int remote_refused(struct remote *r, const struct http_answer_in *a)
{
	struct platform_message why = { 0 }, ignored = { 0 };
	json_t *problem = NULL;

	if (strcmp(a->media, "application/problem+json") == 0)
		problem = platform_json_read(a->body, "the problem", 64 * 1024, NULL, &ignored);
	platform_message_what(&why, "the verifier says %d: %s", a->status,
			      member(problem, "title", "no reason is told"));
	platform_message_why(&why, "%s", member(problem, "detail", ""));
	refused_hint(&why, a);
	json_decref(problem);
	platform_message_print(r->program, &why, r->json);
	return EXIT_ENVIRONMENT;
}

static int request(struct remote *r, const char *method, const char *path, const char *text,
		   struct http_answer_in *a)
{
	struct platform_message why = { 0 };
	struct assay_slice body = { (const uint8_t *)text, text ? strlen(text) : 0 };

	if (!http_client_request(r->client, method, path, text ? "application/json" : NULL,
				 body, a, &why)) {
		platform_message_print(r->program, &why, r->json);
		return EXIT_ENVIRONMENT;
	}
	return a->status >= 200 && a->status < 300 ? EXIT_DONE : remote_refused(r, a);
}

int remote_json(struct remote *r, const char *method, const char *path, const json_t *body,
		json_t **out)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	struct platform_message why = { 0 };
	struct http_answer_in a;

	*out = NULL;
	int status = request(r, method, path, text, &a);
	free(text);
	if (status != EXIT_DONE || a.status == 204)
		return status;
	if (strcmp(a.media, "application/json") != 0)
		return remote_unreadable(r, "it is not JSON");
	*out = platform_json_read(a.body, "the answer", REMOTE_ANSWER_MAX, NULL, &why);
	return *out ? EXIT_DONE : remote_unreadable(r, why.why);
}

int remote_bytes(struct remote *r, const char *path, const char *media, struct assay_slice *out)
{
	struct http_answer_in a;
	int status = request(r, "GET", path, NULL, &a);

	if (status != EXIT_DONE)
		return status;
	if (strcmp(a.media, media) != 0)
		return remote_unreadable(r, "it is of another media type");
	*out = a.body;
	return EXIT_DONE;
}
