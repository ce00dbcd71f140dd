/* SPDX-License-Identifier: Apache-2.0
 *
 * bench - what every figure shares: two works done in turn on one core, the
 * ratio of their speeds round by round, and one line for the table.
 *
 *   invariant  a figure is a ratio within one run; no time stands alone
 *   invariant  what cannot run says so and ends the program with 5; a target
 *              that is missed is a line like any other
 */
#pragma once
#include <assay/evidence/claims.h>
#include <assay/reference.h>

/* Does the work `times` over; returns the CPU seconds that it took. */
typedef double (*bench_fn)(void *ctx, size_t times);

struct bench_work {
	bench_fn fn;
	void *ctx;
	double units; /* in one time: entries of a list, 1 for a quote */
};

struct bench_spread {
	double median, min, max;
};

struct bench_pair {
	double ours, peer;          /* seconds per unit, medians */
	struct bench_spread faster; /* peer's time over ours, round by round */
};

double bench_cpu(void);  /* seconds of this process */
double bench_wall(void); /* seconds */
void bench_one_core(void);
_Noreturn void bench_die(const char *what);
struct bench_spread bench_spread(double *values, size_t n); /* sorts values */

/* rounds of both in turn, each long enough to be measured. */
struct bench_pair bench_run(struct bench_work ours, struct bench_work peer, size_t rounds);

/* How a row tells its ratio. */
enum bench_form { BENCH_PERCENT, BENCH_TIMES };

/* target: a ratio, 0 when there is none. */
void bench_row(const char *figure, struct bench_pair pair, enum bench_form form, double target);
/* value against a limit that it must stay under, in the unit's own words. */
void bench_limit_row(const char *figure, const char *value, const char *limit, bool ok);
void bench_skip_row(const char *figure, const char *why);

/* A whole file, malloced; folder may be NULL. */
struct assay_slice bench_file(const char *folder, const char *name);

/* The parts of the bench, one file each. */
void bench_quote(const char *evidence);
void bench_warm(const char *evidence);
void bench_eventlog(const char *evidence);
void bench_ima(void);
void bench_alloc(const char *evidence);
void bench_keylime(const char *evidence, const char *scratch, const char *python,
		   const char *script);
void bench_process(const char *evidence, const char *scratch, const char *assay);
void bench_memory(const char *evidence, const char *scratch, const char *assay);
