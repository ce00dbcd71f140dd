/* SPDX-License-Identifier: Apache-2.0
 *
 * Process against process, on the same files: one `assay verify` of clean-a
 * with references, beside tpm2_checkquote and then tpm2_eventlog. */
#include "bench/child.h"

#include <stdlib.h>
#include <string.h>

struct run {
	const char *const *argv[2]; /* one after the other */
	bool wall;
};

static double run(void *ctx, size_t times)
{
	const struct run *r = ctx;
	double took = 0;

	for (size_t i = 0; i < times; i++)
		for (size_t k = 0; k < 2 && r->argv[k]; k++) {
			struct bench_weight w = bench_child(r->argv[k], NULL);
			if (w.status != 0)
				bench_die(r->argv[k][0]);
			took += r->wall ? w.wall : w.cpu;
		}
	return took;
}

void bench_process(const char *evidence, const char *scratch, const char *assay)
{
	char bundle[4096], refs[4096], path[5][4200];
	static const char *const parts[] = { "ak.pub", "quote.msg", "quote.sig",
					     "binary_bios_measurements" };

	snprintf(bundle, sizeof bundle, "%s/clean-a", evidence);
	snprintf(refs, sizeof refs, "%s/clean-a.jsonl", scratch);
	for (size_t i = 0; i < 4; i++)
		snprintf(path[i], sizeof path[i], "%s/%s", bundle, parts[i]);
	struct assay_slice hex = bench_file(bundle, "nonce");
	char *nonce = (char *)(uintptr_t)hex.p;
	nonce[strcspn(nonce, "\n")] = '\0';

	const char *learn[] = { assay, "refs", "learn", bundle, "-o", refs, NULL };
	const char *verify[] = { assay,     "verify", bundle,   "--ak", path[0],
				 "--nonce", nonce,    "--refs", refs,   NULL };
	const char *quote[] = { "tpm2_checkquote", "-u", path[0], "-m", path[1],  "-s",
				path[2],           "-q", nonce,   "-g", "sha256", NULL };
	const char *log[] = { "tpm2_eventlog", path[3], NULL };
	struct run ours = { { verify }, false }, peer = { { quote, log }, false };

	if (bench_child(learn, NULL).status != 0)
		bench_die("assay refs learn");
	bench_row("process, CPU: assay verify | tpm2_checkquote + tpm2_eventlog",
		  bench_run((struct bench_work){ run, &ours, 1 },
			    (struct bench_work){ run, &peer, 1 }, 21),
		  BENCH_TIMES, 5);
	ours.wall = peer.wall = true;
	bench_row("process, wall clock: the same",
		  bench_run((struct bench_work){ run, &ours, 1 },
			    (struct bench_work){ run, &peer, 1 }, 21),
		  BENCH_TIMES, 5);
	free(nonce);
}
