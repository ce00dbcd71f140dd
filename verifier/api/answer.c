/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/api/call.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 5 };

static const struct {
	const char *word;
	int status;
	const char *title;
} problems[API_PROBLEMS_N] = {
#define X(code, word, status, title) { word, status, title },
	API_PROBLEMS(X)
#undef X
};

const char *api_problem_word(enum api_problem problem)
{
	return problems[problem].word;
}

static void count(const struct api_call *c, int status, uint64_t ms)
{
	size_t route = c->route ? (size_t)(c->route - api_routes) : api_nroutes;

	atomic_fetch_add(&c->api->answered[route][status / 100 % 6], 1);
	atomic_fetch_add(&c->api->answered_ms[route], ms);
}

/* The exchange is the server's again after this, and a queued call is no more. */
static void send(struct api_call *c, int status, const char *media, struct assay_slice body)
{
	struct http_field field[FIELDS_MAX] = { { "X-Request-Id", c->request } };
	size_t n = 1;
	char seconds[16];

	if (c->allow)
		field[n++] = (struct http_field){ "Allow", c->allow };
	if (c->retry_after > 0) {
		snprintf(seconds, sizeof seconds, "%u", c->retry_after);
		field[n++] = (struct http_field){ "Retry-After", seconds };
	}
	field[n++] = (struct http_field){ "Cache-Control", "no-store" };
	struct http_exchange *x = c->x;
	api_log_answer(c, status);
	http_answer(x, status, media, body, field, n);
	api_done(c, status);
}

void api_done(struct api_call *c, int status)
{
	count(c, status, api_monotonic_ms() - c->started);
	if (c->queued)
		free(c);
}

void api_answer(struct api_call *c, int status, const char *media, struct assay_slice body)
{
	send(c, status, media, body);
}

void api_answer_empty(struct api_call *c)
{
	send(c, 204, NULL, (struct assay_slice){ 0 });
}

static void answer_json(struct api_call *c, int status, const char *media, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

	json_decref(body);
	if (!text) {
		static const char last[] = "{\"type\":\"" API_PROBLEM_TYPE "failed\","
					   "\"title\":\"The verifier failed\",\"status\":500}";
		send(c, 500, "application/problem+json",
		     (struct assay_slice){ (const uint8_t *)last, sizeof last - 1 });
		return;
	}
	send(c, status, media, (struct assay_slice){ (uint8_t *)text, strlen(text) });
	free(text);
}

void api_answer_json(struct api_call *c, int status, json_t *body)
{
	answer_json(c, status, "application/json", body);
}

void api_problem(struct api_call *c, enum api_problem problem, const char *detail, ...)
{
	char text[512], type[96], instance[128];
	va_list ap;

	va_start(ap, detail);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): started one line above */
	vsnprintf(text, sizeof text, detail, ap);
	va_end(ap);
	snprintf(type, sizeof type, API_PROBLEM_TYPE "%s", problems[problem].word);
	snprintf(instance, sizeof instance, "tag:assay.invalid,2026:request/%s", c->request);
	json_t *body =
		json_pack("{s:s, s:s, s:i, s:o, s:s}", "type", type, "title",
			  problems[problem].title, "status", problems[problem].status, "detail",
			  api_json_text((struct assay_slice){ (uint8_t *)text, strlen(text) }),
			  "instance", instance);
	if (body && c->err.fault != ASSAY_F_OK && c->err.field) {
		json_object_set_new(body, "fault", json_string(assay_fault_word(c->err.fault)));
		json_object_set_new(body, "field", json_string(c->err.field));
		json_object_set_new(body, "offset", json_integer((json_int_t)c->err.offset));
		if (c->err.artefact)
			json_object_set_new(body, "artefact", json_string(c->err.artefact));
	}
	if (problems[problem].status == 503 && c->retry_after == 0)
		c->retry_after = 1;
	answer_json(c, problems[problem].status, "application/problem+json", body);
}

void api_store_problem(struct api_call *c, enum store_status status, const char *what)
{
	const struct platform_message *why = store_why(c->t->store);

	switch (status) {
	case STORE_ABSENT:
		api_problem(c, API_P_NOT_FOUND, "there is no such %s", what);
		break;
	case STORE_CONFLICT:
		api_problem(c, API_P_CONFLICT, "%s: %s", what, why->why);
		break;
	case STORE_DOWN:
		api_log_failure(c, why);
		api_problem(c, API_P_BLIND, "the store is out of reach");
		break;
	default:
		api_log_failure(c, why);
		api_problem(c, API_P_FAILED, "the store cannot be understood");
		break;
	}
}
