/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/api/routes.h"

#include "verifier/api/handlers.h"

#include <stdio.h>
#include <string.h>

enum {
	KIB = 1024,
	ANYBODY = 0,
	PEOPLE = API_VIEWER | API_RELYING_PARTY | API_OPERATOR,
	WATCHERS = API_VIEWER | API_OPERATOR,
	ACTORS = API_RELYING_PARTY | API_OPERATOR,
};

/* clang-format off */
const struct api_route api_routes[] = {
	{ "GET",    "/healthz",                "health",           ANYBODY,      API_NO_BODY, 0,         API_FREE,            false, api_health },
	{ "GET",    "/readyz",                 "ready",            ANYBODY,      API_NO_BODY, 0,         API_FREE,            false, api_ready },
	{ "GET",    "/openapi.json",           "openapi",          ANYBODY,      API_NO_BODY, 0,         API_FREE,            false, api_openapi },
	{ "GET",    "/.well-known/jwks.json",  "jwks",             ANYBODY,      API_NO_BODY, 0,         API_FREE,            false, api_jwks },
	{ "POST",   "/v1/challenge",           "challenge",        ANYBODY,      API_MESSAGE, 1 * KIB,   API_LIMIT_CHALLENGE, false, api_challenge },
	{ "POST",   "/v1/evidence",            "evidence",         ANYBODY,      API_MESSAGE, 0,         API_FREE,            false, api_evidence },
	{ "POST",   "/v1/enrol",               "enrol",            ANYBODY,      API_MESSAGE, 32 * KIB,  API_LIMIT_ENROL,     true,  api_enrol },
	{ "POST",   "/v1/evidence:batch",      "evidenceBatch",    ACTORS,       API_MESSAGE, 0,         API_FREE,            true,  api_batch },
	{ "GET",    "/v1/nodes",               "listNodes",        PEOPLE,       API_NO_BODY, 0,         API_FREE,            true,  api_nodes_list },
	{ "GET",    "/v1/nodes/{id}",          "getNode",          PEOPLE,       API_NO_BODY, 0,         API_FREE,            true,  api_node_get },
	{ "DELETE", "/v1/nodes/{id}",          "removeNode",       API_OPERATOR, API_NO_BODY, 0,         API_FREE,            true,  api_node_remove },
	{ "GET",    "/v1/nodes/{id}/result",   "getResult",        PEOPLE,       API_NO_BODY, 0,         API_FREE,            true,  api_node_result },
	{ "GET",    "/v1/events",              "events",           PEOPLE,       API_NO_BODY, 0,         API_FREE,            false, api_events },
	{ "GET",    "/metrics",                "metrics",          WATCHERS,     API_NO_BODY, 0,         API_FREE,            false, api_metrics },
	{ "GET",    "/v1/tokens",              "listTokens",       API_OPERATOR, API_NO_BODY, 0,         API_FREE,            true,  api_tokens_list },
	{ "POST",   "/v1/tokens",              "addToken",         API_OPERATOR, API_JSON,    4 * KIB,   API_FREE,            true,  api_token_add },
	{ "DELETE", "/v1/tokens/{id}",         "removeToken",      API_OPERATOR, API_NO_BODY, 0,         API_FREE,            true,  api_token_remove },
	{ "GET",    "/v1/revocations",         "listRevocations",  API_OPERATOR, API_NO_BODY, 0,         API_FREE,            true,  api_revocations_list },
	{ "POST",   "/v1/revocations",         "revoke",           API_OPERATOR, API_JSON,    16 * KIB,  API_FREE,            true,  api_revoke },
	{ "GET",    "/v1/audit",               "audit",            API_OPERATOR, API_NO_BODY, 0,         API_FREE,            true,  api_audit },
};
/* clang-format on */
const size_t api_nroutes = sizeof api_routes / sizeof *api_routes;

static const struct {
	unsigned role;
	const char *name;
} names[] = { { API_VIEWER, "viewer" },
	      { API_RELYING_PARTY, "relying-party" },
	      { API_OPERATOR, "operator" } };

unsigned api_role_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].role;
	return 0;
}

const char *api_role_name(unsigned role)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].role == role)
			return names[i].name;
	return "";
}

/* True when path is of the pattern; what stands for {id} goes to id. */
static bool fits(const char *pattern, const char *path, char id[API_ID_MAX + 1])
{
	static const char hole[] = "{id}";

	id[0] = 0;
	for (; *pattern && *path; pattern++, path++) {
		if (*pattern == '{') {
			size_t n = strcspn(path, "/");
			if (n == 0 || n > API_ID_MAX)
				return false;
			memcpy(id, path, n);
			id[n] = 0;
			path += n - 1;
			pattern += sizeof hole - 2;
		} else if (*pattern != *path) {
			return false;
		}
	}
	return *pattern == 0 && *path == 0;
}

/* Each method once, "GET, HEAD, POST". */
static void allow(struct api_match *out, const char *method)
{
	size_t n = strlen(out->allow);

	snprintf(out->allow + n, sizeof out->allow - n, "%s%s%s", n > 0 ? ", " : "", method,
		 strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

void api_match(const char *method, const char *path, struct api_match *out)
{
	char id[API_ID_MAX + 1];

	*out = (struct api_match){ 0 };
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (size_t i = 0; i < api_nroutes; i++) {
		if (!fits(api_routes[i].pattern, path, id))
			continue;
		if (strcmp(api_routes[i].method, method) == 0) {
			out->route = &api_routes[i];
			memcpy(out->id, id, sizeof id);
			out->allow[0] = 0;
			return;
		}
		allow(out, api_routes[i].method);
	}
}
