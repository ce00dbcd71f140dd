/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/engine/snapshot.h"

#include <stdlib.h>

static bool loaded(struct snapshot *s, const struct engine_config *config,
		   struct platform_message *why)
{
	struct load_error e = { 0 };

	if (load_policy(config->policy, &s->policy, &e) &&
	    load_refs(config->refs, config->nrefs, &s->refs, &e))
		return true;
	*why = e.why;
	return false;
}

static bool numbered(struct snapshot *s, struct assay_crypto *crypto, struct store *store,
		     uint64_t now, struct platform_message *why)
{
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot number the references and policy");
	if (!snapshot_digest(crypto, &s->policy.policy, &s->refs.refs, s->digest)) {
		platform_message_why(why, "the cryptographic library failed");
		return false;
	}
	if (store_generation(store, s->digest, now, &s->generation) == STORE_DONE)
		return true;
	*why = *store_why(store);
	return false;
}

struct snapshot *snapshot_new(struct assay_crypto *crypto, struct store *store,
			      const struct engine_config *config, uint64_t now,
			      struct platform_message *why)
{
	struct snapshot *s = calloc(1, sizeof *s);
	uint64_t settle = config->settle ? config->settle : KEYS_SETTLE;

	if (!s) {
		platform_message_what(why, "cannot read policy and references");
		platform_message_why(why, "not enough memory");
		return NULL;
	}
	atomic_init(&s->users, 1);
	if (loaded(s, config, why) && keys_load(crypto, config->keys, settle, &s->keys, why) &&
	    numbered(s, crypto, store, now, why))
		return s;
	snapshot_drop(s);
	return NULL;
}

void snapshot_use(struct snapshot *s)
{
	atomic_fetch_add(&s->users, 1);
}

void snapshot_drop(struct snapshot *s)
{
	if (!s || atomic_fetch_sub(&s->users, 1) > 1)
		return;
	load_refs_drop(&s->refs);
	load_policy_drop(&s->policy);
	keys_drop(&s->keys);
	free(s);
}
