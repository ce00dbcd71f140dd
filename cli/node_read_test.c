/* SPDX-License-Identifier: Apache-2.0
 * What a verifier says of a node: each member that is wrong is named. */
#include "cli/node_read.h"
#include "tests/tap.h"

#include <stdio.h>
#include <string.h>

#define T "\"2026-11-25T17:03:11.123Z\""
#define R                                                                                      \
	"[{\"code\":\"node.silent\",\"severity\":\"warning\",\"where\":null,\"hint\":"         \
	"\"look\"}]"
#define NODE                                                                                   \
	"{\"id\":\"n1\",\"status\":\"none\",\"since\":" T ",\"heard\":null,\"due\":" T         \
	",\"reasons\":" R ",\"akName\":\"000b\",\"more\":1}"
#define EVENT                                                                                  \
	"{\"seq\":7,\"time\":" T ",\"node\":\"n1\",\"before\":\"affirming\","                  \
	"\"status\":\"none\",\"reasons\":" R ",\"generation\":1}"

/* text with the first `from` replaced. */
static json_t *changed(const char *text, const char *from, const char *to)
{
	char copy[1024];
	const char *at = from ? strstr(text, from) : NULL;

	if (from && !at)
		return NULL;
	size_t n = at ? (size_t)(at - text) : strlen(text);
	snprintf(copy, sizeof copy, "%.*s%s%s", (int)n, text, at ? to : "",
		 at ? at + strlen(from) : "");
	return json_loads(copy, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
}

static const struct {
	const char *rule, *from, *to, *what;
	bool event;
} rows[] = {
	{ "a node", NULL, NULL, NULL, false },
	{ "an event", NULL, NULL, NULL, true },
	{ "no id", "\"id\"", "\"ID\"", "id", false },
	{ "an id that a terminal would obey", "\"n1\"", "\"n\\u001b\"", "id", false },
	{ "a status of no tier", "\"none\"", "\"fine\"", "status", false },
	{ "no status", "\"status\"", "\"state\"", "status", false },
	{ "a time that is none", "17:03", "27:03", "since", false },
	{ "a time that is a number", "null,\"due\"", "5,\"due\"", "heard", false },
	{ "an AK that is no text", "\"000b\"", "[]", "akName", false },
	{ "no reasons", "\"reasons\"", "\"why\"", "reasons", false },
	{ "reasons that are no list", R, "{}", "reasons", false },
	{ "a reason without a code", "\"code\"", "\"kode\"", "code", false },
	{ "a reason without severity", "\"severity\"", "\"s\"", "severity", false },
	{ "a reason's place that is no text", "\"where\":null", "\"where\":7", "where", false },
	{ "an event's number that is none", "7", "\"7\"", "seq", true },
	{ "an event's number below zero", "7", "-7", "seq", true },
	{ "an event of nobody", "\"n1\"", "\"\"", "node", true },
	{ "an event without time", "\"time\"", "\"tyme\"", "time", true },
	{ "an event's status before", "\"affirming\"", "\"good\"", "before", true },
};

static void run_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		json_t *o = changed(rows[i].event ? EVENT : NODE, rows[i].from, rows[i].to);
		struct node_seen n = { 0 };
		struct event_seen e = { 0 };
		const char *what = "?";
		bool good = rows[i].event ? event_read(o, &e, &what) : node_read(o, &n, &what);
		bool want = good == !rows[i].what &&
			    (good ? !what : what && strcmp(what, rows[i].what) == 0);
		tap_ok(o && want, "%s", rows[i].rule);
		json_decref(o);
	}
}

static void run_times(void)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t ms;
	} times[] = {
		{ "1970-01-01T00:00:00Z", true, 0 },
		{ "1970-01-01T00:00:01.5Z", true, 1500 },
		{ "2026-11-25T17:03:11.123Z", true, 1795626191123 },
		{ "2026-11-25T17:03:11.123456789Z", true, 1795626191123 },
		{ "2026-11-25T17:03:11.Z", false, 0 },
		{ "2026-11-25T17:03:11.1x3Z", false, 0 },
		{ "2026-11-25T17:03:11+01:00", false, 0 },
		{ "2026-11-25 17:03:11Z", false, 0 },
		{ "2026-13-25T17:03:11Z", false, 0 },
		{ "2026-11-25T24:03:11Z", false, 0 },
		{ "1969-11-25T17:03:11Z", false, 0 },
		{ "", false, 0 },
	};
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		uint64_t ms = 0;
		bool good = time_read(times[i].text, &ms);
		tap_ok(good == times[i].good && (!good || ms == times[i].ms), "time '%s'",
		       times[i].text);
	}

	static const struct {
		uint64_t now;
		const char *want;
	} near[] = {
		{ 1000, "0 ms ago" },     { 0, "in 1 s" },         { 1999, "999 ms ago" },
		{ 4000, "3 s ago" },      { 121000, "2 min ago" }, { 7201000, "2 h ago" },
		{ 172801000, "2 d ago" },
	};
	char text[32];
	for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
		time_near("1970-01-01T00:00:01Z", near[i].now, text);
		tap_ok(strcmp(text, near[i].want) == 0, "%s (%s)", near[i].want, text);
	}
	time_near(NULL, 5, text);
	tap_ok(strcmp(text, "never") == 0, "never");
}

int main(void)
{
	run_rows();
	run_times();
	return tap_done();
}
