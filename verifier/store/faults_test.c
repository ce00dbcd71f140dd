/* SPDX-License-Identifier: Apache-2.0
 * faults_test - what the environment does: other hands in the database, another version, a
 * writer that is killed, a lock that is held. Rows of one database alone: faults_sqlite_test.c,
 * faults_pg_test.c. */
#include "tests/store_test.h"

#include <errno.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Any SQL, past the store. */
bool test_sql(const char *url, const char *sql)
{
	bool good;

	if (test_pg) {
		PGconn *conn = PQconnectdb(url);
		PGresult *r = PQexec(conn, sql);

		good = PQresultStatus(r) == PGRES_COMMAND_OK ||
		       PQresultStatus(r) == PGRES_TUPLES_OK;
		if (!good)
			fprintf(stderr, "%s\n", PQerrorMessage(conn));
		PQclear(r);
		PQfinish(conn);
	} else {
		sqlite3 *db = NULL;

		good = sqlite3_open(url + 7, &db) == SQLITE_OK &&
		       sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
		if (!good)
			fprintf(stderr, "%s\n", sqlite3_errmsg(db));
		sqlite3_close(db);
	}
	return good;
}

static void no_node(void *ctx, const struct store_node *n)
{
	(void)n;
	(*(size_t *)ctx)++;
}

static void no_token(void *ctx, const struct store_token *t)
{
	(void)t;
	(*(size_t *)ctx)++;
}

static void no_event(void *ctx, const struct store_event *e)
{
	(void)e;
	(*(size_t *)ctx)++;
}

static void no_revocation(void *ctx, const struct store_revocation *r)
{
	(void)r;
	(*(size_t *)ctx)++;
}

/* Rows that this program would not have written: told as BROKEN, and nobody is handed one. */
static void hostile(void)
{
	static const struct {
		const char *name, *sqlite, *pg;
	} rows[] = {
		{ "a long AK name", "UPDATE node SET ak_name = zeroblob(67)",
		  "UPDATE node SET ak_name = decode(repeat('00', 67), 'hex')" },
		{ "a short EK digest", "UPDATE node SET ek_digest = x'00'",
		  "UPDATE node SET ek_digest = '\\x00'" },
		{ "a short fingerprint", "UPDATE state SET verdict = x''",
		  "UPDATE state SET verdict = ''" },
		{ "a long vector", "UPDATE state SET vector = zeroblob(9)",
		  "UPDATE state SET vector = decode(repeat('00', 9), 'hex')" },
		{ "a long id",
		  "UPDATE node SET id = printf('%0129d', 0); UPDATE state SET id = printf("
		  "'%0129d', 0)",
		  "UPDATE node SET id = repeat('0', 129); UPDATE state SET id = repeat('0', "
		  "129)" },
		{ "a tier that does not exist", "UPDATE state SET status = 3", NULL },
		{ "a tier below all", "UPDATE state SET status = -2", NULL },
		{ "a time before 1970", "UPDATE state SET due = -1", NULL },
		{ "a resetCount of 33 bits", "UPDATE state SET reset = 4294967296", NULL },
		{ "a certificate without end", "UPDATE node SET ek_cert = zeroblob(1000000)",
		  "UPDATE node SET ek_cert = decode(repeat('00', 1000000), 'hex')" },
		{ "reasons without end", "UPDATE node SET reasons = printf('%05000000d', 0)",
		  "UPDATE node SET reasons = repeat('0', 5000000)" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *url = test_fresh();
		struct store *s = test_open(url);
		struct store_node n = { .enrolled = 77 };
		size_t told = 0;

		test_enrol(s, "a", 1);
		if (!test_sql(url, test_pg && rows[i].pg ? rows[i].pg : rows[i].sqlite))
			told = 9;
		ok(store_node_list(s, "", 10, -1, no_node, &told) == STORE_BROKEN && !told &&
			   *store_why(s)->why && *store_why(s)->hint,
		   "hostile row: %s (%s)", rows[i].name, store_why(s)->why);
		if (i != 4)
			ok(store_node_get(s, TEXT("a"), &n) == STORE_BROKEN && n.enrolled == 77,
			   "hostile row: %s, get", rows[i].name);
		store_close(s);
	}
}

static void hostile_elsewhere(void)
{
	const char *url = test_fresh();
	struct store *s = test_open(url);
	struct store_verdict v = test_verdict("a", 1, ASSAY_AFFIRMING, 1, 1);
	struct store_token t;
	uint64_t event, seq, last;
	size_t told = 0;

	test_enrol(s, "a", 1);
	store_verdict_put(s, &v, T0, &event);
	store_revoke(s,
		     &(struct store_revocation){ .kind = STORE_REVOKED_NODE, .subject = "a" },
		     TEXT("[]"), &test_actor, T0, &seq);
	test_sql(url, test_pg ? "UPDATE token SET id = repeat('x', 40), hash = '\\x00'"
			      : "UPDATE token SET id = printf('%040d', 0), hash = x'00'");
	ok(store_token_list(s, no_token, &told) == STORE_BROKEN && !told,
	   "hostile row: a token's long id");
	ok(store_token_get(s, (const uint8_t[32]){ 0 }, &t) == STORE_ABSENT,
	   "hostile row: no token has a hash of one byte");
	test_sql(url, test_pg ? "UPDATE event SET node = repeat('x', 129)"
			      : "UPDATE event SET node = printf('%0129d', 0)");
	ok(store_events(s, 0, 10, no_event, &told, &last) == STORE_BROKEN && !told,
	   "hostile row: an event's long node");
	test_sql(url, test_pg ? "UPDATE revocation SET subject = repeat('x', 200)"
			      : "UPDATE revocation SET subject = printf('%0200d', 0)");
	ok(store_revocations(s, 0, no_revocation, &told, &last) == STORE_BROKEN && !told,
	   "hostile row: a revocation's long subject");
	test_sql(url, "UPDATE revocation SET subject = 'x', kind = 4");
	ok(store_revocations(s, 0, no_revocation, &told, &last) == STORE_BROKEN && !told,
	   "hostile row: a revocation's kind");
	test_sql(url, "DELETE FROM counter");
	v.revocations = 1;
	v.order.clock = 2;
	v.verdict[0] = 9;
	ok(store_verdict_put(s, &v, T0, &event) == STORE_BROKEN &&
		   test_node(s, "a").order.clock == 1,
	   "hostile row: no counter, and nothing half-written");
	test_sql(url, "DELETE FROM epoch");
	ok(store_ping(s) == STORE_BROKEN, "hostile row: no epoch");
	store_close(s);
}

static void newer(void)
{
	const char *url = test_fresh();
	struct platform_message why = { 0 };
	struct store *s = test_open(url);

	store_close(s);
	s = test_open(url);
	store_close(s);
	test_sql(url,
		 test_pg ? "UPDATE assay_schema SET version = 99" : "PRAGMA user_version=99");
	s = NULL;
	ok(store_open(url, &s, &why) == STORE_BROKEN && !s && strstr(why.why, "newer"),
	   "schema: newer is refused (%s)", why.why);
}

void test_writer(const char *url)
{
	struct store *s = test_open(url);
	uint64_t clock = test_node(s, "n").order.clock, event;

	for (;;) {
		struct store_verdict v = test_verdict("n", 1, ASSAY_AFFIRMING, ++clock, 0);

		v.verdict[0] = (uint8_t)clock;
		v.verdict[2] = 1;
		if (store_verdict_put(s, &v, T0, &event) != STORE_DONE)
			_exit(1);
		/* told: from here on it must never be lost */
		if (write(STDOUT_FILENO, &clock, sizeof clock) != sizeof clock)
			_exit(0);
	}
}

static pid_t writer(const char *url, int *out)
{
	int pipes[2];
	pid_t pid;

	if (pipe(pipes) < 0 || (pid = fork()) < 0)
		abort();
	if (pid == 0) {
		dup2(pipes[1], STDOUT_FILENO);
		close(pipes[0]);
		close(pipes[1]);
		execl("/proc/self/exe", "store_test", test_pg ? "postgresql" : "sqlite",
		      "writer", url, (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	*out = pipes[0];
	return pid;
}

/* A process that is killed in the middle: all that it was told is there, whole. */
static void killed(void)
{
	enum { SQLITE_ROUNDS = 60, PG_ROUNDS = 20 };
	char url[512];
	struct store *s;
	unsigned lost = 0, torn = 0, rounds = test_pg ? PG_ROUNDS : SQLITE_ROUNDS, seed = 1;
	uint64_t first = 0, told = 0;

	snprintf(url, sizeof url, "%s", test_fresh());
	s = test_open(url);
	test_enrol(s, "n", 1);
	store_close(s);
	for (unsigned i = 0; i < rounds; i++) {
		struct timespec pause = { .tv_nsec = 500000 + rand_r(&seed) % 15000000 };
		struct store_node n;
		struct store_epoch e;
		uint64_t clock;
		int out;
		pid_t pid = writer(url, &out);

		if (read(out, &clock, sizeof clock) == sizeof clock)
			told = clock;
		nanosleep(&pause, NULL);
		kill(pid, SIGKILL);
		while (read(out, &clock, sizeof clock) == sizeof clock)
			told = clock;
		close(out);
		waitpid(pid, NULL, 0);
		s = test_open(url);
		n = test_node(s, "n");
		store_epoch_get(s, &e);
		lost += n.order.clock < told;
		/* each clock changed the verdict: as many events, and the fingerprint is its */
		torn += e.event != n.order.clock || n.verdict[0] != (uint8_t)n.order.clock ||
			test_events(s, e.event - 1) != 1;
		first = first ? first : told;
		store_close(s);
	}
	ok(!lost && !torn && told > first,
	   "kill -9: %u rounds, %u verdicts told, %u lost, %u half-written", rounds,
	   (unsigned)told, lost, torn);
}

static void bad_urls(void)
{
	static const char *const urls[] = { "",
					    "sqlite:",
					    "mysql://x",
					    "/tmp/x",
					    "sqlite:/nowhere/at/all/x.db",
					    "sqlite:/tmp",
					    "postgresql:///x?host=/nowhere",
					    "postgresql://127.0.0.1:1/x?password=hunter2" };
	struct platform_message why = { 0 };
	struct store *s = NULL;

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		enum store_status said = store_open(urls[i], &s, &why);

		ok(said == (i < 4 ? STORE_BROKEN : STORE_DOWN) && !s && *why.what && *why.why &&
			   !strstr(why.what, "hunter") && !strstr(why.why, "hunter"),
		   "url: \"%s\": %s: %s", urls[i], why.what, why.why);
	}
}

void rows_faults(void)
{
	if (!test_pg)
		bad_urls();
	newer();
	hostile();
	hostile_elsewhere();
	killed();
	if (test_pg)
		rows_faults_pg(false);
	else
		rows_faults_sqlite();
}
