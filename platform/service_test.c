/* SPDX-License-Identifier: Apache-2.0
 *
 * log, random, daemon, config: what every daemon of ours needs. */
#include "platform/config.h"
#include "platform/daemon.h"
#include "platform/log.h"
#include "platform/random.h"
#include "tests/tap.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void log_lines(void)
{
	const struct platform_log_field fields[] = {
		log_text("node", "a\"b\\c\n\x1b[1m\xc3\xa9\xff\xc2\x9b"), log_number("ms", -3),
		log_text("none", NULL), LOG_END
	};
	char big[6000], out[4096];

	size_t n =
		platform_log_format(true, PLATFORM_LOG_INFO, "m\"", fields, out, sizeof(out));
	out[n] = '\0';
	tap_ok(strstr(out,
		      "\"level\":\"info\",\"program\":\"assay\",\"message\":\"m\\\"\","
		      "\"node\":\"a\\\"b\\\\c\\u000a\\u001b[1m\xc3\xa9\\ufffd\\ufffd\\ufffd\","
		      "\"ms\":-3,\"none\":\"\"}") != NULL,
	       "log: JSON, escaped");
	platform_log_request("r-1");
	n = platform_log_format(false, PLATFORM_LOG_ERROR, "m", fields + 1, out, sizeof(out));
	out[n] = '\0';
	tap_ok(strstr(out, " error   m request=\"r-1\" ms=-3 none=\"\"") != NULL, "log: text");
	platform_log_request(NULL);
	memset(big, 'x', sizeof(big));
	const struct platform_log_field large[] = {
		log_slice("a", (struct assay_slice){ (uint8_t *)big, sizeof(big) }),
		log_number("b", 1), LOG_END
	};
	n = platform_log_format(true, PLATFORM_LOG_INFO, "m", large, out, sizeof(out));
	out[n] = '\0';
	tap_ok(n < sizeof(out) && strstr(out, ",\"b\":1,\"cut\":true}") &&
		       !strstr(out, "\"a\""),
	       "log: a field that does not fit is left out, and it says so");
	for (size_t cap = 200; cap < 400; cap++) {
		n = platform_log_format(true, PLATFORM_LOG_INFO, "m", fields, out, cap);
		if (n > cap || out[n - 1] != '}')
			break;
	}
	tap_ok(out[n - 1] == '}', "log: whole at every size");
}

static void bytes(void)
{
	uint8_t a[64] = { 0 }, b[64] = { 0 };
	bool below = true;

	platform_random(a, sizeof(a));
	platform_random(b, sizeof(b));
	tap_ok(memcmp(a, b, sizeof(a)) != 0, "random: two are not alike");
	for (int i = 0; i < 1000; i++)
		below &= platform_random_below(7) < 7 && platform_random_below(1) == 0;
	tap_ok(below, "random: below");
}

static bool heard(int fd, const char *want)
{
	char text[256];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n < 0 ? 0 : n] = '\0';
	return strncmp(text, want, strlen(want)) == 0;
}

static void speak(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char name[64];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), first = 0;

	snprintf(name, sizeof(name), "@assay-test-%ld", (long)getpid());
	memcpy(a.sun_path, name, strlen(name));
	a.sun_path[0] = '\0';
	if (bind(fd, (struct sockaddr *)&a, (socklen_t)(sizeof(a.sun_family) + strlen(name))) !=
	    0)
		abort();
	platform_daemon_ready(NULL);
	setenv("NOTIFY_SOCKET", name, 1);
	platform_daemon_ready("all is well");
	tap_ok(heard(fd, "READY=1\nSTATUS=all is well"), "daemon: ready");
	platform_daemon_reloading();
	tap_ok(heard(fd, "RELOADING=1\nMONOTONIC_USEC="), "daemon: reloading");
	platform_daemon_alive();
	platform_daemon_stopping();
	tap_ok(heard(fd, "WATCHDOG=1") && heard(fd, "STOPPING=1"), "daemon: alive, stopping");
	unsetenv("NOTIFY_SOCKET");
	close(fd);
	setenv("WATCHDOG_USEC", "10000000", 1);
	tap_ok(platform_daemon_alive_ms() == 5000, "daemon: watchdog");
	setenv("WATCHDOG_PID", "1", 1);
	tap_ok(platform_daemon_alive_ms() == 0, "daemon: another's watchdog");
	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "1", 1);
	tap_ok(platform_daemon_sockets(&first) == 0 && !getenv("LISTEN_FDS"),
	       "daemon: another's sockets");
}

static void signals(void)
{
	struct platform_message why = { 0 };
	int fd = platform_daemon_signals(&why);

	tap_ok(fd >= 0 && platform_daemon_wait(fd, 0) == 0, "daemon: no signal yet");
	raise(SIGHUP);
	tap_ok(platform_daemon_wait(fd, 1000) == SIGHUP, "daemon: SIGHUP");
	close(fd);
}

static char path[] = "/tmp/assay-config.XXXXXX";

static struct platform_config *config(const char *text, struct platform_message *why)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		abort();
	return platform_config_read(path, why);
}

static void settings(void)
{
	struct platform_message why;
	const char *list[3] = { 0 };
	struct platform_config *c = config("threads: 4\nlisten: [a, b]\nstore:\n  path: /x\n"
					   "  wait: 5m\n  sync: false\none: z\n",
					   &why);

	if (!tap_ok(c != NULL, "config: read"))
		return;
	tap_ok(platform_config_uint(c, NULL, "threads", 1, 1, 64) == 4, "config: number");
	tap_ok(platform_config_list(c, NULL, "listen", list, 3) == 2 &&
		       strcmp(list[1], "b") == 0 &&
		       platform_config_list(c, NULL, "one", list, 3) == 1 &&
		       platform_config_list(c, NULL, "two", list, 3) == 0,
	       "config: lists");
	tap_ok(strcmp(platform_config_text(c, "store", "path", NULL), "/x") == 0 &&
		       strcmp(platform_config_text(c, "store", "file", "f"), "f") == 0 &&
		       !platform_config_optional(c, "no", "such"),
	       "config: texts");
	tap_ok(platform_config_duration(c, "store", "wait", 1, 1, 1000000) == 300000,
	       "config: duration");
	tap_ok(!platform_config_bool(c, "store", "sync", true), "config: bool");
	tap_ok(platform_config_finish(c, &why), "config: all were asked for");
	platform_config_drop(c);
}

static void ask(struct platform_config *c)
{
	const char *list[2];

	platform_config_text(c, NULL, "need", NULL);
	platform_config_uint(c, NULL, "n", 1, 1, 9);
	platform_config_duration(c, "s", "d", 1000, 1000, 9000);
	platform_config_bool(c, "s", "b", true);
	platform_config_list(c, "s", "l", list, 2);
}

/* What a file is refused for, and the line that is named. */
static void refusals(void)
{
	static const struct {
		const char *text, *line, *why;
	} rows[] = {
		{ "need: a\nm: 2\n", "line 2", "no such setting" },
		{ "need: a\ns:\n  d: 1s\n  e: 2\n", "line 4", "no such setting" },
		{ "need: a\nt: {u: 2}\n", "line 2", "no such setting" },
		{ "n: 2\n", "", "need must be there" },
		{ "need: a\nn: 10\n", "line 2", "must be from 1 to 9" },
		{ "need: a\nn: 0x3\n", "line 2", "must be a number" },
		{ "need: a\nn: -1\n", "line 2", "must be a number" },
		{ "need: a\nn: 99999999999999999999999\n", "line 2", "must be a number" },
		{ "need: a\nn: [2]\n", "line 2", "must be a text" },
		{ "need: a\ns: {d: 5}\n", "line 2", "must be a duration" },
		{ "need: a\ns: {d: 10s}\n", "line 2", "must be from 1000ms" },
		{ "need: a\ns: {b: yes}\n", "line 2", "true or false" },
		{ "need: a\ns: {l: [a, b, c]}\n", "line 2", "too many" },
		{ "need: a\ns: {l: [[a]]}\n", "line 2", "list of texts" },
		{ "need: a\ns: 3\n", "line 2", "must be a section" },
		{ "need: \"\"\n", "line 1", "must be a text" },
		{ "need: a\nneed: b\n", "line 2", "comes twice" },
		{ "need: a\ns:\n  b: true\n  b: false\n", "line 4", "comes twice" },
		{ "need: &x a\n", "line 1", "anchors" },
		{ "need: !!str a\n", "line 1", "anchors and tags" },
		{ "need: a\n---\nneed: b\n", "line 2", "second document" },
		{ "- a\n", "line 1", "mapping" },
		{ "", "", "mapping" },
		{ "need: [a\n", "", "line 2" },
		{ "? [a]\n: b\n", "line 1", "key must be a text" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct platform_message why = { 0 };
		struct platform_config *c = config(rows[i].text, &why);
		bool refused = !c;
		if (c) {
			ask(c);
			refused = !platform_config_finish(c, &why);
		}
		if (!tap_ok(refused && strstr(why.what, rows[i].line) &&
				    strstr(why.why, rows[i].why),
			    "config: refuses: %s, row %zu", rows[i].why, i))
			printf("# %s: %s\n", why.what, why.why);
		platform_config_drop(c);
	}
}

int main(void)
{
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	log_lines();
	bytes();
	speak();
	signals();
	settings();
	refusals();
	unlink(path);
	return tap_done();
}
