/* SPDX-License-Identifier: Apache-2.0
 * test_server - a server in this process with routes that a test needs:
 *
 *   /hello       "hello"                       /echo     the request's body
 *   /peer        "STATE|CN|OU|why"             /big?n=N  N bytes
 *   /later?ms=M  "later", from another thread  /stream   a stream, kept in test_streams
 *   /query?a=..  the value of a, or 404        /header   "accept|content-type|x-request-id" */
#pragma once
#include "platform/http.h"
#include "platform/http/test_pki.h"

#include <pthread.h>
#include <stdatomic.h>

static atomic_uint test_gone, test_late;
static pthread_mutex_t test_lock = PTHREAD_MUTEX_INITIALIZER;
static struct http_exchange *test_stream; /* the last one opened, NULL when gone */

static inline struct assay_slice test_text(const char *s)
{
	return (struct assay_slice){ (const uint8_t *)s, strlen(s) };
}

static inline void test_say(struct http_exchange *x, int status, const char *text)
{
	http_answer(x, status, "text/plain", test_text(text), NULL, 0);
}

static inline void test_on_gone(void *ctx)
{
	(void)ctx;
	pthread_mutex_lock(&test_lock);
	test_stream = NULL;
	pthread_mutex_unlock(&test_lock);
	atomic_fetch_add(&test_gone, 1);
}

/* True when it was taken. */
static inline bool test_stream_send(struct assay_slice piece)
{
	pthread_mutex_lock(&test_lock);
	bool sent = test_stream && http_stream_send(test_stream, piece);
	pthread_mutex_unlock(&test_lock);
	return sent;
}

static inline void *test_later(void *arg)
{
	struct http_exchange *x = arg;
	char ms[16];

	usleep(http_query(x, "ms", ms, sizeof(ms)) ? (unsigned)atoi(ms) * 1000u : 1000);
	test_say(x, 200, "later");
	atomic_fetch_add(&test_late, 1);
	return NULL;
}

static inline void test_peer(struct http_exchange *x)
{
	static const char *const states[] = { "none", "refused", "verified" };
	const struct http_peer *p = http_peer(x);
	char text[512];

	snprintf(text, sizeof(text), "%s|%s|%s|%s|%s", states[p->state], p->common_name,
		 p->unit, p->serial, p->why);
	test_say(x, 200, text);
}

static inline void test_big(struct http_exchange *x)
{
	char n[16];
	size_t size = http_query(x, "n", n, sizeof(n)) ? (size_t)atoi(n) : 0;
	uint8_t *bytes = malloc(size + 1);

	memset(bytes, 'x', size);
	http_answer(x, 200, "text/plain", (struct assay_slice){ bytes, size }, NULL, 0);
	free(bytes);
}

static inline void test_headers(struct http_exchange *x)
{
	char a[64] = "", b[64] = "", c[64] = "", text[256];
	const struct http_field fields[] = { { "Retry-After", "7" }, { "X-Bad", "a\r\nX: y" } };

	http_header(x, "accept", a, sizeof(a));
	http_header(x, "content-type", b, sizeof(b));
	http_header(x, "x-request-id", c, sizeof(c));
	snprintf(text, sizeof(text), "%s|%s|%s", a, b, c);
	http_answer(x, 200, "text/plain", test_text(text), fields, 2);
}

static inline void test_handle(void *ctx, void *thread, struct http_exchange *x)
{
	const char *path = http_path(x);
	char value[64];

	(void)ctx;
	(void)thread;
	if (strcmp(path, "/hello") == 0) {
		test_say(x, 200, "hello");
	} else if (strcmp(path, "/echo") == 0) {
		http_answer(x, 200, "application/octet-stream", http_body(x), NULL, 0);
	} else if (strcmp(path, "/peer") == 0) {
		test_peer(x);
	} else if (strcmp(path, "/big") == 0) {
		test_big(x);
	} else if (strcmp(path, "/header") == 0) {
		test_headers(x);
	} else if (strcmp(path, "/query") == 0 && http_query(x, "a", value, sizeof(value))) {
		test_say(x, 200, value);
	} else if (strcmp(path, "/later") == 0) {
		pthread_t t;
		if (pthread_create(&t, NULL, test_later, x) != 0)
			abort();
		pthread_detach(t);
	} else if (strcmp(path, "/stream") == 0) {
		pthread_mutex_lock(&test_lock);
		test_stream = x;
		pthread_mutex_unlock(&test_lock);
		http_stream(x, "text/event-stream", test_on_gone, NULL);
	} else {
		test_say(x, 404, path);
	}
}

static inline size_t test_limit(void *ctx, const char *method, const char *path)
{
	(void)ctx;
	(void)method;
	return strcmp(path, "/echo") == 0 ? 1 << 20 : 1024;
}

/* Short limits; with TLS when tls. */
static inline struct http_server_config test_config(const struct pki *p, bool tls)
{
	return (struct http_server_config){
		.address = "127.0.0.1",
		.listen_fd = -1,
		.cert = tls ? pki_path(p, "server.pem") : NULL,
		.key = pki_path(p, "key.pem"),
		.client_ca = pki_path(p, "ca.pem"),
		.client_crl = pki_path(p, "crl.pem"),
		.threads = 2,
		.max_body = 1 << 20,
		.max_connections = 200,
		.request_seconds = 1,
		.body_seconds = 1,
		.idle_seconds = 2,
		.limit = test_limit,
		.handle = test_handle,
	};
}

static inline struct http_client *
test_client(const struct pki *p, const struct http_server *server, bool tls, const char *cert)
{
	char url[64];
	struct platform_message why;
	struct http_client_config config = {
		.url = url,
		.ca = pki_path(p, "ca.pem"),
		.cert = cert ? pki_path(p, cert) : NULL,
		.key = pki_path(p, "key.pem"),
		.timeout_ms = 10000,
		.max_answer = 4 << 20,
		.wake_fd = -1,
	};

	snprintf(url, sizeof(url), "%s://localhost:%u", tls ? "https" : "http",
		 http_server_port(server));
	struct http_client *client = http_client_new(&config, &why);
	if (!client) {
		printf("# %s: %s\n", why.what, why.why);
		abort();
	}
	return client;
}

/* The status, or 0; the answer's body is in text. */
static inline int test_ask(struct http_client *client, const char *method, const char *path,
			   struct assay_slice body, char *text, size_t cap)
{
	struct platform_message why;
	struct http_answer_in in;

	*text = '\0';
	if (!http_client_request(client, method, path, "text/plain", body, &in, &why)) {
		printf("# %s: %s\n", why.what, why.why);
		return 0;
	}
	snprintf(text, cap, "%.*s", (int)in.body.n, in.body.n ? (const char *)in.body.p : "");
	return in.status;
}
