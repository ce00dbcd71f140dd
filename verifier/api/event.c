/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/api/event.h"

#include "verifier/api/call.h"

char *event_json(const struct store_event *event)
{
	json_t *o = json_pack("{s:I, s:o, s:s}", "seq", (json_int_t)event->seq, "time",
			      api_json_time(event->time), "node", event->node);

	if (!o)
		return NULL;
	if (event->before >= 0)
		json_object_set_new(
			o, "before",
			json_string(assay_tier_name((enum assay_tier)event->before)));
	json_object_set_new(o, "status", json_string(assay_tier_name(event->status)));
	json_object_set_new(o, "reasons", api_json_of(event->reasons));
	json_object_set_new(o, "generation", json_integer((json_int_t)event->generation));
	char *text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}
