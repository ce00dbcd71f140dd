/* SPDX-License-Identifier: Apache-2.0
 * What nodes say. The engine and the enrolment judge; here their words become statuses. */
#include "verifier/api/call.h"
#include "verifier/api/handlers.h"

#include <string.h>

/* What is not an answer of the engine's. */
static void said_problem(struct api_call *c, enum engine_said said,
			 const struct engine_answer *answer)
{
	switch (said) {
	case ENGINE_MALFORMED:
		c->err = &answer->err;
		api_problem(c, API_P_MALFORMED, "%s", assay_fault_text(answer->err.fault));
		break;
	case ENGINE_UNKNOWN:
		api_problem(c, API_P_UNKNOWN, "enrol this node, with this key, first");
		break;
	case ENGINE_REVOKED:
		api_problem(c, API_P_REVOKED, "an operator decides what becomes of it");
		break;
	case ENGINE_BLIND:
		c->retry_after = 2;
		api_problem(c, API_P_BLIND, "nothing was appraised; send it again");
		break;
	default:
		api_problem(c, API_P_FAILED, "nothing was appraised");
		break;
	}
}

typedef enum engine_said (*engine_fn)(struct engine_thread *t, struct assay_slice message,
				      uint64_t now, struct engine_answer *out);

static void to_engine(struct api_call *c, engine_fn handle, void (*again)(struct api_call *c))
{
	struct engine_answer answer = { 0 };
	/* now: the worker's, not when it began to wait */
	enum engine_said said = handle(c->t->engine, http_body(c->x), api_now_ms(), &answer);

	memcpy(c->node, answer.node, sizeof c->node);
	if (said == ENGINE_ANSWER)
		api_answer(c, 200, ASSAY_MEDIA_MESSAGE, answer.body);
	else if (said == ENGINE_SLOW && !c->t->worker)
		(void)api_queue(c, again);
	else
		said_problem(c, said, &answer);
}

void api_challenge(struct api_call *c)
{
	to_engine(c, engine_challenge, api_challenge);
}

void api_evidence(struct api_call *c)
{
	to_engine(c, engine_evidence, api_evidence);
}

/* The first challenge of a node that has just become known. */
static bool first_challenge(void *ctx, struct assay_slice node, struct assay_slice ak_name,
			    uint64_t now, uint8_t *out)
{
	struct api_thread *t = ctx;
	struct assay_challenge_request request = { node, ak_name };
	uint8_t message[ASSAY_NODE_ID_MAX + ASSAY_AK_NAME_MAX + 16];
	struct engine_answer answer = { 0 };
	struct assay_slice challenge;
	struct assay_err err;
	size_t n = assay_challenge_request_write(&request, message, sizeof message);

	if (n == 0 ||
	    engine_challenge(t->engine, (struct assay_slice){ message, n }, now, &answer) !=
		    ENGINE_ANSWER ||
	    !assay_challenge_answer_read(answer.body, &challenge, &err) ||
	    challenge.n != ASSAY_CHALLENGE_SIZE)
		return false;
	memcpy(out, challenge.p, ASSAY_CHALLENGE_SIZE);
	return true;
}

/* The cookie keys of this moment, the one that seals in front. */
static size_t cookie_keys(const struct api_thread *t, uint64_t now,
			  struct assay_secret out[KEYS_SECRETS_MAX])
{
	const struct keys_secrets *s = &t->keys.secrets[KEYS_COOKIE];
	size_t maker = keys_maker(&t->keys, KEYS_COOKIE, now), n = 0;

	out[n++] = s->secret[maker];
	for (size_t i = 0; i < s->n; i++)
		if (i != maker)
			out[n++] = s->secret[i];
	return n;
}

static void enrol_problem(struct api_call *c, enum enrol_said said,
			  const struct enrol_answer *answer)
{
	switch (said) {
	case ENROL_MALFORMED:
		c->err = &answer->err;
		api_problem(c, API_P_MALFORMED, "%s", assay_fault_text(answer->err.fault));
		break;
	case ENROL_REFUSED:
		api_log_failure(c, &answer->why);
		if (answer->tell)
			api_problem(c, API_P_REFUSED, "%s%s%s", answer->why.why,
				    *answer->why.hint ? "; " : "", answer->why.hint);
		else
			api_problem(c, API_P_REFUSED, "refused");
		break;
	case ENROL_DOWN:
		api_log_failure(c, &answer->why);
		c->retry_after = 2;
		api_problem(c, API_P_BLIND, "the store is out of reach");
		break;
	default:
		api_log_failure(c, &answer->why);
		api_problem(c, API_P_FAILED, "the enrolment failed");
		break;
	}
}

void api_enrol(struct api_call *c)
{
	struct assay_secret secrets[KEYS_SECRETS_MAX];
	struct enrol_answer answer;
	uint64_t now = api_now_ms();

	(void)api_thread_refresh(c->t);
	struct enrol_config config = { .crypto = c->t->crypto,
				       .anchors = c->t->anchors,
				       .secrets = secrets,
				       .nsecrets = cookie_keys(c->t, now, secrets),
				       .store = c->t->store };
	enum enrol_said said =
		enrol_handle(&config, http_body(c->x), now, first_challenge, c->t, &answer);

	assay_secret_wipe(secrets, sizeof secrets);
	memcpy(c->node, answer.node, sizeof c->node);
	if (said == ENROL_ANSWER)
		api_answer(c, 200, ASSAY_MEDIA_MESSAGE,
			   (struct assay_slice){ answer.body, answer.body_n });
	else
		enrol_problem(c, said, &answer);
}
