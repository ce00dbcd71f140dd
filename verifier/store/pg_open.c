/* SPDX-License-Identifier: Apache-2.0
 *
 * pg_open - connecting, the session's settings, the schema brought to our version, statements
 * prepared. Nothing here waits longer than STORE_PATIENCE_MS. */
#include "verifier/store/pg_internal.h"
#include "verifier/store/schema.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One number for "the schema is being changed". */
#define SCHEMA_LOCK "SELECT pg_advisory_xact_lock(4702108192)"

static void silent(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

static enum store_io start(struct store *s, struct pg_conn *c)
{
	/* what stands before dbname is a default, what stands behind it is not to be changed */
	static const char *const keys[] = { "target_session_attrs",      "tcp_user_timeout",
					    "fallback_application_name", "dbname",
					    "client_encoding",           NULL };
	const char *const values[] = { "read-write", "10000", "assayd", s->url, "UTF8", NULL };
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	c->pg = PQconnectStartParams(keys, values, 1);
	if (!c->pg)
		return pg_lost(s, c, strerror(ENOMEM));
	PQsetNoticeProcessor(c->pg, silent, NULL);
	while (PQstatus(c->pg) != CONNECTION_BAD && state != PGRES_POLLING_OK) {
		struct pollfd p = { .fd = PQsocket(c->pg) };
		uint64_t now = store_clock_ms();

		if (now >= c->deadline)
			return pg_lost(s, c, "no answer in time");
		p.events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
		if (poll(&p, 1, (int)(c->deadline - now)) > 0)
			state = PQconnectPoll(c->pg);
		if (state == PGRES_POLLING_FAILED)
			break;
	}
	if (state != PGRES_POLLING_OK)
		return pg_lost(s, c, PQerrorMessage(c->pg));
	PQsetnonblocking(c->pg, 1);
	return STORE_IO_DONE;
}

/* Any SQL, outside the pipeline; the last result when it is wanted. */
static enum store_io simple(struct store *s, struct pg_conn *c, const char *sql,
			    PGresult **keep)
{
	enum store_io io, first = STORE_IO_DONE;
	PGresult *r;

	if (!PQsendQuery(c->pg, sql))
		return pg_lost(s, c, PQerrorMessage(c->pg));
	if ((io = pg_flush(s, c)) != STORE_IO_DONE)
		return io;
	for (;;) {
		if ((io = pg_result(s, c, &r)) != STORE_IO_DONE)
			return io;
		if (!r)
			return first;
		if (PQresultStatus(r) != PGRES_COMMAND_OK &&
		    PQresultStatus(r) != PGRES_TUPLES_OK && first == STORE_IO_DONE)
			first = pg_failed(s, c, r);
		if (keep && first == STORE_IO_DONE) {
			PQclear(*keep);
			*keep = r;
		} else {
			PQclear(r);
		}
		if (c->lost)
			return STORE_IO_LOST;
	}
}

/* A small number from one row and column; -1 when there is no row. */
static enum store_io number(struct store *s, struct pg_conn *c, const char *sql, long *out)
{
	PGresult *r = NULL;
	enum store_io io = simple(s, c, sql, &r);

	if (io == STORE_IO_DONE)
		*out = PQntuples(r) == 1 ? strtol(PQgetvalue(r, 0, 0), NULL, 10) : -1;
	PQclear(r);
	return io;
}

/* 0: there is none yet. */
static enum store_io version_get(struct store *s, struct pg_conn *c, long *version)
{
	long there = 0;
	enum store_io io = number(
		s, c, "SELECT CASE WHEN to_regclass('assay_schema') IS NULL THEN 0 ELSE 1 END",
		&there);

	*version = 0;
	if (io == STORE_IO_DONE && there)
		io = number(s, c, "SELECT version FROM assay_schema", version);
	if (io == STORE_IO_DONE && (*version > STORE_SCHEMA || *version < 0)) {
		platform_message_what(&s->why, "cannot use the store");
		platform_message_why(&s->why, "it was written by a newer assayd");
		platform_message_hint(&s->why, "upgrade assayd on this machine");
		io = STORE_IO_BROKEN;
	}
	return io;
}

static enum store_io steps(struct store *s, struct pg_conn *c)
{
	char note[100];
	long version;
	enum store_io io = simple(s, c, SCHEMA_LOCK, NULL);

	if (io == STORE_IO_DONE)
		io = version_get(s, c, &version);
	if (io != STORE_IO_DONE || version == STORE_SCHEMA)
		return io;
	if (version == 0)
		io = simple(s, c,
			    "CREATE TABLE assay_schema(version bigint NOT NULL);"
			    "INSERT INTO assay_schema VALUES(0)",
			    NULL);
	for (; io == STORE_IO_DONE && version < STORE_SCHEMA; version++)
		io = simple(s, c, store_schema_pg[version], NULL);
	snprintf(note, sizeof note, "UPDATE assay_schema SET version = %d", STORE_SCHEMA);
	return io == STORE_IO_DONE ? simple(s, c, note, NULL) : io;
}

static enum store_io migrate(struct store *s, struct pg_conn *c)
{
	long version;
	enum store_io io = version_get(s, c, &version);

	if (io != STORE_IO_DONE || version == STORE_SCHEMA)
		return io;
	if ((io = simple(s, c, "BEGIN", NULL)) == STORE_IO_DONE)
		io = steps(s, c);
	return io == STORE_IO_DONE ? simple(s, c, "COMMIT", NULL) : io;
}

/* A server that is stuck says so before our patience ends, and does not keep the locks of a
 * verifier that is stuck. A session that does not wait for its commits is set right. */
static enum store_io settings(struct store *s, struct pg_conn *c)
{
	return simple(s, c,
		      "SET statement_timeout = 8000; SET lock_timeout = 7000;"
		      "SET idle_in_transaction_session_timeout = 15000;"
		      "SELECT set_config('synchronous_commit', 'on', false) "
		      "WHERE current_setting('synchronous_commit') = 'off'",
		      NULL);
}

static enum store_io prepare(struct store *s, struct pg_conn *c)
{
	static const char *const plain[][2] = { { "begin", "BEGIN" },
						{ "commit", "COMMIT" },
						{ "rollback", "ROLLBACK" },
						{ "listen", "LISTEN assay" } };
	bool sent = PQenterPipelineMode(c->pg) == 1;
	enum store_io io;

	for (size_t i = 0; sent && i < sizeof plain / sizeof *plain; i++)
		sent = PQsendPrepare(c->pg, plain[i][0], plain[i][1], 0, NULL);
	for (int q = 0; sent && q < SQL_N; q++) {
		const struct store_statement *st = &store_pg.statements[q];
		Oid types[PG_ARGS_MAX];
		char name[8];
		int n = 0;

		if (!st->text)
			continue;
		for (; st->args[n]; n++)
			types[n] = pg_oid(st->args[n], st->many);
		snprintf(name, sizeof name, "q%d", q);
		sent = PQsendPrepare(c->pg, name, st->text, n, types);
	}
	if (!sent)
		return pg_lost(s, c, PQerrorMessage(c->pg));
	io = pg_sync(s, c);
	return io == STORE_IO_DONE ? pg_drain(s, c) : io;
}

void pg_free(struct pg_conn *c)
{
	PQclear(c->result);
	PQfinish(c->pg);
	free(c->buffer);
	free(c);
}

enum store_io pg_connect(struct store *s)
{
	struct pg_conn *c = calloc(1, sizeof *c);
	enum store_io io;

	if (!c) {
		platform_message_what(&s->why, "cannot open the store");
		platform_message_errno(&s->why, ENOMEM);
		return STORE_IO_DOWN;
	}
	c->deadline = store_clock_ms() + STORE_PATIENCE_MS;
	if ((io = start(s, c)) != STORE_IO_DONE || (io = settings(s, c)) != STORE_IO_DONE ||
	    (io = migrate(s, c)) != STORE_IO_DONE || (io = prepare(s, c)) != STORE_IO_DONE) {
		pg_free(c);
		return io == STORE_IO_AGAIN ? STORE_IO_DOWN : io;
	}
	s->conn = c;
	return STORE_IO_DONE;
}

void pg_disconnect(struct store *s)
{
	pg_free(s->conn);
}
