/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/engine/work.h"

#include <string.h>

static bool same(struct assay_slice a, const uint8_t *p, size_t n)
{
	return a.n == n && memcmp(a.p, p, n) == 0;
}

/* What this verifier remembers is enough: the node was met with this key, its verdict is known,
 * and no revocation that concerns it was heard of since. */
static bool remembers(struct work *w)
{
	struct remembered r;

	if (!memory_get(w->e->memory, w->m.node, &r) || !r.known ||
	    !same(w->ak_name, r.ak_name, r.ak_name_n) || w->revoked.last > r.revocations)
		return false;
	w->enrolled = r.enrolled;
	return true;
}

static int key(struct work *w, struct assay_slice pub)
{
	struct assay_err err = { 0 };

	w->ak = aks_get(w->t->aks, w->t->crypto, w->ak_name, pub, &err);
	if (!w->ak)
		return work_fault(w, &err);
	return GO;
}

static int look_up(struct work *w)
{
	struct store_node node;
	enum store_status status = store_node_get(w->t->store, w->m.node, &node);

	if (status == STORE_ABSENT) {
		memory_forget(w->e->memory, w->m.node);
		return w->revoked.node_time ? ENGINE_REVOKED : ENGINE_UNKNOWN;
	}
	if (status != STORE_DONE)
		return work_down(w, status, "look a node up");
	/* the binding of node and key is the store's; what the message says of it is nothing */
	if (!same(w->ak_name, node.ak_name, node.ak_name_n))
		return ENGINE_UNKNOWN;
	/* one that was enrolled again after it was removed is another node */
	if (w->revoked.node_time && w->revoked.node_time >= node.enrolled)
		return ENGINE_REVOKED;
	w->enrolled = node.enrolled;
	if (!memory_meet(w->e->memory, w->m.node, w->ak_name, node.enrolled, &w->doubts))
		return ENGINE_FAILED;
	return key(w, node.ak_pub);
}

int work_known(struct work *w)
{
	w->revoked = revoked_ask(w->e->revoked, w->m.node, w->ak_name);
	if (w->revoked.ak)
		return ENGINE_REVOKED;
	if (w->t->store)
		return look_up(w);
	/* a Name is a hash: the message's own bytes are the enrolled ones */
	return remembers(w) ? key(w, w->bundle.part[ASSAY_PART_AK_PUB]) : ENGINE_SLOW;
}

int work_proven(struct work *w)
{
	struct assay_err err = { 0 };

	if (!assay_quote_check(w->t->crypto, &w->bundle, w->ak, &w->quote, &w->checked, &err))
		/* without a fault somebody else said something about the node */
		return err.fault != ASSAY_F_OK ? work_fault(w, &err) : ENGINE_UNKNOWN;
	/* and an old quote under a new challenge is nothing that the node says now */
	if (!assay_quote_answers(w->t->crypto, &w->bundle, &w->quote, w->m.challenge, &err))
		return err.fault != ASSAY_F_OK ? work_fault(w, &err)
					       : work_outcome(w, ASSAY_OUTCOME_CHALLENGE);
	w->order = (struct store_order){ .resetCount = w->quote.resetCount,
					 .clock = w->quote.clock,
					 .challenged = w->issued };
	return GO;
}
