/* SPDX-License-Identifier: Apache-2.0
 *
 * The event log of a boot, read and replayed, beside the same extends done
 * bare; then also with what each digest covers found out, beside the same
 * extends and each event's data hashed once. */
#include "bench/logs.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

double bench_log_replay(void *ctx, size_t times)
{
	struct bench_log *l = ctx;
	double from = bench_cpu();

	for (size_t i = 0; i < times; i++) {
		struct assay_bank bank[1] = { { .alg = ASSAY_SHA256 } };
		struct assay_startup startup;
		struct assay_err err;
		if (!assay_eventlog_replay(l->crypto, l->log, bank, 1, &startup, &err))
			bench_die("assay_eventlog_replay");
		l->bank = bank[0];
	}
	return bench_cpu() - from;
}

static void prove(struct bench_log *l)
{
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_event_facts facts;
	struct assay_err err;

	if (!assay_eventlog_open(&log, l->log, &err))
		bench_die("assay_eventlog_open");
	while (assay_eventlog_next(&log, &ev))
		if (!assay_event_prove(l->crypto, &ev, ASSAY_SHA256, &facts))
			bench_die("assay_event_prove");
	if (err.fault != ASSAY_F_OK)
		bench_die("assay_eventlog_next");
}

double bench_log_prove(void *ctx, size_t times)
{
	double took = bench_log_replay(ctx, times), from = bench_cpu();

	for (size_t i = 0; i < times; i++)
		prove(ctx);
	return took + bench_cpu() - from;
}

/* The hashing alone, over what was read beforehand. */
struct bare {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
	struct assay_slice digest[4096], data[4096];
	uint32_t pcr[4096];
	size_t n;
	bool with_data;
	uint8_t value[ASSAY_PCRS][32];
};

static void hash(const struct bare *b, const void *p, size_t n, uint8_t *out)
{
	if (!EVP_DigestInit_ex2(b->ctx, b->md, NULL) || !EVP_DigestUpdate(b->ctx, p, n) ||
	    !EVP_DigestFinal_ex(b->ctx, out, NULL))
		bench_die("EVP_Digest");
}

static double bare_replay(void *ctx, size_t times)
{
	struct bare *b = ctx;
	double from = bench_cpu();

	for (size_t t = 0; t < times; t++) {
		memset(b->value, 0, sizeof b->value);
		for (size_t i = 0; i < b->n; i++) {
			uint8_t both[64];
			memcpy(both, b->value[b->pcr[i]], 32);
			memcpy(both + 32, b->digest[i].p, 32);
			hash(b, both, sizeof both, b->value[b->pcr[i]]);
		}
		for (size_t i = 0; b->with_data && i < b->n; i++) {
			uint8_t out[32];
			hash(b, b->data[i].p, b->data[i].n, out);
		}
	}
	return bench_cpu() - from;
}

static void collect(struct bare *b, struct assay_slice in)
{
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_err err;

	b->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	b->ctx = EVP_MD_CTX_new();
	if (!b->md || !b->ctx || !assay_eventlog_open(&log, in, &err))
		bench_die("event log");
	while (assay_eventlog_next(&log, &ev) && b->n < 4096) {
		if (ev.eventType == (uint32_t)ASSAY_EV_NO_ACTION)
			continue;
		b->pcr[b->n] = ev.pcrIndex;
		b->data[b->n] = ev.data;
		b->digest[b->n++] = assay_event_digest(&ev, ASSAY_SHA256);
	}
}

void bench_log_load(struct bench_log *l, const char *evidence)
{
	char folder[4096];

	snprintf(folder, sizeof folder, "%s/clean-a", evidence);
	*l = (struct bench_log){ .crypto = assay_crypto_new(NULL, NULL),
				 .log = bench_file(folder, "binary_bios_measurements") };
	if (!l->crypto)
		bench_die("assay_crypto_new");
}

void bench_log_drop(struct bench_log *l)
{
	assay_crypto_free(l->crypto);
	free((void *)(uintptr_t)l->log.p);
}

void bench_eventlog(const char *evidence)
{
	static struct bare b;
	struct bench_log l;

	bench_log_load(&l, evidence);
	collect(&b, l.log);
	bare_replay(&b, 1);
	bench_log_replay(&l, 1);
	/* PCR 0 starts at a locality, the others at zero */
	for (size_t p = 1; p < 16; p++)
		if (memcmp(b.value[p], l.bank.value[p], 32) != 0)
			bench_die("both replays must come to the same PCRs");
	bench_row("event log, read and replayed | bare extends",
		  bench_run((struct bench_work){ bench_log_replay, &l, 1 },
			    (struct bench_work){ bare_replay, &b, 1 }, 31),
		  BENCH_PERCENT, 0.5);
	b.with_data = true;
	bench_row("event log, replayed and proven | bare extends and data",
		  bench_run((struct bench_work){ bench_log_prove, &l, 1 },
			    (struct bench_work){ bare_replay, &b, 1 }, 31),
		  BENCH_PERCENT, 0.5);
	EVP_MD_CTX_free(b.ctx);
	EVP_MD_free(b.md);
	bench_log_drop(&l);
}
