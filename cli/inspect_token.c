/* SPDX-License-Identifier: Apache-2.0
 * A signed result, taken apart and not verified. */
#include "cli/inspect.h"
#include "cli/result_read.h"

#include <string.h>

static void show_submod(struct show *s, const struct result_submod *m)
{
	show_object(s, NULL);
	show_str(s, "name", m->name);
	show_str(s, "status", assay_tier_name(m->status));
	if (m->has_vector)
		show_str(s, "vector_tier", assay_tier_name(m->vector));
	show_close(s);
}

void inspect_ear_jwt(struct inspect *i)
{
	struct result_token t;
	struct result_claims c;
	struct show *s = &i->show;

	show_bool(s, "verified", false);
	if (!result_token_read(i->in, &t, &i->err))
		return;
	show_json(s, "header", t.header);
	json_t *payload = result_payload(&t, &i->err);
	if (payload)
		show_json(s, "claims", payload);
	if (payload && result_claims_read(payload, &c, &i->err)) {
		show_str(s, "generation", c.new_names ? "ear_status" : "ear.status");
		show_array(s, "submods");
		for (size_t k = 0; k < c.nsubmods; k++)
			show_submod(s, &c.submods[k]);
		show_close(s);
		result_claims_drop(&c);
	}
	json_decref(payload);
	result_token_drop(&t);
	inspect_quirk(i, "nothing was verified: `assay result verify` does that");
}
