/* SPDX-License-Identifier: Apache-2.0
 *
 * store - opening, transactions, connections that are lost, and the order of messages. */
#include "verifier/store/store.h"

#include "verifier/store/store_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	PAUSE_FIRST_MS = 20,
	PAUSE_LAST_MS = 1000,
	AGAIN_MAX = 20, /* times that a transaction is run again when the database asks */
};

uint64_t store_clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int store_order_compare(const struct store_order *a, const struct store_order *b)
{
	bool boot = a->resetCount == b->resetCount;
	uint64_t x = boot ? a->clock : a->challenged, y = boot ? b->clock : b->challenged;

	return (x > y) - (x < y);
}

static enum store_status status_of(enum store_io io)
{
	switch (io) {
	case STORE_IO_DONE:
		return STORE_DONE;
	case STORE_IO_BROKEN:
		return STORE_BROKEN;
	case STORE_IO_LOST:
	case STORE_IO_AGAIN:
	case STORE_IO_DOWN:
		break;
	}
	return STORE_DOWN;
}

/* Forgets the connection; the next is tried after a pause that doubles while it fails. */
static void disconnect(struct store *s)
{
	if (s->conn)
		s->driver->disconnect(s);
	s->conn = NULL;
	s->writing = false;
}

static enum store_io connect_now(struct store *s)
{
	enum store_io io;

	if (store_clock_ms() < s->try_at)
		return STORE_IO_DOWN; /* s->why still says why */
	s->why = (struct platform_message){ 0 };
	io = s->driver->connect(s);
	if (io == STORE_IO_DONE) {
		s->pause = 0;
		s->try_at = 0;
		return io;
	}
	s->conn = NULL;
	s->pause = s->pause ? s->pause * 2 : PAUSE_FIRST_MS;
	if (s->pause > PAUSE_LAST_MS)
		s->pause = PAUSE_LAST_MS;
	s->try_at = store_clock_ms() + s->pause;
	return io;
}

enum store_status store_open(const char *url, struct store **out, struct platform_message *why)
{
	struct store *s = calloc(1, sizeof *s);
	const char *rest = url;
	enum store_io io = STORE_IO_DOWN;

	if (s) {
		if (!strncmp(url, "sqlite:", 7)) {
			s->driver = &store_sqlite;
			rest = url + 7;
		} else if (!strncmp(url, "postgresql:", 11) || !strncmp(url, "postgres:", 9)) {
			s->driver = &store_pg;
		}
		s->url = strdup(rest);
	}
	if (!s || !s->url) {
		platform_message_what(why, "cannot open the store");
		platform_message_errno(why, ENOMEM);
	} else if (!s->driver || !*rest) {
		platform_message_what(why, "cannot open the store");
		platform_message_why(why,
				     "its URL begins with neither \"sqlite:\" and a file, nor "
				     "\"postgresql://\"");
		platform_message_hint(why, "for example sqlite:/var/lib/assay/store.db");
		io = STORE_IO_BROKEN;
	} else {
		io = connect_now(s);
		*why = s->why;
	}
	if (io != STORE_IO_DONE) {
		store_close(s);
		return status_of(io);
	}
	*out = s;
	return STORE_DONE;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	disconnect(s);
	if (s->url)
		explicit_bzero(s->url, strlen(s->url));
	free(s->url);
	free(s->texts.p);
	free(s);
}

const struct platform_message *store_why(const struct store *s)
{
	return &s->why;
}

/* One run of a transaction, from connecting to its outcome. *unsure: the commit was sent. */
static enum store_io run_once(struct store *s, bool write, store_body body, void *ctx,
			      enum store_status *said, bool *unsure)
{
	*unsure = false;
	s->fault = STORE_IO_DONE;
	s->texts.at = 0;
	if (!s->conn && (s->fault = connect_now(s)) != STORE_IO_DONE)
		return s->fault;
	s->why = (struct platform_message){ 0 };
	if (write) {
		if ((s->fault = s->driver->begin(s)) != STORE_IO_DONE)
			return s->fault;
		s->writing = true;
	}
	*said = body(s, ctx);
	if (s->fault == STORE_IO_DONE && write && *said == STORE_DONE) {
		*unsure = true;
		s->fault = s->driver->commit(s);
		s->writing = s->fault != STORE_IO_DONE;
	}
	return s->fault;
}

static enum store_status transact(struct store *s, bool write, store_body body, void *ctx)
{
	bool unsure, reopened = false;
	uint64_t started = store_clock_ms();
	enum store_status said = STORE_DONE;

	s->told = false;
	for (unsigned again = 0;;) {
		enum store_io io;
		bool old = s->conn != NULL;
		uint64_t took;

		io = run_once(s, write, body, ctx, &said, &unsure);
		if (s->writing && io != STORE_IO_LOST)
			s->driver->rollback(s);
		s->writing = false;
		took = store_clock_ms() - started;
		if (io == STORE_IO_LOST) {
			disconnect(s);
			/* a connection that died while nobody used it is worth one more try;
			 * one that does not answer is not */
			if (s->driver->remote && old && !unsure && !s->told && !reopened &&
			    took < STORE_PATIENCE_MS / 10) {
				reopened = true;
				continue;
			}
		}
		if (io == STORE_IO_AGAIN && !s->told && ++again < AGAIN_MAX &&
		    took < STORE_PATIENCE_MS / 2)
			continue;
		s->fault = STORE_IO_DONE;
		return io == STORE_IO_DONE ? said : status_of(io);
	}
}

enum store_status store_read(struct store *s, store_body body, void *ctx)
{
	return transact(s, false, body, ctx);
}

enum store_status store_write(struct store *s, store_body body, void *ctx)
{
	return transact(s, true, body, ctx);
}

bool store_run(struct store *s, enum store_sql q, const struct store_arg *args, size_t rows)
{
	if (s->fault != STORE_IO_DONE)
		return false;
	s->running = q;
	if (!s->driver->statements[q].text || !rows)
		return true;
	s->fault = s->driver->run(s, q, args, rows);
	return s->fault == STORE_IO_DONE;
}

bool store_next(struct store *s)
{
	bool row = false;

	if (s->fault == STORE_IO_DONE)
		s->fault = s->driver->next(s, &row);
	return s->fault == STORE_IO_DONE && row;
}

void store_end(struct store *s)
{
	if (s->conn)
		s->driver->end(s);
}

bool store_one(struct store *s, enum store_sql q, const struct store_arg *args)
{
	if (!store_run(s, q, args, 1))
		return false;
	if (store_next(s))
		return true;
	store_end(s);
	return false;
}

void store_do(struct store *s, enum store_sql q, const struct store_arg *args, size_t rows)
{
	assert(!*s->driver->statements[q].cols);
	store_run(s, q, args, rows);
}

static enum store_status ping(struct store *s, void *ctx)
{
	(void)ctx;
	if (!store_one(s, SQL_PING, NULL)) {
		store_bad_row(s, 0, "missing");
		return STORE_BROKEN;
	}
	store_col_u64(s, 0);
	store_end(s);
	return STORE_DONE;
}

enum store_status store_ping(struct store *s)
{
	return store_read(s, ping, NULL);
}

enum store_status store_wait(struct store *s, int timeout_ms, int wake_fd)
{
	enum store_io io;

	if (!s->conn && (io = connect_now(s)) != STORE_IO_DONE)
		return status_of(io);
	s->why = (struct platform_message){ 0 };
	io = s->driver->wait(s, timeout_ms, wake_fd);
	if (io == STORE_IO_LOST)
		disconnect(s);
	return status_of(io);
}
