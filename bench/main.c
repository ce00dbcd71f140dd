/* SPDX-License-Identifier: Apache-2.0
 * assay-bench PART EVIDENCE [ARGUMENT...]: bench/run calls it, one part at a time. */
#include "bench/bench.h"
#include "bench/bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	const char *part = argc > 2 ? argv[1] : "", *evidence = argc > 2 ? argv[2] : NULL;

	bench_one_core();
	if (strcmp(part, "warm") == 0) {
		bench_warm(evidence);
	} else if (strcmp(part, "core") == 0) {
		bench_quote(evidence);
		bench_warm(evidence);
		bench_eventlog(evidence);
		bench_ima();
		bench_alloc(evidence);
	} else if (strcmp(part, "bundle") == 0 && argc == 5) {
		bench_bundle_make(argv[3], evidence, strtoul(argv[4], NULL, 10));
	} else if (strcmp(part, "memory") == 0 && argc == 5) {
		bench_memory(evidence, argv[3], argv[4]);
	} else if (strcmp(part, "process") == 0 && argc == 5) {
		bench_process(evidence, argv[3], argv[4]);
	} else if (strcmp(part, "keylime") == 0 && argc == 6) {
		bench_keylime(evidence, argv[3], argv[4], argv[5]);
	} else {
		fputs("usage: assay-bench core|warm EVIDENCE\n"
		      "       assay-bench bundle EVIDENCE FOLDER ENTRIES\n"
		      "       assay-bench memory|process EVIDENCE SCRATCH ASSAY\n"
		      "       assay-bench keylime EVIDENCE SCRATCH PYTHON SCRIPT\n",
		      stderr);
		return 2;
	}
	return 0;
}
