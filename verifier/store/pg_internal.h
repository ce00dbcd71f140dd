/* SPDX-License-Identifier: Apache-2.0
 * pg_internal - what the files of the PostgreSQL driver share. */
#pragma once
#include "verifier/store/store_internal.h"

#include <libpq-fe.h>

enum {
	PG_ARGS_MAX = 16,
	PG_OID_BYTES = 17,
	PG_OID_INT8 = 20,
	PG_OID_TEXT = 25,
};

struct pg_conn {
	PGconn *pg;
	PGresult *result; /* of the statement that is running; all its rows */
	int row;
	unsigned pending; /* statements sent whose outcome was not read yet */
	bool inside;      /* a transaction */
	bool lost;        /* the connection is of no use any more */
	bool listening;
	uint64_t deadline; /* of the call */
	uint8_t *buffer;   /* arrays of arguments */
	size_t buffer_n;
};

enum store_io pg_connect(struct store *s);
void pg_disconnect(struct store *s);
void pg_free(struct pg_conn *c);

/* Waits for the next result; NULL in *out is libpq's end of a statement. */
enum store_io pg_result(struct store *s, struct pg_conn *c, PGresult **out);
/* Fills s->why and says what a failed result means. */
enum store_io pg_failed(struct store *s, struct pg_conn *c, const PGresult *r);
enum store_io pg_lost(struct store *s, struct pg_conn *c, const char *why);
/* Sends all that is queued and marks its end. */
enum store_io pg_sync(struct store *s, struct pg_conn *c);
/* Reads results up to that mark; the first failure is returned. */
enum store_io pg_drain(struct store *s, struct pg_conn *c);
enum store_io pg_flush(struct store *s, struct pg_conn *c);

/* Arguments as libpq takes them, all binary: one row, or `rows` of them as arrays. */
struct pg_args {
	int n;
	const char *values[PG_ARGS_MAX];
	int lengths[PG_ARGS_MAX], formats[PG_ARGS_MAX];
	uint8_t integers[PG_ARGS_MAX][8];
};
bool pg_args_one(struct pg_args *out, const char *types, const struct store_arg *args);
bool pg_args_many(struct pg_conn *c, struct pg_args *out, const char *types,
		  const struct store_arg *args, size_t rows);
Oid pg_oid(char type, bool array);
