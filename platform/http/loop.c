/* SPDX-License-Identifier: Apache-2.0
 *
 * A loop's thread and its mailbox. Letters, new sockets and time limits are looked at after
 * the sockets' events: each of them may free a connection that a later event still names. */
#include "platform/http/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

int64_t http_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct http_mailbox *http_mailbox_new(void)
{
	struct http_mailbox *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	m->last = &m->first;
	atomic_init(&m->holders, 1);
	if (m->wake >= 0 && pthread_mutex_init(&m->lock, NULL) == 0)
		return m;
	if (m->wake >= 0)
		close(m->wake);
	free(m);
	return NULL;
}

void http_mailbox_let_go(struct http_mailbox *m)
{
	if (atomic_fetch_sub(&m->holders, 1) != 1)
		return;
	close(m->wake);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

void http_mailbox_wake(struct http_mailbox *m)
{
	/* Fails only when it is awake 2^64 times over. */
	(void)!eventfd_write(m->wake, 1);
}

bool http_mailbox_put(struct http_mailbox *m, struct http_letter *letter)
{
	pthread_mutex_lock(&m->lock);
	bool closed = m->closed, first = !m->first;
	letter->next = NULL;
	if (!closed) {
		*m->last = letter;
		m->last = &letter->next;
		if (first)
			http_mailbox_wake(m);
	}
	pthread_mutex_unlock(&m->lock);
	if (closed)
		free(letter);
	return !closed;
}

static void drop(struct http_letter **at, const struct http_exchange *x)
{
	while (*at) {
		struct http_letter *letter = *at;
		if (letter->x != x) {
			at = &letter->next;
			continue;
		}
		*at = letter->next;
		free(letter);
	}
}

void http_loop_forget(struct http_loop *loop, const struct http_exchange *x)
{
	struct http_mailbox *m = loop->mailbox;

	drop(&loop->todo, x);
	pthread_mutex_lock(&m->lock);
	drop(&m->first, x);
	m->last = &m->first;
	while (*m->last)
		m->last = &(*m->last)->next;
	pthread_mutex_unlock(&m->lock);
}

static void read_letters(struct http_loop *loop, bool last)
{
	struct http_mailbox *m = loop->mailbox;
	eventfd_t ignored;

	(void)!eventfd_read(m->wake, &ignored);
	pthread_mutex_lock(&m->lock);
	loop->todo = m->first;
	m->first = NULL;
	m->last = &m->first;
	m->closed = last;
	pthread_mutex_unlock(&m->lock);
	while (loop->todo) {
		struct http_letter *letter = loop->todo;
		loop->todo = letter->next;
		http_answer_letter(loop, letter);
		free(letter);
	}
}

/* The lists are in order of deadline: only those that have ended are touched. */
static void end_late(struct http_loop *loop)
{
	int64_t now = http_now_ms();

	for (int w = 0; w < HTTP_WAITS; w++)
		while (loop->waiting[w].first && loop->waiting[w].first->deadline <= now)
			http_conn_free(loop->waiting[w].first);
}

static void free_all(struct http_loop *loop, enum http_wait wait)
{
	while (loop->waiting[wait].first)
		http_conn_free(loop->waiting[wait].first);
}

/* True when the loop is to end. */
static bool stop(struct http_loop *loop)
{
	struct http_server *server = loop->server;

	if (!atomic_load(&server->stopping))
		return false;
	if (loop->index == 0 && !loop->paused)
		http_accept_pause(loop, true);
	free_all(loop, HTTP_WAIT_HANDSHAKE);
	free_all(loop, HTTP_WAIT_IDLE);
	free_all(loop, HTTP_WAIT_STREAM);
	if (atomic_load(&server->stop_now))
		for (int w = 0; w < HTTP_WAITS; w++)
			free_all(loop, (enum http_wait)w);
	return loop->connections == 0;
}

static void serve(struct http_loop *loop)
{
	int64_t tick = http_now_ms() + HTTP_TICK_MS;
	struct epoll_event events[64];

	for (;;) {
		bool idle = loop->connections == 0 && !loop->paused;
		int n = epoll_wait(loop->epoll, events, 64, idle ? -1 : HTTP_TICK_MS);
		bool woken = false, accepting = false;
		for (int i = 0; i < n; i++) {
			void *what = events[i].data.ptr;
			if (what == loop->mailbox)
				woken = true;
			else if (what == loop)
				accepting = true;
			else
				http_conn_ready(what, events[i].events);
		}
		if (woken) {
			read_letters(loop, false);
			http_accept_handed(loop);
		}
		if (accepting)
			http_accept(loop);
		if (stop(loop))
			return;
		if (http_now_ms() < tick)
			continue;
		tick = http_now_ms() + HTTP_TICK_MS;
		end_late(loop);
		if (loop->paused)
			http_accept_pause(loop, false);
	}
}

static bool begin(struct http_loop *loop)
{
	struct http_server *server = loop->server;
	const struct http_server_config *c = &server->config;

	loop->mailbox->thread = pthread_self();
	loop->user = c->thread_start ? c->thread_start(c->ctx, loop->index) : NULL;
	bool good = loop->user || !c->thread_start;
	pthread_mutex_lock(&server->start_lock);
	*(good ? &server->started : &server->refused) += 1;
	pthread_cond_signal(&server->start_changed);
	pthread_mutex_unlock(&server->start_lock);
	return good;
}

void *http_loop_run(void *arg)
{
	struct http_loop *loop = arg;
	const struct http_server_config *c = &loop->server->config;

	if (!begin(loop))
		return NULL;
	serve(loop);
	read_letters(loop, true);
	http_accept_handed(loop);
	for (int w = 0; w < HTTP_WAITS; w++)
		free_all(loop, (enum http_wait)w);
	if (c->thread_stop)
		c->thread_stop(c->ctx, loop->user);
	return NULL;
}
