/* SPDX-License-Identifier: Apache-2.0
 *
 * What was expected, for a person to compare: the nearest reference. Looked
 * for only once something deviates, and only so often. */
#include "core/appraisal/component.h"
#include "core/appraisal/judge.h"

enum { SEARCHES_MAX = 16 };

void expect_ref(struct text *t, const struct assay_refs *refs, int64_t at, bool with_name)
{
	if (at == ASSAY_REF_NONE)
		return;
	struct assay_ref r = assay_refs_get(refs, (uint32_t)at);

	if (with_name && r.name.n > 0) {
		text_safe(t, r.name, 400);
		text_str(t, " = ");
	}
	text_digest(t, r.alg, r.digest);
	if (r.provenance.n > 0) {
		text_str(t, " (");
		text_safe(t, r.provenance, 120);
		text_str(t, ")");
	}
}

/* How much two names have in common: bytes at the front and at the end. */
static size_t likeness(struct assay_slice a, struct assay_slice b)
{
	size_t n = a.n < b.n ? a.n : b.n, front = 0, back = 0;

	while (front < n && a.p[front] == b.p[front])
		front++;
	while (back < n - front && a.p[a.n - 1 - back] == b.p[b.n - 1 - back])
		back++;
	return front + back;
}

void expect_component(struct judge *j, struct text *t, uint32_t pcr, enum assay_kind kind,
		      struct assay_slice text)
{
	int64_t best = ASSAY_REF_NONE;
	size_t most = 0;

	if (j->searches++ >= SEARCHES_MAX)
		return;
	for (uint32_t i = 0; i < j->refs->n; i++) {
		struct assay_ref r = assay_refs_get(j->refs, i);
		if (r.place != pcr || r.alg != j->out->bank || r.state == ASSAY_REF_REVOKED ||
		    r.kind == ASSAY_REF_PCR_VALUE)
			continue;
		/* a command is proven text under any prefix: its kind is only a guess */
		if (r.kind != kind &&
		    !(component_is_command(r.kind) && component_is_command(kind)))
			continue;
		size_t like = 1 + 2 * likeness(r.name, text) + (r.kind == kind);
		if (like > most) {
			most = like;
			best = i;
		}
	}
	if (best == ASSAY_REF_NONE)
		return;
	struct assay_ref r = assay_refs_get(j->refs, (uint32_t)best);
	if (component_is_command(r.kind) && r.name.n > 0) {
		text_safe(t, r.name, 600);
		text_str(t, " (");
		text_safe(t, r.provenance, 120);
		text_str(t, ")");
		return;
	}
	expect_ref(t, j->refs, best, true);
}
