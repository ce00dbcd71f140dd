/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of a connection, with or without TLS: one attempt, never blocking. */
#include "platform/http/internal.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

static enum http_io tls_outcome(struct http_conn *conn, int result)
{
	switch (SSL_get_error(conn->tls, result)) {
	case SSL_ERROR_WANT_READ:
		return HTTP_IO_AGAIN;
	case SSL_ERROR_WANT_WRITE:
		conn->tls_write_first = true;
		return HTTP_IO_AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return HTTP_IO_END;
	default:
		ERR_clear_error();
		return HTTP_IO_DEAD;
	}
}

enum http_io http_io_handshake(struct http_conn *conn)
{
	conn->tls_write_first = false;
	ERR_clear_error();
	int r = SSL_do_handshake(conn->tls);
	return r == 1 ? HTTP_IO_OK : tls_outcome(conn, r);
}

static enum http_io plain_outcome(ssize_t n)
{
	if (n == 0)
		return HTTP_IO_END;
	return errno == EAGAIN || errno == EINTR ? HTTP_IO_AGAIN : HTTP_IO_DEAD;
}

enum http_io http_io_read(struct http_conn *conn, uint8_t *p, size_t cap, size_t *n)
{
	*n = 0;
	if (!conn->tls) {
		ssize_t r = recv(conn->fd, p, cap, 0);
		if (r <= 0)
			return plain_outcome(r);
		*n = (size_t)r;
		return HTTP_IO_OK;
	}
	conn->tls_write_first = false;
	ERR_clear_error();
	int r = SSL_read_ex(conn->tls, p, cap, n);
	return r == 1 ? HTTP_IO_OK : tls_outcome(conn, r);
}

enum http_io http_io_write(struct http_conn *conn, const uint8_t *p, size_t n, size_t *done)
{
	*done = 0;
	conn->tls_write_first = false;
	if (!conn->tls) {
		ssize_t r = send(conn->fd, p, n, MSG_NOSIGNAL);
		if (r < 0)
			return plain_outcome(r);
		*done = (size_t)r;
		return HTTP_IO_OK;
	}
	ERR_clear_error();
	int r = SSL_write_ex(conn->tls, p, n, done);
	return r == 1 ? HTTP_IO_OK : tls_outcome(conn, r);
}

void http_io_shutdown(struct http_conn *conn)
{
	if (conn->tls && conn->handshaken) {
		ERR_clear_error();
		SSL_shutdown(conn->tls);
		ERR_clear_error();
	}
	shutdown(conn->fd, SHUT_WR);
}
