/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/enrol.h"

#include "platform/file.h"
#include "platform/log.h"

#include <assay/message.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOKEN_FILE_MAX = 4096 };

/* The token without the white space around it; NULL when there is none. *file holds it. */
static bool read_token(const char *path, struct assay_slice *file, struct assay_slice *token,
		       struct platform_message *why)
{
	if (!platform_file_read(path, TOKEN_FILE_MAX, file, why))
		return false;
	*token = *file;
	while (token->n > 0 && isspace(token->p[token->n - 1]))
		token->n--;
	while (token->n > 0 && isspace(*token->p)) {
		token->p++;
		token->n--;
	}
	return true;
}

static void drop_token(struct assay_slice *file)
{
	if (file->p)
		explicit_bzero((void *)(uintptr_t)file->p, file->n);
	platform_file_drop(file);
}

bool agent_token_there(const char *path)
{
	struct assay_slice file = { 0 }, token = { 0 };
	struct platform_message why;
	bool there = *path && read_token(path, &file, &token, &why) && token.n > 0;

	drop_token(&file);
	return there;
}

/* It is good once, and used. */
static void spend_token(const char *path)
{
	if (unlink(path) == 0 || errno == ENOENT || truncate(path, 0) == 0)
		return;
	platform_log(PLATFORM_LOG_WARNING, "the token is used up, but cannot be removed",
		     log_text("file", path), log_text("why", strerror(errno)), LOG_END);
}

static struct assay_slice text(const char *s)
{
	return (struct assay_slice){ (const uint8_t *)s, strlen(s) };
}

/* Sends one message; *answer aliases the client's. */
static enum agent_heard send(struct agent_talk *talk, const struct assay_enrol_request *m,
			     struct assay_enrol_answer *answer)
{
	size_t n = assay_enrol_request_write(m, NULL, 0);
	uint8_t *message = n > 0 ? malloc(n) : NULL;
	enum agent_heard heard = AGENT_UNHEARD;
	struct assay_err err = { 0 };
	struct assay_slice body;

	if (!message) {
		talk->why = (struct platform_message){ 0 };
		platform_message_what(&talk->why, "cannot make the enrolment's message");
		platform_message_why(&talk->why,
				     "the token, the EK or its certificate is too long");
		return heard;
	}
	n = assay_enrol_request_write(m, message, n);
	heard = agent_talk(talk, "/v1/enrol", (struct assay_slice){ message, n }, &body);
	explicit_bzero(message, n);
	free(message);
	if (heard == AGENT_HEARD && !assay_enrol_answer_read(body, answer, &err))
		heard = agent_talk_garbage(talk, &err);
	else if (heard == AGENT_HEARD && answer->done != m->finish)
		heard = agent_talk_garbage(
			talk, &(struct assay_err){ ASSAY_F_CONFLICT, "outcome", 0, NULL });
	return heard;
}

/* Opens the credential and says so; the cookie aliases the answer, so it goes along at once. */
static enum agent_heard finish(struct agent_signer *signer, const struct attester_ek *ek,
			       struct agent_talk *talk, struct assay_enrol_answer *answer)
{
	struct assay_enrol_request m = { .finish = true };
	uint8_t secret[ASSAY_DIGEST_MAX];

	if (!attester_ek_activate(&signer->tpm, ek, &signer->key, answer->id_object,
				  answer->secret, secret, &m.secret.n, &talk->why))
		return AGENT_UNHEARD;
	m.secret.p = secret;
	m.cookie = answer->cookie;
	enum agent_heard heard = send(talk, &m, answer);
	explicit_bzero(secret, sizeof secret);
	return heard;
}

static enum agent_heard exchange(struct agent_signer *signer, struct agent_talk *talk,
				 const char *node, struct assay_slice token,
				 struct assay_enrol_answer *answer)
{
	struct assay_slice ek_pub = { 0 };
	struct attester_ek ek;
	enum agent_heard heard = AGENT_UNHEARD;

	if (!agent_signer_open(signer, &talk->why) ||
	    !attester_ek_open(&signer->tpm, &ek, &talk->why)) {
		agent_signer_close(signer);
		return heard;
	}
	if (attester_key_write(&ek.key, &ek_pub)) {
		const struct assay_enrol_request m = { .node = text(node),
						       .token = token,
						       .ek_cert = ek.cert,
						       .ek_pub = ek_pub,
						       .ak_pub = signer->ak_pub };
		heard = send(talk, &m, answer);
	}
	if (heard == AGENT_HEARD)
		heard = finish(signer, &ek, talk, answer);
	attester_ek_close(&signer->tpm, &ek);
	platform_file_drop(&ek_pub);
	return heard;
}

enum agent_heard agent_enrol(struct agent_desk *desk, struct agent_talk *talk, const char *node,
			     const char *token, struct assay_slice *challenge)
{
	struct assay_slice file = { 0 }, secret = { 0 };
	struct assay_enrol_answer answer = { 0 };
	enum agent_heard heard = AGENT_UNHEARD;

	talk->why = (struct platform_message){ 0 };
	talk->retry_after = 0;
	if (!read_token(token, &file, &secret, &talk->why))
		return heard;
	struct agent_signer *signer = agent_desk_enter(desk);
	heard = exchange(signer, talk, node, secret, &answer);
	agent_desk_leave(desk);
	drop_token(&file);
	if (heard != AGENT_HEARD)
		return heard;
	spend_token(token);
	uint8_t *copy = malloc(answer.challenge.n ? answer.challenge.n : 1);
	if (copy) {
		memcpy(copy, answer.challenge.p, answer.challenge.n);
		platform_file_drop(challenge);
		challenge->p = copy;
		challenge->n = answer.challenge.n;
	}
	return heard;
}
