/* SPDX-License-Identifier: Apache-2.0
 *
 * Server and client with each other; http_bad_test.c has those who misbehave. */
#include "platform/http/test_server.h"
#include "tests/tap.h"

#include <errno.h>
#include <sys/eventfd.h>

static struct pki pki;
static const struct assay_slice nothing = { NULL, 0 };

static void basics(bool tls)
{
	const char *kind = tls ? "TLS" : "plain";
	struct platform_message why;
	struct http_server_config config = test_config(&pki, tls);
	struct http_server *server = http_server_start(&config, &why);
	char text[4096], body[3000];

	if (!tap_ok(server != NULL, "%s: starts", kind)) {
		printf("# %s: %s\n", why.what, why.why);
		return;
	}
	struct http_client *c = test_client(&pki, server, tls, NULL);
	tap_ok(test_ask(c, "GET", "/hello", nothing, text, sizeof(text)) == 200 &&
		       strcmp(text, "hello") == 0,
	       "%s: GET", kind);
	memset(body, 'b', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	tap_ok(test_ask(c, "POST", "/echo", test_text(body), text, sizeof(text)) == 200 &&
		       strcmp(text, body) == 0,
	       "%s: POST comes back", kind);
	tap_ok(test_ask(c, "GET", "/later?ms=30", nothing, text, sizeof(text)) == 200 &&
		       strcmp(text, "later") == 0,
	       "%s: answered by another thread", kind);
	tap_ok(test_ask(c, "HEAD", "/hello", nothing, text, sizeof(text)) == 200 && !*text,
	       "%s: HEAD has no body", kind);
	tap_ok(test_ask(c, "DELETE", "/nowhere", nothing, text, sizeof(text)) == 404 &&
		       strcmp(text, "/nowhere") == 0,
	       "%s: DELETE", kind);
	tap_ok(http_server_connections(server) == 1, "%s: all on one connection", kind);
	http_client_free(c);
	http_server_stop(server, 1);
}

struct peer_row {
	const char *name, *cert, *start, *end;
};

/* With crl and without, the same certificates. */
static void peers(void)
{
	static const struct peer_row rows[] = {
		{ "no certificate", NULL, "none||||", "" },
		{ "a good one", "good.pem", "verified|olga|operator|03|", "" },
		{ "a foreign CA's", "foreign.pem", "refused|||06|", "" },
		{ "an expired one", "expired.pem", "refused|||05|", "certificate has expired" },
		{ "a revoked one", "revoked.pem", "refused|||04|", "certificate revoked" },
		{ "one for servers", "server.pem", "refused|||02|", "certificate purpose" },
	};
	struct platform_message why;
	struct http_server_config config = test_config(&pki, true);
	struct http_server *server = http_server_start(&config, &why);
	char text[4096];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct http_client *c = test_client(&pki, server, true, rows[i].cert);
		int status = test_ask(c, "GET", "/peer", nothing, text, sizeof(text));
		if (!tap_ok(status == 200 &&
				    strncmp(text, rows[i].start, strlen(rows[i].start)) == 0 &&
				    strstr(text, rows[i].end),
			    "peer: %s", rows[i].name))
			printf("# %s\n", text);
		http_client_free(c);
	}
	http_server_stop(server, 1);
}

static int peer_of(struct http_client *c, const char *want)
{
	char text[4096];

	test_ask(c, "GET", "/peer", nothing, text, sizeof(text));
	bool good = strncmp(text, want, strlen(want)) == 0;
	if (!good)
		printf("# %s\n", text);
	return good;
}

static void reload(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, true);
	struct http_server *server = http_server_start(&config, &why);
	struct http_client *open = test_client(&pki, server, true, "good.pem");
	char text[64];

	tap_ok(peer_of(open, "verified|olga"), "reload: before");
	pki_crl(&pki, "crl.pem", 3, 36000);
	tap_ok(http_server_reload(server, &why), "reload: with a new CRL");
	tap_ok(peer_of(open, "verified|olga"), "reload: an open connection goes on");
	struct http_client *fresh = test_client(&pki, server, true, "good.pem");
	tap_ok(peer_of(fresh, "refused|||03|certificate revoked"),
	       "reload: a new one is refused");
	http_client_free(fresh);
	pki_crl(&pki, "crl.pem", 4, -60);
	http_server_reload(server, &why);
	fresh = test_client(&pki, server, true, "good.pem");
	tap_ok(peer_of(fresh, "refused|||03|CRL has expired"),
	       "reload: a CRL out of date refuses all");
	http_client_free(fresh);
	FILE *f = fopen(pki_path(&pki, "crl.pem"), "w");
	fclose(f);
	tap_ok(!http_server_reload(server, &why) && why.what[0],
	       "reload: a bad CRL is no reload");
	pki_crl(&pki, "crl.pem", 4, 36000);
	tap_ok(test_ask(open, "GET", "/hello", nothing, text, sizeof(text)) == 200,
	       "reload: all goes on");
	http_client_free(open);
	http_server_stop(server, 1);
}

/* The client takes nobody for its server whose certificate does not say so. */
static void impostors(void)
{
	static const struct {
		const char *name, *cert, *ca, *why;
	} rows[] = {
		{ "another name", "other.pem", "ca.pem", "hostname mismatch" },
		{ "a foreign CA", "server.pem", "foreign-ca.pem", "certificate" },
		{ "an expired one", "expired.pem", "ca.pem", "certificate" },
		{ "a client's", "good.pem", "ca.pem", "purpose" },
	};
	pki_server(&pki, "other.pem", "DNS:elsewhere", 9, 36000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct platform_message why;
		struct http_answer_in in;
		char url[64];
		struct http_server_config config = test_config(&pki, true);
		config.cert = pki_path(&pki, rows[i].cert);
		struct http_server *server = http_server_start(&config, &why);
		struct http_client_config cc = { .url = url,
						 .ca = pki_path(&pki, rows[i].ca),
						 .timeout_ms = 5000,
						 .max_answer = 1000,
						 .wake_fd = -1 };
		snprintf(url, sizeof(url), "https://localhost:%u", http_server_port(server));
		struct http_client *c = http_client_new(&cc, &why);
		bool got = http_client_request(c, "GET", "/hello", NULL, nothing, &in, &why);
		if (!tap_ok(!got && strstr(why.why, rows[i].why), "client: refuses %s",
			    rows[i].name))
			printf("# %s: %s\n", why.what, why.why);
		http_client_free(c);
		http_server_stop(server, 1);
	}
}

struct taken {
	size_t bytes, pieces, enough;
	char last[64];
};

static bool take(void *ctx, struct assay_slice piece)
{
	struct taken *t = ctx;

	t->bytes += piece.n;
	t->pieces++;
	snprintf(t->last, sizeof(t->last), "%.*s", (int)piece.n, (const char *)piece.p);
	return t->bytes < t->enough;
}

static void *feed(void *arg)
{
	const char *piece = "data: x\n\n";
	unsigned gone = atomic_load(&test_gone);

	(void)arg;
	for (int i = 0; i < 20000 && atomic_load(&test_gone) == gone; i++) {
		test_stream_send(test_text(piece));
		usleep(300);
	}
	return NULL;
}

static void streams(bool tls)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, tls);
	struct http_server *server = http_server_start(&config, &why);
	struct http_client *c = test_client(&pki, server, tls, NULL);
	struct taken t = { .enough = 900 };
	struct http_answer_in in;
	pthread_t feeder;
	unsigned gone = atomic_load(&test_gone);

	pthread_create(&feeder, NULL, feed, NULL);
	bool began = http_client_stream(c, "/stream", NULL, 0, take, &t, &in, &why);
	tap_ok(began && in.status == 200 && strcmp(in.media, "text/event-stream") == 0 &&
		       t.bytes >= 900,
	       "stream: pieces come from another thread");
	pthread_join(feeder, NULL);
	tap_ok(atomic_load(&test_gone) == gone + 1,
	       "stream: the server hears that the peer left");
	tap_ok(!http_client_stream(c, "/nowhere", NULL, 0, take, &t, &in, &why) &&
		       in.status == 404 && in.body.n == 8,
	       "stream: another status is told, with its body");
	http_client_free(c);
	http_server_stop(server, 1);
}

static void *end_soon(void *arg)
{
	(void)arg;
	usleep(50000);
	pthread_mutex_lock(&test_lock);
	struct http_exchange *x = test_stream;
	pthread_mutex_unlock(&test_lock);
	http_stream_end(x);
	return NULL;
}

static void stream_ends(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, true);
	struct http_server *server = http_server_start(&config, &why);
	struct http_client *c = test_client(&pki, server, true, NULL);
	struct taken t = { .enough = 1 << 30 };
	struct http_answer_in in;
	pthread_t ender;

	pthread_create(&ender, NULL, end_soon, NULL);
	tap_ok(http_client_stream(c, "/stream", NULL, 0, take, &t, &in, &why) && t.bytes == 0,
	       "stream: the server ends it");
	pthread_join(ender, NULL);
	http_client_free(c);
	http_server_stop(server, 1);
}

static void *poke(void *arg)
{
	usleep(100000);
	eventfd_write(*(int *)arg, 1);
	return NULL;
}

static void client_limits(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, true);
	struct http_server *server = http_server_start(&config, &why);
	struct http_answer_in in;
	char url[64];
	int wake = eventfd(0, EFD_CLOEXEC);
	struct http_client_config cc = { .url = url,
					 .ca = pki_path(&pki, "ca.pem"),
					 .timeout_ms = 300,
					 .max_answer = 1000,
					 .wake_fd = wake };
	pthread_t t;

	snprintf(url, sizeof(url), "https://127.0.0.1:%u/", http_server_port(server));
	struct http_client *c = http_client_new(&cc, &why);
	tap_ok(http_client_request(c, "GET", "/big?n=1000", NULL, nothing, &in, &why) &&
		       in.body.n == 1000,
	       "client: by address, as much as is allowed");
	tap_ok(!http_client_request(c, "GET", "/big?n=1001", NULL, nothing, &in, &why) &&
		       why.errnum == EFBIG,
	       "client: a larger answer is refused");
	tap_ok(!http_client_request(c, "GET", "/later?ms=900", NULL, nothing, &in, &why) &&
		       why.errnum == ETIMEDOUT,
	       "client: the deadline holds");
	http_client_free(c);
	cc.timeout_ms = 5000;
	c = http_client_new(&cc, &why);
	pthread_create(&t, NULL, poke, &wake);
	tap_ok(!http_client_request(c, "GET", "/later?ms=900", NULL, nothing, &in, &why) &&
		       why.errnum == EINTR,
	       "client: woken");
	pthread_join(t, NULL);
	http_client_free(c);
	close(wake);
	while (atomic_load(&test_late) < 4)
		usleep(10000);
	http_server_stop(server, 1);
	cc.url = "https://127.0.0.1:1";
	cc.wake_fd = -1;
	c = http_client_new(&cc, &why);
	tap_ok(!http_client_request(c, "GET", "/", NULL, nothing, &in, &why) &&
		       why.errnum == ECONNREFUSED,
	       "client: nobody there");
	http_client_free(c);
	static const char *const bad[] = { "ftp://a:1", "https://a:1/x", "https://",
					   "a:1",       "https://u@a:1", "https://a:1?q" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		cc.url = bad[i];
		tap_ok(!http_client_new(&cc, &why), "client: refuses the URL %s", bad[i]);
	}
}

/* A kept connection that the server has ended is opened again; sessions are resumed. */
static void kept(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, true);
	config.idle_seconds = 1;
	struct http_server *server = http_server_start(&config, &why);
	struct http_client *c = test_client(&pki, server, true, NULL);
	char text[64];

	tap_ok(test_ask(c, "GET", "/hello", nothing, text, sizeof(text)) == 200, "kept: first");
	usleep(1800000);
	tap_ok(http_server_connections(server) == 0, "kept: an idle connection is closed");
	tap_ok(test_ask(c, "POST", "/echo", test_text("again"), text, sizeof(text)) == 200 &&
		       strcmp(text, "again") == 0,
	       "kept: the next request opens a new one");
	tap_ok(http_client_resumed(c), "kept: whose session is resumed");
	http_server_reload(server, &why);
	usleep(1800000);
	tap_ok(test_ask(c, "GET", "/hello", nothing, text, sizeof(text)) == 200 &&
		       !http_client_resumed(c),
	       "kept: none is resumed after a reload");
	http_client_free(c);
	c = test_client(&pki, server, true, "good.pem");
	test_ask(c, "GET", "/hello", nothing, text, sizeof(text));
	usleep(1800000);
	tap_ok(peer_of(c, "verified|olga") && !http_client_resumed(c),
	       "kept: nor one of a peer with a certificate");
	http_client_free(c);
	http_server_stop(server, 1);
}

struct caller {
	struct http_server *server;
	unsigned good;
};

static void *call_many(void *arg)
{
	struct caller *me = arg;
	char text[64], body[64];

	for (int i = 0; i < 5; i++) {
		struct http_client *c = test_client(&pki, me->server, true, NULL);
		for (int j = 0; j < 40; j++) {
			snprintf(body, sizeof(body), "%p %d %d", arg, i, j);
			me->good += test_ask(c, "POST", "/echo", test_text(body), text,
					     sizeof(text)) == 200 &&
				    strcmp(text, body) == 0;
			me->good += j % 8 || test_ask(c, "GET", "/later?ms=1", nothing, text,
						      sizeof(text)) == 200;
		}
		http_client_free(c);
	}
	return NULL;
}

static void many(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, true);
	struct http_server *server = http_server_start(&config, &why);
	struct caller callers[16];
	pthread_t t[16];
	unsigned good = 0;

	for (int i = 0; i < 16; i++) {
		callers[i] = (struct caller){ server, 0 };
		pthread_create(&t[i], NULL, call_many, &callers[i]);
	}
	for (int i = 0; i < 16; i++) {
		pthread_join(t[i], NULL);
		good += callers[i].good;
	}
	tap_ok(good == 16 * 5 * 80, "many: each answer belongs to its request (%u)", good);
	http_server_stop(server, 1);
}

static void *ask_later(void *arg)
{
	struct http_client *c = arg;
	char text[512];

	int status = test_ask(c, "GET", "/later?ms=500", nothing, text, sizeof(text));
	return status == 200 ? arg : NULL;
}

static void stops(unsigned seconds, bool answered)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, true);
	struct http_server *server = http_server_start(&config, &why);
	struct http_client *c = test_client(&pki, server, true, NULL);
	unsigned late = atomic_load(&test_late);
	void *result;
	pthread_t t;

	pthread_create(&t, NULL, ask_later, c);
	usleep(200000);
	http_server_stop(server, seconds);
	pthread_join(t, &result);
	tap_ok((result != NULL) == answered, "stop: %s",
	       answered ? "waits for an open request" : "not for ever");
	/* The thread that answers too late must find nothing that is freed. */
	while (atomic_load(&test_late) == late)
		usleep(10000);
	http_client_free(c);
}

static void *start_fails(void *ctx, unsigned index)
{
	return index == 1 ? NULL : ctx;
}

static void bad_starts(void)
{
	struct platform_message why;
	struct http_server_config config = test_config(&pki, true);
	int dummy = 0;

	struct http_server *server = http_server_start(&config, &why);
	config.port = http_server_port(server);
	tap_ok(!http_server_start(&config, &why) && why.errnum == EADDRINUSE,
	       "start: the port is taken");
	http_server_stop(server, 1);
	config.port = 0;
	config.ctx = &dummy;
	config.thread_start = start_fails;
	tap_ok(!http_server_start(&config, &why), "start: a thread that cannot start");
	config.thread_start = NULL;
	config.key = pki_path(&pki, "nowhere");
	tap_ok(!http_server_start(&config, &why) && strstr(why.what, "nowhere"),
	       "start: no key");
	config = test_config(&pki, true);
	config.address = "no.such.host";
	tap_ok(!http_server_start(&config, &why), "start: a name is no address");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	pki_make(&pki);
	basics(false);
	basics(true);
	peers();
	reload();
	impostors();
	streams(false);
	streams(true);
	stream_ends();
	client_limits();
	kept();
	many();
	stops(2, true);
	stops(0, false);
	bad_starts();
	pki_drop(&pki);
	return tap_done();
}
