/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection: handshake, request, answer, request, ... Nothing frees it in the middle of
 * its own event: it is marked dead, and settle() frees it. */
#include "platform/http/internal.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void unlist(struct http_conn *conn)
{
	struct http_list *list = &conn->loop->waiting[conn->wait];

	*(conn->before ? &conn->before->after : &list->first) = conn->after;
	*(conn->after ? &conn->after->before : &list->last) = conn->before;
}

static void enlist(struct http_conn *conn)
{
	struct http_list *list = &conn->loop->waiting[conn->wait];

	conn->before = list->last;
	conn->after = NULL;
	*(list->last ? &list->last->after : &list->first) = conn;
	list->last = conn;
}

static int64_t limit_ms(const struct http_conn *conn, enum http_wait wait)
{
	const struct http_server_config *c = &conn->loop->server->config;

	switch (wait) {
	case HTTP_WAIT_HANDSHAKE:
	case HTTP_WAIT_HEAD:
		return (int64_t)c->request_seconds * 1000;
	case HTTP_WAIT_BODY:
	case HTTP_WAIT_WRITE:
		return (int64_t)c->body_seconds * 1000;
	case HTTP_WAIT_IDLE:
		return (int64_t)c->idle_seconds * 1000;
	case HTTP_WAIT_LINGER:
		return HTTP_LINGER_MS;
	default:
		return INT64_MAX / 2;
	}
}

void http_conn_wait(struct http_conn *conn, enum http_wait wait)
{
	unlist(conn);
	conn->wait = wait;
	conn->deadline = http_now_ms() + limit_ms(conn, wait);
	enlist(conn);
}

static void tune(int fd)
{
	const int on = 1, idle = 60, every = 15, times = 4;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof(times));
}

static void read_address(struct http_conn *conn)
{
	struct sockaddr_storage s = { 0 };
	socklen_t n = sizeof(s);

	if (getpeername(conn->fd, (struct sockaddr *)&s, &n) != 0 ||
	    getnameinfo((struct sockaddr *)&s, n, conn->address, sizeof(conn->address), NULL, 0,
			NI_NUMERICHOST) != 0)
		conn->address[0] = '\0';
	/* An IPv4 peer of an IPv6 socket is known by its IPv4 address. */
	if (strncmp(conn->address, "::ffff:", 7) == 0 && strchr(conn->address, '.'))
		memmove(conn->address, conn->address + 7, strlen(conn->address + 7) + 1);
}

static bool start_tls(struct http_conn *conn)
{
	struct http_server *server = conn->loop->server;

	if (!server->tls)
		return conn->handshaken = true;
	pthread_mutex_lock(&server->tls_lock);
	conn->tls = SSL_new(server->tls);
	pthread_mutex_unlock(&server->tls_lock);
	if (!conn->tls || !http_tls_socket(conn->tls, conn->fd))
		return false;
	SSL_set_accept_state(conn->tls);
	return true;
}

void http_conn_open(struct http_loop *loop, int fd)
{
	struct http_conn *conn = calloc(1, sizeof(*conn));

	if (!conn) {
		close(fd);
		atomic_fetch_sub(&loop->server->connections, 1);
		return;
	}
	conn->loop = loop;
	conn->fd = fd;
	conn->wait = HTTP_WAIT_HANDSHAKE;
	enlist(conn);
	loop->connections++;
	tune(fd);
	read_address(conn);
	http_request_init(conn);
	conn->events = EPOLLIN;
	struct epoll_event event = { .events = conn->events, .data.ptr = conn };
	if (!start_tls(conn) || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		http_conn_free(conn);
		return;
	}
	http_conn_wait(conn, conn->tls ? HTTP_WAIT_HANDSHAKE : HTTP_WAIT_IDLE);
}

void http_conn_free(struct http_conn *conn)
{
	struct http_exchange *x = conn->x;

	if (x) {
		x->conn = NULL;
		if (x->stream)
			http_answer_gone(conn->loop, x);
		else if (!conn->answering)
			http_exchange_free(x);
		/* else its owner answers it, and that frees it */
	}
	if (!conn->dead) /* too late, or the server stops */
		http_io_shutdown(conn);
	unlist(conn);
	conn->loop->connections--;
	atomic_fetch_sub(&conn->loop->server->connections, 1);
	SSL_free(conn->tls);
	close(conn->fd);
	free(conn->peer);
	free(conn->early);
	free(conn->out);
	free(conn);
}

static bool out_keep(struct http_conn *conn, const uint8_t *p, size_t n)
{
	if (conn->out_at) {
		memmove(conn->out, conn->out + conn->out_at, conn->out_n - conn->out_at);
		conn->out_n -= conn->out_at;
		conn->out_at = 0;
	}
	if (conn->out_n + n > conn->out_cap) {
		size_t cap = conn->out_cap ? conn->out_cap * 2 : 4096;
		while (cap < conn->out_n + n)
			cap *= 2;
		uint8_t *grown = realloc(conn->out, cap);
		if (!grown)
			return false;
		conn->out = grown;
		conn->out_cap = cap;
	}
	memcpy(conn->out + conn->out_n, p, n); /* BOUNDS: grown above */
	conn->out_n += n;
	return true;
}

static bool all_out(const struct http_conn *conn)
{
	return conn->out_at == conn->out_n;
}

static void count_unsent(struct http_conn *conn)
{
	if (conn->x && conn->x->stream)
		atomic_store(&conn->x->unsent, conn->out_n - conn->out_at);
}

void http_conn_send(struct http_conn *conn, const uint8_t *p, size_t n)
{
	while (n && !conn->dead && all_out(conn)) {
		size_t done;
		enum http_io r = http_io_write(conn, p, n, &done);
		if (r == HTTP_IO_AGAIN)
			break;
		conn->dead = r != HTTP_IO_OK;
		p += done;
		n -= done;
	}
	if (n && !conn->dead && !out_keep(conn, p, n))
		conn->dead = true;
	count_unsent(conn);
}

/* What the socket takes of what is waiting. */
static void flush(struct http_conn *conn)
{
	bool some = false;

	while (!conn->dead && !all_out(conn)) {
		size_t done;
		enum http_io r = http_io_write(conn, conn->out + conn->out_at,
					       conn->out_n - conn->out_at, &done);
		if (r == HTTP_IO_AGAIN)
			break;
		conn->dead = r != HTTP_IO_OK;
		conn->out_at += done;
		some = true;
	}
	if (some && conn->wait == HTTP_WAIT_WRITE)
		http_conn_wait(conn, HTTP_WAIT_WRITE);
	count_unsent(conn);
	if (conn->dead || !all_out(conn))
		return;
	free(conn->out);
	conn->out = NULL;
	conn->out_at = conn->out_n = conn->out_cap = 0;
	if (conn->closing || conn->ended)
		http_conn_close(conn);
	else if (conn->wait == HTTP_WAIT_WRITE)
		http_conn_wait(conn, HTTP_WAIT_IDLE);
}

void http_conn_close(struct http_conn *conn)
{
	conn->closing = true;
	if (!all_out(conn)) {
		http_conn_wait(conn, HTTP_WAIT_WRITE);
		return;
	}
	http_io_shutdown(conn);
	if (conn->ended)
		conn->dead = true;
	else
		http_conn_wait(conn, HTTP_WAIT_LINGER);
}

void http_conn_answered(struct http_conn *conn, bool close)
{
	http_exchange_free(conn->x);
	conn->x = NULL;
	conn->answering = false;
	if (close || conn->ended || atomic_load(&conn->loop->server->stopping))
		http_conn_close(conn);
	else
		http_conn_wait(conn, all_out(conn) ? HTTP_WAIT_IDLE : HTTP_WAIT_WRITE);
}

/* A stream's peer has nothing to say, but may leave. */
static bool may_read(const struct http_conn *conn)
{
	if (conn->dead || conn->closing || conn->ended)
		return false;
	return conn->x && conn->answering ? conn->x->stream : all_out(conn);
}

static void handle(struct http_conn *conn)
{
	struct http_loop *loop = conn->loop;
	struct http_server *server = loop->server;

	http_conn_wait(conn, HTTP_WAIT_ANSWER);
	loop->current = conn;
	server->config.handle(server->config.ctx, loop->user, conn->x);
	loop->current = NULL;
}

/* Parses and handles; what comes behind a request that is not answered yet is kept. */
static void consume(struct http_conn *conn, const uint8_t *p, size_t n)
{
	if (conn->x && conn->x->stream) {
		conn->lingered += n;
		conn->dead |= conn->lingered > HTTP_LINGER_BYTES;
		return;
	}
	while (n && may_read(conn)) {
		size_t used;
		int status = http_request_feed(conn, p, n, &used);
		if (status) {
			http_answer_refuse(conn, status);
			return;
		}
		p += used;
		n -= used;
		if (conn->answering)
			handle(conn);
	}
	if (!n || conn->dead || conn->closing)
		return;
	conn->early = malloc(n);
	conn->dead |= !conn->early;
	if (conn->early)
		memcpy(conn->early, p, n); /* BOUNDS: n <= HTTP_READ */
	conn->early_n = n;
}

static void consume_early(struct http_conn *conn)
{
	uint8_t *early = conn->early;

	conn->early = NULL;
	consume(conn, early, conn->early_n);
	free(early);
}

static void receive(struct http_conn *conn)
{
	conn->again = false;
	for (int turns = 0; may_read(conn); turns++) {
		size_t n;
		if (conn->early) {
			consume_early(conn);
			continue;
		}
		if (turns == 16) { /* the others' turn */
			conn->again = true;
			return;
		}
		uint8_t *buffer = conn->loop->buffer;
		enum http_io r = http_io_read(conn, buffer, HTTP_READ, &n);
		if (r == HTTP_IO_AGAIN)
			return;
		if (r != HTTP_IO_OK) {
			conn->ended = true;
			conn->dead = r == HTTP_IO_DEAD || conn->x || all_out(conn);
			return;
		}
		consume(conn, buffer, n);
		if (!conn->early && (conn->tls ? !SSL_has_pending(conn->tls) : n < HTTP_READ))
			return;
	}
}

static void linger(struct http_conn *conn)
{
	ssize_t n;

	while ((n = recv(conn->fd, conn->loop->buffer, HTTP_READ, 0)) > 0 && !conn->dead) {
		conn->lingered += (size_t)n;
		conn->dead |= conn->lingered > HTTP_LINGER_BYTES;
	}
	conn->dead |= n == 0;
}

static void handshake(struct http_conn *conn)
{
	bool failed = false;

	switch (http_io_handshake(conn)) {
	case HTTP_IO_OK:
		conn->handshaken = true;
		conn->peer = http_tls_peer(conn->tls, &failed);
		conn->dead = failed;
		http_conn_wait(conn, HTTP_WAIT_IDLE);
		receive(conn);
		break;
	case HTTP_IO_AGAIN:
		break;
	default:
		conn->dead = true;
	}
}

/* spurious: there is something to read that is not wanted now. */
static void settle(struct http_conn *conn, bool spurious)
{
	if (conn->dead) {
		http_conn_free(conn);
		return;
	}
	bool in = !conn->handshaken || may_read(conn) || conn->wait == HTTP_WAIT_LINGER;
	bool out = !all_out(conn) || conn->tls_write_first || conn->again;
	uint32_t want = (in ? (uint32_t)EPOLLIN : 0) | (out ? (uint32_t)EPOLLOUT : 0);
	/* Most answers come before the peer speaks again: no system call until it does. */
	if (!in && !spurious)
		want |= conn->events & (uint32_t)EPOLLIN;
	if (want == conn->events)
		return;
	conn->events = want;
	struct epoll_event event = { .events = want, .data.ptr = conn };
	if (epoll_ctl(conn->loop->epoll, EPOLL_CTL_MOD, conn->fd, &event) != 0)
		http_conn_free(conn);
}

void http_conn_settle(struct http_conn *conn)
{
	/* What came behind the answered request, and what TLS has read of more. */
	if (may_read(conn) && (conn->early || (conn->tls && SSL_has_pending(conn->tls))))
		receive(conn);
	settle(conn, false);
}

void http_conn_ready(struct http_conn *conn, uint32_t events)
{
	bool in = events & EPOLLIN, spurious = false;

	if (events & (EPOLLERR | EPOLLHUP)) {
		conn->dead = true;
	} else if (!conn->handshaken) {
		handshake(conn);
	} else if (conn->wait == HTTP_WAIT_LINGER) {
		linger(conn);
	} else {
		bool was_waiting = !all_out(conn) || conn->again;
		flush(conn);
		spurious = in && !may_read(conn);
		if (in || was_waiting)
			receive(conn);
	}
	settle(conn, spurious);
}
