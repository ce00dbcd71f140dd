/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/engine/work.h"

#include <stdlib.h>
#include <string.h>

int work_recall(struct work *w)
{
	const struct keys_secrets *secrets = &w->s->keys.secrets[KEYS_RECEIPT];
	struct assay_receipt_want want = { .node = w->m.node,
					   .ak_name = w->ak_name,
					   .now = w->now,
					   .generation = w->s->generation,
					   .revoked = w->revoked.last };

	if (w->m.receipt.n == 0)
		return GO;
	if (w->m.receipt.n > ASSAY_RECEIPT_MAX)
		return work_outcome(w, ASSAY_OUTCOME_SEND_ALL);
	w->out->recall = assay_receipt_open(w->t->crypto, secrets->secret, secrets->n, &want,
					    w->m.receipt, w->t->plain, &w->t->last);
	switch (w->out->recall) {
	case ASSAY_RECALL_GOOD:
		break;
	case ASSAY_RECALL_ERROR:
		return ENGINE_FAILED;
	case ASSAY_RECALL_BEHIND:
	case ASSAY_RECALL_UNREADABLE:
		return ENGINE_BLIND;
	default:
		return work_outcome(w, ASSAY_OUTCOME_SEND_ALL);
	}
	/* a new policy reaches each node with its next message */
	if (w->t->last.generation < w->s->generation) {
		w->out->recall = ASSAY_RECALL_STALE;
		return work_outcome(w, ASSAY_OUTCOME_SEND_ALL);
	}
	w->out->warm = true;
	return GO;
}

static struct assay_expectation expectation(const struct work *w)
{
	return (struct assay_expectation){ .ak = w->ak,
					   .bundle_ak = w->ak,
					   .nonce_given = true,
					   .nonce = w->m.challenge,
					   .checked = &w->checked };
}

static int go_on(struct work *w)
{
	struct engine_thread *t = w->t;
	struct assay_expectation expect = expectation(w);
	struct assay_err err = { 0 };
	enum assay_going going =
		assay_resume(t->crypto, &w->bundle, &t->last, w->m.from, &t->claims, &err);

	if (going == ASSAY_GOING_ON)
		going = assay_appraise_resumed(
			t->crypto, &t->claims, &expect, &w->s->policy.policy, &w->s->refs.refs,
			&t->last, w->s->generation, &t->arena, &w->appraisal, &err);
	if (going == ASSAY_GOING_FAULT)
		return work_fault(w, &err);
	return going == ASSAY_GOING_ON ? GO : work_outcome(w, ASSAY_OUTCOME_SEND_ALL);
}

static bool read_userlog(const struct work *w, struct assay_err *err)
{
	struct userlog_fault fault = { 0 };
	struct platform_message why;

	if (!w->bundle.present[ASSAY_PART_USERSPACE_LOG] ||
	    userlog_read(w->bundle.part[ASSAY_PART_USERSPACE_LOG], &w->t->log, &fault, &why))
		return true;
	*err = (struct assay_err){ fault.fault, fault.field, fault.offset,
				   assay_part_name(ASSAY_PART_USERSPACE_LOG) };
	return false;
}

static int whole(struct work *w)
{
	struct engine_thread *t = w->t;
	struct assay_expectation expect = expectation(w);
	struct assay_err err = { 0 };

	if (!read_userlog(w, &err) ||
	    !assay_claims_read(t->crypto, &w->bundle, t->log.events, t->log.n, &t->arena,
			       &t->claims, &err) ||
	    !assay_appraise(t->crypto, &t->claims, &expect, &w->s->policy.policy,
			    &w->s->refs.refs, &t->arena, &w->appraisal, &err))
		return work_fault(w, &err);
	return GO;
}

static bool take_id(void *ctx, const uint8_t *id)
{
	struct work *w = ctx;
	struct engine_thread *t = w->t;

	if (t->nids == t->ids_max) {
		size_t max = t->ids_max ? 2 * t->ids_max : 1024;
		uint8_t *ids = max <= ENGINE_SHOWN_MAX ? realloc(t->ids, max * 32) : NULL;
		if (!ids)
			return false;
		t->ids = ids;
		t->ids_max = max;
	}
	memcpy(t->ids + 32 * t->nids++, id, 32);
	w->shows_revoked |= revoked_component(w->e->revoked, id);
	return true;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static void sort_ids(struct engine_thread *t)
{
	size_t n = 0;

	if (t->nids == 0)
		return;
	qsort(t->ids, t->nids, 32, by_bytes);
	for (size_t i = 0; i < t->nids; i++)
		if (n == 0 || memcmp(t->ids + 32 * (n - 1), t->ids + 32 * i, 32) != 0)
			memmove(t->ids + 32 * n++, t->ids + 32 * i, 32);
	t->nids = n;
}

static int shown(struct work *w)
{
	struct assay_err err = { 0 };

	w->t->nids = 0;
	w->shows_revoked = false;
	if (!assay_shown(w->t->crypto, &w->t->claims, &w->appraisal, take_id, w, &err)) {
		if (err.fault == ASSAY_F_OK)
			err = (struct assay_err){ ASSAY_F_MEMORY, "shown", 0, NULL };
		return work_fault(w, &err);
	}
	sort_ids(w->t);
	return GO;
}

/* The appraisal knows references; an operator's word about a component stands above them. */
static void add_revoked(struct work *w)
{
	const struct assay_reason_info *info = assay_reason_info(ASSAY_R_REFERENCE_REVOKED);
	struct assay_verdict *v = &w->verdict;
	size_t n = v->nreasons < ASSAY_REASONS_MAX ? v->nreasons : ASSAY_REASONS_MAX - 1;

	v->omitted += v->nreasons - n;
	if (n > 0)
		memcpy(w->t->reasons + 1, v->reasons, n * sizeof *v->reasons);
	w->t->reasons[0] = (struct assay_reason){ .code = ASSAY_R_REFERENCE_REVOKED,
						  .severity = info->severity,
						  .where = "what the node showed",
						  .hint = info->hint };
	v->reasons = w->t->reasons;
	v->nreasons = n + 1;
	v->status = ASSAY_CONTRAINDICATED;
	if (assay_tier_of(v->vector[info->claim]) != ASSAY_CONTRAINDICATED)
		v->vector[info->claim] = info->contraindicated;
}

static int conclude(struct work *w)
{
	w->verdict = w->appraisal.verdict;
	if (w->shows_revoked)
		add_revoked(w);
	w->out->status = w->verdict.status;
	if (!reasons_fingerprint(w->t->crypto, &w->verdict, &w->s->policy.policy,
				 w->appraisal.deviations, w->appraisal.ndeviations,
				 w->fingerprint))
		return ENGINE_FAILED;
	w->reasons = engine_write_ear(w->t, w->out->node, &w->verdict, w->s->policy.policy.id,
				      w->m.challenge, w->now, w->ends);
	return w->reasons.n > 0 ? GO : ENGINE_FAILED;
}

int work_judge(struct work *w)
{
	/* what takes long is not for a loop */
	if (!w->t->store && (!w->out->warm || w->m.bundle.n > ENGINE_HOT_MAX))
		return ENGINE_SLOW;
	w->t->arena.at = 0;
	int said = w->out->warm ? go_on(w) : whole(w);
	if (said == GO)
		said = shown(w);
	return said == GO ? conclude(w) : said;
}
