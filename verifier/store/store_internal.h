/* SPDX-License-Identifier: Apache-2.0
 *
 * store_internal - the narrow line between what a store does (nodes.c, verdicts.c, ...; written
 * once) and the two databases that do it (sqlite.c, pg.c: a struct store_driver each).
 *
 *   errors   the first one of a call sticks in s->fault; from then on store_run and store_next
 * do nothing and say false, so that a body reads on and store_transact asks once bodies   run
 * inside store_transact, may be run again from their start, and so set what they hand out at
 * their start or at their end only injection every value is a parameter; SQL text is constant
 * (store_sql.h, schema.c)
 */
#pragma once
#include "verifier/store/store.h"

enum store_sql {
#define X(name, args, cols, many, sqlite, pg) SQL_##name,
#include "verifier/store/store_sql.h"
#undef X
	SQL_N
};

/* args and cols: one letter each, i = 64-bit integer, t = text, b = bytes. many: takes any
 * number of rows of arguments (SQLite runs it for each, PostgreSQL once with arrays); the rows
 * that it returns come in the order of the arguments, or of their first column when that is how
 * the arguments are sorted. text NULL: this database needs no such statement. */
struct store_statement {
	const char *name, *args, *cols;
	bool many;
	const char *text;
};

/* A value of an argument: i, or n bytes at p. */
struct store_arg {
	int64_t i;
	const void *p;
	size_t n;
};

/* How a driver's function went. LOST: the connection is gone; AGAIN: the database asks to run
 * the transaction again (deadlock, serialisation). why is filled unless DONE. */
enum store_io { STORE_IO_DONE, STORE_IO_LOST, STORE_IO_AGAIN, STORE_IO_DOWN, STORE_IO_BROKEN };

struct store_driver {
	/* A lost connection says nothing about the database, so a call may try once more on a
	 * new one. With a file it does: it was damaged, or replaced. */
	bool remote;
	const struct store_statement *statements; /* SQL_N */
	/* Connects, migrates, prepares. On failure nothing is left open. */
	enum store_io (*connect)(struct store *s);
	void (*disconnect)(struct store *s);
	enum store_io (*begin)(struct store *s);
	enum store_io (*commit)(struct store *s);
	void (*rollback)(struct store *s);
	/* Runs a statement with `rows` rows of arguments, which live until it has ended. Inside
	 * a transaction one without columns has ended at once, and its failure may be told only
	 * by a later run or commit. */
	enum store_io (*run)(struct store *s, enum store_sql q, const struct store_arg *args,
			     size_t rows);
	/* *row: true when there is one more row; after false the statement has ended. */
	enum store_io (*next)(struct store *s, bool *row);
	void (*end)(struct store *s); /* the remaining rows are not wanted */
	/* Of the current row; false when the value is not of that type. Bytes live until next.
	 */
	bool (*integer)(struct store *s, int col, int64_t *out);
	bool (*bytes)(struct store *s, int col, char type, struct assay_slice *out);
	enum store_io (*wait)(struct store *s, int timeout_ms, int wake_fd);
};

extern const struct store_driver store_sqlite, store_pg;

struct store {
	const struct store_driver *driver;
	char *url; /* behind its scheme for SQLite, whole for PostgreSQL; may hold a password */
	void *conn; /* the driver's; NULL: not connected */
	struct platform_message why;
	enum store_io fault;
	bool writing; /* inside begin and commit */
	enum store_sql running;
	bool told;                /* a callback was called: the body must not run again */
	uint64_t try_at, pause;   /* ms, monotonic: when connecting is tried again */
	struct assay_arena texts; /* what the last call handed out */
};

/* ---- For bodies ---- */

typedef enum store_status (*store_body)(struct store *s, void *ctx);
/* Runs body: read without a transaction (one statement), write inside one that is committed
 * when body says DONE and no fault arose. */
enum store_status store_read(struct store *s, store_body body, void *ctx);
enum store_status store_write(struct store *s, store_body body, void *ctx);

bool store_run(struct store *s, enum store_sql q, const struct store_arg *args, size_t rows);
bool store_next(struct store *s);
void store_end(struct store *s);
/* store_run, then the first row; the caller reads it and calls store_end. */
bool store_one(struct store *s, enum store_sql q, const struct store_arg *args);
/* store_run for one without rows. */
void store_do(struct store *s, enum store_sql q, const struct store_arg *args, size_t rows);

/* Columns. What is out of range or too long is a fault (BROKEN), and 0 or empty is returned. */
int64_t store_col_int(struct store *s, int col, int64_t min, int64_t max);
uint64_t store_col_u64(struct store *s, int col);
struct assay_slice store_col_text(struct store *s, int col, size_t max);
struct assay_slice store_col_bytes(struct store *s, int col, size_t max);
void store_col_string(struct store *s, int col, char *out, size_t cap); /* NUL-terminated */
void store_col_fixed(struct store *s, int col, uint8_t *out, size_t n); /* exactly n bytes */
/* Latches BROKEN: the row of the running statement is not what this program writes. */
enum assay_tier store_tier(struct store *s, int col); /* -1 is none */
void store_bad_row(struct store *s, int col, const char *what);
/* Latches DOWN with ENOMEM. */
void store_no_memory(struct store *s);

/* Makes room for n bytes that are handed out and live until the next call that does the same;
 * then copies into it. */
bool store_room(struct store *s, size_t n);
struct assay_slice store_keep(struct store *s, struct assay_slice text);

/* status, with a word for store_why. */
enum store_status store_refuse(struct store *s, enum store_status status, const char *why);

struct store_arg store_int(uint64_t v); /* above INT64_MAX: INT64_MAX */
struct store_arg store_signed(int64_t v);
struct store_arg store_text(const char *text);
struct store_arg store_slice(struct assay_slice v);
struct store_arg store_bytes(const void *p, size_t n);

/* ---- Shared by bodies ---- */

/* Adds n to a counter and returns its new value, 0 with a fault; the row is locked until the
 * transaction ends, so numbers become visible in their order. */
uint64_t store_count_up(struct store *s, const char *counter, uint64_t n);
void store_audit_add(struct store *s, const struct store_actor *actor, const char *action,
		     struct assay_slice subject, uint64_t now);
/* One event for each of n, numbered in order; *last is the seq of the last. */
struct store_event_new {
	const char *node;
	int before, status;
	struct assay_slice reasons;
	uint64_t generation;
};
void store_events_add(struct store *s, const struct store_event_new *events, size_t n,
		      uint64_t now, uint64_t *last);

/* What is compared before a node's verdict changes, locked until the transaction ends. */
struct store_state {
	char id[ASSAY_NODE_ID_MAX + 1];
	uint8_t ak_name[ASSAY_AK_NAME_MAX];
	size_t ak_name_n;
	int status; /* enum assay_tier, -1: no verdict and no silence yet */
	uint8_t verdict[32], vector[ASSAY_CLAIMS_N];
	struct store_order order;
	uint64_t since, heard, generation, revoked;
	bool silent;
};
/* The states of the nodes whose ids are args (n, sorted, unique); malloced, *found of them.
 * NULL with a fault, or when none was found. */
struct store_state *store_states_lock(struct store *s, const struct store_arg *ids, size_t n,
				      size_t *found);

/* Nodes whose status turns without a message of theirs (silence, revocation): sets status,
 * zeroes fingerprint and vector, sets reasons, and makes an event for each. */
void store_turn(struct store *s, const struct store_state *nodes, size_t n,
		enum assay_tier status, bool silent, struct assay_slice reasons, uint64_t now);
/* Numbers and writes r (its time, kind and reason) about subject, concerning the n nodes, whose
 * next verdict must know of it. Returns its seq. */
uint64_t store_revocation_add(struct store *s, const struct store_revocation *r,
			      const char *subject, const struct store_state *nodes, size_t n);
/* The row of a TOKEN_GET. */
void store_token_read(struct store *s, struct store_token *out);
void store_hex(const uint8_t *p, size_t n, char *out); /* 2n digits and a NUL */
/* Wakes those who wait, when the transaction is committed. */
void store_notify(struct store *s);
/* Adds 1 to the epoch's counter. */
void store_epoch_count(struct store *s);

/* ---- For drivers ---- */

uint64_t store_clock_ms(void); /* monotonic */
