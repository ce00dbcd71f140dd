/* SPDX-License-Identifier: Apache-2.0
 *
 * The digest of a set of references and policy. What is added is framed (each number eight
 * bytes, each text behind its length), collected, and chained: digest = H(digest || piece). */
#include "verifier/engine/snapshot.h"

#include <string.h>

struct sum {
	struct assay_crypto *crypto;
	uint8_t digest[32];
	uint8_t piece[32 * 1024];
	size_t n;
	bool failed;
};

static void flush(struct sum *s)
{
	struct assay_slice parts[2] = { { s->digest, sizeof s->digest }, { s->piece, s->n } };
	struct assay_digest d;

	if (assay_hash(s->crypto, ASSAY_SHA256, parts, 2, &d))
		memcpy(s->digest, d.b, sizeof s->digest);
	else
		s->failed = true;
	s->n = 0;
}

static void add(struct sum *s, const void *p, size_t n)
{
	for (size_t done = 0, some; done < n; done += some) {
		if (s->n == sizeof s->piece)
			flush(s);
		some = sizeof s->piece - s->n;
		some = some < n - done ? some : n - done;
		memcpy(s->piece + s->n, (const uint8_t *)p + done, some);
		s->n += some;
	}
}

static void number(struct sum *s, uint64_t v)
{
	uint8_t b[8];

	for (size_t i = 0; i < sizeof b; i++)
		b[i] = (uint8_t)(v >> 8 * (7 - i));
	add(s, b, sizeof b);
}

static void text(struct sum *s, struct assay_slice t)
{
	number(s, t.n);
	add(s, t.p, t.n);
}

static void add_policy(struct sum *s, const struct assay_policy *p)
{
	text(s, (struct assay_slice){ (const uint8_t *)p->id, strlen(p->id) });
	number(s, p->nbanks);
	for (size_t i = 0; i < p->nbanks; i++)
		number(s, p->banks[i]);
	number(s, p->nhashes);
	for (size_t i = 0; i < p->nhashes; i++)
		number(s, p->hashes[i]);
	number(s, p->min_rsa_bits);
	number(s, p->pcrs_quoted);
	number(s, p->pcrs_judged);
	number(s, p->present);
	number(s, p->secure_boot);
	number(s, p->min_sbat_level);
	number(s, p->nforbidden);
	for (size_t i = 0; i < p->nforbidden; i++)
		text(s, p->forbidden[i]);
	number(s, p->ima);
	number(s, p->result_life);
	/* by its word: the number of a reason differs from version to version */
	for (int i = 0; i < ASSAY_REASON_CODES_N; i++) {
		const char *word = assay_reason_info((enum assay_reason_code)i)->word;
		text(s, (struct assay_slice){ (const uint8_t *)word, strlen(word) });
		number(s, (uint64_t)p->severity[i]);
	}
}

static void add_reference(struct sum *s, const struct assay_ref *r)
{
	number(s, (uint64_t)r->place << 48 | (uint64_t)r->kind << 32 |
			  (uint64_t)r->state << 16 | r->alg);
	text(s, r->digest);
	text(s, r->name);
}

bool snapshot_digest(struct assay_crypto *crypto, const struct assay_policy *policy,
		     const struct assay_refs *refs, uint8_t out[32])
{
	struct sum s = { .crypto = crypto };

	text(&s, (struct assay_slice){ (const uint8_t *)"assay-generation-1", 18 });
	add_policy(&s, policy);
	number(&s, refs->n);
	for (uint32_t i = 0; i < refs->n; i++) {
		struct assay_ref r = assay_refs_get(refs, i);
		add_reference(&s, &r);
	}
	flush(&s);
	memcpy(out, s.digest, sizeof s.digest);
	return !s.failed;
}
