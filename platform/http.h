/* SPDX-License-Identifier: Apache-2.0
 *
 * http - HTTP/1.1 over TLS 1.3, server and client, on OpenSSL and http_parser. The one door:
 * nothing else includes either for talking, so that they can be left. Knows no word of RATS.
 *
 * Server: one event loop per thread; connections are dealt to them in turn. A request is handed
 * over when all of it is there; it may be answered at once or later, from any thread.
 *
 *   ownership  an exchange lives from http_server's call of handle until it is answered, or
 *              for a stream until `gone`; slices of it live as long. What is handed to an
 *              answer is copied.
 *   threads    handle runs on a loop's thread and must not block; http_answer, http_stream_*
 *              may be called from any thread
 *   refused    here, before handle, with a problem document (RFC 9457): what is not HTTP/1.1
 *              (400, 505), a body above the limit (413, before it is read), a header section
 *              above 8 KiB (431), a method other than GET, POST, DELETE, HEAD (405). Slow ones
 *              are closed (timeouts below), more than max_connections are not accepted
 *   resumed    sessions are those of peers without a certificate: who shows one gets no ticket,
 *              so that no ticket outlives a CRL
 */
#pragma once
#include "platform/message.h"

#include <assay/base.h>

struct http_server;
struct http_exchange;

enum http_peer_state {
	HTTP_PEER_NONE = 0, /* showed no certificate */
	HTTP_PEER_REFUSED,  /* showed one that does not verify: chain, time, CRL, purpose */
	HTTP_PEER_VERIFIED,
};

struct http_peer {
	enum http_peer_state state;
	char address[64];      /* of the TCP peer, without port */
	char common_name[128]; /* of the subject, "" unless VERIFIED */
	char unit[64];   /* OU of the subject, "" unless VERIFIED or when there are several */
	char serial[80]; /* hex */
	char why[128];   /* REFUSED: OpenSSL's words */
};

struct http_server_config {
	const char *address; /* "127.0.0.1", "::", "0.0.0.0" */
	uint16_t port;       /* 0: any; ask http_server_port() */
	int listen_fd;       /* -1; else an already listening socket (socket activation), which
			      * then is ours and closed at the end */
	/* PEM files. cert NULL: plain HTTP, for tests. */
	const char *cert, *key;
	const char *client_ca;    /* NULL: no client certificate is asked for */
	const char *client_crl;   /* NULL: none; read again by http_server_reload() */
	unsigned threads;         /* 1 to 64 */
	size_t max_body;          /* of a request; larger for some: see limit */
	size_t max_connections;   /* in all */
	unsigned request_seconds; /* from the first byte to the last of a request's header (10)
				   */
	unsigned body_seconds;    /* without progress of a body (10) */
	unsigned idle_seconds;    /* of a kept connection between requests (75) */
	void *ctx;
	/* Body limit of a request whose header has come, at most max_body when NULL. */
	size_t (*limit)(void *ctx, const char *method, const char *path);
	/* Called on each loop's thread as it starts (what it returns is handed to handle), and
	 * as it ends. thread_start returning NULL stops the server. Both may be NULL. */
	void *(*thread_start)(void *ctx, unsigned index);
	void (*thread_stop)(void *ctx, void *thread);
	void (*handle)(void *ctx, void *thread, struct http_exchange *x);
};

/* Starts listening and all threads; NULL with *why. The config's strings are copied. */
struct http_server *http_server_start(const struct http_server_config *config,
				      struct platform_message *why);
uint16_t http_server_port(const struct http_server *server);
/* New connections see the files' new content (cert, key, CA, CRL); open ones go on. Nothing
 * changes on failure. */
bool http_server_reload(struct http_server *server, struct platform_message *why);
/* Stops accepting, lets open requests finish for at most `seconds`, joins, frees. */
void http_server_stop(struct http_server *server, unsigned seconds);
/* Open connections, for metrics. */
size_t http_server_connections(const struct http_server *server);

/* The request. */
const char *http_method(const struct http_exchange *x); /* "GET" */
const char *
http_path(const struct http_exchange *x); /* percent-decoded once, no query; a
					   * path with a control character, an escaped slash,
					   * "//" or a dot segment was refused (400) */
/* The value of a query parameter, decoded, into out; false when absent, twice or too long. */
bool http_query(const struct http_exchange *x, const char *name, char *out, size_t cap);
/* A header's value by its lower-case name; false when absent or too long. Understood: accept
 * (the first), authorization, content-type, last-event-id, user-agent, x-request-id (these
 * twice: 400). */
bool http_header(const struct http_exchange *x, const char *name, char *out, size_t cap);
struct assay_slice http_body(const struct http_exchange *x);
const struct http_peer *http_peer(const struct http_exchange *x);

struct http_field {
	const char *name, *value;
};

/* Answers, once; x is no more after it. fields: further headers, nfields of them; one whose
 * value has a control character is left out. */
void http_answer(struct http_exchange *x, int status, const char *media,
		 struct assay_slice body, const struct http_field *fields, size_t nfields);

/* Starts an answer without end (200, chunked, media as given; Cache-Control: no-store). gone is
 * called once, on the loop's thread, when the peer has left or was too slow (more than 1 MiB
 * waiting); then x is no more: take the lock in it that the sends are made under. */
void http_stream(struct http_exchange *x, const char *media, void (*gone)(void *ctx),
		 void *ctx);
/* Copies and queues. False when the stream is over: send no more. */
bool http_stream_send(struct http_exchange *x, struct assay_slice bytes);
/* Ends it from our side; gone is called. */
void http_stream_end(struct http_exchange *x);

/* ---- Client ----
 * One server, one request at a time, kept open between requests and opened again when needed;
 * TLS sessions are resumed. Blocking, with a deadline; for one thread. */
struct http_client;

struct http_client_config {
	const char *url;        /* "https://host:port" (or http:// for tests), no path */
	const char *ca;         /* PEM file of trust anchors; NULL: the system's */
	const char *cert, *key; /* PEM files of a client certificate; may be NULL */
	unsigned timeout_ms;    /* of one request, from connecting to the last byte */
	size_t max_answer;      /* bytes of an answer's body */
	const char *user_agent;
	/* An fd that ends a wait as soon as it can be read (a signalfd, an eventfd); -1: none
	 */
	int wake_fd;
};

struct http_client *http_client_new(const struct http_client_config *config,
				    struct platform_message *why);
void http_client_free(struct http_client *client);
/* Ends the connection that is open, if any; the next request makes a new one. */
void http_client_close(struct http_client *client);
/* Whether the connection that is open began with a resumed TLS session. */
bool http_client_resumed(const struct http_client *client);

struct http_answer_in {
	int status;
	char media[128];
	unsigned retry_after;    /* seconds, 0 when not said */
	struct assay_slice body; /* until the next request */
};

/* True when an answer came, whatever its status; else *why (errnum EINTR: wake_fd). A request
 * on a kept connection that died before its answer's first byte is sent once more on a new one.
 */
bool http_client_request(struct http_client *client, const char *method, const char *path,
			 const char *media, struct assay_slice body, struct http_answer_in *out,
			 struct platform_message *why);
/* The same with further header fields. */
bool http_client_request_with(struct http_client *client, const char *method, const char *path,
			      const char *media, struct assay_slice body,
			      const struct http_field *fields, size_t nfields,
			      struct http_answer_in *out, struct platform_message *why);

/* GET that goes on: hands each piece of the body to take until it returns false, the server
 * ends, or wake_fd. True unless it could not be begun (then out or why says why). */
bool http_client_stream(struct http_client *client, const char *path,
			const struct http_field *fields, size_t nfields,
			bool (*take)(void *ctx, struct assay_slice piece), void *ctx,
			struct http_answer_in *out, struct platform_message *why);
