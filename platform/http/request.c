/* SPDX-License-Identifier: Apache-2.0
 *
 * From bytes to a whole request. The grammar is http_parser's; here stand the rules above it.
 */
#include "platform/http/internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const known_names[] = {
	[HTTP_ACCEPT] = "accept",
	[HTTP_AUTHORIZATION] = "authorization",
	[HTTP_CONTENT_TYPE] = "content-type",
	[HTTP_LAST_EVENT_ID] = "last-event-id",
	[HTTP_USER_AGENT] = "user-agent",
	[HTTP_X_REQUEST_ID] = "x-request-id",
	[HTTP_HOST] = "host",
	[HTTP_EXPECT] = "expect",
};

static void set_limit(void)
{
	http_parser_set_max_header_size(HTTP_HEAD_MAX);
}

void http_grammar(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, set_limit);
}

static int refuse(struct http_conn *conn, int status)
{
	conn->refuse = status;
	return -1;
}

static int on_begin(http_parser *parser)
{
	struct http_conn *conn = parser->data;

	conn->x = http_exchange_new(conn);
	http_conn_wait(conn, HTTP_WAIT_HEAD);
	return conn->x ? 0 : refuse(conn, 503);
}

static int keep(struct http_conn *conn, struct http_text *text, const char *p, size_t n)
{
	struct http_exchange *x = conn->x;

	if (!text->there)
		*text = (struct http_text){ (uint16_t)x->head_n, 0, true };
	if (!http_exchange_keep(x, p, n))
		return refuse(conn, 431);
	text->n = (uint16_t)(text->n + n);
	return 0;
}

static int on_url(http_parser *parser, const char *p, size_t n)
{
	struct http_conn *conn = parser->data;

	return keep(conn, &conn->x->target, p, n);
}

/* Debian's http_parser is its lenient build, which takes spaces in names: what a proxy before
 * us takes for another header, or for none, is not for us to guess. */
static bool token(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)p[i] <= 0x20 || (unsigned char)p[i] >= 0x7f ||
		    strchr("\"(),/:;<=>?@[\\]{}", p[i]))
			return false;
	return true;
}

static int on_name(http_parser *parser, const char *p, size_t n)
{
	struct http_conn *conn = parser->data;
	struct http_exchange *x = conn->x;

	if (!token(p, n))
		return refuse(conn, 400);
	if (x->head_done) /* a trailer */
		return 0;
	if (x->in_value)
		x->name_n = 0;
	x->in_value = false;
	if (n < sizeof(x->name) - x->name_n) {
		memcpy(x->name + x->name_n, p, n); /* BOUNDS: checked above */
		x->name_n += n;
	} else {
		x->name_n = sizeof(x->name) - 1; /* too long to be a known one */
		x->name[0] = '\0';
	}
	return 0;
}

static enum http_known known(const struct http_exchange *x)
{
	for (int i = 0; i < HTTP_KNOWN; i++)
		if (strlen(known_names[i]) == x->name_n &&
		    strncasecmp(known_names[i], x->name, x->name_n) == 0)
			return (enum http_known)i;
	return HTTP_UNKNOWN;
}

static int on_value(http_parser *parser, const char *p, size_t n)
{
	struct http_conn *conn = parser->data;
	struct http_exchange *x = conn->x;

	if (x->head_done)
		return 0;
	if (!x->in_value) {
		x->in_value = true;
		x->known = known(x);
		/* A list may come in several fields; one is enough for us to choose from.
		 * Anything else twice could be read in two ways. */
		if (x->known != HTTP_UNKNOWN && x->field[x->known].there) {
			if (x->known != HTTP_ACCEPT)
				return refuse(conn, 400);
			x->known = HTTP_UNKNOWN;
		}
	}
	return x->known == HTTP_UNKNOWN ? 0 : keep(conn, &x->field[x->known], p, n);
}

static const char *method_name(unsigned method)
{
	switch (method) {
	case HTTP_GET:
		return "GET";
	case HTTP_POST:
		return "POST";
	case HTTP_DELETE:
		return "DELETE";
	case HTTP_HEAD:
		return "HEAD";
	default:
		return NULL;
	}
}

static int expects(struct http_conn *conn)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const struct http_exchange *x = conn->x;
	const struct http_text *t = &x->field[HTTP_EXPECT];

	if (!t->there)
		return 0;
	if (t->n != 12 || strncasecmp(x->head + t->at, "100-continue", 12) != 0)
		return refuse(conn, 417);
	http_conn_send(conn, (const uint8_t *)go_on, sizeof(go_on) - 1);
	return 0;
}

static int on_head(http_parser *parser)
{
	struct http_conn *conn = parser->data;
	struct http_exchange *x = conn->x;
	const struct http_server_config *config = &conn->loop->server->config;

	x->head_done = true;
	if (parser->http_major != 1 || parser->http_minor != 1)
		return refuse(conn, 505);
	x->method = method_name(parser->method);
	if (!x->method)
		return refuse(conn, 405);
	if (!x->field[HTTP_HOST].there || !http_target_read(x))
		return refuse(conn, 400);
	x->limit = config->max_body;
	if (config->limit) {
		size_t limit = config->limit(config->ctx, x->method, http_path(x));
		x->limit = limit < x->limit ? limit : x->limit;
	}
	if (parser->content_length != ULLONG_MAX && parser->content_length > x->limit)
		return refuse(conn, 413);
	x->chunked = parser->flags & F_CHUNKED;
	x->body_since = http_now_ms();
	http_conn_wait(conn, HTTP_WAIT_BODY);
	return expects(conn);
}

/* Each piece has its time, and so has the whole: a body that trickles would stay for days. */
static bool too_slow(const struct http_conn *conn)
{
	const struct http_exchange *x = conn->x;
	int64_t whole = (int64_t)conn->loop->server->config.body_seconds * 1000 +
			(int64_t)(x->body_n / HTTP_BODY_RATE) * 1000;

	return http_now_ms() - x->body_since > whole;
}

static int on_body(http_parser *parser, const char *p, size_t n)
{
	struct http_conn *conn = parser->data;
	struct http_exchange *x = conn->x;

	if (n > x->limit - x->body_n)
		return refuse(conn, 413);
	if (too_slow(conn))
		return refuse(conn, 408);
	if (x->body_n + n > x->body_cap) {
		/* What is announced is not allocated before it comes. */
		size_t cap = x->body_cap ? x->body_cap * 2 : 4096;
		while (cap < x->body_n + n)
			cap *= 2;
		uint8_t *grown = realloc(x->body, cap);
		if (!grown)
			return refuse(conn, 503);
		x->body = grown;
		x->body_cap = cap;
	}
	memcpy(x->body + x->body_n, p, n); /* BOUNDS: grown above */
	x->body_n += n;
	http_conn_wait(conn, HTTP_WAIT_BODY);
	return 0;
}

static int on_complete(http_parser *parser)
{
	struct http_conn *conn = parser->data;

	conn->x->close = parser->upgrade || !http_should_keep_alive(parser);
	conn->answering = true;
	http_parser_pause(parser, 1);
	return 0;
}

static const http_parser_settings settings = {
	.on_message_begin = on_begin,
	.on_url = on_url,
	.on_header_field = on_name,
	.on_header_value = on_value,
	.on_headers_complete = on_head,
	.on_body = on_body,
	.on_message_complete = on_complete,
};

void http_request_init(struct http_conn *conn)
{
	http_parser_init(&conn->parser, HTTP_REQUEST);
	conn->parser.data = conn;
}

int http_request_feed(struct http_conn *conn, const uint8_t *p, size_t n, size_t *used)
{
	*used = http_parser_execute(&conn->parser, &settings, (const char *)p, n);
	if (conn->refuse)
		return conn->refuse;
	if (!http_strict(&conn->strict, p, *used, conn->x && conn->x->chunked)) {
		conn->answering = false; /* it is not handed over */
		return 400;
	}
	if (conn->answering)
		conn->strict = (struct http_strict){ 0 };
	switch (HTTP_PARSER_ERRNO(&conn->parser)) {
	case HPE_PAUSED:
		http_parser_pause(&conn->parser, 0);
		return 0;
	case HPE_OK:
		return 0;
	case HPE_HEADER_OVERFLOW:
		return 431;
	case HPE_INVALID_VERSION:
		return 505;
	default:
		return 400;
	}
}
