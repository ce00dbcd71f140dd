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
		c->err = answer->err;
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

static void enrol_problem(struct api_call *c, enum enrol_said said,
			  const struct enrol_answer *answer)
{
	switch (said) {
	case ENROL_MALFORMED:
		c->err = answer->err;
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

	if (!api_thread_refresh(c->t)) {
		api_problem(c, API_P_FAILED, "the EK roots cannot be read");
		return;
	}
	struct enrol_config config = { .crypto = c->t->crypto,
				       .anchors = c->t->anchors,
				       .secrets = secrets,
				       .nsecrets = engine_cookie_secrets(
					       c->t->engine, now, secrets, KEYS_SECRETS_MAX),
				       .store = c->t->store };
	enum enrol_said said = enrol_handle(&config, http_body(c->x), now,
					    engine_first_challenge, c->t->engine, &answer);

	assay_secret_wipe(secrets, sizeof secrets);
	memcpy(c->node, answer.node, sizeof c->node);
	if (said == ENROL_ANSWER)
		api_answer(c, 200, ASSAY_MEDIA_MESSAGE,
			   (struct assay_slice){ answer.body, answer.body_n });
	else
		enrol_problem(c, said, &answer);
}
