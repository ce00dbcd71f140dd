/* SPDX-License-Identifier: Apache-2.0
 * metrics - counters that every thread adds to. */
#pragma once
#include "verifier/engine/engine.h"

#include <stdatomic.h>

enum { METRICS_BUCKETS = 20 };

struct metrics_time {
	atomic_ullong bucket[METRICS_BUCKETS], ns;
};

struct metrics {
	atomic_ullong appraised[4], warm, full, send_all, challenge, malformed, unknown,
		revoked, blind, failed, recall[ASSAY_RECALLS_N], heard_dropped, events, silent;
	struct metrics_time warm_time, full_time, store_time;
};

uint64_t metrics_now(void); /* ns of a clock that never goes back */
void metrics_took(struct metrics_time *t, uint64_t since);
/* What became of a message. */
void metrics_answer(struct metrics *m, enum engine_said said, const struct engine_answer *out,
		    uint64_t since);
