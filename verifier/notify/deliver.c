/* SPDX-License-Identifier: Apache-2.0
 * One attempt: the message, its signature, and what the receiver says. */
#include "platform/file.h"
#include "platform/log.h"
#include "verifier/api/event.h"
#include "verifier/notify/hook.h"

#include <assay/crypto.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SECRET_FILE_MAX = 4096, SIGNATURE_MAX = 1024 };

/* {"type":..,"timestamp":..,"data":EVENT}; malloced. */
static char *payload(const struct store_event *event)
{
	time_t seconds = (time_t)(event->time / 1000);
	char *data = event_json(event), *text = NULL, when[32];
	struct tm tm;

	if (!data || !gmtime_r(&seconds, &tm)) {
		free(data);
		return NULL;
	}
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
	if (asprintf(&text,
		     "{\"type\":\"verdict.changed\",\"timestamp\":\"%s.%03uZ\",\"data\":%s}",
		     when, (unsigned)(event->time % 1000), data) < 0)
		text = NULL;
	free(data);
	return text;
}

/* Once when it begins to fail, once when it works again. */
static void note(struct hook *h, bool good, const char *why, int status)
{
	if (good == !h->failing)
		return;
	h->failing = !good;
	if (good)
		platform_log(PLATFORM_LOG_NOTICE, "web hook hears again",
			     log_text("hook", h->name), LOG_END);
	else
		platform_log(PLATFORM_LOG_WARNING, "web hook does not hear, trying on",
			     log_text("hook", h->name), log_text("why", why),
			     log_number("status", status), LOG_END);
}

static bool post(struct hook *h, const struct store_event *event, struct assay_slice body,
		 struct assay_slice secrets, unsigned *after)
{
	char id[64], timestamp[24], signature[SIGNATURE_MAX];
	struct platform_message why = { 0 };
	struct http_answer_in answer = { 0 };

	/* by time as well, so that a database put back from a backup repeats no id */
	snprintf(id, sizeof id, "evt-%llu-%llu", (unsigned long long)event->time,
		 (unsigned long long)event->seq);
	snprintf(timestamp, sizeof timestamp, "%lld", (long long)time(NULL));
	if (!notify_sign(h->crypto, secrets, id, timestamp, body, signature,
			 sizeof signature)) {
		note(h, false, "its secret is not of the form whsec_BASE64", 0);
		return false;
	}
	const struct http_field fields[] = { { "webhook-id", id },
					     { "webhook-timestamp", timestamp },
					     { "webhook-signature", signature } };
	bool came = http_client_request_with(h->client, "POST", h->path, "application/json",
					     body, fields, 3, &answer, &why);
	bool good = came && answer.status >= 200 && answer.status < 300;
	*after = came ? answer.retry_after : 0;
	note(h, good, came ? "it did not take the event" : why.why, came ? answer.status : 0);
	return good;
}

bool hook_deliver(struct hook *h, const struct store_event *event, unsigned *after)
{
	struct platform_message why = { 0 };
	struct assay_slice secrets;
	char *text = payload(event);

	*after = 0;
	if (!text)
		return false;
	bool good = platform_file_read(h->secret_file, SECRET_FILE_MAX, &secrets, &why);
	if (!good) {
		note(h, false, why.why, 0);
	} else {
		good = post(h, event, (struct assay_slice){ (uint8_t *)text, strlen(text) },
			    secrets, after);
		assay_secret_wipe((void *)(uintptr_t)secrets.p, secrets.n);
		platform_file_drop(&secrets);
	}
	free(text);
	return good;
}
