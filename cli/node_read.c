/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/node_read.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int tier_by_name(const char *word)
{
	static const enum assay_tier tiers[] = { ASSAY_NONE, ASSAY_AFFIRMING, ASSAY_WARNING,
						 ASSAY_CONTRAINDICATED };

	for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++)
		if (strcmp(assay_tier_name(tiers[i]), word) == 0)
			return (int)tiers[i];
	return -1;
}

static bool digits(const char *p, int n, unsigned *out)
{
	*out = 0;
	for (int i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*out = *out * 10 + (unsigned)(p[i] - '0');
	}
	return true;
}

/* "2026-11-25T17:03:11.123Z", the fraction 0 to 9 digits. */
bool time_read(const char *text, uint64_t *ms)
{
	unsigned y, mo, d, h, mi, s, fraction = 0;
	size_t n = strlen(text);

	if (n < 20 || n > 30 || text[n - 1] != 'Z' || !digits(text, 4, &y) || text[4] != '-' ||
	    !digits(text + 5, 2, &mo) || text[7] != '-' || !digits(text + 8, 2, &d) ||
	    text[10] != 'T' || !digits(text + 11, 2, &h) || text[13] != ':' ||
	    !digits(text + 14, 2, &mi) || text[16] != ':' || !digits(text + 17, 2, &s))
		return false;
	if (y < 1970 || mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60)
		return false;
	if (n > 20) {
		char three[3] = { '0', '0', '0' };
		unsigned all;
		if (text[19] != '.' || n == 21 || !digits(text + 20, (int)(n - 21), &all))
			return false;
		memcpy(three, text + 20, n - 21 < 3 ? n - 21 : 3);
		(void)digits(three, 3, &fraction);
	}
	struct tm tm = { .tm_year = (int)y - 1900,
			 .tm_mon = (int)mo - 1,
			 .tm_mday = (int)d,
			 .tm_hour = (int)h,
			 .tm_min = (int)mi,
			 .tm_sec = (int)s };
	*ms = (uint64_t)timegm(&tm) * 1000 + fraction;
	return true;
}

void time_near(const char *text, uint64_t now, char out[32])
{
	static const struct {
		uint64_t ms, most;
		const char *word;
	} units[] = { { 1, 1000, "ms" },
		      { 1000, 120 * 1000, "s" },
		      { 60 * 1000, 120 * 60 * 1000, "min" },
		      { 3600 * 1000, 48ULL * 3600 * 1000, "h" },
		      { 24ULL * 3600 * 1000, UINT64_MAX, "d" } };
	uint64_t at = 0;
	size_t i = 0;

	if (!text || !time_read(text, &at)) {
		snprintf(out, 32, "never");
		return;
	}
	uint64_t apart = at > now ? at - now : now - at;
	while (apart >= units[i].most)
		i++;
	snprintf(out, 32, at > now ? "in %llu %s" : "%llu %s ago",
		 (unsigned long long)(apart / units[i].ms), units[i].word);
}

struct reading {
	const json_t *o;
	const char *what; /* the first thing wrong */
};

/* A member that must be there, a text. */
static const char *text(struct reading *r, const char *name)
{
	const char *v = json_string_value(json_object_get(r->o, name));

	if (!v && !r->what)
		r->what = name;
	return v ? v : "";
}

/* A text, null or not there. */
static const char *maybe(struct reading *r, const char *name)
{
	const json_t *v = json_object_get(r->o, name);

	if (v && !json_is_null(v) && !json_is_string(v) && !r->what)
		r->what = name;
	return json_string_value(v);
}

static const char *time_text(struct reading *r, const char *name)
{
	const char *v = maybe(r, name);
	uint64_t ms;

	if (v && !time_read(v, &ms) && !r->what)
		r->what = name;
	return v;
}

static enum assay_tier tier(struct reading *r, const char *name)
{
	int t = tier_by_name(text(r, name));

	if (t < 0 && !r->what)
		r->what = name;
	return t < 0 ? ASSAY_NONE : (enum assay_tier)t;
}

static const char *node_id(struct reading *r, const char *name)
{
	const char *id = text(r, name);

	if (!assay_node_id_valid((struct assay_slice){ (const uint8_t *)id, strlen(id) }) &&
	    !r->what)
		r->what = name;
	return id;
}

static const json_t *reasons(struct reading *r)
{
	const json_t *list = json_object_get(r->o, "reasons");

	if (!json_is_array(list) && !r->what)
		r->what = "reasons";
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct reading one = { json_array_get(list, i), NULL };
		(void)text(&one, "code");
		(void)text(&one, "severity");
		(void)maybe(&one, "where");
		(void)maybe(&one, "found");
		(void)maybe(&one, "expected");
		(void)maybe(&one, "hint");
		if (one.what && !r->what)
			r->what = one.what;
	}
	return list;
}

bool node_read(const json_t *o, struct node_seen *out, const char **what)
{
	struct reading r = { o, NULL };
	struct node_seen n = { .id = node_id(&r, "id"),
			       .status = tier(&r, "status"),
			       .since = time_text(&r, "since"),
			       .heard = time_text(&r, "heard"),
			       .due = time_text(&r, "due"),
			       .enrolled = time_text(&r, "enrolled"),
			       .policy = maybe(&r, "policy"),
			       .ak = maybe(&r, "akName"),
			       .ek = maybe(&r, "ekDigest"),
			       .reasons = reasons(&r) };

	*what = r.what;
	if (!r.what)
		*out = n;
	return !r.what;
}

bool event_read(const json_t *o, struct event_seen *out, const char **what)
{
	struct reading r = { o, NULL };
	const json_t *seq = json_object_get(o, "seq");
	struct event_seen e = { .time = time_text(&r, "time"),
				.node = node_id(&r, "node"),
				.before = -1,
				.status = tier(&r, "status"),
				.reasons = reasons(&r) };

	if (json_object_get(o, "before"))
		e.before = (int)tier(&r, "before");
	if (!r.what && (!json_is_integer(seq) || json_integer_value(seq) < 0))
		r.what = "seq";
	if (!r.what && !e.time)
		r.what = "time";
	e.seq = (uint64_t)json_integer_value(seq);
	*what = r.what;
	if (!r.what)
		*out = e;
	return !r.what;
}

struct reason_seen reason_read(const json_t *o)
{
	struct reading r = { o, NULL };

	return (struct reason_seen){ text(&r, "code"),      text(&r, "severity"),
				     maybe(&r, "where"),    maybe(&r, "found"),
				     maybe(&r, "expected"), maybe(&r, "hint") };
}
