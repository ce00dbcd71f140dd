/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/json.h"

/* Depth is counted before jansson sees the text, outside of strings. */
static bool depth_ok(struct assay_slice text, size_t *at)
{
	size_t depth = 0;
	bool string = false;

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];
		if (string && c == '\\')
			i++;
		else if (c == '"')
			string = !string;
		else if (!string && (c == '[' || c == '{'))
			depth++;
		else if (!string && (c == ']' || c == '}') && depth > 0)
			depth--;
		if (depth > PLATFORM_JSON_DEPTH) {
			*at = i;
			return false;
		}
	}
	return true;
}

json_t *platform_json_read(struct assay_slice text, const char *name, size_t limit,
			   struct platform_json_error *where, struct platform_message *why)
{
	struct platform_json_error at = { 1, 1, 0 };
	json_t *value = NULL;

	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot read %s", name);
	if (text.n > limit) {
		platform_message_why(why, "it has more than %zu bytes", limit);
	} else if (!depth_ok(text, &at.offset)) {
		platform_message_why(why, "byte %zu: nested deeper than %d", at.offset,
				     PLATFORM_JSON_DEPTH);
	} else {
		json_error_t error;
		value = json_loadb((const char *)text.p, text.n,
				   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
		if (!value) {
			at = (struct platform_json_error){ error.line, error.column,
							   (size_t)error.position };
			platform_message_why(why, "line %d, column %d: %s", error.line,
					     error.column, error.text);
		}
	}
	if (!value) {
		platform_message_hint(why, "it must be strict JSON: UTF-8, no duplicate keys, "
					   "nothing after the value");
		if (where)
			*where = at;
	}
	return value;
}
