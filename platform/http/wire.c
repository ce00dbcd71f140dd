/* SPDX-License-Identifier: Apache-2.0
 *
 * A blocking connection that keeps to a deadline and can be woken. */
#include "platform/http/client.h"
#include "platform/http/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool fail(struct http_client *client, struct platform_message *why, int errnum)
{
	platform_message_what(why, "cannot talk to %s", client->authority);
	platform_message_errno(why, errnum);
	if (errnum == ETIMEDOUT)
		platform_message_hint(why, "is the server up, and is the network slow?");
	if (errnum == ECONNREFUSED)
		platform_message_hint(why, "nothing listens there: is the server up?");
	return false;
}

/* Waits for events on the socket. */
static bool wait_for(struct http_client *client, short events, struct platform_message *why)
{
	struct pollfd fds[2] = { { .fd = client->fd, .events = events },
				 { .fd = client->wake_fd, .events = POLLIN } };

	for (;;) {
		int64_t left = client->deadline - http_now_ms();
		if (left <= 0)
			return fail(client, why, ETIMEDOUT);
		int n = poll(fds, 2, left > 60000 ? 60000 : (int)left);
		if (n < 0 && errno != EINTR)
			return fail(client, why, errno);
		if (n > 0 && fds[1].revents)
			return fail(client, why, EINTR);
		if (n > 0)
			return true;
	}
}

/* Goes on after a TLS call that returned r: true to try it again. *end: the peer is done. */
static bool tls_again(struct http_client *client, int r, bool *end,
		      struct platform_message *why)
{
	int saved = errno;
	long verdict;

	switch (SSL_get_error(client->tls, r)) {
	case SSL_ERROR_WANT_READ:
		return wait_for(client, POLLIN, why);
	case SSL_ERROR_WANT_WRITE:
		return wait_for(client, POLLOUT, why);
	case SSL_ERROR_ZERO_RETURN:
		*end = true;
		return false;
	case SSL_ERROR_SYSCALL:
		return fail(client, why, saved ? saved : ECONNRESET);
	default:
		/* An end without a goodbye is a break: the answer's own length decides. */
		if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
			ERR_clear_error();
			return fail(client, why, ECONNRESET);
		}
		platform_message_what(why, "cannot talk to %s", client->authority);
		why->errnum = EPROTO;
		verdict = SSL_get_verify_result(client->tls);
		if (verdict != X509_V_OK) {
			platform_message_why(why, "the server's certificate: %s",
					     X509_verify_cert_error_string(verdict));
			platform_message_hint(why, "which CA signed it, and for which name?");
			ERR_clear_error();
		} else {
			http_tls_why(why);
			platform_message_hint(why, "does TLS 1.3 listen there?");
		}
		return false;
	}
}

static bool dial(struct http_client *client, const struct addrinfo *to,
		 struct platform_message *why)
{
	const int on = 1;
	int e = 0;
	socklen_t n = sizeof(e);

	client->fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return fail(client, why, errno);
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(client->fd, to->ai_addr, to->ai_addrlen) == 0)
		return true;
	if (errno != EINPROGRESS)
		return fail(client, why, errno);
	if (!wait_for(client, POLLOUT, why))
		return false;
	if (getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &e, &n) != 0 || e)
		return fail(client, why, e ? e : errno);
	return true;
}

static bool greet(struct http_client *client, struct platform_message *why)
{
	bool end = false;
	int r;

	client->tls = SSL_new(client->context);
	if (!client->tls || !http_tls_socket(client->tls, client->fd) ||
	    (client->numeric
		     ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(client->tls),
						     client->host) != 1
		     : SSL_set1_host(client->tls, client->host) != 1 ||
			       SSL_set_tlsext_host_name(client->tls, client->host) != 1)) {
		platform_message_what(why, "cannot talk to %s", client->authority);
		http_tls_why(why);
		return false;
	}
	SSL_set_app_data(client->tls, client);
	if (client->session)
		SSL_set_session(client->tls, client->session);
	do {
		ERR_clear_error();
		errno = 0;
		r = SSL_connect(client->tls);
	} while (r != 1 && tls_again(client, r, &end, why));
	if (r != 1 && end)
		fail(client, why, ECONNRESET);
	if (r != 1 && client->session) {
		SSL_SESSION_free(client->session);
		client->session = NULL;
	}
	return r == 1;
}

bool http_wire_open(struct http_client *client, struct platform_message *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_ADDRCONFIG * !client->numeric };
	struct addrinfo *found = NULL;
	bool up = false;

	int e = getaddrinfo(client->host, client->port, &hints, &found);
	if (e) {
		platform_message_what(why, "cannot find %s", client->host);
		platform_message_why(why, "%s", gai_strerror(e));
		why->errnum = e == EAI_SYSTEM ? errno : EHOSTUNREACH;
		return false;
	}
	for (const struct addrinfo *a = found; a && !up; a = a->ai_next) {
		up = dial(client, a, why);
		if (!up)
			http_wire_close(client);
		if (!up && (why->errnum == ETIMEDOUT || why->errnum == EINTR))
			break;
	}
	freeaddrinfo(found);
	if (up && client->context && !greet(client, why)) {
		http_wire_close(client);
		return false;
	}
	return up;
}

void http_wire_close(struct http_client *client)
{
	if (client->tls && SSL_is_init_finished(client->tls)) {
		ERR_clear_error();
		SSL_shutdown(client->tls);
		ERR_clear_error();
	}
	SSL_free(client->tls);
	client->tls = NULL;
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
}

bool http_wire_write(struct http_client *client, const uint8_t *p, size_t n,
		     struct platform_message *why)
{
	while (n) {
		size_t done = 0;
		if (client->tls) {
			bool end = false;
			ERR_clear_error();
			errno = 0;
			int r = SSL_write_ex(client->tls, p, n, &done);
			if (r != 1 && !tls_again(client, r, &end, why))
				return end ? fail(client, why, ECONNRESET) : false;
		} else {
			ssize_t r = send(client->fd, p, n, MSG_NOSIGNAL);
			if (r < 0 && errno != EAGAIN && errno != EINTR)
				return fail(client, why, errno);
			if (r < 0 && !wait_for(client, POLLOUT, why))
				return false;
			done = r < 0 ? 0 : (size_t)r;
		}
		p += done;
		n -= done;
	}
	return true;
}

bool http_wire_read(struct http_client *client, uint8_t *p, size_t cap, size_t *n,
		    struct platform_message *why)
{
	*n = 0;
	for (;;) {
		if (client->tls) {
			bool end = false;
			ERR_clear_error();
			errno = 0;
			int r = SSL_read_ex(client->tls, p, cap, n);
			if (r == 1)
				return true;
			if (!tls_again(client, r, &end, why))
				return end;
			continue;
		}
		ssize_t r = recv(client->fd, p, cap, 0);
		if (r >= 0) {
			*n = (size_t)r;
			return true;
		}
		if (errno != EAGAIN && errno != EINTR)
			return fail(client, why, errno);
		if (!wait_for(client, POLLIN, why))
			return false;
	}
}

static int keep_session(SSL *tls, SSL_SESSION *session)
{
	struct http_client *client = SSL_get_app_data(tls);

	if (!client)
		return 0;
	/* A copy: OpenSSL makes the original worthless when the connection breaks off, which is
	 * how idle ones end. */
	SSL_SESSION *copy = SSL_SESSION_dup(session);
	if (copy) {
		SSL_SESSION_free(client->session);
		client->session = copy;
	}
	return 0;
}

static bool refuse(SSL_CTX *tls, struct platform_message *why, const char *what,
		   const char *path)
{
	platform_message_what(why, "cannot use the %s %s", what, path);
	http_tls_why(why);
	platform_message_hint(why, "it must be a PEM file that this process may read");
	SSL_CTX_free(tls);
	return false;
}

SSL_CTX *http_wire_context(const struct http_client_config *config,
			   struct platform_message *why)
{
	static const unsigned char alpn[] = "\x08http/1.1";
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

	if (!tls || SSL_CTX_set_min_proto_version(tls, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_alpn_protos(tls, alpn, sizeof(alpn) - 1) != 0)
		return refuse(tls, why, "TLS library", ""), NULL;
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(tls, keep_session);
	if (config->ca ? SSL_CTX_load_verify_file(tls, config->ca) != 1
		       : SSL_CTX_set_default_verify_paths(tls) != 1)
		return refuse(tls, why, "CA", config->ca ? config->ca : "of the system"), NULL;
	if (!config->cert)
		return tls;
	if (SSL_CTX_use_certificate_chain_file(tls, config->cert) != 1)
		return refuse(tls, why, "certificate", config->cert), NULL;
	if (!config->key ||
	    SSL_CTX_use_PrivateKey_file(tls, config->key, SSL_FILETYPE_PEM) != 1)
		return refuse(tls, why, "key", config->key ? config->key : ""), NULL;
	return tls;
}
