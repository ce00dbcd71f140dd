/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/swarm/swarm.h"

#include <math.h>

static const double GROWTH = 1.05;

void swarm_count_latency(struct swarm_count *c, double seconds)
{
	double us = seconds * 1e6;
	size_t i = us <= 1 ? 0 : (size_t)(log(us) / log(GROWTH)) + 1;

	c->latency[i < SWARM_BUCKETS ? i : SWARM_BUCKETS - 1]++;
}

double swarm_count_percentile(const struct swarm_count *c, double p)
{
	uint64_t all = 0, seen = 0;

	for (size_t i = 0; i < SWARM_BUCKETS; i++)
		all += c->latency[i];
	for (size_t i = 0; i < SWARM_BUCKETS; i++) {
		seen += c->latency[i];
		if (all > 0 && (double)seen >= p * (double)all)
			return pow(GROWTH, (double)i);
	}
	return 0;
}

void swarm_count_add(struct swarm_count *sum, const struct swarm_count *one)
{
	sum->appraised += one->appraised;
	sum->affirming += one->affirming;
	sum->send_all += one->send_all;
	sum->challenged += one->challenged;
	sum->refused += one->refused;
	sum->failed += one->failed;
	sum->wrong += one->wrong;
	sum->warm += one->warm;
	sum->bytes += one->bytes;
	for (size_t i = 0; i < sizeof sum->status / sizeof *sum->status; i++)
		sum->status[i] += one->status[i];
	for (size_t i = 0; i < SWARM_BUCKETS; i++)
		sum->latency[i] += one->latency[i];
}
