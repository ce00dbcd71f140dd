/* SPDX-License-Identifier: Apache-2.0
 *
 * The client's inside: a connection with a deadline under it, HTTP above. */
#pragma once
#include "platform/http.h"

#include <http_parser.h>
#include <openssl/ssl.h>

struct http_client {
	char host[256], port[8], authority[272], user_agent[128];
	bool numeric;
	SSL_CTX *context; /* NULL: plain */
	SSL_SESSION *session;
	SSL *tls;
	int fd; /* -1: none */
	int wake_fd;
	unsigned timeout_ms;
	size_t max_answer;
	int64_t deadline; /* ms; INT64_MAX: none */
	uint8_t *body;
	size_t body_n, body_cap;
	/* The answer being read. */
	http_parser parser;
	struct http_answer_in *out;
	struct platform_message *why;
	char name[16];
	size_t name_n;
	char value[128];
	size_t value_n;
	bool in_value, begun, done, too_large, stopped, head_only;
	bool (*take)(void *ctx, struct assay_slice piece);
	void *ctx;
};

/* wire.c. All of these keep to client->deadline and wake_fd; false with *why (errnum
 * ETIMEDOUT, EINTR: woken, or the cause). */
bool http_wire_open(struct http_client *client, struct platform_message *why);
void http_wire_close(struct http_client *client);
bool http_wire_write(struct http_client *client, const uint8_t *p, size_t n,
		     struct platform_message *why);
/* *n 0: the end. */
bool http_wire_read(struct http_client *client, uint8_t *p, size_t cap, size_t *n,
		    struct platform_message *why);
SSL_CTX *http_wire_context(const struct http_client_config *config,
			   struct platform_message *why);
