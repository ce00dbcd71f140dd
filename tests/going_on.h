/* SPDX-License-Identifier: Apache-2.0
 * going_on - a verifier's two ways to one verdict: all at once, or a receipt and the rest. */
#pragma once
#include "tests/forge.h"
#include "tests/receipt_sample.h"

enum { GENERATION = 41 };

static struct assay_receipt last, next;
static uint8_t sealed[ASSAY_RECEIPT_MAX], plain[ASSAY_RECEIPT_MAX];
static struct assay_claims resumed;
static struct assay_appraisal out;
static struct assay_err err;
static uint64_t generation = GENERATION;

/* The receipt goes through its seal, so that nothing of the message that made it is left. */
static inline bool through_seal(struct forge *f, struct assay_receipt *r)
{
	static const uint8_t salt[ASSAY_RECEIPT_SALT] = "a salt that is always the same";
	struct assay_receipt_want want = { .node = sample_text("node-17"),
					   .ak_name = sample_ak_name(),
					   .now = SAMPLE_NOW,
					   .generation = r->generation };

	r->node = want.node;
	r->ak_name = want.ak_name;
	r->issued = SAMPLE_NOW;
	r->ends = SAMPLE_NOW + 3600 * 1000;
	r->good_until = ASSAY_RECEIPT_NEVER;
	size_t n = assay_receipt_seal(f->crypto, &sample_secrets[0], salt, r, sealed,
				      sizeof sealed);

	return n > 0 && assay_receipt_open(f->crypto, sample_secrets, 2, &want,
					   (struct assay_slice){ sealed, n }, plain,
					   &last) == ASSAY_RECALL_GOOD;
}

/* A receipt for what f->claims and f->out say, in `last`. */
static inline bool give_receipt(struct forge *f)
{
	memset(&next, 0, sizeof next);
	next.generation = GENERATION;
	return f->judged && assay_receipt_of(&f->claims, &f->out, &f->memory, &next) &&
	       through_seal(f, &next);
}

/* The next receipt from what was gone on, in `last`. */
static inline bool give_next_receipt(struct forge *f)
{
	memset(&next, 0, sizeof next);
	next.generation = generation;
	if (!assay_receipt_of(&resumed, &out, &f->memory, &next))
		return false;
	next.node = last.node;
	next.ak_name = last.ak_name;
	next.issued = last.issued;
	next.ends = last.ends;
	return assay_receipt_merge(&next, &last) && through_seal(f, &next);
}

/* The place in f->ima of entry n; f->nima when there are fewer. */
static inline size_t entry_at(const struct forge *f, uint64_t n)
{
	struct assay_ima list;
	struct assay_ima_entry e;
	struct assay_err ignored;

	if (!assay_ima_open(&list, (struct assay_slice){ f->ima, f->nima }, &ignored))
		return f->nima;
	while (assay_ima_next(&list, &e))
		if (e.index == n)
			return e.offset;
	return f->nima;
}

/* f's quote with these new entries: what a node sends that has `last`. */
static inline struct assay_bundle rest_of(struct forge *f, struct assay_slice entries)
{
	struct assay_bundle b = forge_bundle(f);

	b.present[ASSAY_PART_EVENTLOG] = b.present[ASSAY_PART_PCRS] = false;
	b.part[ASSAY_PART_IMA_BINARY] = entries;
	return b;
}

/* Goes on from `last`: claims in `resumed`, verdict in `out`. */
static inline enum assay_going go_on_as(struct forge *f, const struct assay_bundle *b,
					uint64_t from, struct assay_slice nonce)
{
	struct assay_ak ak;
	enum assay_going going;

	f->memory.at = 0;
	out = (struct assay_appraisal){ .verdict.status = ASSAY_NONE };
	if (!assay_ak_read(f->crypto, b->part[ASSAY_PART_AK_PUB], &ak, &err))
		return ASSAY_GOING_FAULT;
	struct assay_expectation x = {
		.ak = &ak, .bundle_ak = &ak, .nonce_given = true, .nonce = nonce
	};
	going = assay_resume(f->crypto, b, &last, from, &resumed, &err);
	if (going == ASSAY_GOING_ON)
		going = assay_appraise_resumed(f->crypto, &resumed, &x, &f->policy, &f->refs,
					       &last, generation, &f->memory, &out, &err);
	assay_key_free(ak.key);
	return going;
}

static inline enum assay_going go_on(struct forge *f, const struct assay_bundle *b)
{
	return go_on_as(f, b, last.bank[0].index,
			(struct assay_slice){ f->nonce, sizeof f->nonce });
}

/* Writes f anew and goes on with what it holds beyond the receipt. */
static inline enum assay_going go_on_with_rest(struct forge *f)
{
	forge_write(f);
	size_t at = entry_at(f, last.bank[0].index);
	struct assay_bundle b = rest_of(f, (struct assay_slice){ f->ima + at, f->nima - at });

	return go_on(f, &b);
}

/* Which reasons there are, with their severity. */
static inline void codes_of(const struct assay_verdict *v, int *codes)
{
	memset(codes, 0, ASSAY_REASON_CODES_N * sizeof *codes);
	for (size_t i = 0; i < v->nreasons; i++)
		codes[v->reasons[i].code] = 1 + (int)v->reasons[i].severity;
}

static inline bool same_verdict(const struct assay_verdict *a, const struct assay_verdict *b)
{
	int x[ASSAY_REASON_CODES_N], y[ASSAY_REASON_CODES_N];

	codes_of(a, x);
	codes_of(b, y);
	return a->status == b->status && memcmp(a->vector, b->vector, sizeof a->vector) == 0 &&
	       memcmp(x, y, sizeof x) == 0;
}

static inline void explain_verdict(const char *whose, const struct assay_verdict *v)
{
	printf("# %s: %s", whose, assay_tier_name(v->status));
	for (size_t i = 0; i < ASSAY_CLAIMS_N; i++)
		printf(" %d", v->vector[i]);
	for (size_t i = 0; i < v->nreasons; i++)
		printf("%s%s", i ? ", " : "; ", assay_reason_info(v->reasons[i].code)->word);
	printf("\n");
}
