/* SPDX-License-Identifier: Apache-2.0
 * Target: assay_resume and assay_appraise_resumed. The input is the contents of a receipt as
 * somebody would seal it who stole a verifier's key, two bytes of their length before them, and
 * then a bundle. Properties: what is refused says "none" and touches no verdict; a fault is
 * located; nobody's key is believed, so nothing affirms; what is gone on shows no more
 * entries than the list has; and what may be remembered is sealed. */
#include "core/receipt/contents.h"
#include "tests/receipt_sample.h"
#include <assay/appraisal.h>
#include <assert.h>
#include <stdlib.h>

static struct assay_crypto *crypto;
static struct assay_arena arena, refs_memory;
static struct assay_policy policy;
static struct assay_refs refs;
static struct assay_receipt last, next;
static struct assay_claims claims;
static struct assay_appraisal out;

static void start(void)
{
	static const uint8_t digest[32] = { 1 };
	struct assay_ref r = { .place = 4,
			       .kind = ASSAY_REF_KERNEL,
			       .alg = ASSAY_SHA256,
			       .digest = { digest, sizeof digest } };

	crypto = assay_crypto_new(NULL, NULL);
	arena.n = assay_appraisal_bytes();
	arena.p = malloc(arena.n);
	refs_memory.n = assay_refs_bytes(4, 64);
	refs_memory.p = malloc(refs_memory.n);
	assay_policy_default(&policy);
	assert(crypto && arena.p && refs_memory.p &&
	       assay_refs_init(&refs, &refs_memory, 4, 64) &&
	       assay_refs_add(&refs, &r) == ASSAY_F_OK);
}

static bool count(void *ctx, const uint8_t *id)
{
	*(size_t *)ctx += 1;
	return id != NULL;
}

static void remember(void)
{
	static uint8_t sealed[ASSAY_RECEIPT_MAX];
	struct assay_err err;
	size_t shown = 0;

	assert(assay_shown(crypto, &claims, &out, count, &shown, &err) &&
	       shown <= claims.ima.quoted - claims.from);
	if (!assay_receipt_of(&claims, &out, &arena, &next))
		return;
	next.node = last.node;
	next.ak_name = last.ak_name;
	next.generation = last.generation;
	next.issued = last.issued;
	next.ends = last.ends;
	next.good_until = last.good_until;
	assert(!assay_receipt_merge(&next, &last) ||
	       assay_receipt_seal(crypto, &sample_secrets[0], sample_bytes, &next, sealed,
				  sizeof sealed) > 0);
}

static void go_on(const struct assay_bundle *bundle, const struct assay_ak *ak)
{
	struct assay_expectation x = { .bundle_ak = ak, .archive = true };
	struct assay_err err;
	enum assay_going going;

	arena.at = 0;
	going = assay_resume(crypto, bundle, &last, last.nbanks > 0 ? last.bank[0].index : 0,
			     &claims, &err);
	assert((going == ASSAY_GOING_FAULT) == (err.fault != ASSAY_F_OK));
	if (going != ASSAY_GOING_ON)
		return;
	assert(claims.ima.quoted >= claims.from && claims.ima.entries >= claims.ima.quoted);
	going = assay_appraise_resumed(crypto, &claims, &x, &policy, &refs, &last,
				       last.generation, &arena, &out, &err);
	if (going != ASSAY_GOING_ON) {
		assert(out.verdict.status == ASSAY_NONE);
		return;
	}
	assert(out.verdict.status == ASSAY_CONTRAINDICATED && out.verdict.nreasons > 0);
	remember();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct assay_bundle bundle;
	struct assay_ak ak = { 0 };
	struct assay_err err;
	size_t n = size < 2 ? 0 : (size_t)data[0] << 8 | data[1];

	if (!crypto)
		start();
	if (size < 2 || n > size - 2 ||
	    !receipt_read((struct assay_slice){ data + 2, n }, &last, &err) ||
	    !assay_bundle_read((struct assay_slice){ data + 2 + n, size - 2 - n }, &bundle,
			       &err))
		return 0;
	last.node = sample_text("node-17");
	last.ak_name = sample_ak_name();
	if (bundle.present[ASSAY_PART_AK_PUB])
		(void)!assay_ak_read(crypto, bundle.part[ASSAY_PART_AK_PUB], &ak, &err);
	go_on(&bundle, ak.key ? &ak : NULL);
	assay_key_free(ak.key);
	return 0;
}
