/* SPDX-License-Identifier: Apache-2.0
 *
 * assay-swarm - a load of the product's own: N nodes with software keys and a boot that really
 * happened, the true protocol over TLS. The verdict that each must get is known. */
#include "bench/swarm/swarm.h"
#include "platform/http/client.h"

#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct options {
	const char *server, *ca, *store, *evidence, *prefix;
	size_t nodes, threads;
	double seconds, rate, bad, grow;
	long pid;
	bool rsa, json;
	enum { KEPT = 0, RESUMED, FULL } connect;
};

struct worker {
	const struct options *o;
	const struct swarm_machine *machine;
	struct swarm_node *nodes; /* of all; this one's are first, first + threads... */
	size_t first;
	double until; /* 0: each node once */
	pthread_t thread;
	struct swarm_count count;
};

static const char help[] =
	"usage: assay-swarm --server URL --ca FILE --store URL [OPTION]\n\n"
	"Nodes that are no machines attest to a verifier; verdicts that are wrong are "
	"counted.\n\n"
	"  --server URL     of assayd\n"
	"  --ca FILE        trust anchors of its certificate\n"
	"  --store URL      its store, where the nodes are enrolled straight away\n"
	"  --evidence DIR   a boot (tests/evidence/tests/evidence)\n"
	"  --nodes N        how many (1000)\n"
	"  --prefix WORD    of their ids (swarm)\n"
	"  --threads N      connections that they share (4)\n"
	"  --seconds S      how long, after each node was heard once (10)\n"
	"  --rate R         messages a second in all; 0: as fast as it goes (0)\n"
	"  --bad PERCENT    of the nodes, on which something unknown runs (1)\n"
	"  --grow PERCENT   of the messages that tell of something new (20)\n"
	"  --rsa            RSA-2048 keys instead of P-256\n"
	"  --connect HOW    kept, or a connection for each message: resumed, full (kept)\n"
	"  --pid N          the server's: its CPU time and memory are told\n"
	"  --json           for programs\n\n"
	"exit status: 0 no verdict was wrong and no message failed, 1 else, 2 usage, 5 "
	"environment\n\n"
	"example: assay-swarm --server https://localhost:8443 --ca ca.pem "
	"--store sqlite:/tmp/a.db\n";

/* Seconds of CPU of another process, and its resident KiB. */
static double cpu_of(long pid, size_t *rss_kib)
{
	char path[64], line[1024] = "";
	unsigned long user = 0, system = 0;
	long pages = 0;

	*rss_kib = 0;
	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	FILE *f = pid > 0 ? fopen(path, "r") : NULL;
	if (!f)
		return 0;
	char *at = fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
	fclose(f);
	if (!at || sscanf(at + 2,
			  "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d "
			  "%*d %*d %*d %*u %*u %ld",
			  &user, &system, &pages) != 3)
		return 0;
	*rss_kib = (size_t)pages * (size_t)sysconf(_SC_PAGESIZE) / 1024;
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static struct http_client *connect_to(const struct options *o)
{
	struct platform_message why = { 0 };
	struct http_client_config c = { .url = o->server,
					.ca = o->ca,
					.timeout_ms = 30000,
					.max_answer = 1024 * 1024,
					.user_agent = "assay-swarm",
					.wake_fd = -1 };
	struct http_client *client = http_client_new(&c, &why);

	if (!client)
		bench_die(why.why);
	return client;
}

/* Until its turn at the rate that was asked for. */
static void pace(const struct worker *w, double begun, uint64_t sent)
{
	double each = (double)w->o->threads / w->o->rate;
	double wait = begun + (double)sent * each - bench_wall();

	if (wait > 0) {
		struct timespec t = { (time_t)wait,
				      (long)((wait - (double)(time_t)wait) * 1e9) };
		nanosleep(&t, NULL);
	}
}

static void hang_up(struct http_client *client, const struct options *o)
{
	if (o->connect == KEPT)
		return;
	http_client_close(client);
	if (o->connect == FULL) {
		SSL_SESSION_free(client->session);
		client->session = NULL;
	}
}

static void *work(void *ctx)
{
	struct worker *w = ctx;
	struct http_client *client = connect_to(w->o);
	uint8_t *buffer = malloc(SWARM_MESSAGE);
	double begun = bench_wall();
	unsigned seed = (unsigned)w->first;
	uint64_t sent = 0;

	if (!buffer)
		bench_die("memory");
	do {
		for (size_t i = w->first; i < w->o->nodes; i += w->o->threads) {
			if (w->until > 0 && bench_wall() >= w->until)
				break;
			if (w->until > 0 && w->o->rate > 0)
				pace(w, begun, sent);
			if (w->until > 0 && rand_r(&seed) % 100 < (int)w->o->grow)
				swarm_node_live(&w->nodes[i]);
			swarm_attest(client, &w->nodes[i], w->machine, buffer, &w->count);
			sent++;
			hang_up(client, w->o);
		}
	} while (bench_wall() < w->until);
	free(buffer);
	http_client_free(client);
	return NULL;
}

struct phase {
	struct swarm_count count;
	double seconds, cpu;
	size_t rss;
};

static struct phase run(const struct options *o, const struct swarm_machine *m,
			struct swarm_node *nodes, double seconds)
{
	struct worker *w = calloc(o->threads, sizeof *w);
	struct phase p = { 0 };
	double cpu = cpu_of(o->pid, &p.rss), from = bench_wall();

	for (size_t i = 0; w && i < o->threads; i++) {
		w[i] = (struct worker){ .o = o,
					.machine = m,
					.nodes = nodes,
					.first = i,
					.until = seconds > 0 ? from + seconds : 0 };
		if (pthread_create(&w[i].thread, NULL, work, &w[i]) != 0)
			bench_die("pthread_create");
	}
	for (size_t i = 0; w && i < o->threads; i++) {
		pthread_join(w[i].thread, NULL);
		swarm_count_add(&p.count, &w[i].count);
	}
	free(w);
	p.seconds = bench_wall() - from;
	p.cpu = cpu_of(o->pid, &p.rss) - cpu;
	return p;
}

static void tell(const char *name, const struct phase *p, const struct options *o)
{
	const struct swarm_count *c = &p->count;
	double n = c->appraised ? (double)c->appraised : 1;

	if (o->json) {
		printf("{\"phase\":\"%s\",\"appraised\":%lu,\"warm\":%lu,\"affirming\":%lu,"
		       "\"wrong\":%lu,\"sendAll\":%lu,\"challenged\":%lu,\"refused\":%lu,"
		       "\"failed\":%lu,\"seconds\":%.3f,\"rate\":%.1f,\"cpuMicros\":%.1f,"
		       "\"rssKiB\":%zu,\"p50\":%.0f,\"p90\":%.0f,\"p99\":%.0f,\"p999\":%.0f}\n",
		       name, c->appraised, c->warm, c->affirming, c->wrong, c->send_all,
		       c->challenged, c->refused, c->failed, p->seconds, n / p->seconds,
		       p->cpu / n * 1e6, p->rss, swarm_count_percentile(c, 0.5),
		       swarm_count_percentile(c, 0.9), swarm_count_percentile(c, 0.99),
		       swarm_count_percentile(c, 0.999));
		fflush(stdout);
		return;
	}
	printf("%-8s %9lu appraised, %lu warm, %lu wrong; %lu send-all, %lu challenge, %lu "
	       "refused, "
	       "%lu failed\n",
	       name, c->appraised, c->warm, c->wrong, c->send_all, c->challenged, c->refused,
	       c->failed);
	printf("         %9.1f /s; us: p50 %.0f, p90 %.0f, p99 %.0f, p99.9 %.0f\n",
	       n / p->seconds, swarm_count_percentile(c, 0.5), swarm_count_percentile(c, 0.9),
	       swarm_count_percentile(c, 0.99), swarm_count_percentile(c, 0.999));
	if (o->pid > 0)
		printf("         %9.1f us of the server's CPU each; %zu KiB resident\n",
		       p->cpu / n * 1e6, p->rss);
	for (size_t i = 0; i < 600; i++)
		if (c->status[i] > 0 && i != 200)
			printf("         status %zu: %lu\n", i, c->status[i]);
	fflush(stdout);
}

static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "server", required_argument, NULL, 's' },
		{ "ca", required_argument, NULL, 'c' },
		{ "store", required_argument, NULL, 'd' },
		{ "evidence", required_argument, NULL, 'e' },
		{ "nodes", required_argument, NULL, 'n' },
		{ "prefix", required_argument, NULL, 'P' },
		{ "threads", required_argument, NULL, 't' },
		{ "seconds", required_argument, NULL, 'S' },
		{ "rate", required_argument, NULL, 'r' },
		{ "bad", required_argument, NULL, 'b' },
		{ "grow", required_argument, NULL, 'g' },
		{ "pid", required_argument, NULL, 'p' },
		{ "rsa", no_argument, NULL, 'R' },
		{ "connect", required_argument, NULL, 'C' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 's':
			o->server = optarg;
			break;
		case 'c':
			o->ca = optarg;
			break;
		case 'd':
			o->store = optarg;
			break;
		case 'e':
			o->evidence = optarg;
			break;
		case 'P':
			o->prefix = optarg;
			break;
		case 'n':
			o->nodes = strtoul(optarg, NULL, 10);
			break;
		case 't':
			o->threads = strtoul(optarg, NULL, 10);
			break;
		case 'S':
			o->seconds = strtod(optarg, NULL);
			break;
		case 'r':
			o->rate = strtod(optarg, NULL);
			break;
		case 'b':
			o->bad = strtod(optarg, NULL);
			break;
		case 'g':
			o->grow = strtod(optarg, NULL);
			break;
		case 'p':
			o->pid = strtol(optarg, NULL, 10);
			break;
		case 'R':
			o->rsa = true;
			break;
		case 'C':
			o->connect = strcmp(optarg, "full") == 0      ? FULL
				     : strcmp(optarg, "resumed") == 0 ? RESUMED
								      : KEPT;
			break;
		case 'j':
			o->json = true;
			break;
		case 'h':
			fputs(help, stdout);
			exit(0);
		default:
			return 2;
		}
	}
	if (optind < argc || !o->server || !o->store || o->nodes == 0 || o->threads == 0 ||
	    o->threads > o->nodes) {
		fputs(help, stderr);
		return 2;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = { .evidence = "tests/evidence",
			     .prefix = "swarm",
			     .nodes = 1000,
			     .threads = 4,
			     .seconds = 10,
			     .bad = 1,
			     .grow = 20 };
	static struct swarm_machine machine;
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);

	if (read_options(argc, argv, &o) != 0)
		return 2;
	struct swarm_node *nodes = calloc(o.nodes, sizeof *nodes);
	if (!crypto || !nodes)
		bench_die("memory");
	swarm_machine_load(&machine, o.evidence);
	for (size_t i = 0; i < o.nodes; i++)
		swarm_node_make(&nodes[i], crypto, o.prefix, i, o.rsa,
				(double)(i % 100) < o.bad);
	swarm_enrol(o.store, nodes, o.nodes);
	struct phase first = run(&o, &machine, nodes, 0);
	tell("first", &first, &o);
	struct phase then = run(&o, &machine, nodes, o.seconds);
	tell("then", &then, &o);
	return first.count.wrong + first.count.failed + first.count.refused + then.count.wrong +
		       then.count.failed + then.count.refused >
	       0;
}
