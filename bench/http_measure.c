/* SPDX-License-Identifier: Apache-2.0
 *
 * http-measure requests N | handshakes N | resumed N | idle N | client: what the server's
 * process spends, its peer in another process; one line each. Not a test: the numbers are for
 * people. */
#include "platform/http.h"
#include "platform/http/test_pki.h"

#include <openssl/ssl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static struct pki pki;

static void handle(void *ctx, void *thread, struct http_exchange *x)
{
	static const uint8_t answer[200];

	(void)ctx;
	(void)thread;
	http_answer(x, 200, "application/octet-stream",
		    (struct assay_slice){ answer, sizeof(answer) }, NULL, 0);
}

static double cpu(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
	       1e-6 * (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Says its port, serves, says the CPU seconds spent since, at each byte that comes. */
static void serve(int in, int out)
{
	struct platform_message why;
	char byte;
	struct http_server_config config = { .address = "127.0.0.1",
					     .listen_fd = -1,
					     .cert = pki_path(&pki, "server.pem"),
					     .key = pki_path(&pki, "key.pem"),
					     .threads = 2,
					     .max_body = 1 << 20,
					     .max_connections = 20000,
					     .request_seconds = 30,
					     .body_seconds = 30,
					     .idle_seconds = 300,
					     .handle = handle };
	struct http_server *server = http_server_start(&config, &why);
	if (!server) {
		fprintf(stderr, "%s: %s\n", why.what, why.why);
		_exit(1);
	}
	double port = http_server_port(server), spent;
	(void)!write(out, &port, sizeof(port));
	while (read(in, &byte, 1) == 1) {
		spent = cpu();
		(void)!write(out, &spent, sizeof(spent));
	}
	http_server_stop(server, 0);
	_exit(0);
}

struct peer {
	pid_t pid;
	int to, from;
	double port;
};

static double ask(struct peer *p)
{
	double v = 0;

	(void)!write(p->to, "x", 1);
	(void)!read(p->from, &v, sizeof(v));
	return v;
}

static struct peer start(void)
{
	int to[2], from[2];
	struct peer p = { 0 };

	if (pipe(to) != 0 || pipe(from) != 0)
		abort();
	p.pid = fork();
	if (p.pid == 0) {
		close(to[1]);
		serve(to[0], from[1]);
	}
	close(to[0]);
	p.to = to[1];
	p.from = from[0];
	(void)!read(p.from, &p.port, sizeof(p.port));
	return p;
}

static long rss_kib(pid_t pid)
{
	char name[64], line[256];
	long kib = 0;

	snprintf(name, sizeof(name), "/proc/%ld/status", (long)pid);
	FILE *f = fopen(name, "r");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

static struct http_client *client(const struct peer *p)
{
	struct platform_message why;
	char url[64];
	struct http_client_config config = { .url = url,
					     .ca = pki_path(&pki, "ca.pem"),
					     .timeout_ms = 10000,
					     .max_answer = 1 << 20,
					     .wake_fd = -1 };

	snprintf(url, sizeof(url), "https://127.0.0.1:%u", (unsigned)p->port);
	return http_client_new(&config, &why);
}

static bool post(struct http_client *c)
{
	static const uint8_t body[4096];
	struct platform_message why;
	struct http_answer_in in;

	return http_client_request(c, "POST", "/x", "application/octet-stream",
				   (struct assay_slice){ body, sizeof(body) }, &in, &why);
}

static void requests(struct peer *p, int n)
{
	struct http_client *c = client(p);
	int bad = !post(c);
	double before = ask(p), mine = cpu(), begin = now();

	for (int i = 0; i < n; i++)
		bad += !post(c);
	double took = now() - begin;
	printf("requests: %d kept TLS, POST 4 KiB: server %.1f us CPU, client %.1f us CPU, "
	       "%.0f/s on one connection, %d bad\n",
	       n, (ask(p) - before) / n * 1e6, (cpu() - mine) / n * 1e6, n / took, bad);
	http_client_free(c);
}

static void handshakes(struct peer *p, int n, bool resumed)
{
	struct http_client *keep = client(p);
	int bad = 0, again = 0;
	post(keep);
	double before = ask(p), begin = now();

	for (int i = 0; i < n; i++) {
		struct http_client *c = resumed ? keep : client(p);
		if (resumed)
			http_client_close(c);
		bad += !post(c);
		again += http_client_resumed(c);
		if (!resumed)
			http_client_free(c);
	}
	printf("%s: %d with a request each: server %.0f us CPU, %.0f/s, %d resumed, %d bad\n",
	       resumed ? "resumed" : "handshakes", n, (ask(p) - before) / n * 1e6,
	       n / (now() - begin), again, bad);
	http_client_free(keep);
}

static void idle(struct peer *p, int n)
{
	struct http_client **c = calloc((size_t)n, sizeof(struct http_client *));
	int bad = 0;

	c[0] = client(p);
	post(c[0]);
	long before = rss_kib(p->pid);
	for (int i = 1; i < n; i++) {
		c[i] = client(p);
		bad += !c[i] || !post(c[i]);
	}
	long after = rss_kib(p->pid);
	double spent = ask(p);
	sleep(3);
	printf("idle: %d TLS connections: %.1f KiB each, %.2f %% CPU while idle, %d bad\n", n,
	       (double)(after - before) / (n - 1), (ask(p) - spent) / 3 * 100, bad);
	requests(p, 3000);
	for (int i = 0; i < n; i++)
		http_client_free(c[i]);
	free(c);
}

int main(int argc, char **argv)
{
	struct rlimit files;
	int n = argc > 2 ? atoi(argv[2]) : 1000;
	const char *what = argc > 1 ? argv[1] : "";

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	pki_make(&pki);
	struct peer p = start();
	if (strcmp(what, "requests") == 0)
		requests(&p, n);
	else if (strcmp(what, "handshakes") == 0 || strcmp(what, "resumed") == 0)
		handshakes(&p, n, *what == 'r');
	else if (strcmp(what, "idle") == 0)
		idle(&p, n);
	else if (strcmp(what, "serve") == 0)
		printf("port %u\n", (unsigned)p.port), fflush(stdout), sleep((unsigned)n);
	else if (strcmp(what, "client") == 0) {
		struct http_client *c = client(&p);
		bool good = post(c) && post(c);
		printf("client: %ld KiB RSS, %d\n", rss_kib(getpid()), good);
		http_client_free(c);
	}
	close(p.to);
	waitpid(p.pid, NULL, 0);
	pki_drop(&pki);
	return 0;
}
