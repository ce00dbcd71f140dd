/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/engine/aks.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	uint8_t name[ASSAY_AK_NAME_MAX];
	size_t name_n;
	struct assay_ak ak; /* its public area aliases pub */
	struct entry *next, *older, *younger;
	uint8_t pub[];
};

struct aks {
	struct entry **buckets;
	size_t nbuckets, n, max;
	struct entry *oldest, *youngest;
};

struct aks *aks_new(size_t max)
{
	struct aks *a = calloc(1, sizeof *a);

	if (!a)
		return NULL;
	a->max = max ? max : 1;
	a->nbuckets = a->max + a->max / 2 + 1;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	a->buckets = calloc(a->nbuckets, sizeof *a->buckets);
	if (!a->buckets) {
		free(a);
		return NULL;
	}
	return a;
}

static void entry_free(struct entry *e)
{
	assay_key_free(e->ak.key);
	free(e);
}

void aks_free(struct aks *a)
{
	if (!a)
		return;
	for (struct entry *e = a->oldest, *next; e; e = next) {
		next = e->younger;
		entry_free(e);
	}
	free(a->buckets);
	free(a);
}

/* A Name ends in a digest: its last bytes are as good as any hash. */
static struct entry **bucket_of(const struct aks *a, struct assay_slice name)
{
	uint64_t h = 0;

	for (size_t i = 0; i < 8 && i < name.n; i++)
		h = h << 8 | name.p[name.n - 1 - i];
	return &a->buckets[h % a->nbuckets];
}

static void unlink_age(struct aks *a, struct entry *e)
{
	*(e->older ? &e->older->younger : &a->oldest) = e->younger;
	*(e->younger ? &e->younger->older : &a->youngest) = e->older;
}

static void link_youngest(struct aks *a, struct entry *e)
{
	e->older = a->youngest;
	e->younger = NULL;
	*(a->youngest ? &a->youngest->younger : &a->oldest) = e;
	a->youngest = e;
}

static void drop_oldest(struct aks *a)
{
	struct entry *e = a->oldest;
	struct entry **at = bucket_of(a, (struct assay_slice){ e->name, e->name_n });

	while (*at && *at != e)
		at = &(*at)->next;
	if (!*at)
		return; /* never: what is linked by age is in its bucket */
	*at = e->next;
	unlink_age(a, e);
	entry_free(e);
	a->n--;
}

static struct entry *entry_new(struct assay_crypto *crypto, struct assay_slice name,
			       struct assay_slice pub, struct assay_err *err)
{
	struct entry *e = name.n <= ASSAY_AK_NAME_MAX ? malloc(sizeof *e + pub.n) : NULL;

	if (!e) {
		*err = (struct assay_err){ ASSAY_F_MEMORY, "ak.pub", 0, NULL };
		return NULL;
	}
	*e = (struct entry){ .name_n = name.n };
	memcpy(e->name, name.p, name.n);
	memcpy(e->pub, pub.p, pub.n);
	if (!assay_ak_read(crypto, (struct assay_slice){ e->pub, pub.n }, &e->ak, err)) {
		free(e);
		return NULL;
	}
	return e;
}

const struct assay_ak *aks_get(struct aks *a, struct assay_crypto *crypto,
			       struct assay_slice name, struct assay_slice pub,
			       struct assay_err *err)
{
	struct entry **bucket = bucket_of(a, name), *e = *bucket;

	while (e && (e->name_n != name.n || memcmp(e->name, name.p, name.n) != 0))
		e = e->next;
	if (e) {
		unlink_age(a, e);
		link_youngest(a, e);
		return &e->ak;
	}
	e = entry_new(crypto, name, pub, err);
	if (!e)
		return NULL;
	if (a->n == a->max)
		drop_oldest(a);
	e->next = *bucket;
	*bucket = e;
	link_youngest(a, e);
	a->n++;
	return &e->ak;
}
