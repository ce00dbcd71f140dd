/* SPDX-License-Identifier: Apache-2.0
 *
 * pg - the driver of PostgreSQL: statements, transactions, waiting. Opening is pg_open.c.
 *
 * The connection is always in pipeline mode. Inside a transaction BEGIN and each statement
 * without columns are only queued; they travel with the next statement whose rows are wanted,
 * or with COMMIT. So a verdict that changes costs three round trips: BEGIN and the lock, the
 * change and the number of its event, the event and COMMIT. */
#include "verifier/store/pg_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct store_statement statements[SQL_N] = {
#define X(name, args, cols, many, sqlite, pg) { #name, args, cols, many, pg },
#include "verifier/store/store_sql.h"
#undef X
};

/* libpq's texts end in a newline and may have several lines. */
static void why_text(struct store *s, const char *text)
{
	char line[sizeof s->why.why];
	size_t n = 0;

	for (; *text && n < sizeof line - 1; text++)
		line[n++] = *text == '\n' || *text == '\t' ? ' ' : *text;
	while (n && line[n - 1] == ' ')
		n--;
	line[n] = 0;
	platform_message_why(&s->why, "%s", line);
}

static void what_text(struct store *s, const struct pg_conn *c)
{
	const char *host = c->pg ? PQhost(c->pg) : NULL, *db = c->pg ? PQdb(c->pg) : NULL;

	platform_message_what(&s->why, "cannot use the store (PostgreSQL at %s, database %s)",
			      host ? host : "?", db ? db : "?");
}

enum store_io pg_lost(struct store *s, struct pg_conn *c, const char *why)
{
	c->lost = true;
	what_text(s, c);
	why_text(s, why);
	platform_message_hint(&s->why,
			      "the store goes on by itself as soon as PostgreSQL does");
	return STORE_IO_LOST;
}

static bool is(const char *state, const char *prefix)
{
	return !strncmp(state, prefix, strlen(prefix));
}

/* SQLSTATE, by what a caller can do about it. */
static enum store_io meaning(const char *state)
{
	static const char *const lost[] = { "08", "57P", "25006", "26000", "0A000", "25P03" };
	static const char *const down[] = { "53", "55", "57", "58", "42501", "54" };

	if (is(state, "40001") || is(state, "40P01"))
		return STORE_IO_AGAIN;
	for (size_t i = 0; i < sizeof lost / sizeof *lost; i++)
		if (is(state, lost[i]))
			return STORE_IO_LOST;
	for (size_t i = 0; i < sizeof down / sizeof *down; i++)
		if (is(state, down[i]))
			return STORE_IO_DOWN;
	return STORE_IO_BROKEN;
}

static const char *hint(const char *state)
{
	if (is(state, "53100"))
		return "make room on PostgreSQL's disk; the store goes on by itself";
	if (is(state, "53300"))
		return "raise max_connections, or let each verifier have fewer workers";
	if (is(state, "42501"))
		return "assayd's role must own its tables";
	if (is(state, "XX001") || is(state, "XX002"))
		return "the database is damaged; restore a backup (verifier/store/README.md)";
	return "";
}

enum store_io pg_failed(struct store *s, struct pg_conn *c, const PGresult *r)
{
	const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
	const char *text = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	enum store_io io;

	if (!state || PQstatus(c->pg) != CONNECTION_OK)
		return pg_lost(s, c, text ? text : PQerrorMessage(c->pg));
	io = meaning(state);
	if (io == STORE_IO_LOST)
		return pg_lost(s, c, text ? text : state);
	what_text(s, c);
	why_text(s, text ? text : state);
	platform_message_hint(&s->why, "%s", hint(state));
	s->why.errnum = is(state, "53100") ? ENOSPC : 0;
	return io;
}

/* Waits until the socket can be read or, when there is something to send, written. */
static enum store_io wait_socket(struct store *s, struct pg_conn *c, bool send)
{
	struct pollfd p = { PQsocket(c->pg), (short)(POLLIN | (send ? POLLOUT : 0)), 0 };
	uint64_t now = store_clock_ms();
	int n;

	if (now >= c->deadline)
		return pg_lost(s, c, "no answer in time");
	n = poll(&p, 1, (int)(c->deadline - now));
	if (n < 0 && errno != EINTR)
		return pg_lost(s, c, strerror(errno));
	if (n > 0 && (p.revents & ~POLLOUT) && !PQconsumeInput(c->pg))
		return pg_lost(s, c, PQerrorMessage(c->pg));
	return STORE_IO_DONE;
}

enum store_io pg_flush(struct store *s, struct pg_conn *c)
{
	enum store_io io = STORE_IO_DONE;
	int left;

	while (io == STORE_IO_DONE && (left = PQflush(c->pg)) != 0) {
		if (left < 0)
			return pg_lost(s, c, PQerrorMessage(c->pg));
		io = wait_socket(s, c, true);
	}
	return io;
}

enum store_io pg_result(struct store *s, struct pg_conn *c, PGresult **out)
{
	while (PQisBusy(c->pg)) {
		enum store_io io = wait_socket(s, c, false);

		if (io != STORE_IO_DONE)
			return io;
	}
	*out = PQgetResult(c->pg);
	return STORE_IO_DONE;
}

/* The outcome of one statement of the pipeline; the result when it is wanted. */
static enum store_io outcome(struct store *s, struct pg_conn *c, PGresult **keep)
{
	PGresult *r = NULL, *end = NULL;
	enum store_io io = pg_result(s, c, &r);

	if (io != STORE_IO_DONE)
		return io;
	c->pending--;
	switch (PQresultStatus(r)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		break;
	default:
		io = pg_failed(s, c, r);
		break;
	}
	if (io == STORE_IO_DONE && keep)
		*keep = r;
	else
		PQclear(r);
	if (io == STORE_IO_DONE || !c->lost) {
		enum store_io ended = pg_result(s, c, &end);

		PQclear(end);
		return io == STORE_IO_DONE ? ended : io;
	}
	return io;
}

enum store_io pg_sync(struct store *s, struct pg_conn *c)
{
	if (!PQpipelineSync(c->pg))
		return pg_lost(s, c, PQerrorMessage(c->pg));
	return pg_flush(s, c);
}

enum store_io pg_drain(struct store *s, struct pg_conn *c)
{
	enum store_io first = STORE_IO_DONE;
	struct platform_message why = s->why;

	for (;;) {
		PGresult *r = NULL;
		enum store_io io = pg_result(s, c, &r);
		ExecStatusType status;

		if (io != STORE_IO_DONE)
			return io;
		status = r ? PQresultStatus(r) : PGRES_COMMAND_OK;
		if (status == PGRES_PIPELINE_SYNC) {
			PQclear(r);
			c->pending = 0;
			if (first != STORE_IO_DONE)
				s->why = why;
			return first;
		}
		/* what follows a failure is told as aborted: the first says why */
		if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
		    first == STORE_IO_DONE && status != PGRES_PIPELINE_ABORTED) {
			first = pg_failed(s, c, r);
			why = s->why;
		}
		PQclear(r);
		if (c->lost)
			return STORE_IO_LOST;
		if (!r && PQstatus(c->pg) != CONNECTION_OK)
			return pg_lost(s, c, PQerrorMessage(c->pg));
	}
}

static enum store_io queue(struct store *s, struct pg_conn *c, const char *name,
			   const struct pg_args *a)
{
	static const struct pg_args none;

	a = a ? a : &none;
	if (c->lost)
		return STORE_IO_LOST;
	if (!PQsendQueryPrepared(c->pg, name, a->n, a->values, a->lengths, a->formats, 1))
		return pg_lost(s, c, PQerrorMessage(c->pg));
	c->pending++;
	return STORE_IO_DONE;
}

static void end(struct store *s)
{
	struct pg_conn *c = s->conn;

	PQclear(c->result);
	c->result = NULL;
}

static enum store_io begin(struct store *s)
{
	struct pg_conn *c = s->conn;
	enum store_io io;

	c->deadline = store_clock_ms() + STORE_PATIENCE_MS;
	io = queue(s, c, "begin", NULL);
	c->inside = io == STORE_IO_DONE;
	return io;
}

static enum store_io commit(struct store *s)
{
	struct pg_conn *c = s->conn;
	PGresult *r = NULL;
	enum store_io io;

	end(s);
	if ((io = queue(s, c, "commit", NULL)) != STORE_IO_DONE ||
	    (io = pg_sync(s, c)) != STORE_IO_DONE)
		return io;
	while (c->pending > 1)
		if ((io = outcome(s, c, NULL)) != STORE_IO_DONE)
			return io;
	if ((io = outcome(s, c, &r)) != STORE_IO_DONE)
		return io;
	/* a transaction that had failed "commits" as ROLLBACK */
	if (strcmp(PQcmdStatus(r), "COMMIT") != 0)
		io = pg_lost(s, c, "the transaction was not committed");
	PQclear(r);
	if (io == STORE_IO_DONE)
		io = pg_drain(s, c);
	c->inside = io != STORE_IO_DONE;
	return io;
}

static void rollback(struct store *s)
{
	struct pg_conn *c = s->conn;
	struct platform_message why = s->why;
	enum store_io io;

	end(s);
	c->inside = false;
	if (c->lost)
		return;
	/* up to a mark first: until then the server passes over everything */
	c->deadline = store_clock_ms() + STORE_PATIENCE_MS;
	io = pg_sync(s, c);
	if (io == STORE_IO_DONE)
		pg_drain(s, c);
	if (!c->lost && PQtransactionStatus(c->pg) != PQTRANS_IDLE) {
		io = queue(s, c, "rollback", NULL);
		if (io == STORE_IO_DONE && (io = pg_sync(s, c)) == STORE_IO_DONE)
			io = pg_drain(s, c);
		c->lost = io != STORE_IO_DONE;
	}
	s->why = why;
}

static enum store_io run(struct store *s, enum store_sql q, const struct store_arg *args,
			 size_t rows)
{
	const struct store_statement *st = &statements[q];
	struct pg_conn *c = s->conn;
	struct pg_args a = { 0 };
	char name[8];
	enum store_io io;

	end(s);
	if (!c->inside)
		c->deadline = store_clock_ms() + STORE_PATIENCE_MS;
	if (st->many ? !pg_args_many(c, &a, st->args, args, rows)
		     : !pg_args_one(&a, st->args, args)) {
		store_no_memory(s);
		return STORE_IO_DOWN;
	}
	snprintf(name, sizeof name, "q%d", (int)q);
	if ((io = queue(s, c, name, &a)) != STORE_IO_DONE || (c->inside && !*st->cols))
		return io;
	if (c->inside ? !PQsendFlushRequest(c->pg) : !PQpipelineSync(c->pg))
		return pg_lost(s, c, PQerrorMessage(c->pg));
	if ((io = pg_flush(s, c)) != STORE_IO_DONE)
		return io;
	while (c->pending > 1 && io == STORE_IO_DONE)
		io = outcome(s, c, NULL);
	if (io == STORE_IO_DONE)
		io = outcome(s, c, &c->result);
	c->row = -1;
	if (!c->inside && !c->lost) {
		enum store_io synced = pg_drain(s, c);

		io = io == STORE_IO_DONE ? synced : io;
	}
	return io;
}

static enum store_io next(struct store *s, bool *row)
{
	struct pg_conn *c = s->conn;

	*row = c->result && ++c->row < PQntuples(c->result);
	if (!*row)
		end(s);
	return STORE_IO_DONE;
}

static bool value(struct pg_conn *c, int col, Oid type, struct assay_slice *out)
{
	if (!c->result || PQftype(c->result, col) != type ||
	    PQgetisnull(c->result, c->row, col))
		return false;
	out->p = (const uint8_t *)PQgetvalue(c->result, c->row, col);
	out->n = (size_t)PQgetlength(c->result, c->row, col);
	return true;
}

static bool integer(struct store *s, int col, int64_t *out)
{
	struct assay_slice v;
	uint64_t n = 0;

	if (!value(s->conn, col, PG_OID_INT8, &v) || v.n != 8)
		return false;
	for (int i = 0; i < 8; i++)
		n = n << 8 | v.p[i];
	*out = (int64_t)n;
	return true;
}

static bool bytes(struct store *s, int col, char type, struct assay_slice *out)
{
	return value(s->conn, col, pg_oid(type, false), out);
}

static bool notified(struct pg_conn *c)
{
	bool any = false;
	PGnotify *n;

	while ((n = PQnotifies(c->pg)) != NULL) {
		any = true;
		PQfreemem(n);
	}
	return any;
}

/* A round trip: a peer that died without a word is not heard otherwise. */
static enum store_io round_trip(struct store *s, struct pg_conn *c)
{
	enum store_io io;

	c->deadline = store_clock_ms() + STORE_PATIENCE_MS;
	io = pg_sync(s, c);
	return io == STORE_IO_DONE ? pg_drain(s, c) : io;
}

static enum store_io wait_change(struct store *s, int timeout_ms, int wake_fd)
{
	struct pg_conn *c = s->conn;
	uint64_t ends = store_clock_ms() + (uint64_t)(timeout_ms > 0 ? timeout_ms : 0);

	if (c->lost)
		return STORE_IO_LOST;
	if (!c->listening) {
		enum store_io io = queue(s, c, "listen", NULL);

		if (io == STORE_IO_DONE)
			io = round_trip(s, c);
		c->listening = io == STORE_IO_DONE;
		return io; /* what came before is not told: the caller asks */
	}
	for (;;) {
		struct pollfd p[] = { { PQsocket(c->pg), POLLIN, 0 }, { wake_fd, POLLIN, 0 } };
		uint64_t now = store_clock_ms();
		int n;

		if (notified(c))
			return STORE_IO_DONE;
		if (now >= ends)
			return round_trip(s, c);
		n = poll(p, wake_fd >= 0 ? 2 : 1, (int)(ends - now));
		if (n < 0 && errno != EINTR)
			return pg_lost(s, c, strerror(errno));
		if (n > 0 && p[1].revents)
			return STORE_IO_DONE;
		if (n > 0 && !PQconsumeInput(c->pg))
			return pg_lost(s, c, PQerrorMessage(c->pg));
		if (PQstatus(c->pg) != CONNECTION_OK)
			return pg_lost(s, c, PQerrorMessage(c->pg));
	}
}

const struct store_driver store_pg = {
	.remote = true,
	.statements = statements,
	.connect = pg_connect,
	.disconnect = pg_disconnect,
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
