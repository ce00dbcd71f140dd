/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/serve/serve.h"

#include "platform/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <time.h>

enum { STOP_SECONDS = 10 };

/* All that runs; what did not start is NULL. */
struct running {
	struct engine *engine;
	struct api *api;
	struct notify *notify;
	struct http_server *server;
};

static void engine_line(void *ctx, const char *line)
{
	(void)ctx;
	platform_log(PLATFORM_LOG_NOTICE, line, log_text("part", "engine"), LOG_END);
}

/* On the engine's thread, once for each event, in order. */
static void event(void *ctx, const struct store_event *e)
{
	struct running *r = ctx;

	platform_log(PLATFORM_LOG_NOTICE, "verdict", log_text("node", e->node),
		     log_text("status", assay_tier_name(e->status)),
		     log_number("event", (int64_t)e->seq), LOG_END);
	api_event(r->api, e);
	notify_kick(r->notify);
}

/* In the order of api.h; what is NULL is passed over. */
static void stop(struct running *r)
{
	if (r->api)
		api_drain(r->api);
	if (r->server)
		http_server_stop(r->server, STOP_SECONDS);
	if (r->api)
		api_stop(r->api);
	if (r->engine)
		engine_stop(r->engine);
	if (r->notify)
		notify_stop(r->notify);
	if (r->api)
		api_free(r->api);
	*r = (struct running){ 0 };
}

static bool start(const struct settings *s, bool listens, struct running *r,
		  struct platform_message *why)
{
	struct engine_config engine = s->engine;
	struct api_config api = s->api;
	struct http_server_config http = s->http;
	struct notify_config notify = s->notify;

	notify.idle = !listens; /* a verifier that runs beside the check tells */
	engine.log = engine_line;
	r->engine = engine_start(&engine, why);
	if (!r->engine)
		return false;
	api.engine = r->engine;
	r->api = api_start(&api, why);
	r->notify = r->api ? notify_start(&notify, why) : NULL;
	if (!r->notify)
		return false;
	api_metrics_also(r->api, notify_metrics, r->notify);
	engine_on_event(r->engine, event, r);
	if (!listens)
		return true;
	api_http(r->api, &http);
	r->server = http_server_start(&http, why);
	if (r->server)
		api_serves(r->api, r->server);
	return r->server != NULL;
}

bool serve_check(const struct settings *s, struct platform_message *why)
{
	struct running r = { 0 };
	bool good = start(s, false, &r, why);

	stop(&r);
	return good;
}

static void part(bool good, const char *what, const struct platform_message *why)
{
	if (good)
		platform_log(PLATFORM_LOG_INFO, "read again", log_text("part", what), LOG_END);
	else
		platform_log(PLATFORM_LOG_ERROR, why->what, log_text("part", what),
			     log_text("why", why->why), log_text("hint", why->hint), LOG_END);
}

/* Each part is replaced as a whole or goes on as it was. */
static void reload(struct running *r)
{
	struct platform_message why = { 0 };

	platform_daemon_reloading();
	part(engine_reload(r->engine, &why), "policy, references and keys", &why);
	part(api_reload(r->api, &why), "EK roots", &why);
	part(http_server_reload(r->server, &why), "TLS certificates", &why);
	platform_daemon_ready(NULL);
}

/* Until SIGTERM or SIGINT. A loop or worker that hangs is not told to the watchdog as alive:
 * the service manager starts us anew. */
static void live(struct running *r, int signals)
{
	unsigned alive_ms = platform_daemon_alive_ms();
	bool said = false;

	for (;;) {
		int got = platform_daemon_wait(signals, alive_ms ? (int)alive_ms : 5000);
		bool alive = api_alive(r->api);

		if (got == SIGTERM || got == SIGINT)
			return;
		if (got == SIGHUP)
			reload(r);
		if (alive)
			platform_daemon_alive();
		else if (!said)
			platform_log(PLATFORM_LOG_ERROR, "a thread hangs in a request",
				     LOG_END);
		said = !alive;
	}
}

bool serve(struct settings *s, struct platform_message *why)
{
	struct running r = { 0 };
	int first = -1, signals;

	if (platform_daemon_sockets(&first) > 0)
		s->http.listen_fd = first;
	signals = platform_daemon_signals(why);
	if (signals < 0 || !confine(s, why) || !start(s, true, &r, why)) {
		stop(&r);
		return false;
	}
	platform_log(PLATFORM_LOG_NOTICE, "serving", log_text("address", s->http.address),
		     log_number("port", http_server_port(r.server)), LOG_END);
	platform_daemon_ready("serving");
	live(&r, signals);
	platform_daemon_stopping();
	platform_log(PLATFORM_LOG_NOTICE, "stopping", LOG_END);
	stop(&r);
	return true;
}
