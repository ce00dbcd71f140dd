/* SPDX-License-Identifier: Apache-2.0
 * test_service - the whole verifier in this process: SQLite, keys and certificates in a folder
 * of its own, on a free port of loopback. */
#pragma once
#include "platform/http/test_pki.h"
#include "verifier/api/api.h"
#include "verifier/keys/keys.h"

struct service {
	struct pki pki;
	char folder[64], store[96], keys[96], url[64];
	struct engine *engine;
	struct api *api;
	struct http_server *server;
};

static inline void service_die(const struct platform_message *why)
{
	printf("Bail out! %s: %s\n", why->what, why->why);
	exit(1);
}

static inline void service_event(void *ctx, const struct store_event *event)
{
	api_event(ctx, event);
}

static inline void service_start(struct service *s, const struct api_config *with)
{
	struct platform_message why = { 0 };

	pki_make(&s->pki);
	strcpy(s->folder, "/tmp/assay-api-XXXXXX");
	if (!mkdtemp(s->folder))
		abort();
	snprintf(s->store, sizeof s->store, "sqlite:%s/db", s->folder);
	snprintf(s->keys, sizeof s->keys, "%s/keys", s->folder);
	if (!keys_make(s->keys, &why))
		service_die(&why);
	const struct engine_config engine = { .store = s->store,
					      .keys = s->keys,
					      .interval = 60000,
					      .node_max = 1000,
					      .ak_cache = 16,
					      .developer = "test" };
	struct api_config api = *with;
	struct http_server_config http = { .address = "127.0.0.1",
					   .listen_fd = -1,
					   .cert = pki_path(&s->pki, "server.pem"),
					   .key = pki_path(&s->pki, "key.pem"),
					   .client_ca = pki_path(&s->pki, "ca.pem"),
					   .client_crl = pki_path(&s->pki, "crl.pem"),
					   .threads = 2,
					   .max_connections = 100,
					   .request_seconds = 10,
					   .body_seconds = 10,
					   .idle_seconds = 75 };
	s->engine = engine_start(&engine, &why);
	if (!s->engine)
		service_die(&why);
	api.engine = s->engine;
	s->api = api_start(&api, &why);
	if (!s->api)
		service_die(&why);
	engine_on_event(s->engine, service_event, s->api);
	api_http(s->api, &http);
	s->server = http_server_start(&http, &why);
	if (!s->server)
		service_die(&why);
	api_serves(s->api, s->server);
	snprintf(s->url, sizeof s->url, "https://localhost:%u", http_server_port(s->server));
	struct platform_message w;
	for (int i = 0; i < 500 && !engine_ready(s->engine, &w); i++)
		usleep(10000);
}

static inline void service_stop(struct service *s)
{
	char command[128];

	api_drain(s->api);
	http_server_stop(s->server, 5);
	api_stop(s->api);
	engine_stop(s->engine);
	api_free(s->api);
	snprintf(command, sizeof command, "rm -rf %s", s->folder);
	if (system(command) != 0)
		abort();
	snprintf(command, sizeof command, "rm -rf %s", s->pki.folder);
	if (system(command) != 0)
		abort();
	pki_drop(&s->pki);
}

/* A client that shows this certificate of the pki's, NULL: none. */
static inline struct http_client *service_client(const struct service *s, const char *cert)
{
	struct platform_message why = { 0 };
	const struct http_client_config config = {
		.url = s->url,
		.ca = pki_path(&s->pki, "ca.pem"),
		.cert = cert ? pki_path(&s->pki, cert) : NULL,
		.key = cert ? pki_path(&s->pki, "key.pem") : NULL,
		.timeout_ms = 10000,
		.max_answer = 1 << 20,
		.wake_fd = -1
	};
	struct http_client *client = http_client_new(&config, &why);

	if (!client)
		service_die(&why);
	return client;
}

/* The status, 0 when no answer came; *out lives until the client's next request. */
static inline int service_ask(struct http_client *client, const char *method, const char *path,
			      const char *media, const void *body, size_t n,
			      struct http_answer_in *out)
{
	struct platform_message why = { 0 };

	memset(out, 0, sizeof *out);
	if (http_client_request(client, method, path, media, (struct assay_slice){ body, n },
				out, &why))
		return out->status;
	printf("# %s %s: %s: %s\n", method, path, why.what, why.why);
	return 0;
}
