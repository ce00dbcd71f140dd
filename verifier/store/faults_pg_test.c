/* SPDX-License-Identifier: Apache-2.0
 * faults_pg_test - a server that goes away, a connection that is cut, an answer that never
 * comes. A relay between the store and the server cuts where a row says. */
#include "tests/store_test.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void ctl(const char *what)
{
	char command[600];

	snprintf(command, sizeof command, "%s %s", getenv("ASSAY_TEST_POSTGRESQL_CTL"), what);
	if (system(command) != 0)
		fprintf(stderr, "%s failed\n", command);
}

/* Calls until it is DONE, for at most `ms`. */
static bool recovers(struct store *s, long ms)
{
	for (; ms > 0; ms -= 20) {
		if (store_ping(s) == STORE_DONE)
			return true;
		sleep_ms(20);
	}
	return false;
}

/* ---- A relay on a socket of its own ---- */

enum cut { CUT_NONE, CUT_BEFORE_COMMIT, CUT_AFTER_COMMIT, CUT_NOW, CUT_STUCK };

static atomic_int cut, cuts;
static atomic_bool relay_over;
static char relay_folder[300];

static int server_connect(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof a.sun_path, "%s/sock/.s.PGSQL.5432",
		 getenv("ASSAY_TEST_POSTGRESQL_FOLDER"));
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Bytes from one to the other; false: this connection ends here. */
static bool relay_bytes(int from, int to, bool client)
{
	/* a Bind message: unnamed portal, prepared statement "commit" */
	static const char bind[] = { 0, 'c', 'o', 'm', 'm', 'i', 't', 0 };
	char data[65536];
	ssize_t n = read(from, data, sizeof data);
	bool commit = n > 0 && client && memmem(data, (size_t)n, bind, sizeof bind);

	if (n <= 0)
		return false;
	if (commit && cut == CUT_BEFORE_COMMIT) {
		cuts++;
		return false;
	}
	if (send(to, data, (size_t)n, MSG_NOSIGNAL) != n)
		return false;
	if (commit && cut == CUT_AFTER_COMMIT) {
		/* the server does it, and nobody is told */
		struct pollfd answer = { to, POLLIN, 0 };

		poll(&answer, 1, 5000);
		cuts++;
		return false;
	}
	return true;
}

static void *relay_connection(void *arg)
{
	int client = *(int *)arg, server = server_connect();
	struct pollfd p[] = { { client, POLLIN, 0 }, { server, POLLIN, 0 } };

	free(arg);
	while (server >= 0 && !relay_over && cut != CUT_NOW) {
		if (cut == CUT_STUCK) {
			sleep_ms(20);
			continue;
		}
		poll(p, 2, 20);
		if ((p[0].revents && !relay_bytes(client, server, true)) ||
		    (p[1].revents && !relay_bytes(server, client, false)))
			break;
	}
	close(client);
	if (server >= 0)
		close(server);
	return NULL;
}

static void *relay(void *arg)
{
	struct pollfd p = { *(int *)arg, POLLIN, 0 };

	while (!relay_over) {
		pthread_t t;
		int *fd;

		if (poll(&p, 1, 20) <= 0)
			continue;
		fd = malloc(sizeof *fd);
		if (!fd || (*fd = accept(p.fd, NULL, NULL)) < 0 ||
		    pthread_create(&t, NULL, relay_connection, fd) != 0)
			abort();
		pthread_detach(t);
	}
	return NULL;
}

static int relay_start(pthread_t *t, int *listening)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	relay_over = false;
	cut = CUT_NONE;
	snprintf(relay_folder, sizeof relay_folder, "%s", test_folder());
	snprintf(a.sun_path, sizeof a.sun_path, "%.80s/.s.PGSQL.5432", relay_folder);
	*listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(*listening, (struct sockaddr *)&a, sizeof a) < 0 || listen(*listening, 8) < 0)
		return -1;
	return pthread_create(t, NULL, relay, listening);
}

/* The same database, through the relay. */
static void relayed(char *out, size_t cap, const char *url)
{
	const char *options = strstr(url, "options=");

	snprintf(out, cap, "postgresql:///postgres?host=%s&user=assay&%s", relay_folder,
		 options ? options : "");
}

/* The connection dies while COMMIT is on its way: done or not, it is told as DOWN, and doing it
 * again ends in exactly one verdict and one event. */
static void unknown_commit(void)
{
	static const struct {
		const char *name;
		enum cut cut;
		bool was_done;
	} rows[] = { { "before the server has it", CUT_BEFORE_COMMIT, false },
		     { "after the server did it", CUT_AFTER_COMMIT, true } };
	char url[512], through[600];
	struct store *s, *direct;
	uint64_t event = 0;

	snprintf(url, sizeof url, "%s", test_fresh());
	relayed(through, sizeof through, url);
	direct = test_open(url);
	s = test_open(through);
	test_enrol(s, "n", 1);
	for (int i = 0; i < 2; i++) {
		struct store_verdict v =
			test_verdict("n", 1, ASSAY_AFFIRMING, 10 + (uint64_t)i, (uint8_t)i);
		enum store_status said;
		struct store_epoch e;

		cuts = 0;
		cut = (int)rows[i].cut;
		said = store_verdict_put(s, &v, T0, &event);
		cut = CUT_NONE;
		sleep_ms(50);
		store_epoch_get(direct, &e);
		ok(said == STORE_DOWN && cuts == 1 && e.event == (rows[i].was_done ? 2u : 0u),
		   "commit cut %s: DOWN, tried once (%s)", rows[i].name, store_why(s)->why);
		said = STORE_DOWN;
		for (int k = 0; k < 100 && said == STORE_DOWN; k++, sleep_ms(20))
			said = store_verdict_put(s, &v, T0, &event);
		store_epoch_get(direct, &e);
		ok(said == STORE_DONE && event == (rows[i].was_done ? 0u : 1u) &&
			   e.event == (uint64_t)i + 1 &&
			   test_node(direct, "n").order.clock == v.order.clock,
		   "commit cut %s: done again, once", rows[i].name);
	}
	store_close(s);
	store_close(direct);
}

static void cut_idle(void)
{
	char through[600];
	struct store *s, *w;

	relayed(through, sizeof through, test_fresh());
	s = test_open(through);
	w = test_open(through);
	test_enrol(s, "n", 1);
	store_wait(w, 0, -1);
	cut = CUT_NOW;
	sleep_ms(60);
	cut = CUT_NONE;
	ok(store_hook_put(s, "h", 1) == STORE_DONE,
	   "cut while idle: nobody notices, a call connects again");
	ok(store_wait(w, 1000, -1) == STORE_DOWN && *store_why(w)->why,
	   "cut while waiting: DOWN (%s)", store_why(w)->why);
	ok(store_wait(w, 1000, -1) == STORE_DONE, "cut while waiting: heard again");
	store_close(s);
	store_close(w);
}

/* A server that answers nothing and closes nothing. */
static void stuck(void)
{
	char through[600];
	struct store *s, *w;
	struct timespec start, end;

	relayed(through, sizeof through, test_fresh());
	s = test_open(through);
	w = test_open(through);
	store_wait(w, 0, -1);
	cut = CUT_STUCK;
	clock_gettime(CLOCK_MONOTONIC, &start);
	ok(store_hook_put(s, "h", 1) == STORE_DOWN && strstr(store_why(s)->why, "no answer"),
	   "stuck: DOWN (%s)", store_why(s)->why);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ok(end.tv_sec - start.tv_sec <= STORE_PATIENCE_MS / 1000 + 1,
	   "stuck: after ten seconds");
	ok(store_wait(w, 100, -1) == STORE_DOWN, "stuck: who waits for changes is told");
	cut = CUT_NONE;
	ok(recovers(s, 3000) && store_hook_put(s, "h", 2) == STORE_DONE,
	   "stuck: recovers by itself");
	store_close(s);
	store_close(w);
}

static char url_now[512];
static atomic_bool over;
static atomic_uint told[4], odd, opened;

/* Puts until it is over; remembers what it was told. */
static void *putter(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;
	struct store *s = test_open(url_now);
	char id[8];

	opened++;
	snprintf(id, sizeof id, "n%u", me);
	for (unsigned clock = 1; !over;) {
		struct store_verdict v =
			test_verdict(id, (uint8_t)me, ASSAY_AFFIRMING, clock, (uint8_t)clock);
		uint64_t event;
		enum store_status said = store_verdict_put(s, &v, T0, &event);

		if (said == STORE_DONE)
			told[me] = clock++;
		else if (said == STORE_DOWN)
			sleep_ms(5);
		else
			odd++;
	}
	store_close(s);
	return NULL;
}

static void server_killed(void)
{
	enum { ROUNDS = 3 };
	pthread_t t[4];
	struct store *s;
	unsigned lost = 0, events = 0, down = 0, back = 0;
	char id[8];

	snprintf(url_now, sizeof url_now, "%s", test_fresh());
	s = test_open(url_now);
	over = false;
	odd = opened = 0;
	for (unsigned i = 0; i < 4; i++) {
		snprintf(id, sizeof id, "n%u", i);
		test_enrol(s, id, (uint8_t)i);
		told[i] = 0;
		if (pthread_create(&t[i], NULL, putter, (void *)(uintptr_t)i) != 0)
			abort();
	}
	while (opened < 4)
		sleep_ms(5);
	for (int i = 0; i < ROUNDS; i++) {
		sleep_ms(150);
		ctl("-m immediate stop");
		down += store_ping(s) == STORE_DOWN;
		ctl("start");
		back += recovers(s, 5000);
	}
	sleep_ms(1200);
	over = true;
	for (unsigned i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	for (unsigned i = 0; i < 4; i++) {
		snprintf(id, sizeof id, "n%u", i);
		lost += test_node(s, id).order.clock < told[i];
		events += (unsigned)test_node(s, id).order.clock;
	}
	ok(down == ROUNDS && back == ROUNDS && !odd,
	   "server killed %d times: DOWN each time, back each time (%s)", ROUNDS,
	   store_why(s)->why);
	ok(!lost && events > 20 && test_events(s, 0) == events &&
		   test_event[(events - 1) % 64].seq == events,
	   "server killed: %u verdicts, none lost, an event for each", events);
	store_close(s);
}

static void read_only(void)
{
	const char *url = test_fresh();
	struct store *s = test_open(url);

	test_sql(url, "ALTER DATABASE postgres SET default_transaction_read_only = on");
	test_sql(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
		      "WHERE application_name = 'assayd'");
	ok(store_hook_put(s, "h", 1) == STORE_DOWN, "read-only: DOWN (%s)", store_why(s)->why);
	test_sql(url, "BEGIN READ WRITE;"
		      "ALTER DATABASE postgres RESET default_transaction_read_only; COMMIT");
	ok(recovers(s, 3000) && store_hook_put(s, "h", 1) == STORE_DONE,
	   "read-only: recovers by itself");
	store_close(s);
}

static void table_gone(void)
{
	const char *url = test_fresh();
	struct store *s = test_open(url);

	test_enrol(s, "n", 1);
	test_sql(url, "ALTER TABLE hook RENAME TO hooked");
	ok(store_hook_put(s, "h", 1) == STORE_BROKEN, "a table is gone: BROKEN (%s)",
	   store_why(s)->why);
	test_sql(url, "ALTER TABLE hooked RENAME TO hook");
	ok(store_hook_put(s, "h", 1) == STORE_DONE,
	   "a table is back: the connection still works");
	store_close(s);
}

void rows_faults_pg(bool slow)
{
	pthread_t t;
	int listening;

	if (relay_start(&t, &listening) == 0) {
		if (slow) {
			stuck();
		} else {
			unknown_commit();
			cut_idle();
		}
		relay_over = true;
		pthread_join(t, NULL);
		close(listening);
		sleep_ms(50);
	} else {
		ok(false, "relay: started");
	}
	if (slow)
		return;
	table_gone();
	read_only();
	server_killed();
}
