/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/askers.h"

#include "attester/agent/ask.h"

#include <assay/evidence/bundle.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum connection_state { FREE, ASKS, WAITS, TAKES };

struct connection {
	enum connection_state state;
	int fd;
	uint64_t until; /* ms, monotonic */
	uint8_t in[AGENT_QUESTION_MAX + 1];
	size_t in_n;
	uint8_t *out; /* malloced */
	size_t out_n, out_at;
	struct agent_asker asker;
};

struct agent_askers {
	struct agent_desk *desk;
	int listen_fd, stop_fd;
	pthread_t thread;
	struct connection at[AGENT_ASKERS_MAX];
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1000 * (uint64_t)t.tv_sec + (uint64_t)t.tv_nsec / 1000000;
}

static void leave(struct connection *c)
{
	close(c->fd);
	free(c->out);
	*c = (struct connection){ .state = FREE, .fd = -1 };
}

static void take(struct connection *c, uint8_t *out, size_t n)
{
	c->out = out;
	c->out_n = n;
	c->out_at = 0;
	c->until = now_ms() + AGENT_TAKE_MS;
	c->state = TAKES;
}

static void refuse(struct connection *c, const char *word)
{
	uint8_t *out = malloc(32);

	if (!out) {
		leave(c);
		return;
	}
	take(c, out, agent_refusal_write(word, out, 32));
}

static void hand_in(struct agent_askers *a, struct connection *c)
{
	struct assay_slice nonce;

	switch (agent_question_read((struct assay_slice){ c->in, c->in_n }, &nonce)) {
	case AGENT_QUESTION_MORE:
		return;
	case AGENT_QUESTION_MALFORMED:
		refuse(c, "malformed");
		return;
	case AGENT_QUESTION_WHOLE:
		memcpy(c->asker.nonce, nonce.p, nonce.n);
		c->asker.nonce_n = nonce.n;
		if (agent_desk_wait(a->desk, &c->asker))
			c->state = WAITS;
		else
			refuse(c, "busy");
	}
}

static void hear(struct agent_askers *a, struct connection *c)
{
	ssize_t got = recv(c->fd, c->in + c->in_n, sizeof c->in - c->in_n, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		leave(c);
		return;
	}
	c->in_n += (size_t)got;
	hand_in(a, c);
}

static void tell(struct connection *c)
{
	ssize_t put = send(c->fd, c->out + c->out_at, c->out_n - c->out_at,
			   MSG_DONTWAIT | MSG_NOSIGNAL);

	if (put < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (put > 0)
		c->out_at += (size_t)put;
	if (put < 0 || c->out_at == c->out_n)
		leave(c);
}

/* The quote as a bundle. */
static void answer(struct connection *c)
{
	struct agent_quoted *q = &c->asker.quoted;
	struct assay_bundle b = { 0 };

	if (c->asker.state != AGENT_ASKED_ANSWERED) {
		refuse(c, "tpm");
		return;
	}
	b.present[ASSAY_PART_QUOTE_MSG] = b.present[ASSAY_PART_QUOTE_SIG] = true;
	b.present[ASSAY_PART_AK_PUB] = b.present[ASSAY_PART_BATCH] = true;
	b.part[ASSAY_PART_QUOTE_MSG] = q->msg;
	b.part[ASSAY_PART_QUOTE_SIG] = q->sig;
	b.part[ASSAY_PART_AK_PUB] = q->ak_pub;
	b.part[ASSAY_PART_BATCH] = (struct assay_slice){ q->batch, q->batch_n };

	size_t n = assay_bundle_write(&b, NULL, 0);
	uint8_t *out = malloc(n);
	if (out)
		take(c, out, assay_bundle_write(&b, out, n));
	agent_quoted_drop(q);
	if (!out)
		leave(c);
}

static void let_in(struct agent_askers *a)
{
	for (size_t i = 0; i < AGENT_ASKERS_MAX; i++) {
		struct connection *c = &a->at[i];
		if (c->state != FREE)
			continue;
		int fd = accept4(a->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		*c = (struct connection){ .state = ASKS,
					  .fd = fd,
					  .until = now_ms() + AGENT_ASK_MS };
	}
}

/* Everybody who has asked by now is served with one quote. */
static void serve(struct agent_askers *a)
{
	bool any = false;

	for (size_t i = 0; i < AGENT_ASKERS_MAX; i++)
		any |= a->at[i].state == WAITS;
	if (!any)
		return;
	agent_desk_serve(a->desk);
	for (size_t i = 0; i < AGENT_ASKERS_MAX; i++)
		if (a->at[i].state == WAITS)
			answer(&a->at[i]);
}

/* Fills p and returns how many, and *wait: ms until the first one's time is over, -1: none. */
static nfds_t look_at(const struct agent_askers *a, struct pollfd *p, size_t *which, int *wait)
{
	uint64_t now = now_ms();
	bool room = false;
	nfds_t n = 1;

	*wait = -1;
	p[0] = (struct pollfd){ .fd = a->stop_fd, .events = POLLIN };
	for (size_t i = 0; i < AGENT_ASKERS_MAX; i++) {
		const struct connection *c = &a->at[i];
		room |= c->state == FREE;
		if (c->state == FREE)
			continue;
		int left = c->until <= now ? 0 : (int)(c->until - now);
		*wait = *wait < 0 || left < *wait ? left : *wait;
		which[n] = i;
		p[n++] = (struct pollfd){ .fd = c->fd,
					  .events = c->state == TAKES ? POLLOUT : POLLIN };
	}
	which[n] = AGENT_ASKERS_MAX;
	if (room)
		p[n++] = (struct pollfd){ .fd = a->listen_fd, .events = POLLIN };
	return n;
}

static void *run(void *ctx)
{
	struct agent_askers *a = ctx;
	struct pollfd p[AGENT_ASKERS_MAX + 2];
	size_t which[AGENT_ASKERS_MAX + 2];

	for (;;) {
		int wait;
		nfds_t n = look_at(a, p, which, &wait);
		if (poll(p, n, wait) < 0 && errno != EINTR)
			return NULL;
		if (p[0].revents)
			return NULL;
		for (nfds_t i = 1; i < n; i++) {
			if (which[i] == AGENT_ASKERS_MAX) {
				if (p[i].revents)
					let_in(a);
				continue;
			}
			struct connection *c = &a->at[which[i]];
			if (p[i].revents && c->state == TAKES)
				tell(c);
			else if (p[i].revents)
				hear(a, c);
			if (c->state != FREE && c->until <= now_ms() && c->state != WAITS)
				leave(c);
		}
		serve(a);
	}
}

struct agent_askers *agent_askers_start(struct agent_desk *desk, int listen_fd,
					struct platform_message *why)
{
	struct agent_askers *a = calloc(1, sizeof *a);
	int problem = a ? 0 : ENOMEM;

	if (a) {
		*a = (struct agent_askers){ .desk = desk, .listen_fd = listen_fd };
		a->stop_fd = eventfd(0, EFD_CLOEXEC);
		problem = a->stop_fd < 0 ? errno : pthread_create(&a->thread, NULL, run, a);
	}
	if (!problem)
		return a;
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot serve the local socket");
	platform_message_errno(why, problem);
	close(listen_fd);
	if (a && a->stop_fd >= 0)
		close(a->stop_fd);
	free(a);
	return NULL;
}

void agent_askers_stop(struct agent_askers *a)
{
	if (!a)
		return;
	(void)!write(a->stop_fd, &(uint64_t){ 1 }, sizeof(uint64_t));
	pthread_join(a->thread, NULL);
	for (size_t i = 0; i < AGENT_ASKERS_MAX; i++)
		if (a->at[i].state != FREE)
			leave(&a->at[i]);
	close(a->listen_fd);
	close(a->stop_fd);
	free(a);
}
