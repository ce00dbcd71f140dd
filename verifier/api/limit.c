/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/api/limit.h"

#include "platform/random.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 8, SHARDS = 16 };

struct bucket {
	uint8_t key[16]; /* all zero: free */
	double level;    /* tokens at `at` */
	uint64_t at;
};

struct limit {
	double per_ms, burst;
	size_t sets; /* power of two */
	uint64_t secret[2];
	pthread_mutex_t lock[SHARDS];
	struct bucket bucket[]; /* sets * WAYS */
};

struct limit *limit_new(double per_second, double burst, size_t places)
{
	size_t sets = SHARDS;

	while (sets * WAYS < places && sets < (SIZE_MAX >> 16))
		sets *= 2;
	struct limit *l = calloc(1, sizeof *l + sets * WAYS * sizeof l->bucket[0]);
	if (!l)
		return NULL;
	platform_random(l->secret, sizeof l->secret);
	l->per_ms = per_second / 1000;
	l->burst = burst < 1 ? 1 : burst;
	l->sets = sets;
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_init(&l->lock[i], NULL);
	return l;
}

void limit_free(struct limit *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_destroy(&l->lock[i]);
	free(l);
}

/* An address of IPv6 counts by its /64, which is what one subscriber has. An IPv4 address in
 * IPv6's clothes is one of IPv4. Never all zero. */
static void key_make(const char *address, uint8_t key[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct in6_addr six;
	struct in_addr four;
	size_t n = strlen(address);

	memset(key, 0, 16);
	if (inet_pton(AF_INET, address, &four) == 1) {
		memcpy(key, mapped, 12);
		memcpy(key + 12, &four, 4);
	} else if (inet_pton(AF_INET6, address, &six) == 1) {
		bool four_in_six = memcmp(six.s6_addr, mapped, 12) == 0;
		memcpy(key, six.s6_addr, four_in_six ? 16 : 8);
		if (!four_in_six)
			key[15] = 1;
	} else {
		memcpy(key, address, n < 15 ? n : 15);
		key[15] = 2;
	}
}

/* Keyed, so that nobody chooses who shares a set with whom: SplitMix64's finalizer over both
 * halves. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9U;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebU;
	return x ^ x >> 31;
}

static size_t set_of(const struct limit *l, const uint8_t key[16])
{
	uint64_t half[2];

	memcpy(half, key, sizeof half);
	return mix(mix(half[0] ^ l->secret[0]) ^ half[1] ^ l->secret[1]) & (l->sets - 1);
}

static double level_now(const struct limit *l, const struct bucket *b, uint64_t now)
{
	double level = b->level + (now > b->at ? (double)(now - b->at) : 0) * l->per_ms;
	return level > l->burst ? l->burst : level;
}

static struct bucket *bucket_of(struct limit *l, struct bucket *set, const uint8_t key[16],
				uint64_t now)
{
	static const uint8_t nobody[16];
	struct bucket *fullest = set;

	for (struct bucket *b = set; b < set + WAYS; b++) {
		if (memcmp(b->key, key, 16) == 0)
			return b;
		if (memcmp(fullest->key, nobody, 16) == 0)
			continue;
		if (memcmp(b->key, nobody, 16) == 0 ||
		    level_now(l, b, now) > level_now(l, fullest, now))
			fullest = b;
	}
	memcpy(fullest->key, key, 16);
	fullest->level = l->burst;
	fullest->at = now;
	return fullest;
}

bool limit_take(struct limit *l, const char *address, uint64_t now, unsigned *retry_after)
{
	uint8_t key[16];

	if (l->per_ms <= 0)
		return true;
	key_make(address, key);
	size_t set = set_of(l, key);
	pthread_mutex_t *lock = &l->lock[set % SHARDS];

	pthread_mutex_lock(lock);
	struct bucket *b = bucket_of(l, &l->bucket[set * WAYS], key, now);
	b->level = level_now(l, b, now);
	b->at = now;
	bool take = b->level >= 1;
	if (take)
		b->level -= 1;
	else
		*retry_after = (unsigned)((1 - b->level) / l->per_ms / 1000) + 1;
	pthread_mutex_unlock(lock);
	return take;
}
