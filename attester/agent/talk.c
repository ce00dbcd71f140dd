/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/talk.h"

#include "platform/json.h"

#include <assay/message.h>
#include <errno.h>
#include <string.h>

enum { PROBLEM_MAX = 64 * 1024 };

/* RFC 9457: what a person is told of an error. */
static void read_problem(struct agent_talk *t, const struct http_answer_in *in)
{
	struct platform_message ignored;
	json_t *problem = NULL;

	if (strncmp(in->media, "application/problem+json", 24) == 0)
		problem =
			platform_json_read(in->body, "the answer", PROBLEM_MAX, NULL, &ignored);
	const char *title = json_string_value(json_object_get(problem, "title"));
	const char *detail = json_string_value(json_object_get(problem, "detail"));

	platform_message_what(&t->why, "the verifier at %s did not take the message",
			      t->server);
	platform_message_why(&t->why, "%d%s%s%s%s", in->status, title ? " " : "",
			     title ? title : "", detail ? ": " : "", detail ? detail : "");
	json_decref(problem);
}

enum agent_heard agent_talk_garbage(struct agent_talk *t, const struct assay_err *err)
{
	t->why = (struct platform_message){ 0 };
	platform_message_what(&t->why, "cannot read the answer of the verifier at %s",
			      t->server);
	platform_message_why(&t->why, "%s: %s", err->field ? err->field : "message",
			     assay_fault_text(err->fault));
	platform_message_hint(&t->why, "is it an assayd, and of a version that suits?");
	return AGENT_UNHEARD;
}

enum agent_heard agent_talk(struct agent_talk *t, const char *path, struct assay_slice message,
			    struct assay_slice *answer)
{
	struct http_answer_in in = { 0 };

	t->retry_after = 0;
	t->why = (struct platform_message){ 0 };
	if (!http_client_request(t->client, "POST", path, ASSAY_MEDIA_MESSAGE, message, &in,
				 &t->why))
		return t->why.errnum == EINTR ? AGENT_STOPPED : AGENT_UNHEARD;
	t->retry_after = in.retry_after;
	if (in.status == 200 && strcmp(in.media, ASSAY_MEDIA_MESSAGE) == 0) {
		*answer = in.body;
		return AGENT_HEARD;
	}
	read_problem(t, &in);
	if (in.status == 200)
		platform_message_why(&t->why, "the answer is no message but %s",
				     in.media[0] ? in.media : "without media type");
	return in.status == 403 ? AGENT_REFUSED : AGENT_UNHEARD;
}
