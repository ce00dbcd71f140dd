/* SPDX-License-Identifier: Apache-2.0
 * sqlite_internal - what the two files of the SQLite driver share. */
#pragma once
#include "verifier/store/store_internal.h"

#include <sqlite3.h>
#include <sys/stat.h>

enum {
	SQLITE_BUSY_MS = 5000, /* that a call waits for another writer */
	SQLITE_ARGS_MAX = 16,
};

struct sqlite_conn {
	sqlite3 *db;
	struct stat file; /* what was opened: is it still what lies under the name? */
	struct stat log;  /* its write-ahead log, once it was written to */
	sqlite3_stmt *statement[SQL_N];
	int place[SQL_N][SQLITE_ARGS_MAX]; /* where SQLite numbers $1, $2... */
	sqlite3_stmt *begin, *commit, *version;
	uint64_t deadline; /* of waiting for another writer */
	int64_t seen;      /* data_version */
	/* the statement that is running, and the rows of arguments that are left */
	sqlite3_stmt *running;
	enum store_sql q;
	const struct store_arg *args;
	size_t rows;
	bool fresh; /* its arguments are not yet bound */
};

enum store_io sqlite_connect(struct store *s);
/* False: there is no log beside the file. */
bool sqlite_log(const struct store *s, struct stat *out);
void sqlite_disconnect(struct store *s);
enum store_io sqlite_failed(struct store *s, const struct sqlite_conn *c, int rc);
