/* SPDX-License-Identifier: Apache-2.0
 *
 * Those who misbehave: raw bytes against the server, and the time it takes them. */
#include "platform/http/internal.h"
#include "platform/http/test_rows.h"
#include "platform/http/test_server.h"
#include "tests/tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

static struct pki pki;

static int dial(const struct http_server *server)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(http_server_port(server)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		abort();
	return fd;
}

static void say(int fd, const void *p, size_t n)
{
	(void)!send(fd, p, n, MSG_NOSIGNAL);
}

/* All that comes until the end or ms without anything; true when it was the end. */
static bool hear(int fd, char *out, size_t cap, int ms)
{
	size_t n = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (poll(&p, 1, ms) <= 0)
			break;
		ssize_t r = recv(fd, out + n, cap - 1 - n, 0);
		if (r <= 0) {
			out[n] = '\0';
			return true;
		}
		n += (size_t)r;
	}
	out[n] = '\0';
	return false;
}

/* Until what is wanted is there, and then whether the end comes as well; 2 s at most. */
static bool hear_until(int fd, char *out, size_t cap, const char *want, bool end)
{
	size_t n = 0;

	for (int i = 0; i < 200; i++) {
		bool ended = hear(fd, out + n, cap - n, 10);
		n += strlen(out + n);
		if (ended || (!end && n && strstr(out, want)))
			return ended;
	}
	return false;
}

/* The server has no connection left, or gets rid of it within a second. */
static bool empty(const struct http_server *server)
{
	for (int i = 0; i < 100 && http_server_connections(server); i++)
		usleep(10000);
	return http_server_connections(server) == 0;
}

static void answers(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, false);
	config.request_seconds = config.body_seconds = config.idle_seconds = 30;
	struct http_server *server = http_server_start(&config, &why);
	char text[16384], start[32];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		/* At once, then byte for byte. */
		for (int slow = 0; slow < 2; slow++) {
			size_t n = strlen(rows[i].say);
			int fd = dial(server);
			for (size_t at = 0; slow && at + 1 < n; at++) {
				say(fd, rows[i].say + at, 1);
				if (at % 32 == 0)
					usleep(100);
			}
			say(fd, rows[i].say + (slow ? n - 1 : 0), slow ? 1 : n);
			snprintf(start, sizeof(start), "HTTP/1.1 %s ", rows[i].status);
			bool ended =
				hear_until(fd, text, sizeof(text), rows[i].has, rows[i].closed);
			if (!tap_ok(strncmp(text, start, strlen(start)) == 0 &&
					    strstr(text, rows[i].has) &&
					    ended == rows[i].closed,
				    "%s%s", rows[i].name, slow ? ", byte for byte" : ""))
				printf("# ended %d: %.300s\n", ended, text);
			close(fd);
		}
	}
	http_server_stop(server, 0);
}

static void sizes(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, false);
	struct http_server *server = http_server_start(&config, &why);
	char *big = malloc(3 << 20), text[16384];

	int n = snprintf(big, 100, "GET /hello HTTP/1.1\r\nHost: a\r\nX: ");
	memset(big + n, 'x', 9000);
	int fd = dial(server);
	say(fd, big, (size_t)n + 9000);
	tap_ok(hear(fd, text, sizeof(text), 500) && strncmp(text, "HTTP/1.1 431", 12) == 0,
	       "a header above 8 KiB");
	close(fd);
	snprintf(big + n + 7000, 5, "\r\n\r\n");
	fd = dial(server);
	say(fd, big, (size_t)n + 7004);
	hear(fd, text, sizeof(text), 200);
	tap_ok(strncmp(text, "HTTP/1.1 200", 12) == 0, "a header of 7 KiB");
	close(fd);
	n = snprintf(big, 200,
		     "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
		     "200000\r\n");
	memset(big + n, 'x', 2 << 20);
	fd = dial(server);
	say(fd, big, (size_t)n + (2 << 20));
	hear(fd, text, sizeof(text), 500);
	tap_ok(strncmp(text, "HTTP/1.1 413", 12) == 0, "chunks above the limit");
	close(fd);
	free(big);
	http_server_stop(server, 0);
}

/* How long the server bears with what was said, in ms; what it then says is in text. */
static int64_t borne(const struct http_server *server, const char *first, const char *drip,
		     char *text, size_t cap)
{
	int64_t begin = http_now_ms();
	int fd = dial(server);
	bool ended = false;

	say(fd, first, strlen(first));
	while (!ended && http_now_ms() < begin + 6000) {
		if (*drip)
			say(fd, drip, strlen(drip));
		ended = hear(fd, text, cap, 100);
	}
	close(fd);
	return http_now_ms() - begin;
}

static const struct {
	const char *name, *first, *drip;
	int64_t least, most;
	bool tls;
} slow[] = {
	{ "a header that never ends", "GET / HTTP/1.1\r\nHost: a\r\n", "A: b\r\n", 900, 2400,
	  false },
	{ "a header that stops", "GET / HT", "", 900, 2400, false },
	{ "a body that stops", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx",
	  "", 900, 2400, false },
	{ "a body that trickles",
	  "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\nx", "x", 900, 2400,
	  false },
	{ "nothing at all", "", "", 1900, 3400, false },
	{ "nothing after an answer", GET "\r\n", "", 1900, 3400, false },
	{ "no handshake", "", "", 900, 2400, true },
	{ "half a handshake", "\x16\x03\x01\x02\x00\x01", "", 900, 2400, true },
};
enum { SLOW = sizeof(slow) / sizeof(*slow) };

struct slow_one {
	pthread_t thread;
	size_t row;
	int64_t ms;
	bool left;
};

static void *be_slow(void *arg)
{
	struct slow_one *me = arg;
	struct platform_message why;
	char text[1024];
	struct http_server_config config = test_config(&pki, slow[me->row].tls);
	struct http_server *server = http_server_start(&config, &why);

	me->ms = borne(server, slow[me->row].first, slow[me->row].drip, text, sizeof(text));
	me->left = !empty(server);
	http_server_stop(server, 0);
	return NULL;
}

/* All at once: most of it is waiting. */
static void slow_ones(void)
{
	struct slow_one ones[SLOW];

	for (size_t i = 0; i < SLOW; i++) {
		ones[i].row = i;
		pthread_create(&ones[i].thread, NULL, be_slow, &ones[i]);
	}
	for (size_t i = 0; i < SLOW; i++) {
		pthread_join(ones[i].thread, NULL);
		tap_ok(ones[i].ms >= slow[i].least && ones[i].ms <= slow[i].most &&
			       !ones[i].left,
		       "slow: %s is closed after %lld ms", slow[i].name, (long long)ones[i].ms);
	}
}

static void unread(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, false);
	struct http_server *server = http_server_start(&config, &why);
	const int small = 4096;
	int fd = dial(server);

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	const char *ask = "GET /big?n=20000000 HTTP/1.1\r\nHost: a\r\n\r\n";
	say(fd, ask, strlen(ask));
	usleep(2500000);
	tap_ok(empty(server), "an answer that nobody reads is given up");
	close(fd);
	http_server_stop(server, 0);
}

static void slow_stream(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, false);
	struct http_server *server = http_server_start(&config, &why);
	const char *ask = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n";
	uint8_t piece[10000] = { 0 };
	unsigned gone = atomic_load(&test_gone);
	int fd = dial(server), sent = 0;
	const int small = 4096;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	say(fd, ask, strlen(ask));
	usleep(200000);
	while (sent < 10000 && test_stream_send((struct assay_slice){ piece, sizeof(piece) }))
		sent++;
	usleep(200000);
	tap_ok(sent > 50 && sent < 10000 && atomic_load(&test_gone) == gone + 1 &&
		       empty(server),
	       "a stream that nobody reads ends after %d pieces", sent);
	close(fd);
	http_server_stop(server, 0);
}

/* The peer leaves before another thread answers. */
static void gone_before(bool reset)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, false);
	struct http_server *server = http_server_start(&config, &why);
	const char *ask = "GET /later?ms=300 HTTP/1.1\r\nHost: a\r\n\r\n";
	const struct linger hard = { 1, 0 };
	unsigned late = atomic_load(&test_late);
	int fd = dial(server);

	say(fd, ask, strlen(ask));
	usleep(100000);
	if (reset)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
	while (atomic_load(&test_late) == late)
		usleep(10000);
	usleep(100000);
	tap_ok(empty(server), "answered after the peer has %s", reset ? "reset" : "closed");
	http_server_stop(server, 0);
}

static void half_closed(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, false);
	struct http_server *server = http_server_start(&config, &why);
	const char *ask = "GET /later?ms=100 HTTP/1.1\r\nHost: a\r\n\r\n";
	char text[1024];
	int fd = dial(server);

	say(fd, ask, strlen(ask));
	shutdown(fd, SHUT_WR);
	tap_ok(hear(fd, text, sizeof(text), 1000) && strstr(text, "later"),
	       "who says no more is still answered");
	close(fd);
	http_server_stop(server, 0);
}

static void too_many(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, false);
	config.max_connections = 10;
	config.idle_seconds = 30;
	struct http_server *server = http_server_start(&config, &why);
	char text[1024];
	int fds[10];

	for (int i = 0; i < 10; i++)
		fds[i] = dial(server);
	usleep(100000);
	int fd = dial(server);
	say(fd, GET "\r\n", strlen(GET "\r\n"));
	tap_ok(!hear(fd, text, sizeof(text), 800) && !*text &&
		       http_server_connections(server) == 10,
	       "one more than max_connections waits");
	close(fds[0]);
	hear(fd, text, sizeof(text), 1500);
	tap_ok(strstr(text, "hello") != NULL, "until another one leaves");
	for (int i = 1; i < 10; i++)
		close(fds[i]);
	close(fd);
	http_server_stop(server, 0);
}

static void old_tls(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, true);
	struct http_server *server = http_server_start(&config, &why);
	static const struct {
		const char *name;
		int version;
		const char *alpn;
		bool good;
	} versions[] = {
		{ "TLS 1.2", TLS1_2_VERSION, NULL, false },
		{ "TLS 1.3", TLS1_3_VERSION, NULL, true },
		{ "h2 or http/1.1", TLS1_3_VERSION, "\x02h2\x08http/1.1", true },
		{ "h2 alone", TLS1_3_VERSION, "\x02h2", false },
	};
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
		SSL_CTX_set_max_proto_version(ctx, versions[i].version);
		SSL *tls = SSL_new(ctx);
		if (versions[i].alpn)
			SSL_set_alpn_protos(tls, (const uint8_t *)versions[i].alpn,
					    (unsigned)strlen(versions[i].alpn));
		int fd = dial(server);
		SSL_set_fd(tls, fd);
		tap_ok((SSL_connect(tls) == 1) == versions[i].good, "%s: %s", versions[i].name,
		       versions[i].good ? "taken" : "refused");
		SSL_free(tls);
		SSL_CTX_free(ctx);
		close(fd);
	}
	http_server_stop(server, 0);
}

/* A socket that was handed over. */
static void handed(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, false);
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char text[1024];

	config.listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(config.listen_fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(config.listen_fd, 16) != 0)
		abort();
	struct http_server *server = http_server_start(&config, &why);
	unsigned good = 0;
	for (int i = 0; i < 8; i++) {
		int fd = dial(server);
		say(fd, GET "\r\n", strlen(GET "\r\n"));
		hear(fd, text, sizeof(text), 50);
		good += strstr(text, "hello") != NULL;
		close(fd);
	}
	tap_ok(good == 8, "a socket that was handed over");
	http_server_stop(server, 0);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	pki_make(&pki);
	answers();
	sizes();
	slow_ones();
	unread();
	slow_stream();
	gone_before(false);
	gone_before(true);
	half_closed();
	too_many();
	old_tls();
	handed();
	pki_drop(&pki);
	return tap_done();
}
