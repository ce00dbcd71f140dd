/* SPDX-License-Identifier: Apache-2.0
 *
 * Keylime's own functions on the same bytes, in turn with ours: keylime.py
 * waits at the other end of a pipe, does a work so many times when asked to,
 * and answers with the CPU seconds that it took, its children's included. */
#include "bench/child.h"
#include "bench/logs.h"
#include "bench/quote.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 10000 };

struct ask {
	struct bench_peer *peer;
	const char *work;
};

static double ask(void *ctx, size_t times)
{
	const struct ask *a = ctx;
	char line[64], answer[256];
	char *end;

	snprintf(line, sizeof line, "%s %zu", a->work, times);
	bench_peer_ask(a->peer, line, answer, sizeof answer);
	double took = strtod(answer, &end);
	if (end == answer || *end != '\0')
		bench_die(answer);
	return took;
}

static bool offers(struct bench_peer *peer, const char *work, const char *figure)
{
	char line[64], answer[256];

	snprintf(line, sizeof line, "%s 0", work);
	bench_peer_ask(peer, line, answer, sizeof answer);
	if (strncmp(answer, "no: ", 4) != 0)
		return true;
	bench_skip_row(figure, answer + 4);
	return false;
}

static void row(struct bench_peer *peer, const char *work, const char *figure, bench_fn fn,
		void *ctx, double units, double target)
{
	struct ask a = { peer, work };

	if (offers(peer, work, figure))
		bench_row(figure,
			  bench_run((struct bench_work){ fn, ctx, units },
				    (struct bench_work){ ask, &a, units }, 11),
			  BENCH_TIMES, target);
}

/* All four banks, as tpm2_eventlog replays them whether they are asked for or not. */
static double whole_log(void *ctx, size_t times)
{
	struct bench_log *l = ctx;
	struct assay_bank banks[] = { { .alg = ASSAY_SHA1 },
				      { .alg = ASSAY_SHA384 },
				      { .alg = ASSAY_SHA512 } };
	struct assay_startup startup;
	struct assay_err err;
	double took = bench_log_prove(ctx, times), from = bench_cpu();

	for (size_t i = 0; i < times; i++)
		if (!assay_eventlog_replay(l->crypto, l->log, banks, 3, &startup, &err))
			bench_die("assay_eventlog_replay");
	return took + bench_cpu() - from;
}

static void ima_rows(struct bench_peer *peer, const char *list_path,
		     const struct bench_list *made)
{
	struct assay_slice ascii = bench_file(NULL, list_path);
	struct bench_ima ima = { .crypto = assay_crypto_new(NULL, NULL),
				 .list = { made->p, made->n },
				 .scratch = malloc(ASSAY_IMA_DATA_MAX) };
	struct assay_refs refs;
	void *memory;

	if (!ima.crypto || !ima.scratch)
		bench_die("memory");
	bench_refs_make(&refs, ENTRIES, bench_file_number, &memory);
	ima.refs = &refs;
	row(peer, "ima", "IMA entry, binary list | Keylime process_measurement_list",
	    bench_ima_appraise, &ima, ENTRIES, 12);
	ima.ascii = ascii;
	row(peer, "ima", "IMA entry, the same ASCII bytes | the same", bench_ima_appraise, &ima,
	    ENTRIES, 12);
	assay_crypto_free(ima.crypto);
	free(ima.scratch);
	free(memory);
	free((void *)(uintptr_t)ascii.p);
}

void bench_keylime(const char *evidence, const char *scratch, const char *python,
		   const char *script)
{
	static const uint8_t aggregate[32] = { 1 };
	char list_path[4096], folder[4096];
	struct bench_list made;
	struct bench_peer peer;
	struct bench_quote quote;
	struct bench_log log;

	snprintf(list_path, sizeof list_path, "%s/ascii_runtime_measurements", scratch);
	FILE *f = fopen(list_path, "w");
	if (!f)
		bench_die(list_path);
	bench_list_make(&made, ENTRIES, aggregate, f);
	if (fclose(f) != 0)
		bench_die(list_path);

	const char *argv[] = { python, script, evidence, list_path, NULL };
	bench_peer_start(&peer, argv);
	snprintf(folder, sizeof folder, "%s/clean-a", evidence);
	bench_quote_load(&quote, folder);
	row(&peer, "quote", "quote, RSA-2048 | Keylime check_quote", bench_quote_appraise,
	    &quote, 1, 25);
	snprintf(folder, sizeof folder, "%s/clean-a-ecc", evidence);
	struct bench_quote ecc;
	bench_quote_load(&ecc, folder);
	row(&peer, "quote-ecc", "quote, P-256 | Keylime check_quote", bench_quote_appraise,
	    &ecc, 1, 25);
	row(&peer, "quote-log", "quote, RSA-2048, the boot log sent along unchanged | the same",
	    bench_quote_appraise, &quote, 1, 25);
	ima_rows(&peer, list_path, &made);
	bench_log_load(&log, evidence);
	row(&peer, "bootlog", "boot log, SHA-256 | Keylime bootlog_parse (runs tpm2_eventlog)",
	    bench_log_prove, &log, 1, 500);
	row(&peer, "bootlog", "boot log, all four banks | the same", whole_log, &log, 1, 0);
	bench_peer_stop(&peer);
	bench_quote_drop(&quote);
	bench_quote_drop(&ecc);
	bench_log_drop(&log);
	bench_list_drop(&made);
}
