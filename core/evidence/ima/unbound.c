/* SPDX-License-Identifier: Apache-2.0 */
#include "core/evidence/ima/fields.h"

struct ranges {
	struct assay_slice list;
	struct assay_range *out;
	size_t n, max;
};

static void add(struct ranges *r, struct assay_slice part)
{
	if (part.n == 0)
		return;
	if (r->n < r->max)
		r->out[r->n] = (struct assay_range){ (size_t)(part.p - r->list.p), part.n };
	r->n++;
}

size_t assay_ima_unbound(struct assay_slice list, struct assay_range *out, size_t max,
			 struct assay_err *err)
{
	struct ranges r = { .list = list, .out = out, .max = max };
	struct assay_ima_entry e;
	struct assay_ima ima;

	if (!assay_ima_open(&ima, list, err))
		return 0;
	while (assay_ima_next(&ima, &e)) {
		add(&r, e.template_name);
		if (e.violation)
			add(&r, e.data);
	}
	return err->fault == ASSAY_F_OK ? r.n : 0;
}
