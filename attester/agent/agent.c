/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/agent.h"

#include "attester/agent/loop.h"
#include "platform/daemon.h"
#include "platform/log.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
	ANSWER_MAX = 1024 * 1024,
	REST_MAX = 1000, /* ms without a sign of life */
	READY_MS = 45 * 1000,
	EXIT_FAILED = 5,
};

uint64_t agent_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return 1000 * (uint64_t)t.tv_sec + (uint64_t)t.tv_nsec / 1000000;
}

/* Ready is who is enrolled. One who is not goes on trying: it becomes ready too, late enough
 * for units that wait for it, and soon enough for systemd, which would else kill it. */
static void tell_systemd(struct agent *a, uint64_t now)
{
	bool enrolled = agent_enrolled(a);

	if (a->ready ? a->told == enrolled : !enrolled && now - a->begun < READY_MS)
		return;
	platform_daemon_ready(enrolled ? "enrolled" : "not enrolled: waiting for a token");
	a->ready = true;
	a->told = enrolled;
}

/* For systemd's watchdog: from here alone, so that a TPM or a server that hangs beyond its time
 * is noticed. */
static void alive(struct agent *a, uint64_t now)
{
	unsigned every = platform_daemon_alive_ms();

	if (every == 0 || now - a->alive < every)
		return;
	platform_daemon_alive();
	a->alive = now;
}

static void note(const char *text)
{
	platform_log(PLATFORM_LOG_INFO, text, LOG_END);
}

enum woken { DUE, SIGNALLED };

/* Sleeps until the next message is due, something changed, or a signal came. */
static enum woken rest(struct agent *a)
{
	for (;;) {
		uint64_t now = agent_now(), next = agent_pace_next(&a->pace);
		if (!a->pace.changed && agent_watch_look(&a->watch, a->expected)) {
			a->pace.changed = true;
			continue;
		}
		alive(a, now);
		tell_systemd(a, now);
		if (next <= now)
			return DUE;
		/* once it is known that something changed there is nothing to look for */
		uint64_t wait = next - now;
		uint64_t most = a->pace.changed ? REST_MAX : a->config->look;
		struct pollfd p[2] = {
			{ .fd = a->signal_fd, .events = POLLIN },
			{ .fd = a->pace.changed ? -1 : a->watch.exec_fd, .events = POLLIN },
		};
		(void)poll(p, 2, (int)(wait < most ? wait : most));
		if (p[0].revents)
			return SIGNALLED;
		if (p[1].revents)
			agent_watch_drain(&a->watch);
	}
}

/* A request that is under way goes on through a SIGHUP, so what may end it is an fd apart. */
static bool open_signals(struct agent *a, struct platform_message *why)
{
	sigset_t stop;

	a->signal_fd = platform_daemon_signals(why);
	if (a->signal_fd < 0)
		return false;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	a->stop_fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	if (a->stop_fd >= 0)
		return true;
	platform_message_what(why, "cannot wait for signals");
	platform_message_errno(why, errno);
	return false;
}

static bool open_talk(struct agent *a, struct platform_message *why)
{
	const struct http_client_config config = {
		.url = a->config->server,
		.ca = a->config->ca[0] ? a->config->ca : NULL,
		.timeout_ms = a->config->timeout,
		.max_answer = ANSWER_MAX,
		.user_agent = "assay-agent/" ASSAY_VERSION,
		.wake_fd = a->stop_fd,
	};

	a->talk.server = a->config->server;
	a->talk.client = http_client_new(&config, why);
	return a->talk.client != NULL;
}

static bool open_askers(struct agent *a, struct platform_message *why)
{
	if (!a->config->socket[0])
		return true;
	int fd = agent_socket_listen(a->config->socket, why);
	a->askers = fd < 0 ? NULL : agent_askers_start(a->desk, fd, why);
	return a->askers != NULL;
}

static bool open_agent(struct agent *a, struct assay_crypto *const crypto[2],
		       struct platform_message *why)
{
	const struct agent_config *c = a->config;

	a->signer = (struct agent_signer){ .conf = c->tcti[0] ? c->tcti : NULL,
					   .ak = c->ak,
					   .key_type = c->key_type };
	a->desk = agent_desk_new(&a->signer, crypto[0]);
	a->report.desk = a->desk;
	a->report.root = c->root;
	a->report.node = c->node;
	a->report.note = note;
	a->pace.gap = c->gap;
	snprintf(a->state_path, sizeof a->state_path, "%s/state", c->state);
	if (!agent_state_read(a->state_path, &a->state, why))
		platform_log(PLATFORM_LOG_WARNING, why->what, log_text("why", why->why),
			     LOG_END);
	if (!a->desk) {
		platform_message_errno(why, ENOMEM);
		return false;
	}
	return open_signals(a, why) && agent_report_open(&a->report, crypto[1], why) &&
	       agent_watch_open(&a->watch, c->root, why) && open_talk(a, why) &&
	       agent_confine(c, why) && open_askers(a, why);
}

static void close_agent(struct agent *a)
{
	agent_askers_stop(a->askers);
	http_client_free(a->talk.client);
	agent_watch_close(&a->watch);
	agent_report_close(&a->report);
	agent_signer_free(&a->signer);
	agent_desk_free(a->desk);
	if (a->signal_fd >= 0)
		close(a->signal_fd);
	if (a->stop_fd >= 0)
		close(a->stop_fd);
}

/* False when the agent is to end; after SIGHUP a message goes out at once. */
static bool goes_on(struct agent *a)
{
	int signal = platform_daemon_wait(a->signal_fd, 0);

	if (signal == SIGHUP) {
		a->pace.due = a->pace.wait = 0;
		platform_log(PLATFORM_LOG_NOTICE, "asked to send now", LOG_END);
	}
	return signal != SIGTERM && signal != SIGINT;
}

static int run(struct agent *a, bool once)
{
	enum agent_step step = AGENT_STEP_DONE;

	a->begun = agent_now();
	for (;;) {
		bool signalled = rest(a) == SIGNALLED;
		if (!signalled)
			step = agent_attest(a);
		if (signalled || step == AGENT_STEP_SIGNAL) {
			if (!goes_on(a))
				break;
		} else if (once) {
			return step == AGENT_STEP_DONE ? 0 : EXIT_FAILED;
		}
	}
	platform_daemon_stopping();
	return once ? EXIT_FAILED : 0;
}

int agent_run(const struct agent_config *config, bool once)
{
	struct platform_message why = { .what = "cannot start", .why = "libcrypto does not" };
	struct agent a = { .config = config,
			   .watch = { .count_fd = -1, .exec_fd = -1 },
			   .report.list.fd = -1,
			   .stop_fd = -1,
			   .signal_fd = -1 };
	struct assay_crypto *crypto[2] = { assay_crypto_new(NULL, NULL),
					   assay_crypto_new(NULL, NULL) };
	int status = EXIT_FAILED;

	mallopt(M_ARENA_MAX, 1); /* two threads, and one of them seldom allocates */
	if (crypto[0] && crypto[1] && open_agent(&a, crypto, &why))
		status = run(&a, once);
	else
		agent_trouble(&a.trouble, &why);
	close_agent(&a);
	assay_crypto_free(crypto[0]);
	assay_crypto_free(crypto[1]);
	return status;
}
