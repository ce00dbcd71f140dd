/* SPDX-License-Identifier: Apache-2.0
 *
 * What a handler sees of a request. */
#include "platform/http/internal.h"

#include <stdlib.h>
#include <string.h>

struct http_exchange *http_exchange_new(struct http_conn *conn)
{
	struct http_exchange *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->conn = conn;
	x->known = HTTP_UNKNOWN;
	if (conn->peer)
		x->peer = *conn->peer;
	memcpy(x->peer.address, conn->address, sizeof(x->peer.address));
	x->mailbox = conn->loop->mailbox;
	atomic_fetch_add(&x->mailbox->holders, 1);
	return x;
}

void http_exchange_free(struct http_exchange *x)
{
	if (!x)
		return;
	http_mailbox_let_go(x->mailbox);
	free(x->head);
	free(x->body);
	free(x);
}

bool http_exchange_keep(struct http_exchange *x, const char *p, size_t n)
{
	if (n > (size_t)HTTP_HEAD_MAX * 2 + HTTP_KNOWN - x->head_n)
		return false;
	if (x->head_n + n > x->head_cap) {
		size_t cap = x->head_cap ? x->head_cap * 2 : 512;
		while (cap < x->head_n + n)
			cap *= 2;
		char *grown = realloc(x->head, cap);
		if (!grown)
			return false;
		x->head = grown;
		x->head_cap = cap;
	}
	memcpy(x->head + x->head_n, p, n); /* BOUNDS: grown above */
	x->head_n += n;
	return true;
}

const char *http_method(const struct http_exchange *x)
{
	return x->method;
}

const char *http_path(const struct http_exchange *x)
{
	return x->head + x->path.at;
}

struct assay_slice http_body(const struct http_exchange *x)
{
	return (struct assay_slice){ x->body, x->body_n };
}

const struct http_peer *http_peer(const struct http_exchange *x)
{
	return &x->peer;
}

bool http_header(const struct http_exchange *x, const char *name, char *out, size_t cap)
{
	static const char *const names[] = {
		[HTTP_ACCEPT] = "accept",
		[HTTP_AUTHORIZATION] = "authorization",
		[HTTP_CONTENT_TYPE] = "content-type",
		[HTTP_LAST_EVENT_ID] = "last-event-id",
		[HTTP_USER_AGENT] = "user-agent",
		[HTTP_X_REQUEST_ID] = "x-request-id",
	};
	for (int i = 0; i < HTTP_GIVEN_OUT; i++) {
		const struct http_text *t = &x->field[i];
		if (strcmp(names[i], name) != 0)
			continue;
		if (!t->there || t->n >= cap)
			return false;
		memcpy(out, x->head + t->at, t->n); /* BOUNDS: t->n < cap */
		out[t->n] = '\0';
		return true;
	}
	return false;
}
