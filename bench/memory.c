/* SPDX-License-Identifier: Apache-2.0
 *
 * The peak memory of a whole `assay verify`: program, libraries, bundle,
 * references and result. Each bundle is made by another process (`assay-bench
 * bundle`), because a child is charged with what its parent held. */
#include "bench/child.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t limit = 32u * 1024 * 1024;

static void one(const char *evidence, const char *scratch, const char *assay, size_t entries)
{
	char self[4096], folder[4000], ak[4096], nonce_file[4096], refs[4096], count[32],
		hex[80] = "";
	char figure[128], value[64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n <= 0)
		bench_die("/proc/self/exe");
	self[n] = '\0';
	snprintf(folder, sizeof folder, "%s/ima-%zu", scratch, entries);
	snprintf(ak, sizeof ak, "%s/ak.pub", folder);
	snprintf(nonce_file, sizeof nonce_file, "%s/nonce", folder);
	snprintf(refs, sizeof refs, "%s.jsonl", folder);
	snprintf(count, sizeof count, "%zu", entries);
	const char *make[] = { self, "bundle", evidence, folder, count, NULL };
	const char *learn[] = { assay, "refs", "learn", folder, "-o", refs, NULL };
	if (bench_child(make, NULL).status != 0)
		bench_die("assay-bench bundle");
	struct bench_weight learned = bench_child(learn, NULL);
	if (learned.status != 0)
		bench_die("assay refs learn");

	FILE *f = fopen(nonce_file, "r");
	if (!f || !fgets(hex, sizeof hex, f))
		bench_die(nonce_file);
	fclose(f);
	const char *verify[] = { assay,     "verify", folder,   "--ak", ak,
				 "--nonce", hex,      "--refs", refs,   NULL };
	struct bench_weight w = bench_child(verify, NULL);
	if (w.status != 0)
		bench_die("assay verify did not affirm");
	snprintf(figure, sizeof figure, "peak memory, assay verify, %zu IMA entries", entries);
	snprintf(value, sizeof value, "%.1f MiB, %.2f s", (double)w.rss / 1048576, w.cpu);
	bench_limit_row(figure, value, entries == 100000 ? "< 32 MiB" : NULL, w.rss < limit);
	snprintf(figure, sizeof figure, "peak memory, assay refs learn, %zu IMA entries",
		 entries);
	snprintf(value, sizeof value, "%.1f MiB, %.2f s", (double)learned.rss / 1048576,
		 learned.cpu);
	bench_limit_row(figure, value, NULL, true);
}

void bench_memory(const char *evidence, const char *scratch, const char *assay)
{
	one(evidence, scratch, assay, 10000);
	one(evidence, scratch, assay, 50000);
	one(evidence, scratch, assay, 100000);
}
