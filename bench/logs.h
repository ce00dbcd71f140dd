/* SPDX-License-Identifier: Apache-2.0
 * logs - the logs that the figures are measured on: clean-a's event log, and
 * an IMA list that is made here and hashes right. */
#pragma once
#include "bench/bench.h"
#include <stdio.h>

struct bench_log {
	struct assay_crypto *crypto;
	struct assay_slice log;
	struct assay_bank bank; /* as last replayed */
};

void bench_log_load(struct bench_log *l, const char *evidence);
void bench_log_drop(struct bench_log *l);
/* Replays the SHA-256 bank. */
double bench_log_replay(void *log, size_t times);
/* The same, and then finds what each digest covers. */
double bench_log_prove(void *log, size_t times);

/* A list of template ima-sig: boot_aggregate, then entries of files whose names are as long as
 * a Debian system's are (41 bytes, and 133 in a record). File i is number bench_file_number(i)
 * of the references. */
struct bench_list {
	uint8_t *p;
	size_t n, cap, entries;
};

/* aggregate: 32 bytes of boot_aggregate. ascii: NULL, or where the ASCII form is written too.
 */
void bench_list_make(struct bench_list *l, size_t entries, const uint8_t *aggregate,
		     FILE *ascii);
void bench_list_drop(struct bench_list *l);

/* Reference number i: its name and SHA-256. */
struct bench_known {
	char name[64];
	size_t name_n;
	uint8_t digest[32];
};
void bench_known_file(size_t number, struct bench_known *out);
/* Spread over the references without order, so that each look-up is a cold one. */
size_t bench_file_number(size_t entry);

/* n references in memory that *memory owns (free() it); number: of the i-th, NULL for i. */
void bench_refs_make(struct assay_refs *refs, size_t n, size_t (*number)(size_t),
		     void **memory);

/* Replay and look-up of each entry, as the appraisal does them. */
struct bench_ima {
	struct assay_crypto *crypto;
	struct assay_slice list, ascii; /* ascii.n > 0: that form is read */
	const struct assay_refs *refs;
	uint8_t *scratch; /* ASSAY_IMA_DATA_MAX bytes for the ASCII form */
	size_t good;
	struct assay_bank bank;
};
double bench_ima_appraise(void *ima, size_t times);
