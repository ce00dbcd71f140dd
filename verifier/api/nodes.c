/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/api/call.h"
#include "verifier/api/handlers.h"
#include "verifier/engine/reasons.h"

#include <string.h>

enum { NODES_DEFAULT = 100, NODES_MOST = 1000 };

/* What is told of a node now: a verdict that has ended is none, and one that this verifier
 * cannot vouch for is none as well, for a reason of ours. */
struct told {
	enum assay_tier status;
	uint64_t since;
	json_t *reasons;
};

static json_t *one_reason(enum assay_reason_code code, const char *where)
{
	char text[REASONS_ONE_MAX];
	size_t n = engine_reason(code, where, NULL, text, sizeof text);

	return api_json_of((struct assay_slice){ (uint8_t *)text, n });
}

static enum assay_tier told_status(const struct store_node *node, bool ready, uint64_t now)
{
	bool lives = store_order_past(&node->order, now) && now < node->ends;

	return ready && lives ? node->status : ASSAY_NONE;
}

static struct told told(const struct store_node *node, bool ready, uint64_t now)
{
	struct told t = { told_status(node, ready, now), node->since, NULL };

	if (t.status == node->status) {
		t.reasons = api_json_of(node->reasons);
	} else if (!ready || !store_order_past(&node->order, now)) {
		t.since = now;
		t.reasons = one_reason(ASSAY_R_VERIFIER_BLIND, "verifier");
	} else {
		t.since = node->ends;
		t.reasons = one_reason(ASSAY_R_NODE_SILENT, node->id);
	}
	return t;
}

static json_t *node_json(const struct store_node *node, bool ready, uint64_t now)
{
	struct told t = told(node, ready, now);
	json_t *o = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "id", node->id, "status",
			      assay_tier_name(t.status), "since", api_json_time(t.since),
			      "heard", api_json_time(node->heard), "due",
			      api_json_time(node->due), "reasons", t.reasons);

	if (!o)
		return NULL;
	json_object_set_new(o, "akName", api_json_hex(node->ak_name, node->ak_name_n, ""));
	json_object_set_new(o, "ekDigest", api_json_hex(node->ek_digest, 32, "sha256:"));
	json_object_set_new(o, "enrolled", api_json_time(node->enrolled));
	json_object_set_new(o, "generation", json_integer((json_int_t)node->generation));
	json_object_set_new(o, "policy", api_json_text(node->policy));
	return o;
}

struct page {
	json_t *nodes;
	size_t limit, seen;
	int status; /* of what is told; -1: all */
	bool ready, more;
	uint64_t now;
	char last[ASSAY_NODE_ID_MAX + 1];
};

static void page_add(void *ctx, const struct store_node *node)
{
	struct page *p = ctx;

	p->seen++;
	if (json_array_size(p->nodes) == p->limit) {
		p->more = true;
		return;
	}
	memcpy(p->last, node->id, sizeof p->last);
	if (p->status < 0 || (int)told_status(node, p->ready, p->now) == p->status)
		json_array_append_new(p->nodes, node_json(node, p->ready, p->now));
}

/* False (answered) when status is there and no tier. */
static bool status_wanted(struct api_call *c, int *status)
{
	static const enum assay_tier tiers[] = { ASSAY_NONE, ASSAY_AFFIRMING, ASSAY_WARNING,
						 ASSAY_CONTRAINDICATED };
	char text[32];

	*status = -1;
	if (!http_query(c->x, "status", text, sizeof text))
		return true;
	for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++)
		if (strcmp(text, assay_tier_name(tiers[i])) == 0)
			*status = (int)tiers[i];
	if (*status >= 0)
		return true;
	api_problem(c, API_P_QUERY, "status is affirming, warning, contraindicated or none");
	return false;
}

/* In pages of the store's until the answer is full: what is told of a node may differ from what
 * is stored, so the store's own filter serves only for tiers that a node cannot come to be told
 * as. */
static enum store_status fill(struct api_call *c, struct page *p)
{
	int stored = p->status == ASSAY_NONE ? -1 : p->status;
	enum store_status status = STORE_DONE;

	do {
		char after[ASSAY_NODE_ID_MAX + 1];
		memcpy(after, p->last, sizeof after);
		p->seen = 0;
		status = store_node_list(c->t->store, after, p->limit + 1, stored, page_add, p);
	} while (status == STORE_DONE && !p->more && p->seen > p->limit);
	return status;
}

void api_nodes_list(struct api_call *c)
{
	struct page p = { .limit = NODES_DEFAULT };
	uint64_t limit = NODES_DEFAULT;
	struct platform_message why;

	if (!api_query_number(c, "limit", NODES_MOST, &limit) || !status_wanted(c, &p.status))
		return;
	(void)http_query(c->x, "after", p.last, sizeof p.last);
	p.limit = limit ? limit : 1;
	p.ready = engine_ready(c->api->engine, &why);
	p.now = api_now_ms();
	p.nodes = json_array();
	enum store_status status = p.nodes ? fill(c, &p) : STORE_BROKEN;
	if (status != STORE_DONE) {
		json_decref(p.nodes);
		api_store_problem(c, status, "list");
		return;
	}
	api_answer_json(c, 200,
			json_pack("{s:o, s:o}", "nodes", p.nodes, "next",
				  p.more ? json_string(p.last) : json_null()));
}

static struct assay_slice id_of(const struct api_call *c)
{
	return (struct assay_slice){ (const uint8_t *)c->id, strlen(c->id) };
}

/* False (answered) when the path names nothing that can be a node. */
static bool node_named(struct api_call *c)
{
	if (assay_node_id_valid(id_of(c))) {
		memcpy(c->node, c->id, sizeof c->node);
		return true;
	}
	api_problem(c, API_P_NOT_FOUND, "there is no such node");
	return false;
}

void api_node_get(struct api_call *c)
{
	struct platform_message why;
	struct store_node node;

	if (!node_named(c))
		return;
	enum store_status status = store_node_get(c->t->store, id_of(c), &node);
	if (status != STORE_DONE)
		api_store_problem(c, status, "node");
	else
		api_answer_json(
			c, 200,
			node_json(&node, engine_ready(c->api->engine, &why), api_now_ms()));
}

void api_node_remove(struct api_call *c)
{
	struct store_actor actor = api_actor(c);

	if (!node_named(c))
		return;
	enum store_status status =
		store_node_remove(c->t->store, id_of(c), &actor, api_now_ms());
	if (status != STORE_DONE)
		api_store_problem(c, status, "node");
	else
		api_answer_empty(c);
}

void api_node_result(struct api_call *c)
{
	enum assay_tier tier = ASSAY_NONE;
	struct assay_slice jwt = { 0 };

	if (!node_named(c))
		return;
	enum store_status status =
		engine_result(c->t->engine, id_of(c), api_now_ms(), &jwt, &tier);
	if (status == STORE_DONE)
		api_answer(c, 200, ASSAY_MEDIA_EAR_JWT, jwt);
	else if (status == STORE_ABSENT)
		api_problem(c, API_P_NOT_FOUND, "there is no such node");
	else if (status == STORE_DOWN)
		api_problem(c, API_P_BLIND, "the store is out of reach");
	else
		api_problem(c, API_P_FAILED, "no result could be made");
}
