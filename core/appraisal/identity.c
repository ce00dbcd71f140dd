/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose key signed, for which challenge, and what the quote covers. */
#include "core/appraisal/judge.h"
#include <assay/merkle.h>

enum { NONCE_MIN = 8 }; /* bytes; a shorter challenge can be guessed or met again */

static void text_algs(struct text *t, const uint16_t *algs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		text_str(t, i > 0 ? ", " : "");
		text_str(t, assay_alg_name(algs[i]));
	}
}

static void text_key(struct judge *j, struct text *t, const struct assay_ak *ak)
{
	uint8_t name[2 + ASSAY_DIGEST_MAX];

	if (!ak->has_public) {
		text_str(t, "a PEM key without attributes");
		return;
	}
	text_str(t, "Name ");
	text_hex(t, (struct assay_slice){ name, assay_public_name(j->crypto, &ak->pub, name) });
}

static bool same_key(struct judge *j, const struct assay_ak *a, const struct assay_ak *b)
{
	uint8_t name_a[2 + ASSAY_DIGEST_MAX], name_b[2 + ASSAY_DIGEST_MAX];

	if (a == b)
		return true;
	if (!a->has_public || !b->has_public)
		return assay_key_equal(a->key, b->key);
	size_t n = assay_public_name(j->crypto, &a->pub, name_a);

	return n > 0 && n == assay_public_name(j->crypto, &b->pub, name_b) &&
	       memcmp(name_a, name_b, n) == 0;
}

static void judge_attributes(struct judge *j, const struct assay_public *pub)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} needed[] = {
		{ ASSAY_OBJECT_fixedTPM, "fixedTPM" },
		{ ASSAY_OBJECT_fixedParent, "fixedParent" },
		{ ASSAY_OBJECT_sensitiveDataOrigin, "sensitiveDataOrigin" },
		{ ASSAY_OBJECT_restricted, "restricted" },
		{ ASSAY_OBJECT_sign, "sign" },
	};
	static const struct {
		uint32_t bit;
		const char *name;
	} barred[] = {
		{ ASSAY_OBJECT_decrypt, "decrypt" },
		{ ASSAY_OBJECT_encryptedDuplication, "encryptedDuplication" },
		{ ASSAY_OBJECT_x509sign, "x509sign" },
	};
	uint32_t has = pub->objectAttributes;
	char buf[JUDGE_TEXT];
	struct text t = text_over(buf, sizeof buf);

	if ((has & ASSAY_OBJECT_ATTESTATION) == ASSAY_OBJECT_ATTESTATION &&
	    !(has & ASSAY_OBJECT_NOT_ATTESTATION))
		return;
	text_str(&t, "objectAttributes ");
	text_hex_u64(&t, has, 8);
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!(has & needed[i].bit)) {
			text_str(&t, ", not ");
			text_str(&t, needed[i].name);
		}
	for (size_t i = 0; i < sizeof barred / sizeof *barred; i++)
		if (has & barred[i].bit) {
			text_str(&t, ", ");
			text_str(&t, barred[i].name);
		}
	judge_add(j, ASSAY_R_IDENTITY_KEY_ATTRIBUTES, "ak.pub", buf,
		  "fixedTPM, fixedParent, sensitiveDataOrigin, restricted, sign, not decrypt");
}

/* In the owner hierarchy a TPM obfuscates counters and firmware version. */
static void judge_hierarchy(struct judge *j, const struct assay_ak *ak)
{
	struct assay_slice owner = { ak->owner_name, ak->owner_name_n };

	if (owner.n > 0 && slice_eq(j->claims->quote.qualifiedSigner, owner))
		judge_add(j, ASSAY_R_IDENTITY_PARENT, "quote.msg, qualifiedSigner",
			  "a primary key of the owner hierarchy", NULL);
}

static void judge_key(struct judge *j, const struct assay_ak *ak)
{
	char buf[64];
	struct text t = text_over(buf, sizeof buf);

	if (assay_key_type(ak->key) == ASSAY_KEY_RSA &&
	    assay_key_bits(ak->key) < j->policy->min_rsa_bits) {
		text_str(&t, "RSA ");
		text_u64(&t, assay_key_bits(ak->key));
		judge_add(j, ASSAY_R_IDENTITY_KEY_WEAK, "ak.pub", buf, NULL);
	}
	if (!ak->has_public)
		return;
	judge_attributes(j, &ak->pub);
	judge_hierarchy(j, ak);
}

/* The very bytes, at the very place: what was verified is this and not its like. */
static bool is_same(struct assay_slice a, struct assay_slice b)
{
	return a.p == b.p && a.n == b.n && a.n > 0;
}

static bool verified_before(const struct judge *j, const struct assay_ak *ak)
{
	const struct assay_quote_checked *k = j->expect->checked;
	const struct assay_bundle *b = &j->claims->bundle;

	return k && k->key == ak->key && is_same(k->message, b->part[ASSAY_PART_QUOTE_MSG]) &&
	       is_same(k->signature, b->part[ASSAY_PART_QUOTE_SIG]);
}

static void judge_signature(struct judge *j, const struct assay_ak *ak)
{
	const struct assay_claims *c = j->claims;
	struct assay_verdict *v = &j->out->verdict;

	j->out->signature_ok =
		verified_before(j, ak) ||
		assay_quote_verify(j->crypto, ak->key, ak->has_public ? &ak->pub : NULL,
				   &c->quote, &c->signature);
	if (!j->out->signature_ok) {
		judge_add(j, ASSAY_R_QUOTE_SIGNATURE_INVALID, "quote.sig", NULL, NULL);
		for (size_t i = 0; i < ASSAY_CLAIMS_N; i++)
			v->vector[i] = 99;
	}
	if (!judge_accepts_hash(j, c->signature.hash)) {
		char buf[64];
		struct text t = text_over(buf, sizeof buf);
		text_algs(&t, j->policy->hashes, j->policy->nhashes);
		judge_add(j, ASSAY_R_QUOTE_HASH_WEAK, "quote.sig, hash",
			  assay_alg_name(c->signature.hash), buf);
	}
}

/* A place in a batch is read also when nobody asks for it: what cannot be read is a fault. */
static bool read_batch(const struct assay_bundle *b, struct assay_batch_path *path,
		       struct assay_err *err)
{
	if (!b->present[ASSAY_PART_BATCH] ||
	    assay_batch_path_read(b->part[ASSAY_PART_BATCH], path, err))
		return true;
	err->artefact = assay_part_name(ASSAY_PART_BATCH);
	return false;
}

bool assay_quote_answers(struct assay_crypto *crypto, const struct assay_bundle *bundle,
			 const struct assay_quote *quote, struct assay_slice nonce,
			 struct assay_err *err)
{
	struct assay_batch_path path;

	*err = (struct assay_err){ 0 };
	if (!read_batch(bundle, &path, err))
		return false;
	if (bundle->present[ASSAY_PART_BATCH])
		return assay_batch_verify(crypto, nonce, &path, quote->extraData);
	return nonce.n > 0 && slice_eq(quote->extraData, nonce);
}

static void report_nonce(struct judge *j, const char *found)
{
	char expected[JUDGE_TEXT];
	struct text e = text_over(expected, sizeof expected);

	if (j->claims->bundle.present[ASSAY_PART_BATCH])
		text_str(&e, "the batch nonce to which its path leads from ");
	text_hex(&e, j->expect->nonce);
	judge_add(j, ASSAY_R_QUOTE_NONCE_MISMATCH, "quote.msg, extraData", found, expected);
}

static bool judge_freshness(struct judge *j)
{
	const struct assay_quote *quote = &j->claims->quote;
	bool answers = assay_quote_answers(j->crypto, &j->claims->bundle, quote,
					   j->expect->nonce, j->err);
	char found[JUDGE_TEXT];
	struct text f = text_over(found, sizeof found);

	if (j->err->fault != ASSAY_F_OK)
		return false;
	text_hex(&f, quote->extraData);
	if (j->expect->nonce_given && j->expect->nonce.n >= NONCE_MIN) {
		if (!answers)
			report_nonce(j, found);
	} else if (j->expect->archive && !j->expect->nonce_given) {
		judge_add(j, ASSAY_R_QUOTE_ARCHIVE, "quote.msg, extraData", found, NULL);
	} else {
		judge_add(j, ASSAY_R_QUOTE_FRESHNESS_UNCHECKED, "quote.msg, extraData", found,
			  NULL);
	}
	if (!quote->safe)
		judge_add(j, ASSAY_R_QUOTE_CLOCK_UNSAFE, "quote.msg, clockInfo.safe", "NO",
			  "YES");
	return true;
}

/* own: the bundle's key; named: whose it must be, NULL when nobody says. */
static void report_key(struct judge *j, const struct assay_ak *named,
		       const struct assay_ak *own)
{
	char found[JUDGE_TEXT], expected[JUDGE_TEXT];
	struct text f = text_over(found, sizeof found),
		    e = text_over(expected, sizeof expected);

	if (own)
		text_key(j, &f, own);
	else
		text_str(&f, "no key at all");
	if (named)
		text_key(j, &e, named);
	judge_add(j, named ? ASSAY_R_IDENTITY_KEY_MISMATCH : ASSAY_R_IDENTITY_KEY_UNKNOWN,
		  "ak.pub", found, named ? expected : NULL);
}

bool judge_identity(struct judge *j)
{
	const struct assay_ak *named = j->expect->ak, *own = j->expect->bundle_ak;
	const struct assay_ak *ak = named ? named : own;

	if (!named || (own && !same_key(j, named, own)))
		report_key(j, named, own);
	if (named && !named->has_public)
		judge_add(j, ASSAY_R_IDENTITY_KEY_ATTRIBUTES_UNKNOWN, "--ak", "PEM",
			  "TPM2B_PUBLIC or TPMT_PUBLIC");
	if (ak) {
		judge_signature(j, ak);
		judge_key(j, ak);
	}
	return judge_freshness(j);
}

static unsigned bits(uint32_t v)
{
	unsigned n = 0;

	for (; v; v &= v - 1)
		n++;
	return n;
}

/* Of the accepted banks the one that covers most of what the policy needs. */
static int choose_bank(const struct judge *j)
{
	int best = -1;
	unsigned most = 0;

	for (size_t i = 0; i < j->policy->nbanks; i++) {
		int b = assay_claim_bank(j->policy->banks[i]);
		if (b < 0 || j->claims->quoted[b] == 0)
			continue;
		unsigned n = 1 + bits(j->claims->quoted[b] & j->policy->pcrs_quoted);
		if (n > most) {
			most = n;
			best = b;
		}
	}
	return best;
}

static void report_weak_banks(struct judge *j)
{
	const struct assay_pcr_selection *sel = &j->claims->quote.pcrSelect;
	char found[JUDGE_TEXT], expected[64];
	struct text f = text_over(found, sizeof found),
		    e = text_over(expected, sizeof expected);

	for (size_t i = 0; i < sel->n; i++) {
		const char *name = assay_alg_name(sel->bank[i].hash);
		text_str(&f, i > 0 ? ", " : "");
		text_str(&f, name ? name : "an unknown bank");
		text_str(&f, sel->bank[i].mask == 0 ? " (no PCR)" : "");
	}
	text_algs(&e, j->policy->banks, j->policy->nbanks);
	judge_add(j, ASSAY_R_QUOTE_BANK_WEAK, "quote.msg, pcrSelect",
		  sel->n ? found : "nothing", expected);
}

void judge_coverage(struct judge *j)
{
	char buf[JUDGE_TEXT];
	struct text t = text_over(buf, sizeof buf);

	j->bank = choose_bank(j);
	if (j->bank < 0) {
		report_weak_banks(j);
		return;
	}
	j->out->bank = assay_claim_alg((size_t)j->bank);
	/* who could leave out a register that is judged would choose what is judged */
	uint32_t needed = j->policy->pcrs_quoted | (j->policy->pcrs_judged & j->refs->places);
	uint32_t missing = needed & ~j->claims->quoted[j->bank];
	if (missing) {
		text_pcrs(&t, missing);
		judge_add(j, ASSAY_R_QUOTE_PCR_NOT_QUOTED, "quote.msg, pcrSelect", NULL, buf);
	}
}
