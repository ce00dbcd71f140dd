/* SPDX-License-Identifier: Apache-2.0
 *
 * A known node's message from its bytes to the answer's: challenge, receipt, quote, the new
 * entries of its list, verdict, the next receipt and challenge, the signed result; beside the
 * two signature operations alone, on contexts that are kept. */
#include "bench/bundle.h"
#include "bench/logs.h"

#include <assay/appraisal.h>
#include <assay/message.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 400, NEW = 3, NOW = 1000 * 1000 * 1000, LIFE = 300 * 1000, REFS = 1024 };

struct warm {
	struct assay_crypto *crypto;
	EVP_PKEY *ak_pkey;
	struct assay_key *ear_key;
	struct assay_ak ak;
	struct bench_out ak_pub, quote_msg, quote_sig;
	struct bench_log log;
	struct bench_list list;
	struct assay_policy policy;
	struct assay_refs refs;
	struct assay_arena refs_memory, arena;
	struct assay_slice node;
	uint8_t name[ASSAY_AK_NAME_MAX];
	size_t name_n;
	uint8_t challenge[ASSAY_CHALLENGE_SIZE];
	uint8_t sealed[ASSAY_RECEIPT_MAX], plain[ASSAY_RECEIPT_MAX], bundle[64 * 1024];
	uint8_t message[64 * 1024], answer[128 * 1024];
	char payload[64 * 1024], token[64 * 1024];
	size_t sealed_n, message_n;
	struct assay_receipt last, next;
	struct assay_claims claims;
	struct assay_appraisal out;
	size_t shown;
};

static const struct assay_secret challenge_secret = { 1, "a secret for challenges, a bench" };
static const struct assay_secret receipt_secret = { 2, "a secret for receipts, of a benc" };
static const uint8_t salt[ASSAY_RECEIPT_SALT] = "a salt that is always the same";

static void must(bool ok, const char *what)
{
	if (!ok)
		bench_die(what);
}

/* The bytes of the first n entries. */
static size_t bytes_of(const struct warm *w, size_t n)
{
	struct assay_ima list;
	struct assay_ima_entry e;
	struct assay_err err;
	size_t at = 0;

	must(assay_ima_open(&list, (struct assay_slice){ w->list.p, w->list.n }, &err), "list");
	while (list.index < n && assay_ima_next(&list, &e))
		at = e.offset + e.size;
	return at;
}

/* A quote after the first `bytes` of the list, for the challenge. */
static struct assay_bundle quote(struct warm *w, size_t bytes, uint64_t clock)
{
	struct assay_bundle b = { 0 };
	uint8_t digest[32];

	bench_log_replay(&w->log, 1);
	bench_pcr_digest(w->crypto, &w->log.bank, (struct assay_slice){ w->list.p, bytes },
			 digest);
	w->quote_msg.n = 0;
	bench_attest(&w->quote_msg, digest, w->challenge, clock);
	w->quote_sig.n = 0;
	bench_sign(&w->quote_sig, w->ak_pkey, &w->quote_msg);
	b.present[ASSAY_PART_QUOTE_MSG] = b.present[ASSAY_PART_QUOTE_SIG] =
		b.present[ASSAY_PART_AK_PUB] = b.present[ASSAY_PART_IMA_BINARY] = true;
	b.part[ASSAY_PART_QUOTE_MSG] = (struct assay_slice){ w->quote_msg.b, w->quote_msg.n };
	b.part[ASSAY_PART_QUOTE_SIG] = (struct assay_slice){ w->quote_sig.b, w->quote_sig.n };
	b.part[ASSAY_PART_AK_PUB] = (struct assay_slice){ w->ak_pub.b, w->ak_pub.n };
	b.part[ASSAY_PART_IMA_BINARY] = (struct assay_slice){ w->list.p, bytes };
	return b;
}

static bool learn_one(void *refs, const struct assay_ref *ref)
{
	return assay_refs_add(refs, ref) == ASSAY_F_OK;
}

static struct assay_expectation expectation(struct warm *w)
{
	return (struct assay_expectation){ .ak = &w->ak,
					   .bundle_ak = &w->ak,
					   .nonce_given = true,
					   .nonce = { w->challenge, sizeof w->challenge } };
}

/* Learns from the whole; judges the node in full, so that it has a receipt; writes the
 * message that goes on from there. */
static void prepare(struct warm *w)
{
	struct assay_expectation x = expectation(w);
	size_t before = bytes_of(w, ENTRIES), all = bytes_of(w, ENTRIES + NEW);
	struct assay_bundle b = quote(w, all, 1000);
	const char *refused = NULL;
	struct assay_err err;

	b.present[ASSAY_PART_EVENTLOG] = true;
	b.part[ASSAY_PART_EVENTLOG] = w->log.log;
	must(assay_claims_read(w->crypto, &b, NULL, 0, &w->arena, &w->claims, &err) &&
		     assay_learn(w->crypto, &w->claims, &x, (struct assay_slice){ 0 },
				 &w->arena, learn_one, &w->refs, &refused, &err) &&
		     !refused,
	     refused ? refused : "assay_learn");
	b = quote(w, before, 2000);
	b.present[ASSAY_PART_EVENTLOG] = true;
	b.part[ASSAY_PART_EVENTLOG] = w->log.log;
	w->arena.at = 0;
	must(assay_claims_read(w->crypto, &b, NULL, 0, &w->arena, &w->claims, &err) &&
		     assay_appraise(w->crypto, &w->claims, &x, &w->policy, &w->refs, &w->arena,
				    &w->out, &err) &&
		     w->out.verdict.status == ASSAY_AFFIRMING &&
		     assay_receipt_of(&w->claims, &w->out, &w->arena, &w->next),
	     "the full appraisal");
	w->next.node = w->node;
	w->next.ak_name = (struct assay_slice){ w->name, w->name_n };
	w->next.issued = NOW;
	w->next.ends = NOW + LIFE;
	w->next.good_until = ASSAY_RECEIPT_NEVER;
	w->sealed_n = assay_receipt_seal(w->crypto, &receipt_secret, salt, &w->next, w->sealed,
					 sizeof w->sealed);
	b = quote(w, all, 3000);
	b.part[ASSAY_PART_IMA_BINARY] =
		(struct assay_slice){ w->list.p + before, all - before };
	struct assay_evidence_message m = {
		.node = w->node,
		.challenge = { w->challenge, sizeof w->challenge },
		.receipt = { w->sealed, w->sealed_n },
		.from = ENTRIES,
		.bundle = { w->bundle, assay_bundle_write(&b, w->bundle, sizeof w->bundle) },
	};
	w->message_n = assay_evidence_message_write(&m, w->message, sizeof w->message);
	must(w->sealed_n > 0 && w->message_n > 0, "the message");
}

static bool see(void *ctx, const uint8_t *id)
{
	*(size_t *)ctx += id[0] | 1u;
	return true;
}

static size_t result(struct warm *w, uint64_t issued)
{
	struct assay_submod submod = { .name = "assay",
				       .verdict = &w->out.verdict,
				       .policy_id = w->policy.id };
	struct assay_ear ear = { .iat = (int64_t)(issued / 1000),
				 .exp = (int64_t)((issued + LIFE) / 1000),
				 .nonce = { w->challenge, sizeof w->challenge },
				 .developer = "assay",
				 .build = "assay " ASSAY_VERSION,
				 .submods = &submod,
				 .nsubmods = 1 };
	size_t n = assay_ear_write(&ear, w->payload, sizeof w->payload);

	return n ? assay_jws_sign(w->crypto, w->ear_key, "2026-11",
				  (struct assay_slice){ (const uint8_t *)w->payload, n },
				  w->token, sizeof w->token)
		 : 0;
}

/* The verdict, and the next receipt in w->sealed. */
static bool judge(struct warm *w, const struct assay_evidence_message *m,
		  const struct assay_bundle *b, const struct assay_quote_checked *checked)
{
	struct assay_expectation x = expectation(w);
	struct assay_receipt_want want = { .node = m->node,
					   .ak_name = { w->name, w->name_n },
					   .now = NOW };
	struct assay_err err;

	x.checked = checked;
	w->arena.at = 0;
	if (assay_receipt_open(w->crypto, &receipt_secret, 1, &want, m->receipt, w->plain,
			       &w->last) != ASSAY_RECALL_GOOD ||
	    assay_resume(w->crypto, b, &w->last, m->from, &w->claims, &err) != ASSAY_GOING_ON ||
	    assay_appraise_resumed(w->crypto, &w->claims, &x, &w->policy, &w->refs, &w->last, 0,
				   &w->arena, &w->out, &err) != ASSAY_GOING_ON ||
	    !assay_shown(w->crypto, &w->claims, &w->out, see, &w->shown, &err) ||
	    !assay_receipt_of(&w->claims, &w->out, &w->arena, &w->next))
		return false;
	w->next.node = m->node;
	w->next.ak_name = want.ak_name;
	w->next.issued = NOW;
	w->next.ends = NOW + LIFE;
	w->next.good_until = ASSAY_RECEIPT_NEVER;
	w->sealed_n = assay_receipt_merge(&w->next, &w->last)
			      ? assay_receipt_seal(w->crypto, &receipt_secret, salt, &w->next,
						   w->sealed, sizeof w->sealed)
			      : 0;
	return w->sealed_n > 0 && w->out.verdict.status == ASSAY_AFFIRMING &&
	       w->out.ima_good == NEW;
}

static bool appraise(struct warm *w)
{
	struct assay_evidence_message m;
	struct assay_bundle b;
	struct assay_quote q;
	struct assay_quote_checked checked;
	struct assay_err err;
	uint64_t issued;
	uint8_t challenge[ASSAY_CHALLENGE_SIZE];
	struct assay_slice name = { w->name, w->name_n };

	if (!assay_evidence_message_read((struct assay_slice){ w->message, w->message_n }, &m,
					 &err) ||
	    !assay_bundle_read(m.bundle, &b, &err) ||
	    assay_challenge_check(w->crypto, &challenge_secret, 1, ASSAY_PURPOSE_EVIDENCE, name,
				  NOW, LIFE, m.challenge, &issued) != ASSAY_RECALL_GOOD ||
	    !assay_quote_check(w->crypto, &b, &w->ak, &q, &checked, &err) ||
	    !assay_quote_answers(w->crypto, &b, &q, m.challenge, &err) ||
	    !judge(w, &m, &b, &checked) ||
	    !assay_challenge_make(w->crypto, &challenge_secret, ASSAY_PURPOSE_EVIDENCE, name,
				  NOW, challenge))
		return false;
	struct assay_answer a = {
		.result = { (const uint8_t *)w->token, result(w, issued) },
		.challenge = { challenge, sizeof challenge },
		.receipt = { w->sealed, w->sealed_n },
		.life = LIFE,
		.interval = LIFE,
	};
	return assay_answer_write(&a, w->answer, sizeof w->answer) > 0;
}

static double warm(void *ctx, size_t times)
{
	double from = bench_cpu();

	for (size_t i = 0; i < times; i++)
		must(appraise(ctx), "a message that is good was refused");
	return bench_cpu() - from;
}

/* One verification and one signature, nothing else. */
struct bare {
	EVP_PKEY_CTX *verify, *sign;
	uint8_t digest[32], sig[512];
	size_t sig_n;
};

static double bare(void *ctx, size_t times)
{
	struct bare *b = ctx;
	uint8_t der[80];
	double from = bench_cpu();

	for (size_t i = 0; i < times; i++) {
		size_t n = sizeof der;
		must(EVP_PKEY_verify(b->verify, b->sig, b->sig_n, b->digest, 32) == 1 &&
			     EVP_PKEY_sign(b->sign, der, &n, b->digest, 32) == 1,
		     "OpenSSL's own signatures");
	}
	return bench_cpu() - from;
}

static void bare_make(struct bare *b, const struct warm *w, EVP_PKEY *ear, bool rsa)
{
	EVP_PKEY_CTX *once = EVP_PKEY_CTX_new_from_pkey(NULL, w->ak_pkey, NULL);

	b->verify = EVP_PKEY_CTX_new_from_pkey(NULL, w->ak_pkey, NULL);
	b->sign = EVP_PKEY_CTX_new_from_pkey(NULL, ear, NULL);
	b->sig_n = sizeof b->sig;
	must(once && EVP_PKEY_sign_init(once) == 1 &&
		     EVP_PKEY_CTX_set_signature_md(once, EVP_sha256()) == 1 &&
		     EVP_PKEY_sign(once, b->sig, &b->sig_n, b->digest, 32) == 1 &&
		     EVP_PKEY_verify_init(b->verify) == 1 &&
		     (!rsa ||
		      EVP_PKEY_CTX_set_rsa_padding(b->verify, RSA_PKCS1_PADDING) == 1) &&
		     EVP_PKEY_CTX_set_signature_md(b->verify, EVP_sha256()) == 1 &&
		     EVP_PKEY_sign_init(b->sign) == 1,
	     "OpenSSL's own contexts");
	EVP_PKEY_CTX_free(once);
}

static struct assay_key *private_key(struct warm *w, EVP_PKEY *pkey)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p = NULL;

	must(bio && PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1, "PEM");
	long n = BIO_get_mem_data(bio, &p);
	struct assay_key *key = assay_key_pem(
		w->crypto, (struct assay_slice){ (const uint8_t *)p, (size_t)n }, true);
	BIO_free(bio);
	must(key != NULL, "the key of results");
	return key;
}

static void one(const char *evidence, bool rsa, const char *figure, double target)
{
	struct warm *w = calloc(1, sizeof *w);
	struct bare b = { .digest = { 7 } };
	struct assay_digest aggregate;
	struct assay_err err;
	EVP_PKEY *ear = EVP_EC_gen("P-256");

	must(w && ear, "memory");
	bench_log_load(&w->log, evidence);
	bench_log_replay(&w->log, 1);
	w->crypto = w->log.crypto;
	must(assay_ima_boot_aggregate(w->crypto, &w->log.bank, &aggregate), "aggregate");
	bench_list_make(&w->list, ENTRIES + NEW, aggregate.b, NULL);
	w->ak_pkey = rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	w->ear_key = private_key(w, ear);
	w->node = (struct assay_slice){ (const uint8_t *)"rack-7.node-12", 14 };
	assay_policy_default(&w->policy);
	w->arena.n = assay_appraisal_bytes();
	w->arena.p = malloc(w->arena.n);
	w->refs_memory.n = assay_refs_bytes(REFS, 64 * REFS);
	w->refs_memory.p = malloc(w->refs_memory.n);
	bench_public(&w->ak_pub, w->ak_pkey);
	must(assay_refs_init(&w->refs, &w->refs_memory, REFS, 64 * REFS) &&
		     assay_ak_read(w->crypto, (struct assay_slice){ w->ak_pub.b, w->ak_pub.n },
				   &w->ak, &err),
	     "the attestation key");
	w->name_n = assay_public_name(w->crypto, &w->ak.pub, w->name);
	must(assay_challenge_make(w->crypto, &challenge_secret, ASSAY_PURPOSE_EVIDENCE,
				  (struct assay_slice){ w->name, w->name_n }, NOW,
				  w->challenge),
	     "assay_challenge_make");
	prepare(w);
	bare_make(&b, w, ear, rsa);
	bench_row(figure,
		  bench_run((struct bench_work){ warm, w, 1 },
			    (struct bench_work){ bare, &b, 1 }, 31),
		  BENCH_PERCENT, target);
	EVP_PKEY_CTX_free(b.verify);
	EVP_PKEY_CTX_free(b.sign);
	EVP_PKEY_free(w->ak_pkey);
	EVP_PKEY_free(ear);
	assay_key_free(w->ear_key);
	assay_key_free(w->ak.key);
	free(w->arena.p);
	free(w->refs_memory.p);
	bench_list_drop(&w->list);
	bench_log_drop(&w->log);
	free(w);
}

void bench_warm(const char *evidence)
{
	one(evidence, true, "warm appraisal, RSA-2048 AK | bare AK verify and EAR sign", 0.75);
	one(evidence, false, "warm appraisal, P-256 AK | bare AK verify and EAR sign", 0);
}
