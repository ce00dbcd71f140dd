/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/verify.h"

#include <stdlib.h>
#include <string.h>

/* The bundle's own key: shown and compared, never trusted. */
static bool own_key(const struct verify_request *r, const struct loaded_bundle *b,
		    struct assay_ak *ak, struct assay_err *err)
{
	if (!b->bundle.present[ASSAY_PART_AK_PUB])
		return true;
	bool ok = assay_ak_read(r->crypto, b->bundle.part[ASSAY_PART_AK_PUB], ak, err);
	err->artefact = assay_part_name(ASSAY_PART_AK_PUB);
	return ok;
}

static bool appraise(const struct verify_request *r, struct verified *v, struct assay_ak *own,
		     struct assay_err *err)
{
	const struct loaded_bundle *b = &v->loaded;
	size_t n = assay_appraisal_bytes() + 2 * sizeof *v->claims;
	struct assay_arena arena = { .n = n };

	v->memory = arena.p = malloc(n);
	if (!v->memory) {
		*err = (struct assay_err){ ASSAY_F_MEMORY, "arena", 0, NULL };
		return false;
	}
	v->claims = assay_arena_take(&arena, 1, sizeof *v->claims);
	if (!own_key(r, b, own, err) ||
	    !assay_claims_read(r->crypto, &b->bundle, b->user.events, b->user.n, &arena,
			       v->claims, err))
		return false;
	struct assay_expectation expect = {
		.ak = r->ak,
		.bundle_ak = own->key ? own : NULL,
		.nonce_given = r->nonce_given,
		.nonce = r->nonce,
		.archive = r->archive,
	};
	return assay_appraise(r->crypto, v->claims, &expect, r->policy, r->refs, &arena,
			      &v->appraisal, err);
}

bool verify_bundle(const struct verify_request *r, const char *path, struct verified *v)
{
	struct assay_ak own = { 0 };
	struct assay_err err = { 0 };

	v->path = path;
	v->ok = false;
	if (!load_bundle(path, &v->loaded, &v->error))
		return false;
	v->ok = appraise(r, v, &own, &err);
	assay_key_free(own.key);
	if (!v->ok)
		load_malformed(&v->error, path, &err);
	return v->ok;
}

void verified_drop(struct verified *v)
{
	load_bundle_drop(&v->loaded);
	free(v->memory);
	free(v->name);
	*v = (struct verified){ 0 };
}
