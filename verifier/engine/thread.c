/* SPDX-License-Identifier: Apache-2.0
 * What a thread has for itself, and what it makes with it. */
#include "verifier/engine/internal.h"

#include <stdlib.h>
#include <string.h>

/* A worker judges each node once in a while: what it kept of keys would be cold anyway. */
enum { WORKER_AKS = 64 };

static bool hold(struct engine_thread *t, struct engine *e, bool worker,
		 struct platform_message *why)
{
	t->e = e;
	t->crypto = assay_crypto_new(NULL, NULL);
	t->aks = aks_new(worker && e->config.ak_cache > WORKER_AKS ? WORKER_AKS
								   : e->config.ak_cache);
	t->arena.n = assay_appraisal_bytes();
	t->arena.p = malloc(t->arena.n);
	t->ear = malloc(ENGINE_EAR_MAX);
	t->jwt = malloc(ASSAY_RESULT_MAX);
	if (!t->crypto || !t->aks || !t->arena.p || !t->ear || !t->jwt) {
		*why = (struct platform_message){ 0 };
		platform_message_what(why, "cannot start a thread");
		platform_message_why(why, "not enough memory, or OpenSSL gives no SHA-256");
		return false;
	}
	return !worker || store_open(e->config.store, &t->store, why) == STORE_DONE;
}

struct engine_thread *engine_thread_new(struct engine *e, bool worker,
					struct platform_message *why)
{
	struct engine_thread *t = calloc(1, sizeof *t);

	if (!t) {
		platform_message_what(why, "cannot start a thread");
		platform_message_why(why, "not enough memory");
		return NULL;
	}
	if (hold(t, e, worker, why))
		return t;
	engine_thread_free(t);
	return NULL;
}

void engine_thread_free(struct engine_thread *t)
{
	if (!t)
		return;
	if (t->store)
		store_close(t->store);
	assay_key_free(t->key);
	aks_free(t->aks);
	assay_crypto_free(t->crypto);
	userlog_drop(&t->log);
	free(t->arena.p);
	free(t->ids);
	free(t->ear);
	free(t->jwt);
	free(t->body);
	free(t);
}

struct assay_slice engine_write_ear(struct engine_thread *t, const char *node,
				    const struct assay_verdict *verdict, const char *policy,
				    struct assay_slice nonce, uint64_t now, uint64_t ends)
{
	struct assay_verdict v = *verdict;
	struct assay_submod submod = { .name = node, .verdict = &v, .policy_id = policy };
	struct assay_ear ear = {
		.iat = (int64_t)(now / 1000),
		.exp = (int64_t)(ends / 1000),
		.nonce = nonce,
		.developer = t->e->config.developer,
		.build = "assay " ASSAY_VERSION,
		.submods = &submod,
		.nsubmods = 1,
	};

	t->ear_n = assay_ear_write(&ear, t->ear, ENGINE_EAR_MAX);
	while (t->ear_n == 0 && v.nreasons > 1) {
		size_t kept = v.nreasons / 2;
		v.omitted += v.nreasons - kept;
		v.nreasons = kept;
		t->ear_n = assay_ear_write(&ear, t->ear, ENGINE_EAR_MAX);
	}
	if (t->ear_n == 0)
		engine_log(t->e, "the result of node %s could not be written", node);
	return reasons_in_ear((struct assay_slice){ (uint8_t *)t->ear, t->ear_n });
}

/* The key that signs now, built once for each that does. */
static bool take_key(struct engine_thread *t, const struct snapshot *s, uint64_t now)
{
	const struct keys_ear *ear = &s->keys.ear[keys_maker(&s->keys, KEYS_EAR, now)];

	if (t->key && t->key_serial == s->serial && strcmp(t->kid, ear->kid) == 0)
		return true;
	assay_key_free(t->key);
	t->key = assay_key_pem(t->crypto, ear->pem, true);
	t->key_serial = s->serial;
	memcpy(t->kid, ear->kid, sizeof t->kid);
	return t->key != NULL;
}

struct assay_slice engine_sign_ear(struct engine_thread *t, const struct snapshot *s,
				   uint64_t now)
{
	struct assay_slice payload = { (const uint8_t *)t->ear, t->ear_n };
	size_t n = take_key(t, s, now) ? assay_jws_sign(t->crypto, t->key, t->kid, payload,
							t->jwt, ASSAY_RESULT_MAX)
				       : 0;

	if (n == 0)
		engine_log(t->e, "cannot sign with the key %s", t->kid);
	return (struct assay_slice){ (const uint8_t *)t->jwt, n };
}

bool engine_challenge_next(struct engine_thread *t, const struct snapshot *s,
			   struct assay_slice ak_name, uint64_t now)
{
	size_t maker = keys_maker(&s->keys, KEYS_CHALLENGE, now);

	return assay_challenge_make(t->crypto, &s->keys.secrets[KEYS_CHALLENGE].secret[maker],
				    ASSAY_PURPOSE_EVIDENCE, ak_name, now, t->challenge);
}

struct assay_crypto *engine_thread_crypto(struct engine_thread *t)
{
	return t->crypto;
}

struct store *engine_thread_store(struct engine_thread *t)
{
	return t->store;
}

size_t engine_cookie_secrets(struct engine_thread *t, uint64_t now, struct assay_secret *out,
			     size_t max)
{
	struct snapshot *s = engine_snapshot(t->e);
	const struct keys_secrets *secrets = &s->keys.secrets[KEYS_COOKIE];
	size_t maker = keys_maker(&s->keys, KEYS_COOKIE, now), n = 0;

	if (max > 0)
		out[n++] = secrets->secret[maker];
	for (size_t i = 0; i < secrets->n && n < max; i++)
		if (i != maker)
			out[n++] = secrets->secret[i];
	snapshot_drop(s);
	return n;
}

bool engine_first_challenge(void *thread, struct assay_slice ak_name, uint64_t now,
			    uint8_t *out)
{
	struct engine_thread *t = thread;
	struct snapshot *s = engine_snapshot(t->e);
	bool ok = engine_challenge_next(t, s, ak_name, now);

	if (ok)
		memcpy(out, t->challenge, sizeof t->challenge);
	snapshot_drop(s);
	return ok;
}
