/* SPDX-License-Identifier: Apache-2.0
 * restore_test - the drill of README.md: a backup made while the store is in use, put back
 * after more has happened. */
#include "tests/store_test.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void shell(const char *command)
{
	if (system(command) != 0) {
		printf("Bail out! %s\n", command);
		exit(1);
	}
}

/* What `.backup` and `.restore` of sqlite3 do. */
static void copy_sqlite(const char *from, const char *to)
{
	sqlite3 *a = NULL, *b = NULL;
	sqlite3_backup *copy;

	if (sqlite3_open(from, &a) != SQLITE_OK || sqlite3_open(to, &b) != SQLITE_OK)
		abort();
	copy = sqlite3_backup_init(b, "main", a, "main");
	if (!copy || sqlite3_backup_step(copy, -1) != SQLITE_DONE ||
	    sqlite3_backup_finish(copy) != SQLITE_OK)
		abort();
	sqlite3_close(a);
	sqlite3_close(b);
}

/* The rows of PostgreSQL lie in a schema each: that is what is dumped. */
static const char *schema_of(const char *url)
{
	return strstr(url, "search_path%3D") + strlen("search_path%3D");
}

static void backup(const char *url)
{
	char command[1000], file[400];

	snprintf(file, sizeof file, "%s/backup", test_folder());
	if (!test_pg) {
		copy_sqlite(url + 7, file);
		return;
	}
	snprintf(command, sizeof command, "pg_dump --schema=%s --file='%s' '%s'",
		 schema_of(url), file, getenv("ASSAY_TEST_POSTGRESQL"));
	shell(command);
}

static void restore(const char *url)
{
	char command[1200];

	if (!test_pg) {
		snprintf(command, sizeof command, "%s/backup", test_folder());
		copy_sqlite(command, url + 7);
		return;
	}
	snprintf(command, sizeof command,
		 "psql -q -v ON_ERROR_STOP=1 -c 'SET client_min_messages = error' "
		 "-c 'DROP SCHEMA %s CASCADE' -f '%s/backup' '%s' >/dev/null",
		 schema_of(url), test_folder(), getenv("ASSAY_TEST_POSTGRESQL"));
	shell(command);
}

void rows_restore(void)
{
	const char *url = test_fresh();
	struct store *s = test_open(url);
	struct store_verdict v = test_verdict("a", 1, ASSAY_AFFIRMING, 10, 1);
	struct store_epoch seen, now;
	uint64_t event;

	store_epoch_bump(s, &seen);
	test_enrol(s, "a", 1);
	store_verdict_put(s, &v, T0, &event);
	backup(url);
	/* a minute later it was bad, and then the disk broke */
	v = test_verdict("a", 1, ASSAY_CONTRAINDICATED, 20, 2);
	store_verdict_put(s, &v, T0, &event);
	store_epoch_get(s, &seen);
	store_close(s);
	restore(url);
	s = test_open(url);
	store_epoch_get(s, &now);
	ok(test_node(s, "a").status == ASSAY_AFFIRMING && !memcmp(now.id, seen.id, 16) &&
		   now.counter == seen.counter && !store_epoch_follows(&seen, &now),
	   "restore: the old verdict is back, and the epoch does not follow");
	ok(store_epoch_accept(s, &seen, TEXT("[\"restored\"]"), &test_actor, T0 + 9, &now) ==
			   STORE_DONE &&
		   test_node(s, "a").status == ASSAY_NONE && !test_node(s, "a").ends,
	   "restore: accepted, nothing is trusted");
	ok(test_events(s, seen.event) == 1 && !strcmp(test_event[0].node, "a") &&
		   test_event[0].status == ASSAY_NONE,
	   "restore: whoever had heard all before hears that");
	v = test_verdict("a", 1, ASSAY_AFFIRMING, 10, 1);
	ok(store_verdict_put(s, &v, T0, &event) == STORE_CONFLICT,
	   "restore: the message that had affirmed it, replayed, does not");
	store_close(s);
}
