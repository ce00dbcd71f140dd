/* SPDX-License-Identifier: Apache-2.0
 * What the log says of a request. No body and no token ever stands there. */
#include "platform/log.h"

#include "verifier/api/call.h"

/* Evidence comes by the hundred thousand: what went well is for those who debug. */
static enum platform_log_level level_of(const struct api_call *c, int status)
{
	if (status >= 500)
		return PLATFORM_LOG_WARNING;
	if (status < 400 && c->route && c->route->roles == 0 &&
	    c->route->limit != API_LIMIT_ENROL)
		return PLATFORM_LOG_DEBUG;
	return PLATFORM_LOG_INFO;
}

void api_log_answer(const struct api_call *c, int status)
{
	const struct http_peer *peer = http_peer(c->x);

	platform_log(level_of(c, status), "request", log_text("request", c->request),
		     log_text("method", http_method(c->x)), log_text("path", http_path(c->x)),
		     log_number("status", status), log_text("node", c->node),
		     log_text("peer", peer->common_name), log_text("address", peer->address),
		     log_number("ms", (int64_t)(api_monotonic_ms() - c->started)), LOG_END);
}

void api_log_failure(const struct api_call *c, const struct platform_message *why)
{
	platform_log(PLATFORM_LOG_WARNING, why->what, log_text("why", why->why),
		     log_text("request", c ? c->request : ""),
		     log_text("node", c ? c->node : ""), LOG_END);
}
