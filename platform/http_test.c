/* SPDX-License-Identifier: Apache-2.0
 *
 * Server and client with each other; http_bad_test.c has those who misbehave. */
#include "platform/http/test_server.h"
#include "tests/tap.h"

#include <sys/eventfd.h>

static struct pki pki;
static const struct assay_slice nothing = { NULL, 0 };

static void basics(bool tls)
{
	const char *kind = tls ? "TLS" : "plain";
	struct platform_message why;
	struct http_server_config config = test_config(&pki, tls);
	struct http_server *server = http_server_start(&config, &why);
	char text[4096], body[3000];

	if (!tap_ok(server != NULL, "%s: starts", kind)) {
		printf("# %s: %s\n", why.what, why.why);
		return;
	}
	struct http_client *c = test_client(&pki, server, tls, NULL);
	tap_ok(test_ask(c, "GET", "/hello", nothing, text, sizeof(text)) == 200 &&
		       strcmp(text, "hello") == 0,
	       "%s: GET", kind);
	memset(body, 'b', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	tap_ok(test_ask(c, "POST", "/echo", test_text(body), text, sizeof(text)) == 200 &&
		       strcmp(text, body) == 0,
	       "%s: POST comes back", kind);
	tap_ok(test_ask(c, "GET", "/later?ms=30", nothing, text, sizeof(text)) == 200 &&
		       strcmp(text, "later") == 0,
	       "%s: answered by another thread", kind);
	tap_ok(test_ask(c, "HEAD", "/hello", nothing, text, sizeof(text)) == 200 && !*text,
	       "%s: HEAD has no body", kind);
	tap_ok(test_ask(c, "DELETE", "/nowhere", nothing, text, sizeof(text)) == 404 &&
		       strcmp(text, "/nowhere") == 0,
	       "%s: DELETE", kind);
	tap_ok(http_server_connections(server) == 1, "%s: all on one connection", kind);
	http_client_free(c);
	http_server_stop(server, 1);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	pki_make(&pki);
	basics(false);
	basics(true);
	pki_drop(&pki);
	return tap_done();
}
