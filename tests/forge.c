/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/forge.h"

#include <openssl/ec.h>
#include <openssl/evp.h>

static void put(uint8_t *p, size_t *n, uint64_t v, size_t width, bool big)
{
	for (size_t i = 0; i < width; i++)
		p[*n + i] = (uint8_t)(v >> 8 * (big ? width - 1 - i : i));
	*n += width;
}

static void put_bytes(uint8_t *p, size_t *n, const void *s, size_t len)
{
	if (len > 0)
		memcpy(p + *n, s, len);
	*n += len;
}

static void sha256(const void *p, size_t n, uint8_t *out)
{
	EVP_Digest(p, n, out, NULL, EVP_sha256(), NULL);
}

void forge_digest(struct forge *f, struct forged_event *e, const void *p, size_t n)
{
	(void)f;
	sha256(p, n, e->digest);
}

struct forged_event *forge_insert(struct forge *f, size_t at, uint32_t pcr, uint32_t type,
				  const void *data, size_t n)
{
	struct forged_event *e = &f->events[at];

	memmove(e + 1, e, (f->nevents++ - at) * sizeof *e);
	*e = (struct forged_event){ .pcr = pcr, .type = type, .n = n };
	if (n > 0)
		memcpy(e->data, data, n);
	if (type != (uint32_t)ASSAY_EV_NO_ACTION)
		forge_digest(f, e, data, n);
	return e;
}

void forge_remove(struct forge *f, size_t at)
{
	memmove(&f->events[at], &f->events[at + 1], (--f->nevents - at) * sizeof *f->events);
}

struct forged_event *forge_find(struct forge *f, uint32_t pcr, const void *text, size_t n)
{
	for (size_t i = 0; i < f->nevents; i++)
		if (f->events[i].pcr == pcr &&
		    memmem(f->events[i].data, f->events[i].n, text, n))
			return &f->events[i];
	return NULL;
}

static void add_entry(uint8_t *list, size_t *nlist, const char *path, const uint8_t *digest,
		      size_t n, bool violation)
{
	uint8_t data[1024], hash[20] = { 0 };
	size_t at = 0, name = strlen(path) + 1;

	put(data, &at, 8 + n, 4, false);
	put_bytes(data, &at, "sha256:", 8);
	put_bytes(data, &at, digest, n);
	put(data, &at, name, 4, false);
	put_bytes(data, &at, path, name);
	if (!violation)
		EVP_Digest(data, at, hash, NULL, EVP_sha1(), NULL);
	put(list, nlist, 10, 4, false);
	put_bytes(list, nlist, hash, 20);
	put(list, nlist, 6, 4, false);
	put_bytes(list, nlist, "ima-ng", 6);
	put(list, nlist, at, 4, false);
	put_bytes(list, nlist, data, at);
}

void forge_ima(struct forge *f, const char *path, const uint8_t *digest, size_t n,
	       bool violation)
{
	add_entry(f->rest, &f->nrest, path, digest, n, violation);
}

void forge_ima_first(struct forge *f, const char *path, const uint8_t *digest, size_t n)
{
	uint8_t entry[2048];
	size_t len = 0;

	add_entry(entry, &len, path, digest, n, false);
	memmove(f->rest + len, f->rest, f->nrest);
	memcpy(f->rest, entry, len);
	f->nrest += len;
}

/* Each record's pcr; not covered by its template hash. */
static void move_list(struct forge *f)
{
	struct assay_ima ima;
	struct assay_ima_entry e;
	struct assay_err err;
	size_t at;

	if (f->ima_pcr == 10 ||
	    !assay_ima_open(&ima, (struct assay_slice){ f->ima, f->nima }, &err))
		return;
	while (assay_ima_next(&ima, &e)) {
		at = e.offset;
		put(f->ima, &at, f->ima_pcr, 4, false);
	}
}

/* The list as this boot would have it: its own boot_aggregate first. */
static void write_list(struct forge *f)
{
	struct assay_bank b;
	struct assay_startup startup;
	struct assay_digest d = { 0 };
	struct assay_err err;

	if (!assay_bank_reset(&b, ASSAY_SHA256) ||
	    !assay_eventlog_replay(f->crypto, (struct assay_slice){ f->log, f->nlog }, &b, 1,
				   &startup, &err) ||
	    !assay_ima_boot_aggregate(f->crypto, &b, &d))
		return;
	if (f->stale_aggregate)
		d.b[0] ^= 1;
	f->nima = 0;
	if (!f->no_aggregate)
		add_entry(f->ima, &f->nima, "boot_aggregate", d.b, d.n, false);
	put_bytes(f->ima, &f->nima, f->rest, f->nrest);
	move_list(f);
}

static void write_log(struct forge *f)
{
	static const uint8_t spec[] = "Spec ID Event03\0\0\0\0\0\0\2\0\2\1\0\0\0\x0b\0\x20\0";

	f->nlog = 0;
	put(f->log, &f->nlog, 0, 4, false);
	put(f->log, &f->nlog, ASSAY_EV_NO_ACTION, 4, false);
	memset(f->log + f->nlog, 0, 20);
	f->nlog += 20;
	put(f->log, &f->nlog, sizeof spec, 4, false);
	put_bytes(f->log, &f->nlog, spec, sizeof spec);
	for (size_t i = 0; i < f->nevents; i++) {
		const struct forged_event *e = &f->events[i];
		put(f->log, &f->nlog, e->pcr, 4, false);
		put(f->log, &f->nlog, e->type, 4, false);
		put(f->log, &f->nlog, 1, 4, false);
		put(f->log, &f->nlog, ASSAY_SHA256, 2, false);
		put_bytes(f->log, &f->nlog, e->digest, 32);
		put(f->log, &f->nlog, e->n, 4, false);
		put_bytes(f->log, &f->nlog, e->data, e->n);
	}
}

/* What the machine's PCRs hold: the log, user space, the list, and what no log shows. */
static struct assay_bank machine(struct forge *f)
{
	struct assay_bank b = { 0 };
	struct assay_startup startup;
	struct assay_err err;
	struct assay_ima ima;
	struct assay_ima_entry e;
	uint8_t v[ASSAY_DIGEST_MAX], sha1[ASSAY_DIGEST_MAX];

	if (f->extra.alg != 0)
		return f->extra;
	if (!assay_bank_reset(&b, f->bank) ||
	    !assay_eventlog_replay(f->crypto, (struct assay_slice){ f->log, f->nlog }, &b, 1,
				   &startup, &err))
		return b;
	for (size_t i = 0; i < f->nusers; i++)
		(void)!assay_bank_extend(f->crypto, &b, f->users[i].pcr,
					 (struct assay_slice){ f->users[i].digests[0].b, 32 });
	if (!assay_ima_open(&ima, (struct assay_slice){ f->ima, f->nima }, &err))
		return b;
	while (assay_ima_next(&ima, &e)) {
		(void)!assay_ima_check(f->crypto, &e, sha1);
		(void)!assay_ima_extend_value(f->crypto, &e, f->bank, ASSAY_IMA_NATIVE, sha1,
					      v);
		(void)!assay_bank_extend(f->crypto, &b, e.pcr,
					 (struct assay_slice){ v, b.size });
	}
	return b;
}

static void write_values(struct forge *f, const struct assay_bank *b)
{
	int n = snprintf(f->values, sizeof f->values, "  %s:\n", assay_alg_name(b->alg));

	for (int p = 0; p < ASSAY_PCRS; p++) {
		n += snprintf(f->values + n, sizeof f->values - (size_t)n, "    %-2d: 0x", p);
		for (size_t i = 0; i < b->size; i++)
			n += snprintf(f->values + n, sizeof f->values - (size_t)n, "%02X",
				      b->value[p][i]);
		n += snprintf(f->values + n, sizeof f->values - (size_t)n, "\n");
	}
}

static void write_public(struct forge *f)
{
	uint8_t point[65];
	size_t n = 0;

	EVP_PKEY_get_octet_string_param(f->key, "encoded-pub-key", point, sizeof point, &n);
	f->nak = 0;
	put(f->ak, &f->nak, 0x0023, 2, true);
	put(f->ak, &f->nak, ASSAY_SHA256, 2, true);
	put(f->ak, &f->nak, f->attributes, 4, true);
	put(f->ak, &f->nak, 0, 2, true);
	put(f->ak, &f->nak, 0x0010, 2, true);
	put(f->ak, &f->nak, ASSAY_ECDSA, 2, true);
	put(f->ak, &f->nak, f->scheme_hash, 2, true);
	put(f->ak, &f->nak, ASSAY_P256, 2, true);
	put(f->ak, &f->nak, 0x0010, 2, true);
	put(f->ak, &f->nak, 32, 2, true);
	put_bytes(f->ak, &f->nak, point + 1, 32);
	put(f->ak, &f->nak, 32, 2, true);
	put_bytes(f->ak, &f->nak, point + 33, 32);
}

static void write_quote(struct forge *f, const struct assay_bank *b)
{
	uint8_t values[ASSAY_PCRS * ASSAY_DIGEST_MAX], digest[32], qn[2 + ASSAY_DIGEST_MAX];
	size_t n = 0, nqn = 0;
	struct assay_public pub;
	struct assay_err err;

	if (assay_public_read((struct assay_slice){ f->ak, f->nak }, &pub, &err))
		nqn = assay_public_qualified_name(f->crypto, &pub, f->hierarchy, qn);

	for (int p = 0; p < ASSAY_PCRS; p++)
		if (f->pcrs & 1u << p)
			put_bytes(values, &n, b->value[p], b->size);
	sha256(values, n, digest);
	f->nmsg = 0;
	put(f->msg, &f->nmsg, 0xff544347, 4, true);
	put(f->msg, &f->nmsg, 0x8018, 2, true);
	put(f->msg, &f->nmsg, nqn, 2, true);
	put_bytes(f->msg, &f->nmsg, qn, nqn);
	put(f->msg, &f->nmsg, sizeof f->nonce, 2, true);
	put_bytes(f->msg, &f->nmsg, f->nonce, sizeof f->nonce);
	put(f->msg, &f->nmsg, f->clock, 8, true);
	put(f->msg, &f->nmsg, f->resets, 4, true);
	put(f->msg, &f->nmsg, 0, 4, true);
	put(f->msg, &f->nmsg, !f->unsafe_clock, 1, true);
	put(f->msg, &f->nmsg, 7, 8, true);
	put(f->msg, &f->nmsg, 1, 4, true);
	put(f->msg, &f->nmsg, f->bank, 2, true);
	put(f->msg, &f->nmsg, 3, 1, true);
	put(f->msg, &f->nmsg, f->pcrs, 3, false);
	put(f->msg, &f->nmsg, 32, 2, true);
	put_bytes(f->msg, &f->nmsg, digest, 32);
}

/* DER ECDSA-Sig-Value to TPMT_SIGNATURE. */
static void write_signature(struct forge *f)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[128];
	size_t n = sizeof der, at = 2;

	EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, f->key);
	EVP_DigestSign(ctx, der, &n, f->msg, f->nmsg);
	EVP_MD_CTX_free(ctx);
	f->nsig = 0;
	put(f->sig, &f->nsig, ASSAY_ECDSA, 2, true);
	put(f->sig, &f->nsig, ASSAY_SHA256, 2, true);
	for (int i = 0; i < 2; i++) {
		size_t len = der[at + 1];
		const uint8_t *p = der + at + 2;
		at += 2 + len;
		for (; len > 32; len--)
			p++;
		put(f->sig, &f->nsig, len, 2, true);
		put_bytes(f->sig, &f->nsig, p, len);
	}
}

void forge_write(struct forge *f)
{
	write_log(f);
	write_list(f);
	struct assay_bank b = machine(f);
	write_public(f);
	write_values(f, &b);
	write_quote(f, &b);
	write_signature(f);
}

struct assay_bundle forge_bundle(struct forge *f)
{
	struct assay_bundle b = { 0 };
#define PART(which, bytes, size)                                                               \
	b.present[ASSAY_PART_##which] = true;                                                  \
	b.part[ASSAY_PART_##which] = (struct assay_slice){ bytes, size }
	PART(QUOTE_MSG, f->msg, f->nmsg);
	PART(QUOTE_SIG, f->sig, f->nsig);
	PART(AK_PUB, f->ak, f->nak);
	PART(EVENTLOG, f->log, f->nlog);
	PART(IMA_BINARY, f->ima, f->nima);
	b.present[ASSAY_PART_EVENTLOG] = !f->no_log;
	if (f->with_values) {
		PART(PCRS, (uint8_t *)f->values, strlen(f->values));
	}
#undef PART
	return b;
}

void forge_judge_again(struct forge *f)
{
	struct assay_bundle b = forge_bundle(f);
	struct assay_ak ak;

	f->memory.at = 0;
	f->out = (struct assay_appraisal){ 0 };
	f->judged = assay_ak_read(f->crypto, b.part[ASSAY_PART_AK_PUB], &ak, &f->err);
	if (!f->judged)
		return;
	struct assay_expectation expect = { .ak = &ak,
					    .bundle_ak = &ak,
					    .nonce_given = true,
					    .nonce = { f->nonce, sizeof f->nonce } };
	f->judged = assay_claims_read(f->crypto, &b, f->users, f->nusers, &f->memory,
				      &f->claims, &f->err) &&
		    assay_appraise(f->crypto, &f->claims, &expect, &f->policy, &f->refs,
				   &f->memory, &f->out, &f->err);
	assay_key_free(ak.key);
}

void forge_judge(struct forge *f)
{
	forge_write(f);
	forge_judge_again(f);
}

bool forge_affirms(const struct forge *f)
{
	return f->judged && f->out.verdict.status == ASSAY_AFFIRMING;
}

bool forge_says(const struct forge *f, const char *word)
{
	for (size_t i = 0; f->judged && i < f->out.verdict.nreasons; i++) {
		const struct assay_reason *r = &f->out.verdict.reasons[i];
		if (strcmp(assay_reason_info(r->code)->word, word) == 0 &&
		    r->severity != ASSAY_SEVERITY_INFO)
			return true;
	}
	return false;
}

void forge_explain(const struct forge *f)
{
	if (!f->judged)
		printf("# fault %s: %s at %zu\n", assay_fault_word(f->err.fault), f->err.field,
		       f->err.offset);
	else
		printf("# %s\n", assay_tier_name(f->out.verdict.status));
	for (size_t i = 0; f->judged && i < f->out.verdict.nreasons; i++) {
		const struct assay_reason *r = &f->out.verdict.reasons[i];
		printf("# %s: %s: %s\n", assay_reason_info(r->code)->word,
		       r->where ? r->where : "", r->found ? r->found : "");
	}
}

static bool learn_one(void *ctx, const struct assay_ref *ref)
{
	return assay_refs_add(ctx, ref) == ASSAY_F_OK;
}

static void read_events(struct forge *f, struct assay_slice in)
{
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_err err;

	if (!assay_eventlog_open(&log, in, &err))
		return;
	while (assay_eventlog_next(&log, &ev)) {
		struct assay_slice d = assay_event_digest(&ev, ASSAY_SHA256);
		struct forged_event *e = &f->events[f->nevents];
		if (ev.index == 0 || d.n != 32 || ev.data.n > sizeof e->data)
			continue;
		*e = (struct forged_event){ .pcr = ev.pcrIndex,
					    .type = ev.eventType,
					    .n = ev.data.n };
		memcpy(e->digest, d.p, 32);
		if (ev.data.n > 0)
			memcpy(e->data, ev.data.p, ev.data.n);
		f->nevents++;
	}
}

static void read_list(struct forge *f, struct assay_slice in)
{
	struct assay_ima ima;
	struct assay_ima_entry e;
	struct assay_err err;

	if (!assay_ima_open(&ima, in, &err) || !assay_ima_next(&ima, &e))
		return;
	put_bytes(f->rest, &f->nrest, in.p + e.size, in.n - e.size);
}

static bool learn_from(struct forge *f)
{
	const char *refused = NULL;
	struct assay_ak ak;

	forge_judge(f);
	if (!f->judged ||
	    !assay_ak_read(f->crypto, (struct assay_slice){ f->ak, f->nak }, &ak, &f->err))
		return false;
	struct assay_expectation expect = { .ak = &ak };
	bool ok = assay_learn(f->crypto, &f->claims, &expect,
			      (struct assay_slice){ (const uint8_t *)"forge", 5 }, &f->memory,
			      learn_one, &f->refs, &refused, &f->err);
	assay_key_free(ak.key);
	return ok && !refused;
}

struct forge *forge_new(const char *name)
{
	struct forge *f = calloc(1, sizeof *f);
	char path[256];

	if (!f)
		exit(1);
	f->crypto = assay_crypto_new(NULL, NULL);
	f->key = EVP_EC_gen("P-256");
	f->bank = ASSAY_SHA256;
	f->pcrs = 0x47ff;
	f->ima_pcr = 10;
	f->clock = 12345;
	f->resets = 1;
	f->hierarchy = 0x4000000b;
	f->scheme_hash = ASSAY_SHA256;
	f->attributes = ASSAY_OBJECT_ATTESTATION | ASSAY_OBJECT_userWithAuth;
	memset(f->nonce, 0x5a, sizeof f->nonce);
	assay_policy_default(&f->policy);
	f->memory.n = assay_appraisal_bytes();
	f->memory.p = malloc(f->memory.n);
	f->refs_memory.n = assay_refs_bytes(FORGE_REFS, 64 * FORGE_REFS);
	f->refs_memory.p = malloc(f->refs_memory.n);
	snprintf(path, sizeof path, "tests/evidence/%s/binary_bios_measurements", name);
	struct assay_slice log = test_file(path);
	read_events(f, log);
	free((void *)(uintptr_t)log.p);
	snprintf(path, sizeof path, "tests/evidence/%s/binary_runtime_measurements", name);
	struct assay_slice ima = test_file(path);
	read_list(f, ima);
	free((void *)(uintptr_t)ima.p);
	if (!assay_refs_init(&f->refs, &f->refs_memory, FORGE_REFS, 64 * FORGE_REFS) ||
	    !learn_from(f)) {
		printf("Bail out! cannot learn from %s\n", name);
		exit(1);
	}
	return f;
}

void forge_free(struct forge *f)
{
	EVP_PKEY_free(f->key);
	assay_crypto_free(f->crypto);
	free(f->memory.p);
	free(f->refs_memory.p);
	free(f);
}
