/* SPDX-License-Identifier: Apache-2.0
 *
 * One socket, accepted from by loop 0 for all loops in turn: kept connections are then spread
 * evenly, which neither SO_REUSEPORT (a hash of the addresses) nor a socket in several epolls
 * (the last waiter wins) does; and a socket from systemd works like one of our own. */
#include "platform/http/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void hand(struct http_loop *to, int fd)
{
	bool kept = true;

	pthread_mutex_lock(&to->handed_lock);
	if (to->handed_n == to->handed_cap) {
		size_t cap = to->handed_cap ? to->handed_cap * 2 : 16;
		int *grown = realloc(to->handed, cap * sizeof(*grown));
		kept = grown != NULL;
		to->handed = kept ? grown : to->handed;
		to->handed_cap = kept ? cap : to->handed_cap;
	}
	if (kept)
		to->handed[to->handed_n++] = fd;
	pthread_mutex_unlock(&to->handed_lock);
	if (kept) {
		http_mailbox_wake(to->mailbox);
		return;
	}
	close(fd);
	atomic_fetch_sub(&to->server->connections, 1);
}

void http_accept_handed(struct http_loop *loop)
{
	for (;;) {
		pthread_mutex_lock(&loop->handed_lock);
		int fd = loop->handed_n ? loop->handed[--loop->handed_n] : -1;
		pthread_mutex_unlock(&loop->handed_lock);
		if (fd < 0)
			return;
		http_conn_open(loop, fd);
	}
}

void http_accept(struct http_loop *loop)
{
	struct http_server *server = loop->server;

	for (int turns = 0; turns < 32; turns++) {
		if (atomic_load(&server->connections) >= server->config.max_connections) {
			http_accept_pause(loop, true);
			return;
		}
		int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0) {
			/* Out of descriptors or memory: the socket stays readable, so do not
			 * look at it until the next tick. */
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			    errno == ENOMEM)
				http_accept_pause(loop, true);
			return;
		}
		atomic_fetch_add(&server->connections, 1);
		struct http_loop *to = &server->loop[server->next++ % server->loops];
		if (to == loop)
			http_conn_open(loop, fd);
		else
			hand(to, fd);
	}
}

void http_accept_pause(struct http_loop *loop, bool paused)
{
	struct epoll_event event = { .events = paused ? 0 : EPOLLIN, .data.ptr = loop };

	loop->paused = paused;
	epoll_ctl(loop->epoll, EPOLL_CTL_MOD, loop->server->listen_fd, &event);
}
