/* SPDX-License-Identifier: Apache-2.0
 *
 * The property of receipts: whoever goes on comes to the verdict that a full appraisal of the
 * whole comes to. Lists of real boots, cut at every entry, quoted by a software key; the eight
 * real quotes of one boot; and new entries that are not what was quoted. */
#include "core/base/slice.h"
#include "tests/going_on.h"
#include <assay/evidence.h>

enum { ENTRIES = 2048 };

struct list {
	size_t n;            /* entries, the boot's own first */
	size_t end[ENTRIES]; /* end[i]: bytes of f->rest that i + 1 entries take */
	size_t whole;        /* bytes of f->rest */
};

static void measure(struct forge *f, struct list *l)
{
	struct assay_ima list;
	struct assay_ima_entry e;

	*l = (struct list){ .n = 1, .whole = f->nrest };
	if (!assay_ima_open(&list, (struct assay_slice){ f->rest, f->nrest }, &err))
		return;
	while (assay_ima_next(&list, &e) && l->n < ENTRIES)
		l->end[l->n++] = e.offset + e.size;
}

/* A full appraisal of the first n entries. */
static void judge_first(struct forge *f, const struct list *l, size_t n)
{
	f->nrest = l->end[n - 1];
	f->clock = 1000 + n;
	forge_judge(f);
}

/* The verdict on the whole; its texts are left behind in memory that is used again. */
struct told {
	struct assay_verdict v;
	struct assay_reason reasons[ASSAY_REASONS_MAX];
};

static void keep(struct told *t, const struct assay_verdict *v)
{
	t->v = *v;
	if (v->nreasons > 0)
		memcpy(t->reasons, v->reasons, v->nreasons * sizeof *t->reasons);
	t->v.reasons = t->reasons;
}

/* Receipt after n entries, then the rest of the first m. */
static bool agrees(struct forge *f, const struct list *l, size_t n, size_t m,
		   const struct told *want)
{
	judge_first(f, l, n);
	if (!give_receipt(f))
		/* the aggregate alone is no list: ima.log-missing */
		return n == 1 || f->out.ndeviations == ASSAY_DEVIATIONS_MAX;
	f->nrest = l->end[m - 1];
	f->clock = 1000 + m;
	enum assay_going going = go_on_with_rest(f);
	if (going == ASSAY_GOING_ON && same_verdict(&out.verdict, &want->v))
		return true;
	printf("# cut at %zu of %zu: %s, %zu deviations\n", n, m, assay_going_word(going),
	       last.ndeviations);
	explain_verdict("gone on", &out.verdict);
	explain_verdict("at once", &want->v);
	return false;
}

static void cut_everywhere(const char *name, struct forge *f)
{
	static struct list l;
	static struct told whole;
	size_t good = 0;

	measure(f, &l);
	judge_first(f, &l, l.n);
	keep(&whole, &f->out.verdict);
	for (size_t n = 1; n <= l.n && f->judged; n++)
		good += agrees(f, &l, n, l.n, &whole);
	tap_ok(good == l.n, "%s: cut at each of %zu entries, %zu agree (%s, %zu reasons)", name,
	       l.n, good, assay_tier_name(whole.v.status), whole.v.nreasons);
}

/* From receipt to receipt, a few entries each time, nothing new now and then. */
static void step_by_step(const char *name, struct forge *f)
{
	static struct list l;
	static struct told want;
	size_t steps = 0, good = 0, m = 2;

	measure(f, &l);
	judge_first(f, &l, m);
	bool on = give_receipt(f);
	for (; on && m <= l.n; m += steps % 4) {
		/* the receipt must not be made from this: judge first, go on after */
		static uint8_t kept[ASSAY_RECEIPT_MAX];
		memcpy(kept, plain, sizeof plain);
		judge_first(f, &l, m);
		keep(&want, &f->out.verdict);
		on = memcmp(kept, plain, sizeof plain) == 0 &&
		     go_on_with_rest(f) == ASSAY_GOING_ON;
		good += on && same_verdict(&out.verdict, &want.v);
		steps++;
		if (on && out.ndeviations == ASSAY_DEVIATIONS_MAX && !give_next_receipt(f))
			break; /* more than a receipt holds: the node sends all */
		on = on && give_next_receipt(f);
	}
	tap_ok(on && steps > 0 && good == steps, "%s: %zu messages from receipt to receipt",
	       name, steps);
}

/* Judges NAME's logs under the references that clean-a teaches. */
static void other_machine(struct forge *clean, const char *name)
{
	struct forge *f = forge_new(name);
	struct assay_refs own = f->refs;

	f->refs = clean->refs;
	cut_everywhere(name, f);
	step_by_step(name, f);
	f->refs = own;
	forge_free(f);
}

static bool flips(struct forge *f, uint8_t *p, size_t n, enum assay_tier whole, size_t *refused)
{
	struct assay_bundle b = rest_of(f, (struct assay_slice){ p, n });
	bool good = true;

	for (size_t at = 0; at < n; at++) {
		p[at] ^= 1;
		enum assay_going going = go_on(f, &b);
		if (going == ASSAY_GOING_ON &&
		    assay_tier_worse(out.verdict.status, whole) != out.verdict.status)
			good = false;
		*refused += going != ASSAY_GOING_ON;
		p[at] ^= 1;
	}
	return good;
}

/* The rest of the list, but not as it was quoted. */
static void tampered(struct forge *f)
{
	static struct list l;
	static uint8_t p[FORGE_LOG];
	size_t refused = 0, n, one, two, three;

	measure(f, &l);
	judge_first(f, &l, l.n - 6);
	if (!tap_ok(give_receipt(f), "a receipt, with six entries to come"))
		return;
	f->nrest = l.whole;
	f->clock++;
	forge_write(f);
	size_t at = entry_at(f, last.bank[0].index);
	n = f->nima - at;
	memcpy(p, f->ima + at, n);
	struct assay_bundle b = rest_of(f, (struct assay_slice){ p, n });
	tap_ok(go_on(f, &b) == ASSAY_GOING_ON && out.verdict.status == ASSAY_AFFIRMING,
	       "as they were quoted they are gone on");
	bool none_better = flips(f, p, n, ASSAY_AFFIRMING, &refused);
	tap_ok(none_better && refused > n / 2,
	       "each of %zu bytes flipped: none is better, %zu are refused", n, refused);

	one = entry_at(f, last.bank[0].index + 1) - at;
	two = entry_at(f, last.bank[0].index + 2) - at;
	three = entry_at(f, last.bank[0].index + 3) - at;
	b.part[ASSAY_PART_IMA_BINARY].p = p;
#define REFUSED(what)                                                                          \
	tap_ok(go_on(f, &b) == ASSAY_GOING_DIGEST && out.verdict.status == ASSAY_NONE, what)
	memmove(p + one, p + two, n - two);
	b.part[ASSAY_PART_IMA_BINARY].n = n - (two - one);
	REFUSED("an entry removed");
	memcpy(p, f->ima + at, n);
	memcpy(p + one, f->ima + at + two, three - two);
	memcpy(p + one + three - two, f->ima + at + one, two - one);
	b.part[ASSAY_PART_IMA_BINARY].n = n;
	REFUSED("two entries exchanged");
	memcpy(p, f->ima + at, two);
	memcpy(p + two, f->ima + at + one, n - one);
	b.part[ASSAY_PART_IMA_BINARY].n = n + two - one;
	REFUSED("an entry twice");
	b.part[ASSAY_PART_IMA_BINARY] = (struct assay_slice){ f->ima + at, two };
	REFUSED("the last entries held back");
	b.part[ASSAY_PART_IMA_BINARY] = (struct assay_slice){ f->ima + at + one, n - one };
	REFUSED("the first entry held back");
	b.part[ASSAY_PART_IMA_BINARY] = (struct assay_slice){ f->ima, f->nima };
	REFUSED("the whole list again");
	b.present[ASSAY_PART_IMA_BINARY] = false;
	REFUSED("no entry at all");
	b.present[ASSAY_PART_IMA_BINARY] = true;
	b.part[ASSAY_PART_IMA_BINARY] = (struct assay_slice){ f->ima + at, n - 1 };
	tap_ok(go_on(f, &b) == ASSAY_GOING_FAULT && err.fault == ASSAY_F_TRUNCATED,
	       "an entry cut short is a fault");

	/* an entry that the receipt's list had, told as another: the prefix is not seen */
	last.bank[0].pcr10 = slice_part(last.pcrs, 0, 32);
	b.part[ASSAY_PART_IMA_BINARY].n = n;
	REFUSED("a receipt with another PCR 10");
#undef REFUSED
}

/* A list that grew while the TPM signed. */
static void grown(struct forge *f)
{
	static struct list l;
	static uint8_t p[FORGE_LOG];
	bool good = true;

	measure(f, &l);
	judge_first(f, &l, l.n - 8);
	if (!give_receipt(f))
		return;
	f->nrest = l.whole;
	forge_write(f);
	size_t at = entry_at(f, last.bank[0].index), n = f->nima - at;
	memcpy(p, f->ima + at, n);
	for (size_t ahead = 0; ahead <= 8; ahead++) {
		f->nrest = l.end[l.n - 1 - ahead];
		forge_write(f);
		struct assay_bundle b = rest_of(f, (struct assay_slice){ p, n });
		good = good && go_on(f, &b) == ASSAY_GOING_ON &&
		       resumed.ima.quoted == l.n - ahead && resumed.ima.entries == l.n &&
		       out.verdict.status == ASSAY_AFFIRMING &&
		       out.verdict.nreasons == (ahead > 0);
	}
	tap_ok(good, "up to eight entries more than the quote covers");
	f->nrest = l.whole;
}

static struct assay_bundle real(const char *name)
{
	struct assay_bundle b = { 0 };
	char path[256];

	for (int i = 0; i < ASSAY_PARTS_N; i++) {
		snprintf(path, sizeof path, "tests/evidence/%s/%s", name,
			 assay_part_name((enum assay_part)i));
		b.part[i] = test_file(path);
		b.present[i] = b.part[i].p != NULL;
	}
	return b;
}

static size_t nonce_of(const struct assay_bundle *b, uint8_t *nonce)
{
	size_t n = 0;
	unsigned v;

	for (; 2 * n + 1 < b->part[ASSAY_PART_NONCE].n && n < 64; n++) {
		if (sscanf((const char *)b->part[ASSAY_PART_NONCE].p + 2 * n, "%2x", &v) != 1)
			break;
		nonce[n] = (uint8_t)v;
	}
	return n;
}

static bool judge_real(struct forge *f, const struct assay_bundle *b)
{
	uint8_t nonce[64];
	struct assay_ak ak;
	struct assay_expectation x = { .ak = &ak, .bundle_ak = &ak, .nonce_given = true };

	f->memory.at = 0;
	x.nonce = (struct assay_slice){ nonce, nonce_of(b, nonce) };
	if (!assay_ak_read(f->crypto, b->part[ASSAY_PART_AK_PUB], &ak, &err))
		return false;
	f->judged = assay_claims_read(f->crypto, b, NULL, 0, &f->memory, &f->claims, &err) &&
		    assay_appraise(f->crypto, &f->claims, &x, &f->policy, &f->refs, &f->memory,
				   &f->out, &err);
	assay_key_free(ak.key);
	return f->judged;
}

/* One of the eight quotes of one boot, in full; then what the next one adds. (Each has a key
 * of its own: a verifier would not open the receipt.) */
static bool real_pair(struct forge *f, const char *name, const char *after)
{
	static struct told want;
	struct assay_bundle a = real(name), b = real(after);
	uint8_t nonce[64];
	struct assay_ima list;
	struct assay_ima_entry e;
	size_t at = 0;
	bool ok = judge_real(f, &b);

	keep(&want, &f->out.verdict);
	out = (struct assay_appraisal){ .verdict.status = ASSAY_NONE };
	ok = ok && judge_real(f, &a) && give_receipt(f);
	if (!ok || !assay_ima_open(&list, b.part[ASSAY_PART_IMA_BINARY], &err))
		ok = false;
	while (ok && list.index < last.bank[0].index && assay_ima_next(&list, &e))
		at = e.offset + e.size;
	struct assay_bundle rest = b;
	rest.present[ASSAY_PART_EVENTLOG] = false;
	rest.part[ASSAY_PART_IMA_BINARY] =
		slice_part(b.part[ASSAY_PART_IMA_BINARY], at, SIZE_MAX);
	enum assay_going going =
		ok ? go_on_as(f, &rest, last.bank[0].index,
			      (struct assay_slice){ nonce, nonce_of(&b, nonce) })
		   : ASSAY_GOING_FORM;
	/* files that no reference knows, more than a receipt holds: it sends all each time */
	bool full = f->judged && f->out.ndeviations == ASSAY_DEVIATIONS_MAX;
	ok = full || (going == ASSAY_GOING_ON && same_verdict(&out.verdict, &want.v));
	if (!ok) {
		printf("# %s to %s: %s\n", name, after, assay_going_word(going));
		explain_verdict("gone on", &out.verdict);
		explain_verdict("at once", &want.v);
	}
	for (int i = 0; i < ASSAY_PARTS_N; i++) {
		free((void *)(uintptr_t)a.part[i].p);
		free((void *)(uintptr_t)b.part[i].p);
	}
	return ok;
}

static void real_quotes(struct forge *f)
{
	char name[32], after[32];

	for (int i = 1; i < 8; i++) {
		snprintf(name, sizeof name, "incremental-%d", i);
		snprintf(after, sizeof after, "incremental-%d", i + 1);
		tap_ok(real_pair(f, name, after), "%s, then what %s adds", name, after);
	}
}

int main(void)
{
	struct forge *f = forge_new("clean-a"), *clean = forge_new("clean-a");

	cut_everywhere("clean-a", f);
	f->nrest = clean->nrest;
	step_by_step("clean-a", f);
	f->nrest = clean->nrest;
	tampered(f);
	f->nrest = clean->nrest;
	grown(f);
	static const char *const others[] = { "runtime-tamper",   "incremental-8",
					      "cmdline-changed",  "secureboot-off",
					      "template-ima-ng",  "template-ima-sigv2",
					      "template-ima-buf", "ima-violation-before",
					      "kernel-changed",   "xen" };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		other_machine(clean, others[i]);
	real_quotes(clean);
	forge_free(clean);
	forge_free(f);
	return tap_done();
}
