/* SPDX-License-Identifier: Apache-2.0
 * The route table, what openapi.json says of it, and how an address is held back. */
#include "platform/file.h"
#include "tests/tap.h"
#include "verifier/api/limit.h"
#include "verifier/api/pool.h"
#include "verifier/api/routes.h"

#include <ctype.h>
#include <jansson.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* The handlers do not matter here. */
#define NONE(name)                                                                             \
	void name(struct api_call *c);                                                         \
	void name(struct api_call *c)                                                          \
	{                                                                                      \
		(void)c;                                                                       \
	}
NONE(api_health)
NONE(api_ready)
NONE(api_openapi)
NONE(api_jwks)
NONE(api_metrics)
NONE(api_challenge)
NONE(api_evidence)
NONE(api_enrol)
NONE(api_batch)
NONE(api_nodes_list)
NONE(api_node_get)
NONE(api_node_remove)
NONE(api_node_result)
NONE(api_events)
NONE(api_tokens_list)
NONE(api_token_add)
NONE(api_token_remove)
NONE(api_revocations_list)
NONE(api_revoke)
NONE(api_audit)

static void match_rows(void)
{
	static const struct {
		const char *method, *path, *operation, *id, *allow;
	} rows[] = {
		{ "GET", "/healthz", "health", "", "" },
		{ "HEAD", "/healthz", "health", "", "" },
		{ "POST", "/v1/evidence", "evidence", "", "" },
		{ "POST", "/v1/evidence:batch", "evidenceBatch", "", "" },
		{ "GET", "/v1/nodes", "listNodes", "", "" },
		{ "GET", "/v1/nodes/a.b:c", "getNode", "a.b:c", "" },
		{ "DELETE", "/v1/nodes/n", "removeNode", "n", "" },
		{ "GET", "/v1/nodes/n/result", "getResult", "n", "" },
		{ "GET", "/v1/nodes/result", "getNode", "result", "" },
		{ "GET", "/v1/nodes/", NULL, "", "" },
		{ "GET", "/v1/nodes/n/", NULL, "", "" },
		{ "GET", "/v1/nodes/n/results", NULL, "", "" },
		{ "GET", "/v1/nodes/n/m/result", NULL, "", "" },
		{ "GET", "/v1/node", NULL, "", "" },
		{ "GET", "/V1/nodes", NULL, "", "" },
		{ "GET", "/", NULL, "", "" },
		{ "GET", "", NULL, "", "" },
		{ "GET", "/healthz/", NULL, "", "" },
		{ "GET", "/v1/evidence", NULL, "", "POST" },
		{ "DELETE", "/v1/tokens", NULL, "", "GET, HEAD, POST" },
		{ "POST", "/v1/nodes/n", NULL, "", "GET, HEAD, DELETE" },
	};
	struct api_match m;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		api_match(rows[i].method, rows[i].path, &m);
		bool same = rows[i].operation
				    ? m.route && !strcmp(m.route->operation, rows[i].operation)
				    : !m.route;
		tap_ok(same && !strcmp(m.id, rows[i].id) && !strcmp(m.allow, rows[i].allow),
		       "%s %s: %s", rows[i].method, rows[i].path,
		       rows[i].operation ? rows[i].operation : "none");
	}
	char path[400] = "/v1/nodes/";
	memset(path + 10, 'n', API_ID_MAX + 1);
	path[10 + API_ID_MAX + 1] = 0;
	api_match("GET", path, &m);
	tap_ok(!m.route, "an id that is too long");
}

static size_t routes_in(const json_t *paths)
{
	const char *key, *method;
	json_t *path, *operation;
	size_t n = 0;

	json_object_foreach((json_t *)(uintptr_t)paths, key, path)
		json_object_foreach(path, method, operation) n++;
	return n;
}

static bool roles_same(const struct api_route *r, const json_t *operation)
{
	const json_t *names = json_object_get(operation, "x-roles");
	unsigned roles = 0;

	for (size_t i = 0; i < json_array_size(names); i++)
		roles |= api_role_by_name(json_string_value(json_array_get(names, i)));
	return roles == r->roles;
}

static bool body_same(const struct api_route *r, const json_t *operation)
{
	const json_t *content =
		json_object_get(json_object_get(operation, "requestBody"), "content");

	switch (r->takes) {
	case API_MESSAGE:
		return json_object_get(content, "application/vnd.assay.message+cbor") != NULL;
	case API_JSON:
		return json_object_get(content, "application/json") != NULL;
	default:
		return content == NULL;
	}
}

static void openapi_rows(void)
{
	static const char *const everybody[] = { "health",    "ready",    "openapi", "jwks",
						 "challenge", "evidence", "enrol" };
	json_error_t e;
	json_t *doc = json_load_file("verifier/api/openapi.json", JSON_REJECT_DUPLICATES, &e);
	const json_t *paths = json_object_get(doc, "paths");
	size_t open = 0, named = 0;

	tap_ok(!strcmp(json_string_value(json_object_get(doc, "openapi")), "3.1.0"),
	       "openapi.json is OpenAPI 3.1");
	for (size_t i = 0; i < api_nroutes; i++) {
		const struct api_route *r = &api_routes[i];
		char method[8] = "";
		for (size_t j = 0; r->method[j]; j++)
			method[j] = (char)tolower((unsigned char)r->method[j]);
		const json_t *o = json_object_get(json_object_get(paths, r->pattern), method);
		const char *id = json_string_value(json_object_get(o, "operationId"));
		const json_t *security = json_object_get(o, "security");

		tap_ok(id && !strcmp(id, r->operation) && json_is_array(security) &&
			       (json_array_size(security) == 0) == (r->roles == 0) &&
			       roles_same(r, o) && body_same(r, o),
		       "openapi.json: %s %s, its roles and its body", r->method, r->pattern);
		open += r->roles == 0;
		for (size_t j = 0; j < 7; j++)
			named += r->roles == 0 && !strcmp(everybody[j], r->operation);
	}
	tap_ok(routes_in(paths) == api_nroutes, "openapi.json has no other route");
	tap_ok(open == 7 && named == 7, "exactly seven routes are for everybody");
	json_decref(doc);
}

static void limit_rows(void)
{
	struct limit *l = limit_new(2, 3, 1000);
	unsigned after = 0;
	size_t taken = 0;

	for (int i = 0; i < 10; i++)
		taken += limit_take(l, "192.0.2.1", 1000, &after);
	tap_ok(taken == 3 && after == 1, "limit: a burst of three, then after a second");
	tap_ok(limit_take(l, "192.0.2.2", 1000, &after), "limit: another address");
	tap_ok(!limit_take(l, "::ffff:192.0.2.1", 1000, &after),
	       "limit: an IPv4 address in IPv6's clothes is the same");
	tap_ok(!limit_take(l, "192.0.2.1", 1499, &after) &&
		       limit_take(l, "192.0.2.1", 1500, &after) &&
		       !limit_take(l, "192.0.2.1", 1500, &after),
	       "limit: two in a second come back");
	taken = 0;
	for (int i = 0; i < 10; i++)
		taken += limit_take(l, "192.0.2.1", 1000000, &after);
	tap_ok(taken == 3, "limit: never more than the burst");
	for (int i = 0; i < 3; i++)
		(void)limit_take(l, "2001:db8:0:1::1", 1000, &after);
	tap_ok(!limit_take(l, "2001:db8:0:1:ffff::2", 1000, &after) &&
		       limit_take(l, "2001:db8:0:2::1", 1000, &after),
	       "limit: IPv6 counts by its /64");
	/* others by the thousand do not make us forget who asks too often */
	for (int i = 0; i < 3; i++)
		(void)limit_take(l, "198.51.100.1", 2000000, &after);
	size_t forgot = 0;
	for (int i = 0; i < 100000; i++) {
		char address[64];
		snprintf(address, sizeof address, "10.%d.%d.%d", i >> 16, i >> 8 & 255,
			 i & 255);
		(void)limit_take(l, address, 2000000, &after);
		forgot += i % 100 == 0 && limit_take(l, "198.51.100.1", 2000000, &after);
	}
	tap_ok(forgot <= 2, "limit: a flood of addresses resets nobody (%zu)", forgot);
	limit_free(l);
	l = limit_new(0, 0, 10);
	taken = 0;
	for (int i = 0; i < 100; i++)
		taken += limit_take(l, "x", 1, &after);
	tap_ok(taken == 100, "limit: 0 is none");
	limit_free(l);
}

static atomic_int ran, hold;

static void run(struct pool_job *job, void *thread)
{
	(void)job;
	while (atomic_load(&hold))
		usleep(1000);
	atomic_fetch_add((atomic_int *)thread, 1);
}

static void pool_rows(void)
{
	struct pool_job jobs[10] = { 0 };
	void *threads[2] = { &ran, &ran };
	struct pool *p = pool_start(threads, 2, 4);
	size_t taken = 0;

	atomic_store(&hold, 1);
	for (int i = 0; i < 2; i++) {
		jobs[i].run = run;
		taken += pool_submit(p, &jobs[i]);
	}
	while (pool_waiting(p) > 0)
		usleep(1000);
	for (int i = 2; i < 10; i++) {
		jobs[i].run = run;
		taken += pool_submit(p, &jobs[i]);
	}
	tap_ok(taken == 6 && pool_waiting(p) == 4,
	       "pool: two work, four wait, four are refused");
	atomic_store(&hold, 0);
	pool_stop(p);
	tap_ok(atomic_load(&ran) == 6, "pool: what was taken is run before it stops");
}

int main(void)
{
	match_rows();
	openapi_rows();
	limit_rows();
	pool_rows();
	return tap_done();
}
