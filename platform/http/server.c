/* SPDX-License-Identifier: Apache-2.0
 *
 * Starting, reloading and stopping. */
#include "platform/http/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static bool listen_on(struct http_server *server, struct platform_message *why)
{
	const struct http_server_config *c = &server->config;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICHOST };
	struct addrinfo *found = NULL;
	char port[8];
	const int on = 1, off = 0;

	snprintf(port, sizeof(port), "%u", (unsigned)c->port);
	platform_message_what(why, "cannot listen on %s port %s", c->address, port);
	int e = getaddrinfo(c->address, port, &hints, &found);
	if (e) {
		platform_message_why(why, "%s", gai_strerror(e));
		platform_message_hint(why,
				      "an address is written in numbers, as 0.0.0.0 or ::");
		return false;
	}
	int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool good = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		    (found->ai_family != AF_INET6 ||
		     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0) &&
		    bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 4096) == 0;
	if (!good)
		platform_message_errno(why, errno);
	freeaddrinfo(found);
	if (!good && fd >= 0)
		close(fd);
	server->listen_fd = good ? fd : -1;
	return good;
}

static bool take_socket(struct http_server *server, struct platform_message *why)
{
	struct sockaddr_storage s = { 0 };
	socklen_t n = sizeof(s);

	if (server->config.listen_fd < 0) {
		if (!listen_on(server, why))
			return false;
	} else {
		server->listen_fd = server->config.listen_fd;
	}
	int flags = fcntl(server->listen_fd, F_GETFL);
	if (flags < 0 || fcntl(server->listen_fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    getsockname(server->listen_fd, (struct sockaddr *)&s, &n) != 0) {
		platform_message_what(why, "cannot use the listening socket");
		platform_message_errno(why, errno);
		return false;
	}
	server->port = s.ss_family == AF_INET6  ? ntohs(((struct sockaddr_in6 *)&s)->sin6_port)
		       : s.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&s)->sin_port)
						: 0;
	return true;
}

static bool copy_text(const char **text)
{
	return !*text || (*text = strdup(*text));
}

static void free_server(struct http_server *server)
{
	for (unsigned i = 0; i < server->config.threads && server->loop; i++) {
		struct http_loop *loop = &server->loop[i];
		if (loop->mailbox)
			http_mailbox_let_go(loop->mailbox);
		if (loop->epoll > 0)
			close(loop->epoll);
		free(loop->handed);
		pthread_mutex_destroy(&loop->handed_lock);
	}
	free(server->loop);
	if (server->listen_fd >= 0)
		close(server->listen_fd);
	SSL_CTX_free(server->tls);
	const char *const texts[] = { server->config.address, server->config.cert,
				      server->config.key, server->config.client_ca,
				      server->config.client_crl };
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		free((void *)(uintptr_t)texts[i]);
	pthread_mutex_destroy(&server->tls_lock);
	pthread_mutex_destroy(&server->start_lock);
	pthread_cond_destroy(&server->start_changed);
	free(server);
}

static struct http_server *new_server(const struct http_server_config *config)
{
	struct http_server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->config = *config;
	struct http_server_config *c = &server->config;
	bool copied = copy_text(&c->address);
	copied &= copy_text(&c->cert);
	copied &= copy_text(&c->key);
	copied &= copy_text(&c->client_ca);
	copied &= copy_text(&c->client_crl);
	c->threads = c->threads < 1 ? 1 : c->threads > 64 ? 64 : c->threads;
	server->listen_fd = -1;
	pthread_mutex_init(&server->tls_lock, NULL);
	pthread_mutex_init(&server->start_lock, NULL);
	pthread_cond_init(&server->start_changed, NULL);
	http_grammar();
	server->loop = calloc(c->threads, sizeof(*server->loop));
	for (unsigned i = 0; i < c->threads && server->loop; i++)
		pthread_mutex_init(&server->loop[i].handed_lock, NULL);
	if (server->loop && copied)
		return server;
	free_server(server);
	return NULL;
}

static bool prepare_loop(struct http_server *server, unsigned i)
{
	struct http_loop *loop = &server->loop[i];

	loop->server = server;
	loop->index = i;
	loop->mailbox = http_mailbox_new();
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!loop->mailbox || loop->epoll < 0)
		return false;
	struct epoll_event wake = { .events = EPOLLIN, .data.ptr = loop->mailbox };
	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->mailbox->wake, &wake) == 0;
}

static bool start_loops(struct http_server *server)
{
	unsigned n = server->config.threads;

	for (unsigned i = 0; i < n; i++)
		if (!prepare_loop(server, i))
			return false;
	for (; server->loops < n; server->loops++) {
		struct http_loop *loop = &server->loop[server->loops];
		if (pthread_create(&loop->thread, NULL, http_loop_run, loop) != 0)
			return false;
	}
	pthread_mutex_lock(&server->start_lock);
	while (server->started + server->refused < n)
		pthread_cond_wait(&server->start_changed, &server->start_lock);
	bool good = server->refused == 0;
	pthread_mutex_unlock(&server->start_lock);
	/* Only now: a loop that a connection is handed to must be there. */
	struct epoll_event accepting = { .events = EPOLLIN, .data.ptr = &server->loop[0] };
	return good && epoll_ctl(server->loop[0].epoll, EPOLL_CTL_ADD, server->listen_fd,
				 &accepting) == 0;
}

struct http_server *http_server_start(const struct http_server_config *config,
				      struct platform_message *why)
{
	struct http_server *server = new_server(config);

	memset(why, 0, sizeof(*why));
	if (!server) {
		platform_message_what(why, "cannot start the HTTP server");
		platform_message_errno(why, ENOMEM);
		return NULL;
	}
	if ((config->cert && !(server->tls = http_tls_server(&server->config, why))) ||
	    !take_socket(server, why)) {
		free_server(server);
		return NULL;
	}
	if (start_loops(server))
		return server;
	platform_message_what(why, "cannot start the HTTP server");
	platform_message_why(why, "a thread could not be started");
	http_server_stop(server, 0);
	return NULL;
}

uint16_t http_server_port(const struct http_server *server)
{
	return server->port;
}

size_t http_server_connections(const struct http_server *server)
{
	return atomic_load(&server->connections);
}

bool http_server_reload(struct http_server *server, struct platform_message *why)
{
	if (!server->config.cert)
		return true;
	/* New ticket keys with it: a resumed session must not outlive what was reloaded. */
	SSL_CTX *fresh = http_tls_server(&server->config, why);
	if (!fresh)
		return false;
	pthread_mutex_lock(&server->tls_lock);
	SSL_CTX *old = server->tls;
	server->tls = fresh;
	pthread_mutex_unlock(&server->tls_lock);
	SSL_CTX_free(old);
	return true;
}

static void wake_all(struct http_server *server)
{
	for (unsigned i = 0; i < server->loops; i++)
		http_mailbox_wake(server->loop[i].mailbox);
}

void http_server_stop(struct http_server *server, unsigned seconds)
{
	const struct timespec step = { 0, 10000000 };
	int64_t end = http_now_ms() + (int64_t)seconds * 1000;

	if (!server)
		return;
	atomic_store(&server->stopping, true);
	wake_all(server);
	while (http_server_connections(server) && http_now_ms() < end)
		nanosleep(&step, NULL);
	atomic_store(&server->stop_now, true);
	wake_all(server);
	for (unsigned i = 0; i < server->loops; i++)
		pthread_join(server->loop[i].thread, NULL);
	free_server(server);
}
