/* SPDX-License-Identifier: Apache-2.0
 *
 * sqlite - the driver of SQLite: statements, transactions, waiting. Opening is sqlite_open.c.
 *
 * One writer at a time, by BEGIN IMMEDIATE: what is read inside a transaction stays true until
 * its end. Readers are never in the way (WAL). synchronous=FULL: a commit is on the disk. */
#include "verifier/store/sqlite_internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

enum { POLL_MS = 20 };

static const struct store_statement statements[SQL_N] = {
#define X(name, args, cols, many, sqlite, pg) { #name, args, cols, many, sqlite },
#include "verifier/store/store_sql.h"
#undef X
};

/* What SQLite's code means for a caller; fills s->why. */
enum store_io sqlite_failed(struct store *s, const struct sqlite_conn *c, int rc)
{
	int primary = rc & 0xff;

	platform_message_what(&s->why, "cannot use the store %s", s->url);
	platform_message_why(&s->why, "%s", c->db ? sqlite3_errmsg(c->db) : sqlite3_errstr(rc));
	s->why.errnum = c->db ? sqlite3_system_errno(c->db) : 0;
	switch (primary) {
	case SQLITE_FULL:
		platform_message_hint(&s->why,
				      "make room on its disk; the store goes on by itself");
		s->why.errnum = ENOSPC;
		return STORE_IO_DOWN;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		platform_message_hint(&s->why,
				      "another program holds the database; find it with "
				      "fuser");
		return STORE_IO_DOWN;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
	case SQLITE_AUTH:
		platform_message_hint(&s->why,
				      "assayd's user must be able to write the file and its "
				      "folder");
		return STORE_IO_LOST;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_SCHEMA:
	case SQLITE_ERROR:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_FORMAT:
		platform_message_hint(&s->why,
				      "the file is damaged or not a store of assay; restore a "
				      "backup (verifier/store/README.md)");
		return STORE_IO_BROKEN;
	default: /* I/O, memory, protocol: open it anew */
		platform_message_hint(&s->why, "look at the disk; the store goes on by itself");
		return STORE_IO_LOST;
	}
}

/* A file that was put in our file's place while the log of ours stayed beside it: SQLite would
 * apply that to it, and nobody can tell what that makes, so nothing goes on. When the log went
 * as well, what is there now is another whole database: it is opened anew. */
static enum store_io same_file(struct store *s, const struct sqlite_conn *c)
{
	struct stat now;
	bool there = stat(s->url, &now) == 0;

	if (there && now.st_ino == c->file.st_ino && now.st_dev == c->file.st_dev)
		return STORE_IO_DONE;
	platform_message_what(&s->why, "cannot use the store %s", s->url);
	platform_message_why(&s->why, "the file was %s while it was open",
			     there ? "replaced" : "removed");
	platform_message_hint(&s->why, "stop assayd, remove FILE-wal and FILE-shm, and put the "
				       "backup back with sqlite3 FILE \".restore BACKUP\"");
	return there && sqlite_log(s, &now) && now.st_ino == c->log.st_ino &&
			       now.st_dev == c->log.st_dev
		       ? STORE_IO_BROKEN
		       : STORE_IO_LOST;
}

static enum store_io begin(struct store *s)
{
	struct sqlite_conn *c = s->conn;
	enum store_io io = same_file(s, c);
	int rc;

	if (io != STORE_IO_DONE)
		return io;
	c->deadline = store_clock_ms() + SQLITE_BUSY_MS;
	rc = sqlite3_step(c->begin);
	sqlite3_reset(c->begin);
	return rc == SQLITE_DONE ? STORE_IO_DONE : sqlite_failed(s, c, rc);
}

static enum store_io commit(struct store *s)
{
	struct sqlite_conn *c = s->conn;
	int rc = sqlite3_step(c->commit);
	enum store_io io = rc == SQLITE_DONE ? STORE_IO_DONE : sqlite_failed(s, c, rc);

	sqlite3_reset(c->commit);
	return io;
}

static void end(struct store *s)
{
	struct sqlite_conn *c = s->conn;

	if (c->running)
		sqlite3_reset(c->running);
	c->running = NULL;
}

static void rollback(struct store *s)
{
	struct sqlite_conn *c = s->conn;

	end(s);
	if (!sqlite3_get_autocommit(c->db))
		sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
}

static int bind(struct sqlite_conn *c, enum store_sql q, const struct store_arg *a)
{
	sqlite3_stmt *st = c->statement[q];
	const char *types = statements[q].args;
	int rc = SQLITE_OK;

	for (int i = 0; types[i] && rc == SQLITE_OK; i++) {
		int at = c->place[q][i];

		if (types[i] == 'i')
			rc = sqlite3_bind_int64(st, at, a[i].i);
		else if (types[i] == 't')
			rc = sqlite3_bind_text64(st, at, a[i].p, a[i].n, SQLITE_STATIC,
						 SQLITE_UTF8);
		else
			rc = sqlite3_bind_blob64(st, at, a[i].p, a[i].n, SQLITE_STATIC);
	}
	return rc;
}

static enum store_io next(struct store *s, bool *row)
{
	struct sqlite_conn *c = s->conn;
	int rc;

	*row = false;
	while (c->running) {
		if (c->fresh && (rc = bind(c, c->q, c->args)) != SQLITE_OK)
			return sqlite_failed(s, c, rc);
		c->fresh = false;
		rc = sqlite3_step(c->running);
		if (rc == SQLITE_ROW) {
			*row = true;
			return STORE_IO_DONE;
		}
		if (rc != SQLITE_DONE) {
			enum store_io io = sqlite_failed(s, c, rc);

			end(s);
			return io;
		}
		sqlite3_reset(c->running);
		c->fresh = true;
		c->args += strlen(statements[c->q].args);
		if (!--c->rows)
			c->running = NULL;
	}
	return STORE_IO_DONE;
}

static enum store_io run(struct store *s, enum store_sql q, const struct store_arg *args,
			 size_t rows)
{
	struct sqlite_conn *c = s->conn;
	enum store_io io;
	bool row;

	end(s);
	/* a file without a name tells of nothing that happens from now on */
	if (sqlite3_get_autocommit(c->db) && (io = same_file(s, c)) != STORE_IO_DONE)
		return io;
	c->deadline = store_clock_ms() + SQLITE_BUSY_MS;
	c->running = c->statement[q];
	c->q = q;
	c->args = args;
	c->rows = rows;
	c->fresh = true;
	return *statements[q].cols ? STORE_IO_DONE : next(s, &row);
}

static bool integer(struct store *s, int col, int64_t *out)
{
	struct sqlite_conn *c = s->conn;

	if (!c->running || sqlite3_column_type(c->running, col) != SQLITE_INTEGER)
		return false;
	*out = sqlite3_column_int64(c->running, col);
	return true;
}

static bool bytes(struct store *s, int col, char type, struct assay_slice *out)
{
	struct sqlite_conn *c = s->conn;
	int want = type == 't' ? SQLITE_TEXT : SQLITE_BLOB;

	if (!c->running || sqlite3_column_type(c->running, col) != want)
		return false;
	out->p = type == 't' ? sqlite3_column_text(c->running, col)
			     : sqlite3_column_blob(c->running, col);
	out->n = (size_t)sqlite3_column_bytes(c->running, col);
	return out->p || !out->n;
}

static enum store_io version(struct store *s, int64_t *out)
{
	struct sqlite_conn *c = s->conn;
	int rc = sqlite3_step(c->version);

	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(c->version, 0);
	sqlite3_reset(c->version);
	return rc == SQLITE_ROW ? STORE_IO_DONE : sqlite_failed(s, c, rc);
}

static enum store_io wait_change(struct store *s, int timeout_ms, int wake_fd)
{
	struct sqlite_conn *c = s->conn;
	uint64_t ends = store_clock_ms() + (uint64_t)(timeout_ms > 0 ? timeout_ms : 0);
	struct pollfd wake = { .fd = wake_fd, .events = POLLIN };

	for (;;) {
		enum store_io io = same_file(s, c);
		int64_t now = 0;
		bool changed;

		if (io != STORE_IO_DONE || (io = version(s, &now)) != STORE_IO_DONE)
			return io;
		/* the first look has nothing to compare with: the caller asks */
		changed = now != c->seen;
		c->seen = now;
		if (changed || store_clock_ms() >= ends)
			return STORE_IO_DONE;
		if (poll(&wake, wake_fd >= 0, POLL_MS) > 0)
			return STORE_IO_DONE;
	}
}

const struct store_driver store_sqlite = {
	.statements = statements,
	.connect = sqlite_connect,
	.disconnect = sqlite_disconnect,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.run = run,
	.next = next,
	.end = end,
	.integer = integer,
	.bytes = bytes,
	.wait = wait_change,
};
