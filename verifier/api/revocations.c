/* SPDX-License-Identifier: Apache-2.0
 * What operators took back, and what they did. */
#include "platform/hex.h"
#include "verifier/api/call.h"
#include "verifier/api/handlers.h"
#include "verifier/engine/reasons.h"

#include <string.h>

enum { AUDIT_PAGE = 500, WHY_MAX = 200 };

static const struct {
	const char *word;
	enum store_revoked kind;
	enum assay_reason_code reason;
} kinds[] = { { "node", STORE_REVOKED_NODE, ASSAY_R_NODE_REVOKED },
	      { "ak", STORE_REVOKED_AK, ASSAY_R_IDENTITY_KEY_REVOKED },
	      { "reference", STORE_REVOKED_REFERENCE, ASSAY_R_REFERENCE_REVOKED } };
enum { KINDS = sizeof kinds / sizeof *kinds };

static const char *kind_word(enum store_revoked kind)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].kind == kind)
			return kinds[i].word;
	return "";
}

static void revocation_add(void *ctx, const struct store_revocation *r)
{
	json_array_append_new(ctx, json_pack("{s:I, s:o, s:s, s:s, s:o, s:o}", "seq",
					     (json_int_t)r->seq, "time", api_json_time(r->time),
					     "kind", kind_word(r->kind), "subject", r->subject,
					     "nodes", api_json_of(r->nodes), "reason",
					     api_json_text(r->reason)));
}

void api_revocations_list(struct api_call *c)
{
	json_t *list = json_array();
	uint64_t after = 0, last = 0;

	if (!api_query_number(c, "after", INT64_MAX, &after)) {
		json_decref(list);
		return;
	}
	enum store_status status =
		store_revocations(c->t->store, after, revocation_add, list, &last);
	if (status != STORE_DONE) {
		json_decref(list);
		api_store_problem(c, status, "list");
		return;
	}
	api_answer_json(c, 200,
			json_pack("{s:o, s:I}", "revocations", list, "next", (json_int_t)last));
}

static bool hex_of(const char *text, size_t least, size_t most)
{
	uint8_t out[ASSAY_AK_NAME_MAX];
	size_t n = 0;

	return platform_hex_read((struct assay_slice){ (const uint8_t *)text, strlen(text) },
				 out, most, &n) &&
	       n >= least && strspn(text, "0123456789abcdef") == strlen(text);
}

static bool subject_good(enum store_revoked kind, const char *subject)
{
	struct assay_slice s = { (const uint8_t *)subject, strlen(subject) };

	if (kind == STORE_REVOKED_NODE)
		return assay_node_id_valid(s);
	if (kind == STORE_REVOKED_AK)
		return hex_of(subject, 22, ASSAY_AK_NAME_MAX);
	return strncmp(subject, "sha256:", 7) == 0 && hex_of(subject + 7, 32, 32);
}

/* Index of the kind, -1 when answered. */
static int revocation_wanted(struct api_call *c, const json_t *body, struct store_revocation *r)
{
	const char *kind = json_string_value(json_object_get(body, "kind"));
	const char *subject = json_string_value(json_object_get(body, "subject"));
	const json_t *reason = json_object_get(body, "reason");
	int i = 0;

	c->err = (struct assay_err){ ASSAY_F_RANGE, "kind", 0, NULL };
	while (i < KINDS && kind && strcmp(kinds[i].word, kind) != 0)
		i++;
	if (!kind || i == KINDS) {
		api_problem(c, API_P_MALFORMED, "kind is node, ak or reference");
		return -1;
	}
	c->err.field = "subject";
	if (!subject || strlen(subject) >= sizeof r->subject ||
	    !subject_good(kinds[i].kind, subject)) {
		api_problem(
			c, API_P_MALFORMED,
			"subject is a node's id, an AK's Name in lower case hexadecimal, or "
			"sha256: and a component's digest");
		return -1;
	}
	c->err.field = "reason";
	size_t n = json_string_length(reason);
	if (!json_is_string(reason) || n == 0 || n > WHY_MAX) {
		api_problem(c, API_P_MALFORMED, "reason is a text of 1 to %d bytes", WHY_MAX);
		return -1;
	}
	c->err = (struct assay_err){ 0 };
	r->kind = kinds[i].kind;
	memcpy(r->subject, subject, strlen(subject) + 1); /* BOUNDS: checked above */
	r->reason = (struct assay_slice){ (const uint8_t *)json_string_value(reason), n };
	return i;
}

static void revoke(struct api_call *c, struct store_revocation *r, enum assay_reason_code code)
{
	struct store_actor actor = api_actor(c);
	char reasons[REASONS_ONE_MAX], found[WHY_MAX + 1] = "";
	uint64_t seq = 0;

	memcpy(found, r->reason.p, r->reason.n);
	r->time = api_now_ms();
	size_t n = engine_reason(code, r->subject, found, reasons, sizeof reasons);
	if (n == 0) {
		api_problem(c, API_P_MALFORMED, "the reason cannot be told");
		return;
	}
	enum store_status status =
		store_revoke(c->t->store, r, (struct assay_slice){ (uint8_t *)reasons, n },
			     &actor, r->time, &seq);
	if (status != STORE_DONE)
		api_store_problem(c, status, "subject");
	else
		api_answer_json(c, 201, json_pack("{s:I}", "seq", (json_int_t)seq));
}

void api_revoke(struct api_call *c)
{
	static const char *const names[] = { "kind", "subject", "reason", NULL };
	json_t *body = api_body(c, names);
	struct store_revocation r = { 0 };

	if (!body)
		return;
	int i = revocation_wanted(c, body, &r);
	if (i >= 0)
		revoke(c, &r, kinds[i].reason);
	json_decref(body);
}

static void audit_add(void *ctx, const struct store_audit *a)
{
	json_array_append_new(
		ctx,
		json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "seq", (json_int_t)a->seq,
			  "time", api_json_time(a->time), "actor", api_json_text(a->actor),
			  "role", api_json_text(a->role), "address", api_json_text(a->address),
			  "request", api_json_text(a->request), "action",
			  api_json_text(a->action), "subject", api_json_text(a->subject)));
}

void api_audit(struct api_call *c)
{
	json_t *list = json_array();
	uint64_t after = 0, last = 0;

	if (!api_query_number(c, "after", INT64_MAX, &after)) {
		json_decref(list);
		return;
	}
	enum store_status status =
		store_audit_list(c->t->store, after, AUDIT_PAGE, audit_add, list, &last);
	if (status != STORE_DONE) {
		json_decref(list);
		api_store_problem(c, status, "list");
		return;
	}
	api_answer_json(c, 200,
			json_pack("{s:o, s:I}", "audit", list, "next", (json_int_t)last));
}
