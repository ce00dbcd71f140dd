/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/bench.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS_MAX = 101, TEXT = 64 };

/* A slice of work is as long as this: short enough that both works see the
 * same machine, long enough that reading the clock is nothing. */
static const double slice_seconds = 0.02;

static double seconds(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double bench_cpu(void)
{
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

double bench_wall(void)
{
	return seconds(CLOCK_MONOTONIC);
}

void bench_one_core(void)
{
	cpu_set_t all, one;

	CPU_ZERO(&all);
	CPU_ZERO(&one);
	if (sched_getaffinity(0, sizeof all, &all) != 0)
		bench_die("sched_getaffinity");
	/* the last one: the first serves most interrupts */
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--) {
		if (!CPU_ISSET((size_t)cpu, &all))
			continue;
		CPU_SET((size_t)cpu, &one);
		if (sched_setaffinity(0, sizeof one, &one) != 0)
			bench_die("sched_setaffinity");
		return;
	}
}

void bench_die(const char *what)
{
	fprintf(stderr, "bench: could not run: %s\n", what);
	exit(5);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct bench_spread bench_spread(double *values, size_t n)
{
	qsort(values, n, sizeof *values, ascending);
	return (struct bench_spread){ values[n / 2], values[0], values[n - 1] };
}

static size_t calibrate(struct bench_work w)
{
	size_t times = 1;

	for (;;) {
		double took = w.fn(w.ctx, times);
		if (took >= slice_seconds / 2 || times > (1u << 28))
			return times;
		times *= took > slice_seconds / 64 ? 2 : 8;
	}
}

struct bench_pair bench_run(struct bench_work ours, struct bench_work peer, size_t rounds)
{
	double o[ROUNDS_MAX] = { 0 }, p[ROUNDS_MAX] = { 0 }, ratio[ROUNDS_MAX] = { 0 };
	size_t no = calibrate(ours), np = calibrate(peer);

	if (rounds > ROUNDS_MAX)
		rounds = ROUNDS_MAX;
	for (size_t i = 0; i < rounds; i++) {
		/* who goes first changes, so that neither always finds a warm cache */
		if (i % 2)
			p[i] = peer.fn(peer.ctx, np);
		o[i] = ours.fn(ours.ctx, no) / ((double)no * ours.units);
		if (i % 2 == 0)
			p[i] = peer.fn(peer.ctx, np);
		p[i] /= (double)np * peer.units;
		ratio[i] = p[i] / o[i];
	}
	return (struct bench_pair){ bench_spread(o, rounds).median,
				    bench_spread(p, rounds).median,
				    bench_spread(ratio, rounds) };
}

static const char *time_text(char *buf, double s)
{
	if (s < 1e-6)
		snprintf(buf, TEXT, "%.0f ns", s * 1e9);
	else if (s < 1e-3)
		snprintf(buf, TEXT, "%.2f us", s * 1e6);
	else
		snprintf(buf, TEXT, "%.2f ms", s * 1e3);
	return buf;
}

static const char *ratio_text(char *buf, double r, enum bench_form form)
{
	if (form == BENCH_PERCENT)
		snprintf(buf, TEXT, "%.1f %%", r * 100);
	else
		snprintf(buf, TEXT, r < 100 ? "%.1fx" : "%.0fx", r);
	return buf;
}

/* Columns are told apart by tabs; bench/run aligns them. */
void bench_row(const char *figure, struct bench_pair p, enum bench_form form, double target)
{
	char ours[TEXT], peer[TEXT], median[TEXT], min[TEXT], max[TEXT], want[TEXT];

	printf("%s\t%s\t%s\t%s (%s to %s)\t%s%s\t%s\n", figure, time_text(ours, p.ours),
	       time_text(peer, p.peer), ratio_text(median, p.faster.median, form),
	       ratio_text(min, p.faster.min, form), ratio_text(max, p.faster.max, form),
	       target > 0 ? ">= " : "-", target > 0 ? ratio_text(want, target, form) : "",
	       target <= 0                 ? "-"
	       : p.faster.median >= target ? "ok"
					   : "MISS");
	fflush(stdout);
}

void bench_limit_row(const char *figure, const char *value, const char *limit, bool ok)
{
	printf("%s\t%s\t-\t-\t%s\t%s\n", figure, value, limit ? limit : "-",
	       !limit ? "-"
	       : ok   ? "ok"
		      : "MISS");
	fflush(stdout);
}

void bench_skip_row(const char *figure, const char *why)
{
	printf("%s\t-\t-\t-\t-\tSKIPPED: %s\n", figure, why);
	fflush(stdout);
}

struct assay_slice bench_file(const char *folder, const char *name)
{
	char path[4096];
	uint8_t *p = NULL;
	size_t n = 0;

	snprintf(path, sizeof path, "%s%s%s", folder ? folder : "", folder ? "/" : "", name);
	FILE *f = fopen(path, "rb");
	if (!f || fseek(f, 0, SEEK_END) != 0)
		bench_die(path);
	long size = ftell(f);
	rewind(f);
	p = size > 0 ? malloc((size_t)size + 1) : NULL;
	n = p ? fread(p, 1, (size_t)size, f) : 0;
	fclose(f);
	if (!p || n != (size_t)size)
		bench_die(path);
	p[n] = 0;
	return (struct assay_slice){ p, n };
}
