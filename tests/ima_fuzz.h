/* SPDX-License-Identifier: Apache-2.0
 * ima_fuzz - the properties that both list readers keep on any input. */
#pragma once
#include <assay/evidence/ima.h>
#include <assert.h>
#include <string.h>

static inline void fuzz_inside(struct assay_slice s, struct assay_slice of)
{
	assert(s.n == 0 || (s.p >= of.p && s.n <= of.n && (size_t)(s.p - of.p) <= of.n - s.n));
}

/* e was just read; its slices lie in the list or, in ASCII, in where it was rebuilt. */
static inline void fuzz_entry(const struct assay_ima *ima, const struct assay_ima_entry *e,
			      size_t index, size_t end)
{
	struct assay_slice of =
		ima->ascii ? (struct assay_slice){ ima->scratch, ima->scratch_n } : ima->list;

	assert(e->index == index && e->offset == end && e->size > 0);
	assert(e->offset + e->size <= ima->list.n && ima->at == e->offset + e->size);
	assert(e->pcr < ASSAY_PCRS && e->template_hash.n == assay_alg_size(e->template_alg));
	assert(e->template_name.n > 0 && e->template_name.n <= ASSAY_IMA_NAME_MAX);
	assert(e->data.n <= ASSAY_IMA_DATA_MAX && e->has_digest &&
	       e->digest.n <= ASSAY_DIGEST_MAX);
	assert(!e->name.n || !memchr(e->name.p, 0, e->name.n));
	fuzz_inside(e->template_name, ima->list);
	fuzz_inside(e->data, of);
	fuzz_inside(e->digest, e->data);
	fuzz_inside(e->name, e->data);
	fuzz_inside(e->sig, e->data);
	fuzz_inside(e->buf, e->data);
}

/* After the last entry: a located fault, or all was read; and so it stays. */
static inline void fuzz_end(struct assay_ima *ima, size_t end)
{
	struct assay_ima_entry e = { .index = 77 };

	if (ima->err->fault == ASSAY_F_OK)
		assert(end == ima->list.n);
	else
		assert(ima->err->field && ima->err->offset <= ima->list.n);
	if (assay_ima_next(ima, &e) || e.index != 77)
		assert(false);
}
