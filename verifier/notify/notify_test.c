/* SPDX-License-Identifier: Apache-2.0
 * Signatures of web hooks, and a hook that is down beside one that is up. */
#include "platform/http.h"
#include "platform/http/test_pki.h"
#include "tests/tap.h"
#include "verifier/notify/notify.h"

#include <assay/crypto.h>
#include <pthread.h>
#include <stdatomic.h>

static struct assay_slice str(const char *s)
{
	return (struct assay_slice){ (const uint8_t *)s, strlen(s) };
}

/* The example of the Standard Webhooks specification and its libraries' tests. */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SIGNED "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static void sign_rows(void)
{
	static const struct {
		const char *name, *secrets, *want; /* NULL: refused */
	} rows[] = {
		{ "the specification's example", SECRET, SIGNED },
		{ "a line's end behind it", SECRET "\n", SIGNED },
		{ "two secrets", SECRET "\n" SECRET "\n", SIGNED " " SIGNED },
		{ "none", "", NULL },
		{ "an empty line alone", "\n", NULL },
		{ "no prefix", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", NULL },
		{ "no base64", "whsec_!!!!", NULL },
		{ "16 bytes", "whsec_AAAAAAAAAAAAAAAAAAAAAA==", NULL },
		{ "one good and one bad", SECRET "\nwhsec_x", NULL },
	};
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	char out[256];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool good = notify_sign(crypto, str(rows[i].secrets),
					"msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
					str("{\"test\": 2432232314}"), out, sizeof out);
		tap_ok(rows[i].want ? good && !strcmp(out, rows[i].want) : !good, "sign: %s",
		       rows[i].name);
	}
	tap_ok(!notify_sign(crypto, str(SECRET), "a", "1", str(""), out, strlen(SIGNED)),
	       "sign: no room");
	assay_crypto_free(crypto);
}

/* A receiver that refuses the first `refuse` requests and notes the order of the rest. */
static atomic_int refuse, attempts;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int order[64];
static size_t heard;

static void handle(void *ctx, void *thread, struct http_exchange *x)
{
	struct assay_slice body = http_body(x);
	char text[2048] = "";

	(void)ctx, (void)thread;
	atomic_fetch_add(&attempts, 1);
	if (atomic_fetch_sub(&refuse, 1) > 0) {
		http_answer(x, 500, NULL, (struct assay_slice){ 0 }, NULL, 0);
		return;
	}
	memcpy(text, body.p, body.n < sizeof text - 1 ? body.n : sizeof text - 1);
	const char *seq = strstr(text, "\"seq\":");
	pthread_mutex_lock(&lock);
	if (heard < 64)
		order[heard++] = seq ? atoi(seq + 6) : -1;
	pthread_mutex_unlock(&lock);
	http_answer(x, 204, NULL, (struct assay_slice){ 0 }, NULL, 0);
}

static size_t heard_after(size_t want, unsigned ms)
{
	size_t n = 0;

	for (unsigned i = 0; i < ms / 10; i++) {
		pthread_mutex_lock(&lock);
		n = heard;
		pthread_mutex_unlock(&lock);
		if (n >= want)
			break;
		usleep(10000);
	}
	return n;
}

/* An event: a revocation of a node of that name changes nothing that is not there, so nodes are
 * enrolled and revoked. */
static void node_event(struct store *s, int i)
{
	const struct store_actor actor = { "test", "operator", "", "" };
	struct store_token token = { .made = 1, .ends = 1u << 30 };
	struct store_node node = { .ak_name_n = 34, .reasons = str("[]") };
	struct store_revocation r = { .kind = STORE_REVOKED_NODE,
				      .time = 1,
				      .reason = str("x") };
	uint64_t seq;

	snprintf(token.id, sizeof token.id, "t%d", i);
	snprintf(token.node, sizeof token.node, "n%d", i);
	memset(token.hash, i + 1, sizeof token.hash);
	memcpy(node.id, token.node, sizeof node.id);
	memset(node.ak_name, i + 1, 34);
	memset(node.ek_digest, i + 1, 32);
	node.ak_pub = (struct assay_slice){ node.ak_name, 34 };
	snprintf(r.subject, sizeof r.subject, "n%d", i);
	if (store_token_add(s, &token, &actor) != STORE_DONE ||
	    store_node_enrol(s, token.hash, &node, 2) != STORE_DONE ||
	    store_revoke(s, &r, str("[]"), &actor, 3, &seq) != STORE_DONE)
		printf("# %s: %s\n", store_why(s)->what, store_why(s)->why);
}

static bool in_order(size_t from, size_t n)
{
	for (size_t i = from + 1; i < from + n; i++)
		if (order[i] <= order[i - 1])
			return false;
	return true;
}

static void hook_rows(void)
{
	char folder[] = "/tmp/assay-notify-XXXXXX", url[64], store_url[64], secret[64], rm[64];
	struct platform_message why = { 0 };
	const struct http_server_config http = { .address = "127.0.0.1",
						 .listen_fd = -1,
						 .threads = 1,
						 .max_body = 65536,
						 .max_connections = 16,
						 .request_seconds = 10,
						 .body_seconds = 10,
						 .idle_seconds = 60,
						 .handle = handle };
	struct store *store = NULL;

	if (!mkdtemp(folder))
		abort();
	snprintf(store_url, sizeof store_url, "sqlite:%s/db", folder);
	snprintf(secret, sizeof secret, "%s/secret", folder);
	FILE *f = fopen(secret, "w");
	if (!f || fputs(SECRET "\n", f) < 0 || fclose(f) != 0)
		abort();
	struct http_server *server = http_server_start(&http, &why);
	if (!server || store_open(store_url, &store, &why) != STORE_DONE)
		abort();
	snprintf(url, sizeof url, "http://127.0.0.1:%u/hook", http_server_port(server));
	const struct notify_hook hooks[] = { { "down", "http://127.0.0.1:1/", secret, NULL },
					     { "up", url, secret, NULL } };
	struct notify_config config = { store_url, hooks, 2, 1000, 20, 100, false };
	uint64_t at;

	node_event(store, 0);
	struct notify *n = notify_start(&config, &why);
	for (int i = 0; i < 500 && store_hook_get(store, "up", &at) != STORE_DONE; i++)
		usleep(10000);
	usleep(50000);
	tap_ok(n && heard_after(1, 200) == 0, "a new hook begins with the next event");
	atomic_store(&refuse, 3);
	for (int i = 1; i <= 5; i++)
		node_event(store, i);
	notify_kick(n);
	tap_ok(heard_after(5, 5000) == 5 && in_order(0, 5),
	       "five events, in order, beside a hook that is down");
	tap_ok(atomic_load(&attempts) == 8, "three attempts were refused and made again");
	notify_stop(n);
	for (int i = 6; i <= 8; i++)
		node_event(store, i);
	config.idle = true;
	n = notify_start(&config, &why);
	notify_kick(n);
	tap_ok(n && heard_after(6, 300) == 5, "one that is only looked at tells nobody");
	notify_stop(n);
	config.idle = false;
	n = notify_start(&config, &why);
	tap_ok(heard_after(8, 5000) == 8 && in_order(0, 8),
	       "a restart loses and repeats nothing");
	notify_stop(n);
	struct notify_hook bad = { "UP", url, secret, NULL };
	config.hooks = &bad;
	config.nhooks = 1;
	tap_ok(!notify_start(&config, &why), "a name that is none");
	bad = (struct notify_hook){ "up", "example", secret, NULL };
	tap_ok(!notify_start(&config, &why), "an url that is none");
	store_close(store);
	http_server_stop(server, 1);
	snprintf(rm, sizeof rm, "rm -rf %s", folder);
	if (system(rm) != 0)
		abort();
}

int main(void)
{
	sign_rows();
	hook_rows();
	return tap_done();
}
