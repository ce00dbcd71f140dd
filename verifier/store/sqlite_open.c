/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite_open - opening the file: mode 0600, ours or empty, the schema brought to our version.
 */
#include "verifier/store/schema.h"
#include "verifier/store/sqlite_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* "asay", in the file's header: says whose database it is (PRAGMA application_id). */
#define APPLICATION "1634951545"

/* Sleeps a millisecond or so; SQLite's own handler sleeps so long that one of many starves. */
static int busy(void *ctx, int times)
{
	const struct sqlite_conn *c = ctx;
	struct timespec pause = { .tv_nsec = 300000 + (times * 7919 % 16) * 100000 };

	if (store_clock_ms() >= c->deadline)
		return 0;
	nanosleep(&pause, NULL);
	return 1;
}

/* Makes the file with our mode before SQLite would with its own, and its name durable. */
static enum store_io make_file(struct store *s)
{
	int fd = open(s->url, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	char *copy;

	if (fd < 0 && errno == EEXIST)
		return STORE_IO_DONE;
	if (fd < 0) {
		platform_message_what(&s->why, "cannot make the store %s", s->url);
		platform_message_errno(&s->why, errno);
		return STORE_IO_LOST;
	}
	close(fd);
	copy = strdup(s->url);
	fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
	return STORE_IO_DONE;
}

static int number(sqlite3 *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		*out = sqlite3_column_int64(st, 0);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(st);
	return rc;
}

static enum store_io not_ours(struct store *s, const char *why, const char *hint)
{
	platform_message_what(&s->why, "cannot use the store %s", s->url);
	platform_message_why(&s->why, "%s", why);
	platform_message_hint(&s->why, "%s", hint);
	return STORE_IO_BROKEN;
}

/* Inside a transaction that nobody else can write in. */
static enum store_io migrate_locked(struct store *s, struct sqlite_conn *c)
{
	int64_t application = 0, version = 0, tables = 0;
	char note[80];
	int rc;

	if ((rc = number(c->db, "PRAGMA application_id", &application)) ||
	    (rc = number(c->db, "PRAGMA user_version", &version)) ||
	    (rc = number(c->db, "SELECT count(*) FROM sqlite_schema", &tables)))
		return sqlite_failed(s, c, rc);
	if (tables && application != strtoll(APPLICATION, NULL, 10))
		return not_ours(s, "it is the database of another program",
				"name another file in the configuration");
	if (version > STORE_SCHEMA || version < 0)
		return not_ours(s, "it was written by a newer assayd",
				"upgrade assayd on this machine");
	for (int64_t v = version; v < STORE_SCHEMA; v++) {
		rc = sqlite3_exec(c->db, store_schema_sqlite[v], NULL, NULL, NULL);
		if (rc != SQLITE_OK)
			return sqlite_failed(s, c, rc);
	}
	if (version == STORE_SCHEMA)
		return STORE_IO_DONE;
	snprintf(note, sizeof note,
		 "PRAGMA application_id=" APPLICATION ";PRAGMA user_version=%d", STORE_SCHEMA);
	rc = sqlite3_exec(c->db, note, NULL, NULL, NULL);
	return rc == SQLITE_OK ? STORE_IO_DONE : sqlite_failed(s, c, rc);
}

static enum store_io migrate(struct store *s, struct sqlite_conn *c)
{
	enum store_io io;
	int rc;

	c->deadline = store_clock_ms() + SQLITE_BUSY_MS;
	if ((rc = sqlite3_exec(c->db, "BEGIN IMMEDIATE", NULL, NULL, NULL)) != SQLITE_OK)
		return sqlite_failed(s, c, rc);
	io = migrate_locked(s, c);
	if (io == STORE_IO_DONE &&
	    (rc = sqlite3_exec(c->db, "COMMIT", NULL, NULL, NULL)) != SQLITE_OK)
		io = sqlite_failed(s, c, rc);
	if (!sqlite3_get_autocommit(c->db))
		sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
	return io;
}

static int prepare(struct sqlite_conn *c, const char *sql, sqlite3_stmt **out)
{
	return sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
}

static int prepare_all(struct sqlite_conn *c)
{
	int rc;

	if ((rc = prepare(c, "BEGIN IMMEDIATE", &c->begin)) ||
	    (rc = prepare(c, "COMMIT", &c->commit)) ||
	    (rc = prepare(c, "PRAGMA data_version", &c->version)))
		return rc;
	for (int q = 0; q < SQL_N; q++) {
		const struct store_statement *st = &store_sqlite.statements[q];

		if (!st->text)
			continue;
		if ((rc = prepare(c, st->text, &c->statement[q])) != SQLITE_OK)
			return rc;
		for (int i = 0; st->args[i]; i++) {
			char name[8];

			snprintf(name, sizeof name, "$%d", i + 1);
			c->place[q][i] = sqlite3_bind_parameter_index(c->statement[q], name);
		}
	}
	return SQLITE_OK;
}

/* A file is somebody else's until it is read: triggers and views of it run with no function
 * that touches anything, and nothing writes to its schema behind our back. The log may grow to
 * 32 MiB before it is folded into the file: a page that many batches touch is then written
 * there once. */
static int settings(struct sqlite_conn *c)
{
	static const char pragmas[] =
		"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		"PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
		"PRAGMA secure_delete=OFF; PRAGMA temp_store=MEMORY;"
		"PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=8192";

	sqlite3_extended_result_codes(c->db, 1);
	sqlite3_busy_handler(c->db, busy, c);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_limit(c->db, SQLITE_LIMIT_ATTACHED, 0);
	return sqlite3_exec(c->db, pragmas, NULL, NULL, NULL);
}

static void conn_free(struct sqlite_conn *c)
{
	for (int q = 0; q < SQL_N; q++)
		sqlite3_finalize(c->statement[q]);
	sqlite3_finalize(c->begin);
	sqlite3_finalize(c->commit);
	sqlite3_finalize(c->version);
	sqlite3_close(c->db);
	free(c);
}

bool sqlite_log(const struct store *s, struct stat *out)
{
	char *path = NULL;
	bool there = asprintf(&path, "%s-wal", s->url) > 0 && stat(path, out) == 0;

	free(path);
	return there;
}

static enum store_io open_file(struct store *s, struct sqlite_conn *c)
{
	enum store_io io = make_file(s);
	int rc;

	if (io != STORE_IO_DONE)
		return io;
	c->deadline = store_clock_ms() + SQLITE_BUSY_MS;
	if (stat(s->url, &c->file) < 0) {
		platform_message_what(&s->why, "cannot open the store %s", s->url);
		platform_message_errno(&s->why, errno);
		return STORE_IO_LOST;
	}
	rc = sqlite3_open_v2(s->url, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK || (rc = settings(c)) != SQLITE_OK)
		return sqlite_failed(s, c, rc);
	io = migrate(s, c);
	if (io == STORE_IO_DONE && (rc = prepare_all(c)) != SQLITE_OK)
		io = sqlite_failed(s, c, rc);
	if (!sqlite_log(s, &c->log))
		c->log = (struct stat){ 0 };
	return io;
}

enum store_io sqlite_connect(struct store *s)
{
	struct sqlite_conn *c = calloc(1, sizeof *c);
	enum store_io io;

	if (!c) {
		platform_message_what(&s->why, "cannot open the store %s", s->url);
		platform_message_errno(&s->why, ENOMEM);
		return STORE_IO_DOWN;
	}
	io = open_file(s, c);
	if (io != STORE_IO_DONE) {
		conn_free(c);
		return io;
	}
	c->seen = -1;
	s->conn = c;
	return STORE_IO_DONE;
}

void sqlite_disconnect(struct store *s)
{
	conn_free(s->conn);
}
