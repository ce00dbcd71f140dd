/* SPDX-License-Identifier: Apache-2.0
 *
 * Real bundles, broken on purpose: every truncation of each part, every byte
 * flipped (clean-a), and seeded random mutations. Each must end in an error
 * or in a verdict not better than the original's; a flipped byte may only affirm
 * where assay itself lists it as covered by nothing signed.
 *
 * usage: mutate MUTATIONS BUNDLE...  */
#include "tests/file.h"
#include "tests/tap.h"

#include <assay/appraisal.h>
#include <string.h>

enum { PARTS = 7, RANGES = 4096, REFS = 4096, ROOM = 64 };

static const enum assay_part parts[PARTS] = {
	ASSAY_PART_QUOTE_MSG,  ASSAY_PART_QUOTE_SIG, ASSAY_PART_AK_PUB, ASSAY_PART_EVENTLOG,
	ASSAY_PART_IMA_BINARY, ASSAY_PART_IMA_ASCII, ASSAY_PART_PCRS,
};

static struct assay_crypto *crypto;
static struct assay_arena memory, refs_memory;
static struct assay_policy policy;

struct machine {
	const char *name;
	struct assay_bundle bundle;
	struct assay_ak ak;
	uint8_t nonce[64];
	size_t nnonce;
	struct assay_refs refs;
	enum assay_tier status;
};

static bool add(void *ctx, const struct assay_ref *ref)
{
	return assay_refs_add(ctx, ref) == ASSAY_F_OK;
}

/* The verdict on b as the machine's own key and nonce would have it. ASSAY_CONTRAINDICATED
 * stands for an error too: nothing is worse. */
static enum assay_tier judge(struct machine *m, const struct assay_bundle *b, bool learn)
{
	static struct assay_claims claims;
	struct assay_appraisal out;
	struct assay_err err = { 0 };
	struct assay_ak own = { 0 };
	struct assay_expectation x = {
		.ak = &m->ak,
		.bundle_ak = &own,
		.nonce_given = true,
		.nonce = { m->nonce, m->nnonce },
	};
	const char *refused;
	enum assay_tier status = ASSAY_CONTRAINDICATED;

	memory.at = 0;
	bool ok = assay_ak_read(crypto, b->part[ASSAY_PART_AK_PUB], &own, &err) &&
		  assay_claims_read(crypto, b, NULL, 0, &memory, &claims, &err);
	if (ok && learn)
		ok = assay_learn(crypto, &claims, &x, (struct assay_slice){ 0 }, &memory, add,
				 &m->refs, &refused, &err);
	memory.at = 0;
	if (ok && assay_appraise(crypto, &claims, &x, &policy, &m->refs, &memory, &out, &err))
		status = out.verdict.status;
	else if (err.fault == ASSAY_F_OK || err.fault == ASSAY_F_MEMORY)
		tap_ok(false, "%s: an error without a fault", m->name);
	assay_key_free(own.key);
	return status;
}

static int badness(enum assay_tier t)
{
	return t == ASSAY_AFFIRMING ? 0 : t == ASSAY_NONE ? 1 : t == ASSAY_WARNING ? 2 : 3;
}

static bool load(struct machine *m, const char *name)
{
	char path[256];
	struct assay_err err;

	m->name = name;
	for (int i = 0; i < ASSAY_PARTS_N; i++) {
		snprintf(path, sizeof path, "tests/evidence/%s/%s", name,
			 assay_part_name((enum assay_part)i));
		m->bundle.part[i] = test_file(path);
		m->bundle.present[i] = m->bundle.part[i].p != NULL;
	}
	const struct assay_slice hex = m->bundle.part[ASSAY_PART_NONCE];
	for (size_t i = 0; i + 1 < hex.n && m->nnonce < sizeof m->nonce; i += 2) {
		unsigned v;
		if (sscanf((const char *)hex.p + i, "%2x", &v) == 1)
			m->nonce[m->nnonce++] = (uint8_t)v;
	}
	refs_memory.at = 0;
	if (!assay_refs_init(&m->refs, &refs_memory, REFS, 64 * REFS) ||
	    !assay_ak_read(crypto, m->bundle.part[ASSAY_PART_AK_PUB], &m->ak, &err))
		return false;
	judge(m, &m->bundle, true);
	m->status = judge(m, &m->bundle, false);
	return true;
}

static void drop(struct machine *m)
{
	for (int i = 0; i < ASSAY_PARTS_N; i++)
		free((void *)(uintptr_t)m->bundle.part[i].p);
	assay_key_free(m->ak.key);
}

/* Replaces one part by an exact heap copy, so that sanitizers see overreads. */
static enum assay_tier judge_with(struct machine *m, enum assay_part part, const uint8_t *p,
				  size_t n)
{
	struct assay_bundle b = m->bundle;
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		exit(1);
	memcpy(copy, p, n);
	b.part[part] = (struct assay_slice){ copy, n };
	enum assay_tier t = judge(m, &b, false);
	free(copy);
	return t;
}

static void truncations(struct machine *m)
{
	for (size_t i = 0; i < PARTS; i++) {
		struct assay_slice s = m->bundle.part[parts[i]];
		size_t better = 0, step = s.n > 20000 ? 7 : 1;
		if (!m->bundle.present[parts[i]])
			continue;
		for (size_t n = 0; n < s.n; n += step)
			better += badness(judge_with(m, parts[i], s.p, n)) < badness(m->status);
		tap_ok(better == 0, "%s: truncations of %s, %zu are better than the whole",
		       m->name, assay_part_name(parts[i]), better);
	}
}

static bool is_unbound(const struct assay_range *r, size_t n, size_t at)
{
	for (size_t i = 0; i < n; i++)
		if (at >= r[i].offset && at - r[i].offset < r[i].n)
			return true;
	return false;
}

/* What assay says that nothing signed covers. */
static size_t unbound(const struct machine *m, enum assay_part part, struct assay_range *out)
{
	struct assay_err err;

	if (part == ASSAY_PART_EVENTLOG)
		return assay_eventlog_unbound(crypto, m->bundle.part[part], ASSAY_SHA256, out,
					      RANGES, &err);
	if (part == ASSAY_PART_IMA_BINARY)
		return assay_ima_unbound(m->bundle.part[part], out, RANGES, &err);
	return 0;
}

static void flips(struct machine *m, enum assay_part part)
{
	static struct assay_range ranges[RANGES];
	static const uint8_t masks[] = { 0x01, 0x80, 0xff, 0x20 };
	size_t n = unbound(m, part, ranges), wrong = 0, free_bytes = 0, first = 0;
	struct assay_slice s = m->bundle.part[part];
	uint8_t *p = malloc(s.n);

	if (!p)
		exit(1);
	memcpy(p, s.p, s.n);
	for (size_t i = 0; i < n; i++)
		free_bytes += ranges[i].n;
	for (size_t at = 0; at < s.n; at++)
		for (size_t k = 0; k < sizeof masks; k++) {
			p[at] ^= masks[k];
			bool affirms = judge_with(m, part, p, s.n) == ASSAY_AFFIRMING;
			p[at] ^= masks[k];
			if (affirms && !is_unbound(ranges, n, at) && wrong++ == 0)
				first = at;
		}
	tap_ok(wrong == 0,
	       "%s: every byte of %s flipped; %zu affirm that should not, the first at %zu; "
	       "%zu of %zu bytes are bound by nothing (%zu.%zu %%)",
	       m->name, assay_part_name(part), wrong, first, free_bytes, s.n,
	       free_bytes * 100 / s.n, free_bytes * 1000 / s.n % 10);
	free(p);
}

static uint64_t state;

static size_t draw(size_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below ? (size_t)(state % below) : 0;
}

/* One change: bits, a byte, a range removed, repeated, moved or zeroed. */
static size_t change(uint8_t *p, size_t n, size_t room)
{
	size_t at = draw(n), len = 1 + draw(40), to = draw(n);

	if (n == 0)
		return n;
	if (len > n - at)
		len = n - at;
	switch (draw(7)) {
	case 0:
		p[at] ^= (uint8_t)(1u << draw(8));
		return n;
	case 1:
		p[at] = (uint8_t)draw(256);
		return n;
	case 2:
		memmove(p + at, p + at + len, n - at - len);
		return n - len;
	case 3:
		if (n + len > room)
			return n;
		memmove(p + at + len, p + at, n - at);
		return n + len;
	case 4:
		if (to + len <= n)
			memmove(p + to, p + at, len);
		return n;
	case 5:
		memset(p + at, draw(2) ? 0 : 0xff, len);
		return n;
	default:
		for (size_t i = 0; i < 4 && at + i < n; i++)
			p[at + i] = (uint8_t)(draw(3) ? 0 : draw(256));
		return n;
	}
}

static void mutations(struct machine *m, size_t count)
{
	size_t better = 0;

	state = 0x9e3779b97f4a7c15u;
	for (size_t i = 0; i < count; i++) {
		enum assay_part part = parts[draw(PARTS)];
		struct assay_slice s = m->bundle.part[part];
		size_t n = s.n, room = s.n + ROOM;
		if (!m->bundle.present[part] || s.n == 0)
			continue;
		uint8_t *p = malloc(room);
		if (!p)
			exit(1);
		memcpy(p, s.p, s.n);
		for (size_t k = 1 + draw(4); k > 0; k--)
			n = change(p, n, room);
		better += badness(judge_with(m, part, p, n)) < badness(m->status);
		free(p);
	}
	tap_ok(better == 0, "%s: %zu mutations, %zu are better than the original (%s)", m->name,
	       count, better, assay_tier_name(m->status));
}

int main(int argc, char **argv)
{
	static struct machine m;
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;

	crypto = assay_crypto_new(NULL, NULL);
	memory.n = assay_appraisal_bytes();
	memory.p = malloc(memory.n);
	refs_memory.n = assay_refs_bytes(REFS, 64 * REFS);
	refs_memory.p = malloc(refs_memory.n);
	assay_policy_default(&policy);
	if (!crypto || !memory.p || !refs_memory.p)
		return 1;
	for (int i = 2; i < argc; i++) {
		m = (struct machine){ 0 };
		if (!load(&m, argv[i])) {
			tap_ok(false, "%s loads", argv[i]);
			continue;
		}
		truncations(&m);
		mutations(&m, count);
		for (size_t k = 0; k < 5 && strcmp(argv[i], "clean-a") == 0; k++)
			flips(&m, parts[k]);
		drop(&m);
	}
	free(memory.p);
	free(refs_memory.p);
	assay_crypto_free(crypto);
	return tap_done();
}
