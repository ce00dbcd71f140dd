/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/engine/work.h"

#include <string.h>

int work_fault(struct work *w, const struct assay_err *err)
{
	w->out->err = *err;
	if (err->fault != ASSAY_F_MEMORY && err->fault != ASSAY_F_CRYPTO)
		return ENGINE_MALFORMED;
	engine_log(w->e, "cannot appraise node %s: %s", w->out->node,
		   assay_fault_text(err->fault));
	return ENGINE_FAILED;
}

int work_down(struct work *w, enum store_status status, const char *what)
{
	const struct platform_message *why = store_why(w->t->store);

	(void)status;
	engine_log(w->e, "cannot %s: %s: %s", what, why->what, why->why);
	return ENGINE_BLIND;
}

static bool needs(const struct work *w, enum assay_part part, struct assay_err *err)
{
	if (w->bundle.present[part])
		return true;
	*err = (struct assay_err){ ASSAY_F_MISSING, assay_part_name(part), 0, "bundle" };
	return false;
}

/* The Name that the message's key has; whose key it is, is for `known`. */
static bool read_name(struct work *w, struct assay_err *err)
{
	struct assay_public pub;

	if (!assay_public_read(w->bundle.part[ASSAY_PART_AK_PUB], &pub, err)) {
		err->artefact = assay_part_name(ASSAY_PART_AK_PUB);
		return false;
	}
	w->ak_name =
		(struct assay_slice){ w->name, assay_public_name(w->t->crypto, &pub, w->name) };
	if (w->ak_name.n > 0 && w->ak_name.n <= ASSAY_AK_NAME_MAX)
		return true;
	*err = (struct assay_err){ ASSAY_F_UNSUPPORTED, "nameAlg", 0,
				   assay_part_name(ASSAY_PART_AK_PUB) };
	return false;
}

int work_read(struct work *w, struct assay_slice message)
{
	struct assay_err err = { 0 };

	if (!assay_evidence_message_read(message, &w->m, &err))
		return work_fault(w, &err);
	memcpy(w->out->node, w->m.node.p, w->m.node.n);
	w->out->node[w->m.node.n] = '\0';
	if (!assay_bundle_read(w->m.bundle, &w->bundle, &err) ||
	    !needs(w, ASSAY_PART_QUOTE_MSG, &err) || !needs(w, ASSAY_PART_QUOTE_SIG, &err) ||
	    !needs(w, ASSAY_PART_AK_PUB, &err) || !read_name(w, &err))
		return work_fault(w, &err);
	return GO;
}

int work_hears(struct work *w)
{
	return hearing_ok(&w->e->hearing, NULL) ? GO : ENGINE_BLIND;
}

int work_fresh(struct work *w)
{
	const struct keys_secrets *secrets = &w->s->keys.secrets[KEYS_CHALLENGE];
	enum assay_recall recall = assay_challenge_check(
		w->t->crypto, secrets->secret, secrets->n, ASSAY_PURPOSE_EVIDENCE, w->ak_name,
		w->now, w->life, w->m.challenge, &w->issued);

	if (recall == ASSAY_RECALL_ERROR)
		return ENGINE_FAILED;
	if (recall != ASSAY_RECALL_GOOD)
		return work_outcome(w, ASSAY_OUTCOME_CHALLENGE);
	w->ends = w->issued + w->life;
	w->due = w->now + w->e->config.interval;
	/* a result counts in seconds: one that ends in this one is none */
	return w->ends / 1000 > w->now / 1000 ? GO : work_outcome(w, ASSAY_OUTCOME_CHALLENGE);
}
