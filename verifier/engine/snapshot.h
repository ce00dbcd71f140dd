/* SPDX-License-Identifier: Apache-2.0
 *
 * snapshot - what messages are judged under: policy, references, keys and the number of this
 * set. Never changed once made; another one takes its place as a whole, and it lives on until
 * the last message that began under it is answered.
 */
#pragma once
#include "verifier/engine/engine.h"
#include "verifier/keys/keys.h"
#include "verifier/load/load.h"

#include <stdatomic.h>

struct snapshot {
	atomic_uint users;
	uint64_t serial; /* 1, 2, 3... in this process */
	struct loaded_policy policy;
	struct loaded_refs refs;
	struct keys keys;
	uint8_t digest[32];  /* of policy and references */
	uint64_t generation; /* the store's number for it */
};

/* Reads all files and asks the store for the number. NULL with *why. */
struct snapshot *snapshot_new(struct assay_crypto *crypto, struct store *store,
			      const struct engine_config *config, uint64_t now,
			      struct platform_message *why);
void snapshot_use(struct snapshot *s);
void snapshot_drop(struct snapshot *s); /* may be NULL */

/* SHA-256 over the rules of the policy (not its layout or comments) and over each reference in
 * the order of loading. False when the library fails. */
bool snapshot_digest(struct assay_crypto *crypto, const struct assay_policy *policy,
		     const struct assay_refs *refs, uint8_t out[32]);
