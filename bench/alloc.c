/* SPDX-License-Identifier: Apache-2.0
 *
 * How often parsing allocates: every malloc of this process is counted, the
 * ones of libcrypto and libc too, as these take the place of libc's own. */
#include "bench/logs.h"

#include <stdlib.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *p, size_t n);

static size_t calls;

void *malloc(size_t n)
{
	calls++;
	return __libc_malloc(n);
}

void *calloc(size_t count, size_t n)
{
	calls++;
	return __libc_calloc(count, n);
}

void *realloc(void *p, size_t n)
{
	calls++;
	return __libc_realloc(p, n);
}

static size_t read_log(struct assay_slice in)
{
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_err err;
	size_t n = 0;

	if (!assay_eventlog_open(&log, in, &err))
		bench_die("assay_eventlog_open");
	while (assay_eventlog_next(&log, &ev))
		n++;
	return n;
}

static size_t read_list(struct assay_slice in)
{
	struct assay_ima ima;
	struct assay_ima_entry e;
	struct assay_err err;
	size_t n = 0;

	if (!assay_ima_open(&ima, in, &err))
		bench_die("assay_ima_open");
	while (assay_ima_next(&ima, &e))
		n++;
	return n;
}

static void read_quote(const char *folder)
{
	struct assay_slice msg = bench_file(folder, "quote.msg"),
			   sig = bench_file(folder, "quote.sig"),
			   pub = bench_file(folder, "ak.pub");
	struct assay_quote q;
	struct assay_signature s;
	struct assay_public p;
	struct assay_err err;
	size_t before = calls;
	char text[64];

	if (!assay_quote_read(msg, &q, &err) || !assay_signature_read(sig, &s, &err) ||
	    !assay_public_read(pub, &p, &err))
		bench_die("quote");
	snprintf(text, sizeof text, "%zu mallocs", calls - before);
	bench_limit_row("reading quote, signature and public area", text, "0", calls == before);
}

void bench_alloc(const char *evidence)
{
	char folder[4096], text[64];
	struct bench_log log;
	struct bench_ima ima = { 0 };

	snprintf(folder, sizeof folder, "%s/clean-a", evidence);
	read_quote(folder);
	bench_log_load(&log, evidence);
	ima.list = bench_file(folder, "binary_runtime_measurements");
	ima.crypto = log.crypto;

	size_t before = calls, n = read_log(log.log);
	snprintf(text, sizeof text, "%zu mallocs", calls - before);
	bench_limit_row("reading an event log", text, "0", calls == before && n > 0);

	before = calls;
	n = read_list(ima.list);
	snprintf(text, sizeof text, "%zu mallocs", calls - before);
	bench_limit_row("reading an IMA list", text, "0", calls == before && n > 0);

	/* libcrypto makes a state for each hash; nothing of ours allocates, the purity check
	 * says */
	bench_log_prove(&log, 1);
	bench_ima_appraise(&ima, 1);
	before = calls;
	bench_log_prove(&log, 1);
	bench_ima_appraise(&ima, 1);
	snprintf(text, sizeof text, "%zu mallocs", calls - before);
	bench_limit_row("replaying and proving both: libcrypto's own", text, NULL, true);
	bench_log_drop(&log);
	free((void *)(uintptr_t)ima.list.p);
}
