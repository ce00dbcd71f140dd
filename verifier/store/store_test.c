/* SPDX-License-Identifier: Apache-2.0
 *
 * store_test sqlite|postgresql|postgresql-slow - the same rows over both databases. For
 * PostgreSQL the environment says where one is (tests/lab/postgres.sh sets
 * ASSAY_TEST_POSTGRESQL). */
#include "tests/store_test.h"

#include <libpq-fe.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool test_pg;
const struct store_actor test_actor = { "olga", "operator", "192.0.2.1", "req-1" };
struct test_event test_event[64];

static char folder[] = "/tmp/assay-store-XXXXXX";
static char url[512];
static unsigned fresh;
static uint8_t ak_names[256][34]; /* filled before any thread starts */

bool ok(bool pass, const char *name, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, name);
	vsnprintf(text, sizeof text, name, ap);
	va_end(ap);
	return tap_ok(pass, "%s", text);
}

void skip(const char *name, const char *why)
{
	tap_skip(name, why);
}

const char *test_folder(void)
{
	return folder;
}

/* A schema of its own in the server's one database: much cheaper than another database. */
static void fresh_schema(const char *server)
{
	char sql[64];
	PGconn *conn = PQconnectdb(server);
	PGresult *r;

	snprintf(sql, sizeof sql, "CREATE SCHEMA t%ld_%u", (long)getpid(), fresh);
	r = PQexec(conn, sql);
	if (PQresultStatus(r) != PGRES_COMMAND_OK) {
		printf("Bail out! %s\n", PQerrorMessage(conn));
		exit(1);
	}
	PQclear(r);
	PQfinish(conn);
	snprintf(url, sizeof url, "%s%coptions=-csearch_path%%3Dt%ld_%u", server,
		 strchr(server, '?') ? '&' : '?', (long)getpid(), fresh);
}

const char *test_fresh(void)
{
	fresh++;
	if (test_pg)
		fresh_schema(getenv("ASSAY_TEST_POSTGRESQL"));
	else
		snprintf(url, sizeof url, "sqlite:%s/%u.db", folder, fresh);
	return url;
}

struct store *test_open(const char *at)
{
	struct store *s = NULL;
	struct platform_message why = { 0 };

	if (store_open(at, &s, &why) != STORE_DONE) {
		printf("Bail out! %s: %s\n", why.what, why.why);
		exit(1);
	}
	return s;
}

struct assay_slice test_slice(const char *text)
{
	return (struct assay_slice){ (const uint8_t *)text, strlen(text) };
}

enum store_status test_enrol(struct store *s, const char *id, uint8_t ak)
{
	struct store_token t = { .made = T0, .ends = T0 + 60000 };
	struct store_node n = { .enrolled = T0, .ak_name = { 0, 11, ak }, .ak_name_n = 34 };
	enum store_status said;

	snprintf(t.id, sizeof t.id, "t-%.30s", id);
	memcpy(t.hash, id, strlen(id) < 32 ? strlen(id) : 32);
	snprintf(t.node, sizeof t.node, "%s", id);
	snprintf(n.id, sizeof n.id, "%s", id);
	n.ak_pub = TEXT("public");
	n.due = T0 + 30000;
	n.policy = TEXT("p");
	said = store_token_add(s, &t, &test_actor);
	return said == STORE_DONE ? store_node_enrol(s, t.hash, &n, T0 + 1) : said;
}

struct store_verdict test_verdict(const char *id, uint8_t ak, enum assay_tier status,
				  uint64_t clock, uint8_t what)
{
	return (struct store_verdict){
		.node = test_slice(id),
		.ak_name = { ak_names[ak], 34 },
		.status = status,
		.reasons = status == ASSAY_AFFIRMING ? TEXT("[]") : TEXT("[{\"code\":\"x\"}]"),
		.verdict = { what, 1 },
		.vector = { 2 },
		.order = { 1, clock, T0 + clock },
		.heard = T0 + clock,
		.ends = T0 + clock + 300000,
		.due = T0 + clock + 60000,
		.generation = 1,
		.policy = TEXT("policy"),
	};
}

static void take_event(void *ctx, const struct store_event *e)
{
	size_t *n = ctx;
	struct test_event *t = &test_event[(*n)++ % 64];

	t->seq = e->seq;
	snprintf(t->node, sizeof t->node, "%s", e->node);
	t->before = e->before;
	t->status = e->status;
	snprintf(t->reasons, sizeof t->reasons, "%.*s", (int)e->reasons.n,
		 (const char *)e->reasons.p);
}

size_t test_events(struct store *s, uint64_t after)
{
	size_t n = 0;
	uint64_t last;

	memset(test_event, 0, sizeof test_event);
	if (store_events(s, after, 1000000, take_event, &n, &last) != STORE_DONE)
		return SIZE_MAX;
	return n;
}

struct store_node test_node(struct store *s, const char *id)
{
	struct store_node n = { .status = ASSAY_CONTRAINDICATED };

	if (store_node_get(s, test_slice(id), &n) != STORE_DONE)
		memset(&n, 0, sizeof n);
	return n;
}

static void remove_folder(void)
{
	char command[100];

	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	if (system(command) != 0)
		fprintf(stderr, "%s stays\n", folder);
}

static void rows(void)
{
	rows_nodes();
	rows_verdicts();
	rows_revocations();
	rows_epoch();
	rows_restore();
	rows_threads();
	rows_faults();
}

int main(int argc, char **argv)
{
	bool slow;

	slow = argc == 2 && !strcmp(argv[1], "postgresql-slow");
	test_pg = slow || (argc == 2 && !strcmp(argv[1], "postgresql"));
	for (unsigned ak = 0; ak < 256; ak++) {
		ak_names[ak][1] = 11;
		ak_names[ak][2] = (uint8_t)ak;
	}
	if (argc == 4 && !strcmp(argv[2], "writer")) {
		test_pg = !strcmp(argv[1], "postgresql");
		test_writer(argv[3]);
	}
	if (argc != 2 || (!test_pg && strcmp(argv[1], "sqlite") != 0)) {
		fprintf(stderr, "usage: store_test sqlite|postgresql|postgresql-slow\n");
		return 2;
	}
	if (test_pg && !getenv("ASSAY_TEST_POSTGRESQL")) {
		puts("1..0 # SKIP no PostgreSQL: run by tests/lab/postgres.sh");
		return 0;
	}
	if (!mkdtemp(folder))
		return 1;
	if (slow)
		rows_faults_pg(true);
	else
		rows();
	remove_folder();
	return tap_done();
}
