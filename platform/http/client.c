/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests and their answers. */
#include "platform/http/client.h"
#include "platform/http/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool read_url(struct http_client *client, const char *url, bool *secure)
{
	struct http_parser_url u;
	unsigned char ip[16];

	http_parser_url_init(&u);
	if (http_parser_parse_url(url, strlen(url), 0, &u) != 0 ||
	    !(u.field_set & (1 << UF_SCHEMA)) || !(u.field_set & (1 << UF_HOST)) ||
	    (u.field_set & ((1 << UF_QUERY) | (1 << UF_FRAGMENT) | (1 << UF_USERINFO))))
		return false;
	const char *scheme = url + u.field_data[UF_SCHEMA].off;
	size_t scheme_n = u.field_data[UF_SCHEMA].len, n = u.field_data[UF_HOST].len;
	*secure = scheme_n == 5 && strncasecmp(scheme, "https", 5) == 0;
	if (!*secure && (scheme_n != 4 || strncasecmp(scheme, "http", 4) != 0))
		return false;
	if (u.field_data[UF_PATH].len > 1 || n >= sizeof(client->host))
		return false;
	memcpy(client->host, url + u.field_data[UF_HOST].off, n); /* BOUNDS: checked above */
	unsigned usual = *secure ? 443 : 80;
	unsigned port = u.field_set & (1 << UF_PORT) ? u.port : usual;
	snprintf(client->port, sizeof(client->port), "%u", port);
	bool six = inet_pton(AF_INET6, client->host, ip) == 1;
	client->numeric = six || inet_pton(AF_INET, client->host, ip) == 1;
	snprintf(client->authority, sizeof(client->authority),
		 port == usual ? "%s%s%s" : "%s%s%s:%u", six ? "[" : "", client->host,
		 six ? "]" : "", port);
	return true;
}

struct http_client *http_client_new(const struct http_client_config *config,
				    struct platform_message *why)
{
	struct http_client *client = calloc(1, sizeof(*client));
	bool secure = false;

	memset(why, 0, sizeof(*why));
	if (!client) {
		platform_message_what(why, "cannot make a client");
		platform_message_errno(why, ENOMEM);
		return NULL;
	}
	http_grammar();
	client->fd = -1;
	client->wake_fd = config->wake_fd;
	client->timeout_ms = config->timeout_ms;
	client->max_answer = config->max_answer;
	snprintf(client->user_agent, sizeof(client->user_agent), "%s",
		 config->user_agent ? config->user_agent : "assay");
	if (!read_url(client, config->url, &secure)) {
		platform_message_what(why, "cannot use the server's address %s", config->url);
		platform_message_why(why, "not a URL of a scheme, a host and a port");
		platform_message_hint(why, "like https://verifier.example:8443");
		free(client);
		return NULL;
	}
	if (secure && !(client->context = http_wire_context(config, why))) {
		free(client);
		return NULL;
	}
	return client;
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	http_wire_close(client);
	SSL_SESSION_free(client->session);
	SSL_CTX_free(client->context);
	free(client->body);
	free(client);
}

void http_client_close(struct http_client *client)
{
	http_wire_close(client);
}

bool http_client_resumed(const struct http_client *client)
{
	return client->tls && SSL_session_reused(client->tls);
}

static int on_name(http_parser *parser, const char *p, size_t n)
{
	struct http_client *c = parser->data;

	if (c->in_value)
		c->name_n = 0;
	c->in_value = false;
	c->value_n = 0;
	for (size_t i = 0; i < n; i++, c->name_n++)
		if (c->name_n < sizeof(c->name))
			c->name[c->name_n] = p[i]; /* BOUNDS: checked above */
	return 0;
}

static bool named(const struct http_client *c, const char *name)
{
	return c->name_n == strlen(name) && strncasecmp(c->name, name, c->name_n) == 0;
}

static int on_value(http_parser *parser, const char *p, size_t n)
{
	struct http_client *c = parser->data;

	c->in_value = true;
	for (size_t i = 0; i < n; i++)
		if (c->value_n + 1 < sizeof(c->value))
			c->value[c->value_n++] = p[i]; /* BOUNDS: checked above */
	c->value[c->value_n] = '\0';
	if (named(c, "content-type"))
		memcpy(c->out->media, c->value, c->value_n + 1);
	if (named(c, "retry-after") && c->value_n && c->value_n < 7 &&
	    strspn(c->value, "0123456789") == c->value_n)
		c->out->retry_after = (unsigned)strtoul(c->value, NULL, 10);
	return 0;
}

static int on_head(http_parser *parser)
{
	struct http_client *c = parser->data;

	/* 100 Continue is not the answer. */
	c->out->status = parser->status_code >= 200 ? (int)parser->status_code : 0;
	if (parser->status_code != 200)
		c->take = NULL;
	if (c->take) /* it has begun: from now on it takes as long as it takes */
		c->deadline = INT64_MAX;
	return c->head_only ? 1 : 0;
}

static int on_body(http_parser *parser, const char *p, size_t n)
{
	struct http_client *c = parser->data;

	if (c->take) {
		const struct assay_slice piece = { (const uint8_t *)p, n };
		c->stopped = !c->take(c->ctx, piece);
		return c->stopped;
	}
	if (n > c->max_answer - c->body_n) {
		c->too_large = true;
		return 1;
	}
	if (c->body_n + n > c->body_cap) {
		size_t cap = c->body_cap ? c->body_cap * 2 : 4096;
		while (cap < c->body_n + n)
			cap *= 2;
		uint8_t *grown = realloc(c->body, cap);
		if (!grown)
			return 1;
		c->body = grown;
		c->body_cap = cap;
	}
	memcpy(c->body + c->body_n, p, n); /* BOUNDS: grown above */
	c->body_n += n;
	return 0;
}

static int on_complete(http_parser *parser)
{
	struct http_client *c = parser->data;

	c->done = c->out->status != 0;
	if (c->done)
		http_parser_pause(parser, 1);
	return 0;
}

static const http_parser_settings settings = {
	.on_header_field = on_name,
	.on_header_value = on_value,
	.on_headers_complete = on_head,
	.on_body = on_body,
	.on_message_complete = on_complete,
};

static bool malformed(struct http_client *c, enum http_errno e)
{
	platform_message_what(c->why, "cannot read the answer of %s", c->authority);
	c->why->errnum = c->too_large ? EFBIG : EPROTO;
	platform_message_why(c->why, "%s",
			     c->too_large ? "larger than is allowed here"
					  : http_errno_description(e));
	return false;
}

static bool read_answer(struct http_client *c)
{
	uint8_t buffer[4096];

	http_parser_init(&c->parser, HTTP_RESPONSE);
	c->parser.data = c;
	while (!c->done) {
		size_t n;
		if (!http_wire_read(c, buffer, sizeof(buffer), &n, c->why))
			return false;
		c->begun |= n > 0;
		size_t used = http_parser_execute(&c->parser, &settings, (char *)buffer, n);
		enum http_errno e = HTTP_PARSER_ERRNO(&c->parser);
		if (c->stopped)
			return true;
		if (!c->done && (e != HPE_OK || n == 0)) {
			if (n == 0 && e == HPE_OK)
				e = HPE_INVALID_EOF_STATE;
			return malformed(c, e);
		}
		/* What comes behind an answer belongs to no request of ours. */
		if (c->done && used != n)
			c->parser.flags |= F_CONNECTION_CLOSE;
	}
	return true;
}

struct request {
	const char *method, *path, *media;
	struct assay_slice body;
	const struct http_field *fields;
	size_t nfields;
};

static bool send_request(struct http_client *c, const struct request *r)
{
	char head[2048];
	int n = snprintf(head, sizeof(head), "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: %s\r\n",
			 r->method, r->path, c->authority, c->user_agent);
#define ADD(...)                                                                               \
	do {                                                                                   \
		if (n >= 0 && (size_t)n < sizeof(head))                                        \
			n += snprintf(head + n, sizeof(head) - (size_t)n, __VA_ARGS__);        \
	} while (0)
	if (r->media)
		ADD("Content-Type: %s\r\n", r->media);
	if (r->body.n || strcmp(r->method, "POST") == 0)
		ADD("Content-Length: %zu\r\n", r->body.n);
	for (size_t i = 0; i < r->nfields; i++)
		ADD("%s: %s\r\n", r->fields[i].name, r->fields[i].value);
	ADD("\r\n");
#undef ADD
	if (n < 0 || (size_t)n >= sizeof(head)) {
		platform_message_what(c->why, "cannot send a request to %s", c->authority);
		platform_message_why(c->why, "its header is longer than %zu bytes",
				     sizeof(head));
		return false;
	}
	/* One record and one packet when it fits. */
	size_t first = r->body.n < sizeof(head) - (size_t)n ? r->body.n : 0;
	if (first)
		memcpy(head + n, r->body.p, first); /* BOUNDS: checked above */
	return http_wire_write(c, (const uint8_t *)head, (size_t)n + first, c->why) &&
	       http_wire_write(c, r->body.p + first, r->body.n - first, c->why);
}

static void forget_answer(struct http_client *c)
{
	memset(c->out, 0, sizeof(*c->out));
	c->body_n = c->name_n = c->value_n = 0;
	c->in_value = c->begun = c->done = c->too_large = c->stopped = false;
}

/* One attempt on the connection that is open. */
static bool attempt(struct http_client *c, const struct request *r)
{
	forget_answer(c);
	bool good = send_request(c, r) && read_answer(c);
	if (!good || c->stopped || !http_should_keep_alive(&c->parser))
		http_wire_close(c);
	return good;
}

static bool ask(struct http_client *c, const struct request *r)
{
	bool kept = c->fd >= 0;

	memset(c->why, 0, sizeof(*c->why));
	c->deadline = http_now_ms() + c->timeout_ms;
	c->head_only = strcmp(r->method, "HEAD") == 0;
	forget_answer(c);
	if (kept) {
		if (attempt(c, r))
			return true;
		/* The server may have ended a kept connection at any moment. */
		if (c->begun || c->why->errnum == ETIMEDOUT || c->why->errnum == EINTR)
			return false;
		memset(c->why, 0, sizeof(*c->why));
	}
	return http_wire_open(c, c->why) && attempt(c, r);
}

bool http_client_request_with(struct http_client *client, const char *method, const char *path,
			      const char *media, struct assay_slice body,
			      const struct http_field *fields, size_t nfields,
			      struct http_answer_in *out, struct platform_message *why)
{
	const struct request r = { .method = method,
				   .path = path,
				   .media = media,
				   .body = body,
				   .fields = fields,
				   .nfields = nfields };

	client->out = out;
	client->why = why;
	client->take = NULL;
	if (!ask(client, &r))
		return false;
	out->body = (struct assay_slice){ client->body, client->body_n };
	return true;
}

bool http_client_request(struct http_client *client, const char *method, const char *path,
			 const char *media, struct assay_slice body, struct http_answer_in *out,
			 struct platform_message *why)
{
	return http_client_request_with(client, method, path, media, body, NULL, 0, out, why);
}

bool http_client_stream(struct http_client *client, const char *path,
			const struct http_field *fields, size_t nfields,
			bool (*take)(void *ctx, struct assay_slice piece), void *ctx,
			struct http_answer_in *out, struct platform_message *why)
{
	const struct request r = {
		.method = "GET", .path = path, .fields = fields, .nfields = nfields
	};

	client->out = out;
	client->why = why;
	client->take = take;
	client->ctx = ctx;
	bool good = ask(client, &r);
	/* Once begun, every end is an end: woken, broken, or said so. */
	if (client->take && out->status == 200)
		return true;
	if (good) {
		out->body = (struct assay_slice){ client->body, client->body_n };
		platform_message_what(why, "cannot follow %s of %s", path, client->authority);
		platform_message_why(why, "it answered %d", out->status);
	}
	return false;
}
