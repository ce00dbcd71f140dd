/* SPDX-License-Identifier: Apache-2.0
 *
 * limit - how often an address may ask: a token bucket for each, in bounded memory. When there
 * are more addresses than places, the bucket that is nearest to full gives way: it has the
 * least to remember. Who has many addresses gets as many buckets; what that costs us is bounded
 * elsewhere (the queue, the connections).
 *
 *   threads  any
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limit;

/* per_second 0: never limits. NULL when memory is short. */
struct limit *limit_new(double per_second, double burst, size_t places);
void limit_free(struct limit *l);
/* address: text of an IPv4 or IPv6 address, or anything else. now: ms of a clock that does not
 * go back. False: too often; *retry_after seconds until the next one is taken. */
bool limit_take(struct limit *l, const char *address, uint64_t now, unsigned *retry_after);
