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

/* Which codes count: a bit for each. */
static void mark(uint8_t *codes, enum assay_reason_code code)
{
	codes[(size_t)code / 8] |= (uint8_t)(1u << (size_t)code % 8);
}

static bool counts(const struct assay_policy *p, struct assay_slice word)
{
	int code = assay_reason_by_word(word);
	const struct assay_reason_info *info =
		code < 0 ? NULL : assay_reason_info((enum assay_reason_code)code);

	return !info ||
	       (info->fixed ? info->severity : p->severity[code]) != ASSAY_SEVERITY_INFO;
}

static int compare(struct assay_slice a, struct assay_slice b)
{
	int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int by_thing(const void *x, const void *y)
{
	const struct assay_deviation *a = *(const struct assay_deviation *const *)x;
	const struct assay_deviation *b = *(const struct assay_deviation *const *)y;
	int c = compare(a->reason, b->reason);

	if (c == 0)
		c = (a->index > b->index) - (a->index < b->index);
	return c ? c : compare(a->digest, b->digest);
}

bool reasons_fingerprint(struct assay_crypto *crypto, const struct assay_verdict *v,
			 const struct assay_policy *policy,
			 const struct assay_deviation *deviations, size_t n, uint8_t out[32])
{
	const struct assay_deviation *sorted[ASSAY_DEVIATIONS_MAX] = { NULL };
	struct assay_slice parts[3 + 4 * ASSAY_DEVIATIONS_MAX];
	uint8_t tier = (uint8_t)v->status, codes[(ASSAY_REASON_CODES_N + 7) / 8] = { 0 };
	size_t nsorted = 0, nparts = 0;
	struct assay_digest d;

	for (size_t i = 0; i < v->nreasons; i++)
		if (v->reasons[i].severity != ASSAY_SEVERITY_INFO)
			mark(codes, v->reasons[i].code);
	for (size_t i = 0; i < n && nsorted < ASSAY_DEVIATIONS_MAX; i++)
		if (counts(policy, deviations[i].reason))
			sorted[nsorted++] = &deviations[i];
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	qsort(sorted, nsorted, sizeof *sorted, by_thing);
	parts[nparts++] = (struct assay_slice){ &tier, 1 };
	parts[nparts++] = (struct assay_slice){ (const uint8_t *)v->vector, sizeof v->vector };
	parts[nparts++] = (struct assay_slice){ codes, sizeof codes };
	for (size_t i = 0; i < nsorted; i++) {
		if (i > 0 && by_thing(&sorted[i - 1], &sorted[i]) == 0)
			continue;
		parts[nparts++] = sorted[i]->reason;
		parts[nparts++] = (struct assay_slice){ (const uint8_t *)"", 1 };
		parts[nparts++] = (struct assay_slice){ (const uint8_t *)&sorted[i]->index,
							sizeof sorted[i]->index };
		parts[nparts++] = sorted[i]->digest;
	}
	if (!assay_hash(crypto, ASSAY_SHA256, parts, nparts, &d))
		return false;
	memcpy(out, d.b, 32);
	return true;
}
