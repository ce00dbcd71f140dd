/* SPDX-License-Identifier: Apache-2.0
 * assay-lab-verifier - stands in for assayd before an agent under test: takes what comes,
 * writes down what it was, and answers as a script says. It trusts everybody; only the quote
 * itself is checked, to the AK that came with it and to the challenge that was given out.
 *
 *   assay-lab-verifier DIR [CERT KEY]
 *
 *   DIR/port      where it listens on 127.0.0.1 (TLS with CERT and KEY)
 *   DIR/log       one line for each message
 *   DIR/script    how the next messages are answered, one word a line, taken from the front:
 *                 appraised send-all challenge no-receipt garbage html 403 429 503 (with
 *                 Retry-After: 1) slow (3 s) never; without a line: appraised
 *   DIR/interval  milliseconds (60000)
 */
#include "platform/file.h"
#include "platform/http.h"

#include <assay/endorsement.h>
#include <assay/evidence/bundle.h>
#include <assay/evidence/ima.h>
#include <assay/merkle.h>
#include <assay/message.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { SECRET = 32 };

static struct {
	const char *folder;
	struct assay_crypto *crypto;
	FILE *log;
	uint8_t challenge[SECRET], secret[SECRET];
	unsigned messages;
	uint64_t covered; /* entries that came so far */
} lab;

static const char *path_of(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof path, "%s/%s", lab.folder, name);
	return path;
}

static void write_down(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void write_down(const char *format, ...)
{
	struct timespec t;
	va_list ap;

	clock_gettime(CLOCK_REALTIME, &t);
	fprintf(lab.log, "%lld %u ", (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000,
		++lab.messages);
	va_start(ap, format);
	vfprintf(lab.log, format, ap);
	va_end(ap);
	fputc('\n', lab.log);
	fflush(lab.log);
}

/* Takes the first line of the script into out. */
static void next_word(char *out, size_t cap)
{
	struct assay_slice file = { 0 };
	struct platform_message why;

	snprintf(out, cap, "appraised");
	if (!platform_file_read(path_of("script"), 1 << 16, &file, &why))
		return;
	const uint8_t *end = file.n > 0 ? memchr(file.p, '\n', file.n) : NULL;
	if (end) {
		size_t n = (size_t)(end - file.p);
		snprintf(out, cap, "%.*s", (int)n, (const char *)file.p);
		(void)!platform_file_write_atomic(
			path_of("script"), (struct assay_slice){ end + 1, file.n - n - 1 },
			0644, &why);
	}
	platform_file_drop(&file);
}

static uint64_t interval(void)
{
	FILE *f = fopen(path_of("interval"), "r");
	unsigned long ms = 60000;

	if (f && fscanf(f, "%lu", &ms) != 1)
		ms = 60000;
	if (f)
		fclose(f);
	return ms;
}

static struct assay_slice fresh(uint8_t *p)
{
	if (getrandom(p, SECRET, 0) != SECRET)
		abort();
	return (struct assay_slice){ p, SECRET };
}

static void give(struct http_exchange *x, const uint8_t *p, size_t n)
{
	http_answer(x, 200, ASSAY_MEDIA_MESSAGE, (struct assay_slice){ p, n }, NULL, 0);
}

static void refuse(struct http_exchange *x, int status)
{
	static const char body[] = "{\"type\":\"tag:assay.invalid,2026:problem/lab\","
				   "\"title\":\"as the script says\",\"status\":0}";
	const struct http_field again = { "retry-after", "1" };

	http_answer(x, status, "application/problem+json",
		    (struct assay_slice){ (const uint8_t *)body, sizeof body - 1 }, &again,
		    status != 403);
}

/* Whether the quote is signed by the AK of the bundle and answers the challenge. */
static const char *check_quote(const struct assay_bundle *b)
{
	struct assay_signature sig;
	struct assay_batch_path path;
	struct assay_err err = { 0 };
	struct assay_public pub;
	struct assay_quote q;
	const struct assay_slice challenge = { lab.challenge, SECRET };

	if (!assay_quote_read(b->part[ASSAY_PART_QUOTE_MSG], &q, &err) ||
	    !assay_signature_read(b->part[ASSAY_PART_QUOTE_SIG], &sig, &err) ||
	    !assay_public_read(b->part[ASSAY_PART_AK_PUB], &pub, &err))
		return "unreadable";
	struct assay_key *key = assay_public_key(lab.crypto, &pub);
	bool good = key && assay_quote_verify(lab.crypto, key, &pub, &q, &sig);
	assay_key_free(key);
	if (!good)
		return "unsigned";
	if (!b->present[ASSAY_PART_BATCH])
		return q.extraData.n == SECRET &&
				       memcmp(q.extraData.p, lab.challenge, SECRET) == 0
			       ? "good"
			       : "stale";
	return assay_batch_path_read(b->part[ASSAY_PART_BATCH], &path, &err) &&
			       path.index == 0 &&
			       assay_batch_verify(lab.crypto, challenge, &path, q.extraData)
		       ? "batch"
		       : "stale";
}

static uint64_t entries(struct assay_slice list)
{
	struct assay_ima_entry e;
	struct assay_err err = { 0 };
	struct assay_ima ima;
	uint64_t n = 0;

	if (!assay_ima_open(&ima, list, &err))
		return 0;
	while (assay_ima_next(&ima, &e))
		n++;
	return err.fault == ASSAY_F_OK ? n : UINT64_MAX;
}

static void write_evidence(const struct assay_evidence_message *m, const struct assay_bundle *b,
			   const char *word)
{
	uint64_t n = entries(b->part[ASSAY_PART_IMA_BINARY]);
	char parts[256] = "";

	for (enum assay_part part = 0; part < ASSAY_PARTS_N; part++)
		if (b->present[part])
			snprintf(parts + strlen(parts), sizeof parts - strlen(parts), "%s%s",
				 *parts ? "," : "", assay_part_name(part));
	write_down("evidence %s node=%.*s quote=%s receipt=%s from=%llu entries=%llu size=%zu "
		   "parts=%s",
		   word, (int)m->node.n, (const char *)m->node.p, check_quote(b),
		   m->receipt.n == 0        ? "none"
		   : m->from == lab.covered ? "good"
					    : "wrong",
		   (unsigned long long)m->from, (unsigned long long)n, m->bundle.n, parts);
	if (strcmp(word, "appraised") == 0)
		lab.covered = m->from + n;
}

static void answer_evidence(struct http_exchange *x, const char *word)
{
	static const char result[] = "e30.e30.c2ln", receipt[] = "a receipt";
	const struct assay_slice empty = { 0 };
	struct assay_answer a = { .challenge = fresh(lab.challenge),
				  .interval = interval(),
				  .life = 2 * interval() };
	uint8_t out[512];

	a.outcome = strcmp(word, "send-all") == 0    ? ASSAY_OUTCOME_SEND_ALL
		    : strcmp(word, "challenge") == 0 ? ASSAY_OUTCOME_CHALLENGE
						     : ASSAY_OUTCOME_APPRAISED;
	if (a.outcome == ASSAY_OUTCOME_APPRAISED) {
		a.result = (struct assay_slice){ (const uint8_t *)result, sizeof result - 1 };
		a.receipt = (struct assay_slice){ (const uint8_t *)receipt, sizeof receipt };
		if (strcmp(word, "no-receipt") == 0)
			a.receipt = empty;
	}
	give(x, out, assay_answer_write(&a, out, sizeof out));
}

static void *later(void *x)
{
	sleep(3);
	answer_evidence(x, "appraised");
	return NULL;
}

static void evidence(struct http_exchange *x)
{
	struct assay_evidence_message m;
	struct assay_bundle b;
	struct assay_err err = { 0 };
	pthread_t thread;
	char word[32];

	if (!assay_evidence_message_read(http_body(x), &m, &err) ||
	    !assay_bundle_read(m.bundle, &b, &err)) {
		write_down("malformed %s", err.field);
		refuse(x, 400);
		return;
	}
	next_word(word, sizeof word);
	write_evidence(&m, &b, word);
	if (strcmp(word, "garbage") == 0)
		give(x, (const uint8_t *)"\x87\x01", 2);
	else if (strcmp(word, "html") == 0)
		http_answer(x, 200, "text/html", (struct assay_slice){ 0 }, NULL, 0);
	else if (atoi(word) > 0)
		refuse(x, atoi(word));
	else if (strcmp(word, "slow") == 0 && pthread_create(&thread, NULL, later, x) == 0)
		pthread_detach(thread);
	else if (strcmp(word, "never") != 0)
		answer_evidence(x, word);
}

static void enrol_begin(struct http_exchange *x, const struct assay_enrol_request *m)
{
	struct assay_enrol_answer a = { .cookie = { (const uint8_t *)"crumbs", 6 } };
	uint8_t random[ASSAY_CREDENTIAL_RANDOM], out[4096];
	struct assay_credential c;
	struct assay_public ek, ak;
	struct assay_err err = { 0 };

	write_down("begin node=%.*s token=%.*s cert=%zu", (int)m->node.n,
		   (const char *)m->node.p, (int)m->token.n, (const char *)m->token.p,
		   m->ek_cert.n);
	if (m->token.n != 6 || memcmp(m->token.p, "secret", 6) != 0 ||
	    getrandom(random, sizeof random, 0) != sizeof random ||
	    !assay_public_read(m->ek_pub, &ek, &err) ||
	    !assay_public_read(m->ak_pub, &ak, &err) ||
	    !assay_credential_make(lab.crypto, &ek, &ak, fresh(lab.secret), random, &c, &err)) {
		refuse(x, 403);
		return;
	}
	a.id_object = (struct assay_slice){ c.id_object, c.id_object_n };
	a.secret = (struct assay_slice){ c.secret, c.secret_n };
	give(x, out, assay_enrol_answer_write(&a, out, sizeof out));
}

static void enrol_finish(struct http_exchange *x, const struct assay_enrol_request *m)
{
	struct assay_enrol_answer a = { .done = true,
					.node = { (const uint8_t *)"node", 4 },
					.challenge = fresh(lab.challenge) };
	bool good = m->secret.n == SECRET && memcmp(m->secret.p, lab.secret, SECRET) == 0 &&
		    m->cookie.n == 6 && memcmp(m->cookie.p, "crumbs", 6) == 0;
	uint8_t out[4096];

	write_down("finish secret=%s", good ? "good" : "wrong");
	if (good)
		give(x, out, assay_enrol_answer_write(&a, out, sizeof out));
	else
		refuse(x, 403);
}

static void handle(void *ctx, void *thread, struct http_exchange *x)
{
	const char *path = http_path(x);
	struct assay_enrol_request enrol;
	struct assay_challenge_request who;
	struct assay_err err = { 0 };
	uint8_t out[64];

	(void)ctx;
	(void)thread;
	if (strcmp(path, "/v1/evidence") == 0) {
		evidence(x);
	} else if (strcmp(path, "/v1/challenge") == 0 &&
		   assay_challenge_request_read(http_body(x), &who, &err)) {
		write_down("challenge node=%.*s name=%zu", (int)who.node.n,
			   (const char *)who.node.p, who.ak_name.n);
		give(x, out,
		     assay_challenge_answer_write(fresh(lab.challenge), out, sizeof out));
	} else if (strcmp(path, "/v1/enrol") == 0 &&
		   assay_enrol_request_read(http_body(x), &enrol, &err)) {
		if (enrol.finish)
			enrol_finish(x, &enrol);
		else
			enrol_begin(x, &enrol);
	} else {
		write_down("malformed %s %s", path, err.field ? err.field : "");
		refuse(x, 400);
	}
}

int main(int argc, char **argv)
{
	struct http_server_config config = {
		.address = "127.0.0.1",
		.listen_fd = -1,
		.threads = 1,
		.max_body = 64 << 20,
		.max_connections = 64,
		.request_seconds = 10,
		.body_seconds = 10,
		.idle_seconds = 75,
		.handle = handle,
	};
	struct platform_message why = { 0 };
	char port[16];
	sigset_t set;
	int signal;

	if (argc != 2 && argc != 4)
		return 2;
	lab.folder = argv[1];
	lab.crypto = assay_crypto_new(NULL, NULL);
	lab.log = fopen(path_of("log"), "a");
	if (argc == 4) {
		config.cert = argv[2];
		config.key = argv[3];
	}
	/* the port of before, so that an agent finds a server that was restarted */
	struct assay_slice old = { 0 };
	if (platform_file_read(path_of("port"), 16, &old, &why))
		config.port = (uint16_t)atoi((const char *)old.p);
	platform_file_drop(&old);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	struct http_server *server =
		lab.crypto && lab.log ? http_server_start(&config, &why) : NULL;
	if (!server) {
		platform_message_print("assay-lab-verifier", &why, false);
		return 5;
	}
	snprintf(port, sizeof port, "%u\n", http_server_port(server));
	if (!platform_file_write_atomic(
		    path_of("port"),
		    (struct assay_slice){ (const uint8_t *)port, strlen(port) }, 0644, &why))
		return 5;
	sigwait(&set, &signal);
	http_server_stop(server, 0);
	fclose(lab.log);
	assay_crypto_free(lab.crypto);
	return 0;
}
