/* SPDX-License-Identifier: Apache-2.0
 *
 * A result made now of what is stored: what a relying party asks for. A verdict that has ended
 * is none; one that this verifier cannot vouch for is none too, and says so. */
#include "verifier/engine/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NONE_LIFE = 60 /* seconds that "none" is good for, at most */ };

struct told {
	struct assay_reason reasons[ASSAY_REASONS_MAX];
	struct assay_verdict verdict;
	json_t *keep; /* texts of reasons */
	char id[ASSAY_NODE_ID_MAX + 1], policy[512];
	uint64_t ends; /* ms */
};

static void none(struct told *told, const struct engine *e, enum assay_reason_code code,
		 uint64_t now)
{
	const struct assay_reason_info *info = assay_reason_info(code);
	uint64_t life = e->config.interval / 1000;

	told->reasons[0] = (struct assay_reason){ .code = code,
						  .severity = info->severity,
						  .hint = info->hint };
	told->verdict = (struct assay_verdict){ .status = ASSAY_NONE,
						.reasons = told->reasons,
						.nreasons = 1 };
	told->ends = now + 1000 * (life < NONE_LIFE ? life : NONE_LIFE);
}

/* False when the texts are not what a verifier wrote. */
static bool say(struct told *told, const struct engine *e, enum assay_tier status,
		const int8_t *vector, struct assay_slice reasons, uint64_t ends,
		const struct store_order *order, uint64_t now)
{
	if (status != ASSAY_NONE && !store_order_past(order, now)) {
		none(told, e, ASSAY_R_VERIFIER_BLIND, now);
		return true;
	}
	if (status != ASSAY_NONE && ends / 1000 <= now / 1000) {
		none(told, e, ASSAY_R_NODE_SILENT, now);
		return true;
	}
	none(told, e, ASSAY_R_NODE_SILENT, now); /* its life, when the status is none */
	if (!reasons_read(reasons, told->reasons, &told->verdict.nreasons, &told->keep))
		return false;
	told->verdict.status = status;
	memcpy(told->verdict.vector, vector, sizeof told->verdict.vector);
	if (status != ASSAY_NONE)
		told->ends = ends;
	return true;
}

static void name(struct told *told, const char *id, struct assay_slice policy)
{
	size_t n = policy.n < sizeof told->policy ? policy.n : sizeof told->policy - 1;

	snprintf(told->id, sizeof told->id, "%s", id);
	if (n > 0)
		memcpy(told->policy, policy.p, n);
	told->policy[n] = '\0';
}

/* The store is out of reach: what is remembered and still lives was true of it. */
static bool say_remembered(struct told *told, struct engine *e, struct assay_slice node,
			   uint64_t now)
{
	struct snapshot *s = engine_snapshot(e);
	struct assay_slice policy = { (const uint8_t *)s->policy.policy.id,
				      strlen(s->policy.policy.id) };
	struct remembered r;

	bool there = memory_get(e->memory, node, &r) && r.known &&
		     r.reasons_n <= MEMORY_REASONS_MAX && r.generation == s->generation &&
		     r.ends / 1000 > now / 1000 && store_order_past(&r.order, now);
	if (there) {
		name(told, r.id, policy);
		there = say(told, e, r.status, r.vector,
			    (struct assay_slice){ (const uint8_t *)r.reasons, r.reasons_n },
			    r.ends, &r.order, now);
	}
	snapshot_drop(s);
	return there;
}

static enum store_status find(struct told *told, struct engine_thread *t,
			      struct assay_slice node, uint64_t now)
{
	struct engine *e = t->e;
	struct store_node n;
	enum store_status status = store_node_get(t->store, node, &n);

	if (status == STORE_ABSENT)
		return status;
	if (!hearing_sane(&e->hearing)) {
		none(told, e, ASSAY_R_VERIFIER_BLIND, now);
	} else if (status == STORE_DONE) {
		name(told, n.id, n.policy);
		if (!say(told, e, n.status, n.vector, n.reasons, n.ends, &n.order, now))
			return STORE_BROKEN;
	} else if (!say_remembered(told, e, node, now)) {
		none(told, e, ASSAY_R_VERIFIER_BLIND, now);
	}
	return STORE_DONE;
}

enum store_status engine_result(struct engine_thread *t, struct assay_slice node, uint64_t now,
				struct assay_slice *jwt, enum assay_tier *status)
{
	struct told *told = calloc(1, sizeof *told);
	enum store_status said = STORE_BROKEN;

	if (told && node.n < sizeof told->id) {
		memcpy(told->id, node.p, node.n);
		said = find(told, t, node, now);
	}
	if (said == STORE_DONE) {
		struct snapshot *s = engine_snapshot(t->e);
		struct assay_slice reasons = engine_write_ear(
			t, told->id, &told->verdict, told->policy[0] ? told->policy : NULL,
			(struct assay_slice){ 0 }, now, told->ends);
		struct assay_slice signed_ear = { 0 };
		if (reasons.n > 0)
			signed_ear = engine_sign_ear(t, s, now);
		snapshot_drop(s);
		said = signed_ear.n > 0 ? STORE_DONE : STORE_BROKEN;
		if (said == STORE_DONE) {
			*jwt = signed_ear;
			*status = told->verdict.status;
		}
	}
	if (told)
		json_decref(told->keep);
	free(told);
	return said;
}
