/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/engine/memory.h"

#include "platform/random.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS = 64 };

struct entry {
	struct remembered r;
	struct entry *next;            /* in its bucket */
	struct entry *older, *younger; /* by when it was last heard of */
};

_Static_assert(sizeof(struct entry) <= 1024, "a node costs at most 1 KiB");

struct shard {
	pthread_mutex_t lock;
	struct entry **buckets;
	size_t nbuckets, n, max;
	struct entry *oldest, *youngest;
};

struct memory {
	uint64_t seed; /* nodes choose their ids: not where they lie */
	struct shard shard[SHARDS];
};

static uint64_t hash_of(const struct memory *m, struct assay_slice id)
{
	uint64_t h = m->seed;

	for (size_t i = 0; i < id.n; i++)
		h = (h ^ id.p[i]) * 0x100000001b3u;
	h ^= h >> 32;
	return h * 0x9e3779b97f4a7c15u ^ h >> 29;
}

struct memory *memory_new(size_t node_max)
{
	struct memory *m = calloc(1, sizeof *m);
	size_t max = (node_max + SHARDS - 1) / SHARDS;

	if (!m)
		return NULL;
	platform_random(&m->seed, sizeof m->seed);
	for (size_t i = 0; i < SHARDS; i++) {
		struct shard *s = &m->shard[i];
		pthread_mutex_init(&s->lock, NULL);
		s->max = max ? max : 1;
		s->nbuckets = s->max + s->max / 2 + 1;
		/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
		s->buckets = calloc(s->nbuckets, sizeof *s->buckets);
		if (!s->buckets) {
			memory_free(m);
			return NULL;
		}
	}
	return m;
}

void memory_free(struct memory *m)
{
	for (size_t i = 0; m && i < SHARDS && m->shard[i].max > 0; i++) {
		struct shard *s = &m->shard[i];
		for (struct entry *e = s->oldest, *next; e; e = next) {
			next = e->younger;
			free(e);
		}
		free(s->buckets);
		pthread_mutex_destroy(&s->lock);
	}
	free(m);
}

/* The node's shard, locked. */
static struct shard *enter(struct memory *m, struct assay_slice id, struct entry ***bucket)
{
	uint64_t h = hash_of(m, id);
	struct shard *s = &m->shard[h % SHARDS];

	pthread_mutex_lock(&s->lock);
	*bucket = &s->buckets[h / SHARDS % s->nbuckets];
	return s;
}

static void leave(struct shard *s)
{
	pthread_mutex_unlock(&s->lock);
}

static bool is(const struct entry *e, struct assay_slice id)
{
	return strlen(e->r.id) == id.n && memcmp(e->r.id, id.p, id.n) == 0;
}

static struct entry *find(struct entry **bucket, struct assay_slice id)
{
	struct entry *e = *bucket;

	while (e && !is(e, id))
		e = e->next;
	return e;
}

static void unlink_age(struct shard *s, struct entry *e)
{
	*(e->older ? &e->older->younger : &s->oldest) = e->younger;
	*(e->younger ? &e->younger->older : &s->youngest) = e->older;
}

static void link_youngest(struct shard *s, struct entry *e)
{
	e->older = s->youngest;
	e->younger = NULL;
	*(s->youngest ? &s->youngest->younger : &s->oldest) = e;
	s->youngest = e;
}

static void drop(const struct memory *m, struct shard *s, struct entry *e)
{
	struct assay_slice id = { (const uint8_t *)e->r.id, strlen(e->r.id) };
	struct entry **at = &s->buckets[hash_of(m, id) / SHARDS % s->nbuckets];

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	unlink_age(s, e);
	free(e);
	s->n--;
}

size_t memory_count(struct memory *m)
{
	size_t n = 0;

	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_lock(&m->shard[i].lock);
		n += m->shard[i].n;
		pthread_mutex_unlock(&m->shard[i].lock);
	}
	return n;
}

bool memory_get(struct memory *m, struct assay_slice id, struct remembered *out)
{
	struct entry **bucket;
	struct shard *s = enter(m, id, &bucket);
	const struct entry *e = find(bucket, id);

	if (e)
		*out = e->r;
	leave(s);
	return e != NULL;
}

static struct entry *add(const struct memory *m, struct shard *s, struct entry **bucket,
			 struct assay_slice id)
{
	struct entry *e = calloc(1, sizeof *e);

	if (!e || id.n >= sizeof e->r.id) {
		free(e);
		return NULL;
	}
	if (s->n == s->max)
		drop(m, s, s->oldest);
	memcpy(e->r.id, id.p, id.n);
	e->next = *bucket;
	*bucket = e;
	link_youngest(s, e);
	s->n++;
	return e;
}

bool memory_meet(struct memory *m, struct assay_slice id, struct assay_slice ak_name,
		 uint64_t enrolled, uint32_t *doubts)
{
	struct entry **bucket;
	struct shard *s = enter(m, id, &bucket);
	struct entry *e = find(bucket, id);

	if (!e)
		e = add(m, s, bucket, id);
	if (e && ak_name.n <= sizeof e->r.ak_name) {
		bool same = e->r.ak_name_n == ak_name.n &&
			    memcmp(e->r.ak_name, ak_name.p, ak_name.n) == 0 &&
			    e->r.enrolled == enrolled;
		e->r.known = e->r.known && same;
		memcpy(e->r.ak_name, ak_name.p, ak_name.n);
		e->r.ak_name_n = (uint8_t)ak_name.n;
		e->r.enrolled = enrolled;
		*doubts = e->r.doubts;
	}
	leave(s);
	return e != NULL;
}

void memory_put(struct memory *m, const struct remembered *r, uint32_t doubts)
{
	struct assay_slice id = { (const uint8_t *)r->id, strlen(r->id) };
	struct entry **bucket;
	struct shard *s = enter(m, id, &bucket);
	struct entry *e = find(bucket, id);

	/* two workers with one node: what is later stays */
	if (e && !(e->r.known && store_order_compare(&r->order, &e->r.order) <= 0)) {
		uint64_t doubted = e->r.doubted;
		uint32_t now = e->r.doubts;
		e->r = *r;
		e->r.doubts = now;
		e->r.doubted = doubted;
		e->r.known = now == doubts || (r->event > 0 && r->event >= doubted);
		unlink_age(s, e);
		link_youngest(s, e);
	}
	leave(s);
}

enum memory_heard memory_hear(struct memory *m, struct assay_slice id,
			      const uint8_t verdict[32], const struct store_order *order,
			      uint64_t ends, uint64_t due, uint64_t generation)
{
	enum memory_heard heard = MEMORY_UNKNOWN;
	struct entry **bucket;
	struct shard *s = enter(m, id, &bucket);
	struct entry *e = find(bucket, id);

	if (e && e->r.known && store_order_compare(order, &e->r.order) <= 0) {
		heard = MEMORY_OLDER;
	} else if (e && e->r.known && memcmp(e->r.verdict, verdict, 32) == 0) {
		e->r.order = *order;
		e->r.ends = ends;
		e->r.due = due;
		e->r.generation = generation;
		unlink_age(s, e);
		link_youngest(s, e);
		heard = MEMORY_HEARD;
	}
	leave(s);
	return heard;
}

void memory_doubt(struct memory *m, const char *id, uint64_t event)
{
	struct assay_slice name = { (const uint8_t *)id, strlen(id) };
	struct entry **bucket;
	struct shard *s = enter(m, name, &bucket);
	struct entry *e = find(bucket, name);

	if (e && event > e->r.event) {
		e->r.known = false;
		e->r.doubts++;
		e->r.doubted = event;
	}
	leave(s);
}

void memory_forget(struct memory *m, struct assay_slice id)
{
	struct entry **bucket;
	struct shard *s = enter(m, id, &bucket);
	struct entry *e = find(bucket, id);

	if (e)
		drop(m, s, e);
	leave(s);
}
