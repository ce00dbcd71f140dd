/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/hex.h"
#include "platform/random.h"
#include "verifier/api/call.h"
#include "verifier/api/handlers.h"

#include <string.h>

enum { LIFE_LEAST = 60, LIFE_DEFAULT = 24 * 3600, LIFE_MOST = 90 * 24 * 3600 };

static void token_add(void *ctx, const struct store_token *t)
{
	json_t *o = json_pack(
		"{s:s, s:s, s:o, s:o, s:o, s:o}", "id", t->id, "node", t->node, "ekDigest",
		t->has_ek ? api_json_hex(t->ek_digest, 32, "sha256:") : json_null(), "made",
		api_json_time(t->made), "ends", api_json_time(t->ends), "used",
		api_json_time(t->used));
	json_array_append_new(ctx, o);
}

void api_tokens_list(struct api_call *c)
{
	json_t *tokens = json_array();
	enum store_status status = store_token_list(c->t->store, token_add, tokens);

	if (status != STORE_DONE) {
		json_decref(tokens);
		api_store_problem(c, status, "list");
		return;
	}
	api_answer_json(c, 200, json_pack("{s:o}", "tokens", tokens));
}

/* "sha256:" and 64 digits. */
static bool digest_read(const char *text, uint8_t out[32])
{
	size_t n = 0, prefix = strlen("sha256:");

	return strncmp(text, "sha256:", prefix) == 0 &&
	       platform_hex_read((struct assay_slice){ (const uint8_t *)text + prefix,
						       strlen(text) - prefix },
				 out, 32, &n) &&
	       n == 32;
}

/* What is asked for; false (answered) when it cannot be. */
static bool token_wanted(struct api_call *c, const json_t *body, struct store_token *t)
{
	const json_t *node = json_object_get(body, "node"),
		     *life = json_object_get(body, "life"),
		     *ek = json_object_get(body, "ekDigest");
	const char *id = json_string_value(node);
	struct assay_slice slice = { (const uint8_t *)id, json_string_length(node) };
	json_int_t seconds = life ? json_integer_value(life) : LIFE_DEFAULT;

	c->err = (struct assay_err){ ASSAY_F_RANGE, "node", 0, NULL };
	if (!id || !assay_node_id_valid(slice)) {
		api_problem(c, API_P_MALFORMED, "node is a node's id");
		return false;
	}
	c->err.field = "life";
	if ((life && !json_is_integer(life)) || seconds < LIFE_LEAST || seconds > LIFE_MOST) {
		api_problem(c, API_P_MALFORMED, "life is a number of seconds, %d to %d",
			    LIFE_LEAST, LIFE_MOST);
		return false;
	}
	c->err.field = "ekDigest";
	t->has_ek = ek && !json_is_null(ek);
	if (t->has_ek &&
	    (!json_is_string(ek) || !digest_read(json_string_value(ek), t->ek_digest))) {
		api_problem(c, API_P_MALFORMED,
			    "ekDigest is sha256: and the SHA-256 of the EK's TPMT_PUBLIC in "
			    "hexadecimal");
		return false;
	}
	c->err = (struct assay_err){ 0 };
	memcpy(t->node, id, slice.n);
	t->made = api_now_ms();
	t->ends = t->made + (uint64_t)seconds * 1000;
	return true;
}

void api_token_add(struct api_call *c)
{
	static const char *const names[] = { "node", "life", "ekDigest", NULL };
	json_t *body = api_body(c, names);
	struct store_token t = { 0 };
	char text[ENROL_TOKEN_TEXT + 1];
	uint8_t id[8];

	if (!body)
		return;
	bool wanted = token_wanted(c, body, &t);
	json_decref(body);
	if (!wanted)
		return;
	memcpy(c->node, t.node, sizeof c->node);
	platform_random(id, sizeof id);
	if (!enrol_token_make(c->t->crypto, text, t.hash)) {
		api_problem(c, API_P_FAILED, "no token could be made");
		return;
	}
	platform_hex_write((struct assay_slice){ id, sizeof id }, t.id);
	struct store_actor actor = api_actor(c);
	enum store_status status = store_token_add(c->t->store, &t, &actor);
	if (status != STORE_DONE)
		api_store_problem(c, status, "token");
	else
		api_answer_json(c, 201,
				json_pack("{s:s, s:s, s:s, s:o}", "id", t.id, "token", text,
					  "node", t.node, "ends", api_json_time(t.ends)));
	assay_secret_wipe(text, sizeof text);
}

void api_token_remove(struct api_call *c)
{
	struct store_actor actor = api_actor(c);
	enum store_status status = store_token_remove(c->t->store, c->id, &actor, api_now_ms());

	if (status != STORE_DONE)
		api_store_problem(c, status, "token");
	else
		api_answer_empty(c);
}
