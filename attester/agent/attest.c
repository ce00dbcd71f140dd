/* SPDX-License-Identifier: Apache-2.0
 * One round: enrolment where it is missing, evidence, and what the answer asks for. */
#include "attester/agent/enrol.h"
#include "attester/agent/loop.h"
#include "platform/file.h"
#include "platform/log.h"
#include "platform/random.h"

#include <assay/evidence/tpm.h>
#include <assay/message.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	RETRY_MAX = 60 * 1000,       /* ms: the longest back-off */
	REFUSED_MAX = 5 * 60 * 1000, /* from a verifier that does not know this node */
	ROUNDS = 4,                  /* send-all and challenge in a row */
	LARGE = 256 * 1024,          /* bytes of a message whose memory is given back */
};

static enum agent_step failed(struct agent *a, const struct platform_message *why,
			      unsigned retry_after)
{
	agent_trouble(&a->trouble, why);
	agent_pace_failed(&a->pace, agent_now(), retry_after,
			  a->refused ? REFUSED_MAX : RETRY_MAX,
			  platform_random_below(UINT64_MAX));
	return AGENT_STEP_FAILED;
}

static enum agent_step not_heard(struct agent *a, enum agent_heard heard)
{
	if (heard == AGENT_STOPPED)
		return AGENT_STEP_SIGNAL;
	a->refused = heard == AGENT_REFUSED;
	return failed(a, &a->talk.why, a->talk.retry_after);
}

static enum agent_step out_of_memory(struct agent *a)
{
	struct platform_message why = { .what = "cannot keep the answer",
					.why = "out of memory" };

	return failed(a, &why, 0);
}

static void remember(struct agent *a)
{
	struct platform_message why;

	snprintf(a->state.node, sizeof a->state.node, "%s", a->config->node);
	snprintf(a->state.server, sizeof a->state.server, "%s", a->config->server);
	a->state.enrolled = (uint64_t)time(NULL);
	/* the verifier remembers it all the same */
	if (!agent_state_write(a->state_path, &a->state, &why))
		platform_log(PLATFORM_LOG_WARNING, why.what, log_text("why", why.why),
			     log_text("hint", "this costs a question at the next start"),
			     LOG_END);
}

bool agent_enrolled(const struct agent *a)
{
	return a->state.enrolled > 0 && !a->refused &&
	       strcmp(a->state.node, a->config->node) == 0 &&
	       strcmp(a->state.server, a->config->server) == 0;
}

static enum agent_step enrol(struct agent *a)
{
	enum agent_heard heard = agent_enrol(a->desk, &a->talk, a->config->node,
					     a->config->token, &a->report.challenge);

	if (heard != AGENT_HEARD)
		return not_heard(a, heard);
	a->refused = false;
	platform_log(PLATFORM_LOG_NOTICE, "enrolled", log_text("node", a->config->node),
		     log_text("server", a->config->server), LOG_END);
	remember(a);
	return AGENT_STEP_DONE;
}

/* The Name of the key, which the TPM has to be asked for once. */
static bool ak_name(struct agent *a, uint8_t *name, size_t *n, struct platform_message *why)
{
	struct agent_signer *signer = agent_desk_enter(a->desk);
	bool good = signer->ak_pub.n > 0 || agent_signer_open(signer, why);
	struct assay_err err = { 0 };
	struct assay_public pub;

	*n = good && assay_public_read(signer->ak_pub, &pub, &err)
		     ? assay_public_name(a->report.judged.crypto, &pub, name)
		     : 0;
	agent_desk_leave(a->desk);
	if (good && *n == 0) {
		*why = (struct platform_message){ 0 };
		platform_message_what(why, "cannot use the attestation key");
		platform_message_why(why, "its public area cannot be read");
	}
	return *n > 0;
}

static enum agent_step ask_challenge(struct agent *a)
{
	uint8_t name[ASSAY_AK_NAME_MAX], message[512];
	struct assay_challenge_request m = {
		.node = { (const uint8_t *)a->config->node, strlen(a->config->node) },
		.ak_name.p = name,
	};
	struct assay_slice answer, challenge;
	struct platform_message why;
	struct assay_err err = { 0 };

	if (!ak_name(a, name, &m.ak_name.n, &why))
		return failed(a, &why, 0);
	size_t n = assay_challenge_request_write(&m, message, sizeof message);
	enum agent_heard heard = agent_talk(&a->talk, "/v1/challenge",
					    (struct assay_slice){ message, n }, &answer);
	if (heard == AGENT_HEARD && !assay_challenge_answer_read(answer, &challenge, &err))
		heard = agent_talk_garbage(&a->talk, &err);
	if (heard != AGENT_HEARD)
		return not_heard(a, heard);
	return agent_report_again(&a->report, challenge, false) ? AGENT_STEP_DONE
								: out_of_memory(a);
}

/* Appraised: what is next, and when. */
static enum agent_step settle(struct agent *a, const struct assay_answer *answer,
			      uint64_t count)
{
	uint64_t seen,
		allowed = answer->life < answer->interval ? answer->life : answer->interval;

	if (!agent_report_settle(&a->report, answer->challenge, answer->receipt))
		return out_of_memory(a);
	a->expected = agent_report_entries(&a->report, &seen) ? seen : count;
	a->refused = false;
	agent_pace_done(&a->pace, agent_now(), allowed, platform_random_below(UINT64_MAX));
	agent_trouble_over(&a->trouble, "the verifier appraises this node again");
	if (!agent_enrolled(a))
		remember(a);
	if (!a->tidied)
		agent_tidy();
	a->tidied = true;
	return AGENT_STEP_DONE;
}

/* *again: the verifier wants another message at once. */
static enum agent_step send(struct agent *a, bool *again)
{
	struct assay_slice message = { 0 }, body;
	struct platform_message why;
	struct assay_answer answer;
	struct assay_err err = { 0 };

	*again = false;
	agent_pace_begin(&a->pace, agent_now());
	(void)agent_watch_look(&a->watch, 0);
	uint64_t count = a->watch.count;
	if (!agent_report_make(&a->report, &message, &why))
		return failed(a, &why, 0);
	size_t size = message.n;
	enum agent_heard heard = agent_talk(&a->talk, "/v1/evidence", message, &body);
	platform_file_drop(&message);
	if (size > LARGE)
		a->tidied = false;
	if (heard == AGENT_HEARD && !assay_answer_read(body, &answer, &err))
		heard = agent_talk_garbage(&a->talk, &err);
	if (heard != AGENT_HEARD)
		return not_heard(a, heard);
	if (answer.outcome == ASSAY_OUTCOME_APPRAISED)
		return settle(a, &answer, count);
	a->tidied = false;
	*again = true;
	return agent_report_again(&a->report, answer.challenge,
				  answer.outcome == ASSAY_OUTCOME_SEND_ALL)
		       ? AGENT_STEP_DONE
		       : out_of_memory(a);
}

enum agent_step agent_attest(struct agent *a)
{
	struct platform_message why = { 0 };
	enum agent_step step;
	bool again;

	if (!agent_enrolled(a) && agent_token_there(a->config->token) &&
	    (step = enrol(a)) != AGENT_STEP_DONE)
		return step;
	if (a->report.challenge.n == 0 && (step = ask_challenge(a)) != AGENT_STEP_DONE)
		return step;
	for (int i = 0; i < ROUNDS; i++) {
		step = send(a, &again);
		if (step != AGENT_STEP_DONE || !again)
			return step;
	}
	platform_message_what(&why, "the verifier at %s takes no message", a->config->server);
	platform_message_why(&why, "it asked for another one %d times in a row", ROUNDS);
	return failed(a, &why, 0);
}
