/* SPDX-License-Identifier: Apache-2.0
 * child - another program, run to its end and weighed, or kept at the other
 * end of two pipes. */
#pragma once
#include "bench/bench.h"
#include <stdio.h>
#include <sys/types.h>

struct bench_weight {
	int status; /* exit status; 255 when it was killed */
	double cpu, wall;
	size_t rss; /* peak, bytes */
};

/* argv ends in NULL; the first is looked up in PATH. What it prints is dropped
 * unless out is given: then its standard output goes to that file. */
struct bench_weight bench_child(const char *const *argv, const char *out);

/* A peer that answers a line with a line. */
struct bench_peer {
	FILE *to, *from;
	pid_t pid;
};
void bench_peer_start(struct bench_peer *peer, const char *const *argv);
void bench_peer_ask(struct bench_peer *peer, const char *line, char *answer, size_t cap);
void bench_peer_stop(struct bench_peer *peer);
