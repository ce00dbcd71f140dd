/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/enrol/call.h"

#include <string.h>

enum enrol_said enrol_refuse(struct call *k, const char *why, const char *hint)
{
	platform_message_what(&k->out->why, "enrolment of %s refused",
			      *k->out->node ? k->out->node : "a node");
	platform_message_why(&k->out->why, "%s", why);
	platform_message_hint(&k->out->why, "%s", hint);
	return ENROL_REFUSED;
}

enum enrol_said enrol_failed(struct call *k, const char *why)
{
	platform_message_what(&k->out->why, "enrolment of %s failed",
			      *k->out->node ? k->out->node : "a node");
	platform_message_why(&k->out->why, "%s", why);
	return ENROL_FAILED;
}

enum enrol_said enrol_malformed(struct call *k, const struct assay_err *err,
				const char *artefact)
{
	k->out->err = *err;
	if (artefact)
		k->out->err.artefact = artefact;
	return ENROL_MALFORMED;
}

enum enrol_said enrol_store_said(struct call *k, enum store_status status, const char *refusal)
{
	if (status == STORE_ABSENT || status == STORE_CONFLICT)
		return enrol_refuse(k, refusal, "an operator makes a new token for the node");
	k->out->why = *store_why(k->c->store);
	return ENROL_DOWN;
}

void enrol_note(struct call *k, struct assay_slice node)
{
	memcpy(k->out->node, node.p, node.n);
	k->out->node[node.n] = 0;
}

static enum enrol_said node_put(struct call *k)
{
	struct store_node node = { .ak_pub = k->state.ak_pub,
				   .ek_cert = k->state.ek_cert,
				   .enrolled = k->now,
				   .reasons = { (const uint8_t *)"[]", 2 } };
	struct assay_err err;

	/* sealed by us, so it was good two minutes ago */
	if (!assay_public_read(k->state.ak_pub, &k->ak, &err))
		return enrol_failed(k, "the cookie holds an AK that cannot be read");
	memcpy(node.id, k->out->node, sizeof node.id);
	memcpy(node.ek_digest, k->state.ek_digest, sizeof node.ek_digest);
	node.ak_name_n = assay_public_name(k->c->crypto, &k->ak, node.ak_name);
	if (node.ak_name_n == 0)
		return enrol_failed(k, "the AK has no Name");
	enum store_status status = store_node_enrol(k->c->store, k->state.token, &node, k->now);
	return status == STORE_DONE
		       ? ENROL_ANSWER
		       : enrol_store_said(k, status,
					  "the token is used up or has ended, or the node is "
					  "enrolled with another key");
}

static enum enrol_said finish(struct call *k, uint8_t *plain, enrol_challenge_fn challenge,
			      void *ctx)
{
	uint8_t first[ASSAY_CHALLENGE_SIZE], name[2 + ASSAY_DIGEST_MAX];

	if (!enrol_cookie_open(k->c->crypto, k->c->secrets, k->c->nsecrets, k->m.cookie, plain,
			       &k->state) ||
	    !assay_node_id_valid(k->state.node))
		return enrol_refuse(k, "the cookie is not one of ours", "begin again");
	enrol_note(k, k->state.node);
	k->out->tell = true;
	if (k->state.issued > k->now + ASSAY_CLOCK_SKEW ||
	    (k->now > k->state.issued && k->now - k->state.issued >= ENROL_COOKIE_LIFE))
		return enrol_refuse(k, "the cookie has ended", "begin again");
	/* CT */
	if (!assay_secret_equal(k->m.secret,
				(struct assay_slice){ k->state.secret, ENROL_SECRET }))
		return enrol_refuse(k, "the TPM did not give the credential's secret",
				    "EK and AK must lie in one TPM");
	enum enrol_said said = node_put(k);
	if (said != ENROL_ANSWER)
		return said;

	struct assay_slice ak_name = { name, assay_public_name(k->c->crypto, &k->ak, name) };
	if (!challenge(ctx, ak_name, k->now, first))
		return enrol_failed(k, "no challenge could be made");
	struct assay_enrol_answer answer = { .done = true,
					     .node = k->state.node,
					     .challenge = { first, sizeof first } };
	k->out->body_n = assay_enrol_answer_write(&answer, k->out->body, sizeof k->out->body);
	k->out->done = true;
	return k->out->body_n > 0 ? ENROL_ANSWER
				  : enrol_failed(k, "the answer cannot be written");
}

enum enrol_said enrol_handle(const struct enrol_config *c, struct assay_slice message,
			     uint64_t now, enrol_challenge_fn challenge, void *ctx,
			     struct enrol_answer *out)
{
	struct call k = { .c = c, .now = now, .out = out };
	uint8_t plain[ASSAY_COOKIE_MAX];
	struct assay_err err;
	enum enrol_said said;

	memset(out, 0, sizeof *out);
	if (!assay_enrol_request_read(message, &k.m, &err))
		return enrol_malformed(&k, &err, NULL);
	if (k.m.finish)
		said = finish(&k, plain, challenge, ctx);
	else
		said = enrol_begin(&k);
	assay_secret_wipe(plain, sizeof plain);
	assay_secret_wipe(&k.state, sizeof k.state);
	if (said != ENROL_ANSWER)
		out->body_n = 0;
	return said;
}
