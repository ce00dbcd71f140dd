/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/engine/reasons.h"

#include "platform/json.h"

#include <stdlib.h>
#include <string.h>

enum { JSON_MAX = 4 * 1024 * 1024 };

size_t engine_reason(enum assay_reason_code code, const char *where, const char *found,
		     char *out, size_t cap)
{
	const struct assay_reason_info *info = assay_reason_info(code);
	json_t *array = json_pack("[{s:s,s:s,s:s?,s:s?,s:n,s:s}]", "code", info->word,
				  "severity", assay_severity_name(info->severity), "where",
				  where, "found", found, "expected", "hint", info->hint);
	size_t n = array ? json_dumpb(array, out, cap, JSON_COMPACT) : 0;

	json_decref(array);
	if (n == 0 || n >= cap)
		return 0;
	out[n] = '\0';
	return n;
}

/* Quotes inside texts are escaped, so these bytes stand nowhere but at the member itself. */
struct assay_slice reasons_in_ear(struct assay_slice ear)
{
	static const char member[] = ",\"assay.reasons\":";
	const uint8_t *at = memmem(ear.p, ear.n, member, sizeof member - 1);
	bool text = false;
	int depth = 0;

	if (!at)
		return (struct assay_slice){ 0 };
	at += sizeof member - 1;
	for (const uint8_t *p = at, *end = ear.p + ear.n; p < end; p++) {
		if (text) {
			if (*p == '\\')
				p++;
			else if (*p == '"')
				text = false;
		} else if (*p == '"') {
			text = true;
		} else if (*p == '[' || *p == '{') {
			depth++;
		} else if ((*p == ']' || *p == '}') && --depth == 0) {
			return (struct assay_slice){ at, (size_t)(p + 1 - at) };
		}
	}
	return (struct assay_slice){ 0 };
}

static bool read_one(const json_t *o, struct assay_reason *r)
{
	const char *code = json_string_value(json_object_get(o, "code"));
	const char *severity = json_string_value(json_object_get(o, "severity"));
	int word = code ? assay_reason_by_word(
				  (struct assay_slice){ (const uint8_t *)code, strlen(code) })
			: -1;

	*r = (struct assay_reason){ .where = json_string_value(json_object_get(o, "where")),
				    .found = json_string_value(json_object_get(o, "found")),
				    .expected =
					    json_string_value(json_object_get(o, "expected")),
				    .hint = json_string_value(json_object_get(o, "hint")) };
	if (word < 0 || !severity)
		return false;
	r->code = (enum assay_reason_code)word;
	for (int i = 0; i <= ASSAY_SEVERITY_CONTRAINDICATED; i++)
		if (strcmp(severity, assay_severity_name((enum assay_severity)i)) == 0) {
			r->severity = (enum assay_severity)i;
			return true;
		}
	return false;
}

bool reasons_read(struct assay_slice json, struct assay_reason *out, size_t *n, json_t **keep)
{
	struct platform_message why;
	json_t *array = platform_json_read(json, "reasons", JSON_MAX, NULL, &why);
	size_t count = json_array_size(array);
	bool ok = json_is_array(array) && count <= ASSAY_REASONS_MAX;

	for (size_t i = 0; ok && i < count; i++)
		ok = read_one(json_array_get(array, i), &out[i]);
	if (!ok) {
		json_decref(array);
		return false;
	}
	*n = count;
	*keep = array;
	return true;
}

static struct assay_slice text(const char *s)
{
	return (struct assay_slice){ (const uint8_t *)(s ? s : ""), s ? strlen(s) + 1 : 1 };
}

bool reasons_fingerprint(struct assay_crypto *crypto, const struct assay_verdict *v,
			 uint8_t out[32])
{
	uint8_t tier = (uint8_t)v->status;
	struct assay_slice parts[2 + 3 * ASSAY_REASONS_MAX] = {
		{ &tier, 1 },
		{ (const uint8_t *)v->vector, sizeof v->vector },
	};
	struct assay_digest d;
	size_t n = 2;

	for (size_t i = 0; i < v->nreasons && i < ASSAY_REASONS_MAX; i++) {
		const struct assay_reason *r = &v->reasons[i];
		if (r->severity == ASSAY_SEVERITY_INFO)
			continue;
		parts[n++] = text(assay_reason_info(r->code)->word);
		parts[n++] = text(r->where);
		parts[n++] = text(r->found);
	}
	if (!assay_hash(crypto, ASSAY_SHA256, parts, n, &d))
		return false;
	memcpy(out, d.b, 32);
	return true;
}
