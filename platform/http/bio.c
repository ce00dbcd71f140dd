/* SPDX-License-Identifier: Apache-2.0
 *
 * OpenSSL's socket BIO, whose writes raise no SIGPIPE: a library does not take it upon itself
 * to ignore a signal for the whole process, and a peer that has left must not end it. */
#include "platform/http/internal.h"

#include <openssl/bio.h>
#include <sys/socket.h>

static BIO_METHOD *quiet;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int quiet_write(BIO *bio, const char *p, int n)
{
	int fd = -1;

	BIO_get_fd(bio, &fd);
	int r = (int)send(fd, p, (size_t)n, MSG_NOSIGNAL);
	BIO_clear_retry_flags(bio);
	if (r <= 0 && BIO_sock_should_retry(r))
		BIO_set_retry_write(bio);
	return r;
}

static void make(void)
{
	const BIO_METHOD *plain = BIO_s_socket();
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOCKET, "socket without SIGPIPE");

	if (m && BIO_meth_set_write(m, quiet_write) &&
	    BIO_meth_set_read(m, BIO_meth_get_read(plain)) &&
	    BIO_meth_set_ctrl(m, BIO_meth_get_ctrl(plain)) &&
	    BIO_meth_set_create(m, BIO_meth_get_create(plain)) &&
	    BIO_meth_set_destroy(m, BIO_meth_get_destroy(plain)))
		quiet = m;
	else
		BIO_meth_free(m);
}

bool http_tls_socket(SSL *tls, int fd)
{
	pthread_once(&once, make);
	BIO *bio = quiet ? BIO_new(quiet) : NULL;
	if (!bio)
		return false;
	BIO_set_fd(bio, fd, BIO_NOCLOSE);
	SSL_set_bio(tls, bio, bio);
	return true;
}
