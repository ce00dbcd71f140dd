/* SPDX-License-Identifier: Apache-2.0
 * store_test - what the tests of the store share: a fresh database for each row. */
#pragma once
#include "tests/tap.h"
#include "verifier/store/store.h"

#define T0 UINT64_C(1700000000000) /* a time */
#define TEXT(literal) ((struct assay_slice){ (const uint8_t *)(literal), sizeof(literal) - 1 })

/* The counter of tap.h is static: it belongs to store_test.c. */
__attribute__((format(printf, 2, 3))) bool ok(bool pass, const char *name, ...);

void skip(const char *name, const char *why);

extern bool test_pg;           /* the database under test is PostgreSQL */
const char *test_fresh(void);  /* URL of a new, empty one; lives until the next call */
const char *test_folder(void); /* a folder of this run's own */
struct store *test_open(const char *url);
struct assay_slice test_slice(const char *text);

extern const struct store_actor test_actor;
/* Enrols a node of this id with AK name {0, 11, ak...}, by a token made for it. */
enum store_status test_enrol(struct store *s, const char *id, uint8_t ak);
/* A verdict of the node; clock orders it, resetCount 1. what: fills the fingerprint. */
struct store_verdict test_verdict(const char *id, uint8_t ak, enum assay_tier status,
				  uint64_t clock, uint8_t what);
/* All events after `after`; returns how many, the last few stay in test_event[]. */
struct test_event {
	uint64_t seq;
	char node[ASSAY_NODE_ID_MAX + 1];
	int before;
	enum assay_tier status;
	char reasons[200];
};
extern struct test_event test_event[64];
size_t test_events(struct store *s, uint64_t after);
struct store_node test_node(struct store *s, const char *id);

void rows_nodes(void);
void rows_verdicts(void);
void rows_revocations(void);
void rows_epoch(void);
void rows_restore(void);
void rows_threads(void);
void rows_faults(void);
void rows_faults_sqlite(void);
void rows_faults_pg(bool slow); /* slow: those alone that take tens of seconds */
bool test_sql(const char *url, const char *sql); /* past the store */
/* Another process of this program: does its work and never returns. */
void test_writer(const char *url) __attribute__((noreturn));
