/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocations are few, messages are many: three sorted arrays, sorted anew when
 * one more is heard of. */
#include "verifier/engine/revoked.h"

#include "platform/hex.h"
#include "platform/json.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SUBJECT_MAX = 200 };

/* A node id or the hex of an AK Name. */
struct subject {
	char name[SUBJECT_MAX];
	uint64_t last, node_time;
};

struct component {
	uint8_t id[32];
};

struct list {
	void *p;
	size_t n, max;
};

struct lists {
	struct list nodes, aks, components;
	uint64_t seq;
	size_t count;
	bool failed;
};

struct revoked {
	pthread_rwlock_t lock;
	struct lists lists;
};

struct revoked *revoked_new(void)
{
	struct revoked *r = calloc(1, sizeof *r);

	if (r)
		pthread_rwlock_init(&r->lock, NULL);
	return r;
}

static void lists_free(struct lists *l)
{
	free(l->nodes.p);
	free(l->aks.p);
	free(l->components.p);
}

void revoked_free(struct revoked *r)
{
	if (!r)
		return;
	lists_free(&r->lists);
	pthread_rwlock_destroy(&r->lock);
	free(r);
}

static bool append(struct list *l, const void *item, size_t size)
{
	if (l->n == l->max) {
		size_t max = l->max ? 2 * l->max : 64;
		void *p = realloc(l->p, max * size);
		if (!p)
			return false;
		l->p = p;
		l->max = max;
	}
	memcpy((uint8_t *)l->p + l->n++ * size, item, size);
	return true;
}

static bool add_subject(struct list *l, const char *name, const struct store_revocation *r,
			bool node)
{
	struct subject s = { .last = r->seq, .node_time = node ? r->time : 0 };

	size_t n = strlen(name);

	if (n >= sizeof s.name)
		return false;
	memcpy(s.name, name, n + 1);
	return append(l, &s, sizeof s);
}

static bool add_component(struct lists *l, const char *subject)
{
	struct component c;
	const char *hex = strchr(subject, ':');
	size_t n = 0;

	if (!hex)
		return false;
	struct assay_slice digits = { (const uint8_t *)hex + 1, strlen(hex + 1) };
	return platform_hex_read(digits, c.id, sizeof c.id, &n) && n == sizeof c.id &&
	       append(&l->components, &c, sizeof c);
}

static bool add_nodes(struct lists *l, const struct store_revocation *r)
{
	struct platform_message why;
	json_t *nodes, *id;
	size_t i;
	bool ok = true;

	if (r->nodes.n == 0)
		return true;
	/* by the store, of the whole fleet if it has to be: no limit of ours makes us deaf */
	nodes = platform_json_read(r->nodes, "nodes", r->nodes.n, NULL, &why);
	if (!json_is_array(nodes))
		ok = false;
	json_array_foreach(nodes, i, id) ok =
		ok && json_is_string(id) &&
		add_subject(&l->nodes, json_string_value(id), r, false);
	json_decref(nodes);
	return ok;
}

static void hear_one(void *ctx, const struct store_revocation *r)
{
	struct lists *l = ctx;
	bool ok = add_nodes(l, r);

	switch (r->kind) {
	case STORE_REVOKED_NODE:
		ok = ok && add_subject(&l->nodes, r->subject, r, true);
		break;
	case STORE_REVOKED_AK:
		ok = ok && add_subject(&l->aks, r->subject, r, false);
		break;
	case STORE_REVOKED_REFERENCE:
		ok = ok && add_component(l, r->subject);
		break;
	default:
		ok = false;
	}
	/* one that is not understood is one that is not heard of */
	l->failed |= !ok;
	l->count++;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct subject *)a)->name, ((const struct subject *)b)->name);
}

static int by_id(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct component));
}

/* One line for each subject. */
static void sort_subjects(struct list *l)
{
	struct subject *s = l->p;
	size_t n = 0;

	if (l->n == 0)
		return;
	qsort(s, l->n, sizeof *s, by_name);
	for (size_t i = 0; i < l->n; i++) {
		if (n == 0 || strcmp(s[n - 1].name, s[i].name) != 0) {
			s[n++] = s[i];
			continue;
		}
		struct subject *kept = &s[n - 1];
		kept->last = s[i].last > kept->last ? s[i].last : kept->last;
		if (s[i].node_time > kept->node_time)
			kept->node_time = s[i].node_time;
	}
	l->n = n;
}

static bool copy_list(struct list *to, const struct list *from, size_t size)
{
	if (from->n == 0)
		return true;
	to->p = malloc(from->n * size);
	if (!to->p)
		return false;
	memcpy(to->p, from->p, from->n * size);
	to->n = to->max = from->n;
	return true;
}

/* New lists are made beside the old ones, so whoever asks waits for a swap alone. One thread
 * at a time hears: seq says which of two that did so anyway has more. */
enum store_status revoked_hear(struct revoked *r, struct store *s)
{
	struct lists next = { 0 }, old;

	pthread_rwlock_rdlock(&r->lock);
	bool copied =
		copy_list(&next.nodes, &r->lists.nodes, sizeof(struct subject)) &&
		copy_list(&next.aks, &r->lists.aks, sizeof(struct subject)) &&
		copy_list(&next.components, &r->lists.components, sizeof(struct component));
	next.seq = r->lists.seq;
	next.count = r->lists.count;
	pthread_rwlock_unlock(&r->lock);

	size_t before = next.count;
	uint64_t last = next.seq;
	enum store_status status =
		copied ? store_revocations(s, next.seq, hear_one, &next, &last) : STORE_BROKEN;
	if (status != STORE_DONE || next.failed || next.count == before) {
		lists_free(&next);
		return status == STORE_DONE && next.failed ? STORE_BROKEN : status;
	}
	next.seq = last;
	sort_subjects(&next.nodes);
	sort_subjects(&next.aks);
	if (next.components.n > 0)
		qsort(next.components.p, next.components.n, sizeof(struct component), by_id);
	pthread_rwlock_wrlock(&r->lock);
	old = r->lists;
	if (next.seq > old.seq) {
		r->lists = next;
		next = old;
	}
	pthread_rwlock_unlock(&r->lock);
	lists_free(&next);
	return STORE_DONE;
}

uint64_t revoked_seq(struct revoked *r)
{
	pthread_rwlock_rdlock(&r->lock);
	uint64_t seq = r->lists.seq;
	pthread_rwlock_unlock(&r->lock);
	return seq;
}

size_t revoked_count(struct revoked *r)
{
	pthread_rwlock_rdlock(&r->lock);
	size_t n = r->lists.count;
	pthread_rwlock_unlock(&r->lock);
	return n;
}

static const struct subject *find(const struct list *l, const char *name, size_t n)
{
	struct subject key = { 0 };

	if (l->n == 0 || n >= sizeof key.name)
		return NULL;
	memcpy(key.name, name, n);
	return bsearch(&key, l->p, l->n, sizeof key, by_name);
}

struct revoked_of revoked_ask(struct revoked *r, struct assay_slice node,
			      struct assay_slice ak_name)
{
	char hex[2 * ASSAY_AK_NAME_MAX + 1];
	struct revoked_of of = { 0 };

	platform_hex_write(ak_name, hex);
	pthread_rwlock_rdlock(&r->lock);
	const struct subject *n = find(&r->lists.nodes, (const char *)node.p, node.n);
	const struct subject *ak = find(&r->lists.aks, hex, 2 * ak_name.n);
	of.known = r->lists.seq;
	if (n) {
		of.last = n->last;
		of.node_time = n->node_time;
	}
	if (ak) {
		of.last = ak->last > of.last ? ak->last : of.last;
		of.ak = true;
	}
	pthread_rwlock_unlock(&r->lock);
	return of;
}

bool revoked_component(struct revoked *r, const uint8_t id[32])
{
	struct component key;

	memcpy(key.id, id, sizeof key.id);
	pthread_rwlock_rdlock(&r->lock);
	bool found =
		r->lists.components.n > 0 &&
		bsearch(&key, r->lists.components.p, r->lists.components.n, sizeof key, by_id);
	pthread_rwlock_unlock(&r->lock);
	return found;
}
