/* SPDX-License-Identifier: Apache-2.0
 * Every route of the table with every certificate that may not, and with those that may: over
 * TLS, against the whole verifier. */
#include "tests/tap.h"
#include "verifier/api/call.h"
#include "verifier/api/routes.h"
#include "verifier/api/test_service.h"

#include <assay/message.h>
#include <sys/stat.h>

static const struct {
	const char *name, *file;
	unsigned role; /* 0: none or nobody's */
	bool verified;
} certs[] = {
	{ "no certificate", NULL, 0, false },
	{ "a foreign CA's operator", "foreign.pem", 0, false },
	{ "an expired operator", "expired.pem", 0, false },
	{ "a revoked operator", "revoked.pem", 0, false },
	{ "nobody's OU", "nobody.pem", 0, true },
	{ "no OU", "none.pem", 0, true },
	{ "an OU that differs in case", "case.pem", 0, true },
	{ "a viewer", "viewer.pem", API_VIEWER, true },
	{ "a relying party", "relying-party.pem", API_RELYING_PARTY, true },
	{ "an operator", "good.pem", API_OPERATOR, true },
};
enum { CERTS = sizeof certs / sizeof *certs };

static int ask(struct http_client *client, const struct api_route *r,
	       struct http_answer_in *out)
{
	static const char json[] = "{\"node\":1}";
	char path[128], *hole;

	snprintf(path, sizeof path, "%s", r->pattern);
	hole = strstr(path, "{id}");
	if (hole)
		memmove(hole + 1, hole + 4, strlen(hole + 4) + 1), *hole = 'x';
	if (r->takes == API_MESSAGE)
		return service_ask(client, r->method, path, ASSAY_MEDIA_MESSAGE, "\x80", 1,
				   out);
	if (r->takes == API_JSON)
		return service_ask(client, r->method, path, "application/json", json,
				   sizeof json - 1, out);
	return service_ask(client, r->method, path, NULL, NULL, 0, out);
}

static int wanted(const struct api_route *r, size_t cert)
{
	if (r->roles == 0 || (certs[cert].role & r->roles))
		return 0;
	return certs[cert].verified ? 403 : 401;
}

static void one_route(struct http_client *const *client, const struct api_route *r)
{
	for (size_t i = 0; i < CERTS; i++) {
		struct http_answer_in out;
		/* a stream has no end: asked for where it is refused alone */
		int want = wanted(r, i);
		if (want == 0 && strcmp(r->operation, "events") == 0)
			continue;
		int got = ask(client[i], r, &out);
		bool problem = strcmp(out.media, "application/problem+json") == 0;
		bool good = want ? got == want && problem : got && got != 401 && got != 403;
		tap_ok(good && got < 500, "%s %s by %s: %d", r->method, r->pattern,
		       certs[i].name, got);
	}
}

static int enrol(struct http_client *client)
{
	struct http_answer_in out;

	return service_ask(client, "POST", "/v1/enrol", ASSAY_MEDIA_MESSAGE, "\x80", 1, &out);
}

/* A reload saw good roots, and then they were gone: the old ones do not go on. */
static void roots_gone(struct service *s, const char *roots, struct http_client *client)
{
	if (rmdir(roots) != 0)
		abort();
	atomic_fetch_add(&s->api->load, 1);
	tap_ok(enrol(client) == 500 && enrol(client) == 500,
	       "roots that cannot be read enrol nobody");
	if (mkdir(roots, 0700) != 0)
		abort();
	tap_ok(enrol(client) == 400, "and are read as soon as they are there");
}

int main(void)
{
	char roots[] = "/tmp/assay-roots-XXXXXX";
	const struct api_config config = { .workers = 2,
					   .queue = 64,
					   .subscribers = 4,
					   .max_body = 1 << 20,
					   .ek_roots = mkdtemp(roots) };
	struct http_client *client[CERTS];
	struct service s;

	service_start(&s, &config);
	pki_client(&s.pki, "viewer.pem", "vera", "viewer", 11, 3600, false);
	pki_client(&s.pki, "relying-party.pem", "rob", "relying-party", 12, 3600, false);
	pki_client(&s.pki, "nobody.pem", "nina", "nobody", 13, 3600, false);
	pki_client(&s.pki, "none.pem", "nick", NULL, 14, 3600, false);
	pki_client(&s.pki, "case.pem", "carl", "Operator", 15, 3600, false);
	for (size_t i = 0; i < CERTS; i++)
		client[i] = service_client(&s, certs[i].file);
	for (size_t i = 0; i < api_nroutes; i++)
		one_route(client, &api_routes[i]);
	roots_gone(&s, roots, client[0]);
	for (size_t i = 0; i < CERTS; i++)
		http_client_free(client[i]);
	service_stop(&s);
	(void)rmdir(roots);
	return tap_done();
}
