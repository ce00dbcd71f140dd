/* SPDX-License-Identifier: Apache-2.0
 *
 * An IMA list of 50,000 entries: template hash checked (SHA-1), the SHA-256
 * bank extended, each file looked up among 1,000,000 references; beside the
 * same three hashes done bare. */
#include "bench/logs.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 50000, REFERENCES = 1000000 };

static void replay(struct bench_ima *b, const struct assay_ima_entry *e)
{
	uint8_t sha1[ASSAY_DIGEST_MAX], v[ASSAY_DIGEST_MAX];

	if (!assay_ima_check(b->crypto, e, sha1) ||
	    !assay_ima_extend_value(b->crypto, e, ASSAY_SHA256, ASSAY_IMA_NATIVE, sha1, v) ||
	    !assay_bank_extend(b->crypto, &b->bank, e->pcr, (struct assay_slice){ v, 32 }))
		bench_die("an entry that is good was refused");
}

/* As core/appraisal does: several at once, so that memory is not waited for. */
static void look_up(struct bench_ima *b, const struct assay_ima_entry *e, size_t n)
{
	struct assay_slice names[ASSAY_REFS_BATCH];
	int64_t at;

	for (size_t i = 0; i < n; i++)
		names[i] = e[i].name;
	assay_refs_prefetch(b->refs, names, n);
	for (size_t i = 0; i < n; i++)
		if (assay_refs_match_file(b->refs, e[i].digest_alg, e[i].digest, e[i].name,
					  &at) == ASSAY_MATCH_GOOD)
			b->good++;
}

static void appraise(struct bench_ima *b)
{
	/* an ASCII entry lives until the next is read */
	const size_t batch = b->ascii.n ? 1 : ASSAY_REFS_BATCH;
	struct assay_ima_entry e[ASSAY_REFS_BATCH];
	struct assay_ima list;
	struct assay_err err;
	size_t n;

	b->good = 0;
	if (!assay_bank_reset(&b->bank, ASSAY_SHA256) ||
	    !(b->ascii.n ? assay_ima_open_ascii(&list, b->ascii, b->scratch, ASSAY_IMA_DATA_MAX,
						&err)
			 : assay_ima_open(&list, b->list, &err)))
		bench_die("assay_ima_open");
	do {
		for (n = 0; n < batch && assay_ima_next(&list, &e[n]); n++)
			replay(b, &e[n]);
		if (b->refs)
			look_up(b, e, n);
	} while (n == batch);
	if (err.fault != ASSAY_F_OK)
		bench_die("assay_ima_next");
}

double bench_ima_appraise(void *ctx, size_t times)
{
	double from = bench_cpu();

	for (size_t i = 0; i < times; i++)
		appraise(ctx);
	return bench_cpu() - from;
}

struct bare {
	EVP_MD *sha1, *sha256;
	EVP_MD_CTX *ctx1, *ctx256;
	struct assay_slice *data;
	size_t n;
	uint8_t value[32];
};

static void hash(EVP_MD_CTX *ctx, const EVP_MD *md, const void *p, size_t n, uint8_t *out)
{
	if (!EVP_DigestInit_ex2(ctx, md, NULL) || !EVP_DigestUpdate(ctx, p, n) ||
	    !EVP_DigestFinal_ex(ctx, out, NULL))
		bench_die("EVP_Digest");
}

static double bare_hashes(void *ctx, size_t times)
{
	struct bare *b = ctx;
	uint8_t sha1[20], both[64];
	double from = bench_cpu();

	for (size_t t = 0; t < times; t++) {
		memset(b->value, 0, sizeof b->value);
		for (size_t i = 0; i < b->n; i++) {
			hash(b->ctx1, b->sha1, b->data[i].p, b->data[i].n, sha1);
			memcpy(both, b->value, 32);
			hash(b->ctx256, b->sha256, b->data[i].p, b->data[i].n, both + 32);
			hash(b->ctx256, b->sha256, both, sizeof both, b->value);
		}
	}
	return bench_cpu() - from;
}

static void collect(struct bare *b, struct assay_slice in)
{
	struct assay_ima list;
	struct assay_ima_entry e;
	struct assay_err err;

	*b = (struct bare){ .sha1 = EVP_MD_fetch(NULL, "SHA1", NULL),
			    .sha256 = EVP_MD_fetch(NULL, "SHA256", NULL),
			    .ctx1 = EVP_MD_CTX_new(),
			    .ctx256 = EVP_MD_CTX_new(),
			    .data = malloc(ENTRIES * sizeof *b->data) };
	if (!b->sha1 || !b->sha256 || !b->ctx1 || !b->ctx256 || !b->data ||
	    !assay_ima_open(&list, in, &err))
		bench_die("IMA list");
	while (assay_ima_next(&list, &e) && b->n < ENTRIES)
		b->data[b->n++] = e.data;
}

static void drop(struct bare *b)
{
	EVP_MD_CTX_free(b->ctx1);
	EVP_MD_CTX_free(b->ctx256);
	EVP_MD_free(b->sha1);
	EVP_MD_free(b->sha256);
	free(b->data);
}

void bench_ima(void)
{
	static const uint8_t aggregate[32] = { 1 };
	struct bench_list made;
	struct assay_refs refs;
	struct bare b;
	void *memory;

	bench_list_make(&made, ENTRIES, aggregate, NULL);
	bench_refs_make(&refs, REFERENCES, NULL, &memory);
	struct bench_ima ours = { .crypto = assay_crypto_new(NULL, NULL),
				  .list = { made.p, made.n } };
	struct bench_work w = { bench_ima_appraise, &ours, ENTRIES };
	struct bench_work peer = { bare_hashes, &b, ENTRIES };

	if (!ours.crypto)
		bench_die("assay_crypto_new");
	collect(&b, ours.list);
	bench_row("IMA entry, read and replayed | bare hashes", bench_run(w, peer, 21),
		  BENCH_PERCENT, 0);
	ours.refs = &refs;
	bench_row("IMA entry, replayed and looked up in 1 M | bare hashes",
		  bench_run(w, peer, 21), BENCH_PERCENT, 0.6);
	if (ours.good != ENTRIES - 1 || memcmp(b.value, ours.bank.value[10], 32) != 0)
		bench_die("each file must be found, and both must come to the same PCR 10");
	drop(&b);
	assay_crypto_free(ours.crypto);
	free(memory);
	bench_list_drop(&made);
}
