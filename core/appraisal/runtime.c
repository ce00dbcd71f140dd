/* SPDX-License-Identifier: Apache-2.0
 *
 * What ran after boot: the IMA list as far as the quote covers it, entry by
 * entry against the references. */
#include "core/appraisal/judge.h"

static const char *list_name(const struct judge *j)
{
	return assay_part_name(j->claims->ima.ascii ? ASSAY_PART_IMA_ASCII
						    : ASSAY_PART_IMA_BINARY);
}

static void where(struct judge *j, struct text *t, const struct assay_ima_entry *e, bool proven)
{
	text_str(t, list_name(j));
	text_str(t, ", entry ");
	text_u64(t, e->index);
	if (!j->claims->resumed) { /* else the list begins elsewhere */
		text_str(t, " (offset ");
		text_u64(t, e->offset);
		text_str(t, ")");
	}
	if (e->name.n == 0)
		return;
	text_str(t, ", ");
	text_safe(t, e->name, 400);
	text_str(t, proven ? "" : " (name not proven)");
}

static void report_file(struct judge *j, const struct assay_ima_entry *e,
			enum assay_match match, int64_t at)
{
	static const enum assay_reason_code codes[] = {
		[ASSAY_MATCH_UNKNOWN] = ASSAY_R_IMA_FILE_UNKNOWN,
		[ASSAY_MATCH_MODIFIED] = ASSAY_R_IMA_FILE_MODIFIED,
		[ASSAY_MATCH_MISPLACED] = ASSAY_R_IMA_FILE_MISPLACED,
		[ASSAY_MATCH_REVOKED] = ASSAY_R_IMA_FILE_REVOKED,
	};
	char place[JUDGE_TEXT], found[256], expected[JUDGE_TEXT];
	struct text w = text_over(place, sizeof place), f = text_over(found, sizeof found),
		    x = text_over(expected, sizeof expected);

	where(j, &w, e, true);
	text_digest(&f, e->digest_alg, e->digest);
	expect_ref(&x, j->refs, at, match != ASSAY_MATCH_MODIFIED);
	judge_add(j, codes[match], place, found, x.n ? expected : NULL);
}

static void report_digest(struct judge *j, const struct assay_ima_entry *e,
			  enum assay_reason_code code)
{
	char place[JUDGE_TEXT], found[256];
	struct text w = text_over(place, sizeof place), f = text_over(found, sizeof found);

	where(j, &w, e, true);
	text_safe(&f, e->digest_alg_name, 32);
	text_str(&f, ":");
	text_hex(&f, slice_part(e->digest, 0, ASSAY_DIGEST_MAX));
	judge_add(j, code, place, e->has_digest ? found : "no digest", NULL);
}

/* What root wrote into an xattr may stand where such a template has its digest. */
static void report_loose(struct judge *j, const struct assay_ima_entry *e)
{
	char place[JUDGE_TEXT], found[JUDGE_TEXT];
	struct text w = text_over(place, sizeof place), f = text_over(found, sizeof found);

	where(j, &w, e, false);
	text_str(&f, "template ");
	text_safe(&f, e->template_name, 200);
	judge_add(j, ASSAY_R_IMA_FILE_UNKNOWN, place, found,
		  "a template that begins with the digest and the name");
}

static void judge_entry(struct judge *j, const struct assay_ima_entry *e)
{
	char place[JUDGE_TEXT];
	struct text w = text_over(place, sizeof place);
	int64_t at;

	j->out->ima_judged++;
	judge_at_entry(j, e);
	if (e->violation) {
		where(j, &w, e, false);
		judge_add(j, ASSAY_R_IMA_VIOLATION, place, NULL, NULL);
		return;
	}
	if (e->loose) {
		report_loose(j, e);
		return;
	}
	/* claims compared every boot_aggregate with this boot's PCRs */
	if (slice_is(e->name, "boot_aggregate")) {
		j->out->ima_good++;
		return;
	}
	if (!e->has_digest || e->digest.n == 0 || slice_all(e->digest, 0) ||
	    (e->digest_alg != 0 && e->digest.n != assay_alg_size(e->digest_alg))) {
		report_digest(j, e, ASSAY_R_IMA_DIGEST_EMPTY);
		return;
	}
	if (!judge_accepts_hash(j, e->digest_alg)) {
		report_digest(j, e, ASSAY_R_IMA_DIGEST_WEAK);
		return;
	}
	if (j->refs->n == 0)
		return;
	enum assay_match m =
		assay_refs_match_file(j->refs, e->digest_alg, e->digest, e->name, &at);
	if (m == ASSAY_MATCH_GOOD)
		j->out->ima_good++;
	else
		report_file(j, e, m, at);
}

/* The next entries under the quote, at most max of them. */
static size_t read_batch(struct judge *j, struct assay_ima *list, struct assay_ima_entry *e,
			 size_t max)
{
	struct assay_slice names[ASSAY_REFS_BATCH];
	size_t n = 0;

	while (n < max && list->index < j->claims->ima.quoted && assay_ima_next(list, &e[n])) {
		names[n] = e[n].name;
		n++;
	}
	assay_refs_prefetch(j->refs, names, n);
	return n;
}

static bool walk_list(struct judge *j)
{
	const struct assay_ima_claims *c = &j->claims->ima;
	uint8_t *scratch = c->ascii ? assay_arena_take(j->arena, ASSAY_IMA_DATA_MAX, 1) : NULL;
	/* an ASCII entry lives until the next is read */
	const size_t batch = c->ascii ? 1 : ASSAY_REFS_BATCH;
	struct assay_ima_entry e[ASSAY_REFS_BATCH];
	struct assay_ima list;
	bool any = false;
	size_t n;

	if (c->ascii && !scratch) {
		j->oom = true;
		return true;
	}
	if (!assay_claims_ima(&j->claims->bundle, scratch, &list, j->err))
		return false;
	list.index = (size_t)j->claims->from;
	do {
		n = read_batch(j, &list, e, batch);
		for (size_t i = 0; i < n; i++) {
			judge_entry(j, &e[i]);
			any |= e[i].violation || !slice_is(e[i].name, "boot_aggregate");
		}
	} while (n == batch);
	judge_at_nothing(j);
	if (!any && j->err->fault == ASSAY_F_OK)
		judge_add(j, ASSAY_R_IMA_LOG_MISSING, list_name(j), "boot_aggregate alone",
			  "what the IMA policy measures");
	return j->err->fault == ASSAY_F_OK;
}

static void report_unquoted(struct judge *j)
{
	const struct assay_ima_claims *c = &j->claims->ima;
	char buf[128];
	struct text t = text_over(buf, sizeof buf);

	if (c->entries == c->quoted)
		return;
	text_u64(&t, c->entries - c->quoted);
	text_str(&t, " of ");
	text_u64(&t, c->entries);
	text_str(&t, " entries");
	judge_add(j, ASSAY_R_IMA_ENTRIES_UNQUOTED, list_name(j), buf, NULL);
}

static void judge_list(struct judge *j)
{
	const struct assay_ima_claims *c = &j->claims->ima;
	const char *list = list_name(j);

	if (c->padded & 1u << j->bank)
		judge_add(j, ASSAY_R_IMA_BANK_PADDED, list, assay_alg_name(j->out->bank), NULL);
	if (c->trimmed)
		judge_add(j, ASSAY_R_IMA_LIST_TRIMMED, list, NULL, "boot_aggregate");
	if (c->aggregate == ASSAY_AGGREGATE_DIFFERS ||
	    c->aggregate == ASSAY_AGGREGATE_UNCHECKED)
		judge_add(j, ASSAY_R_IMA_BOOT_AGGREGATE, list,
			  c->aggregate == ASSAY_AGGREGATE_UNCHECKED
				  ? "the boot PCRs of its bank are not known"
				  : "another digest than that of PCR 0-9",
			  NULL);
	if (c->aggregate == ASSAY_AGGREGATE_ZERO)
		judge_add(j, ASSAY_R_IMA_BOOT_AGGREGATE_ZERO, list, NULL, NULL);
	if (c->ascii)
		judge_add(j, ASSAY_R_IMA_ASCII_ONLY, list, NULL, NULL);
	report_unquoted(j);
}

/* True when the judged bank proves every PCR that the list extends. */
static bool list_proven(const struct judge *j)
{
	const struct assay_ima_claims *c = &j->claims->ima;

	if (!c->proven || c->quoted == 0 || !(j->claims->quoted[j->bank] & 1u << IMA_PCR))
		return false;
	for (uint32_t p = 0; p < ASSAY_PCRS; p++)
		if (c->pcrs & 1u << p && !judge_replayed(j, p))
			return false;
	return true;
}

bool judge_new_entries(struct judge *j)
{
	report_unquoted(j);
	return j->claims->ima.quoted == j->claims->from || walk_list(j);
}

bool judge_runtime(struct judge *j)
{
	const struct assay_ima_claims *c = &j->claims->ima;

	if (!j->policy->ima)
		return true;
	if (!c->present || c->entries == 0) {
		judge_add(j, ASSAY_R_IMA_LOG_MISSING, "binary_runtime_measurements",
			  c->present ? "0 entries" : NULL, NULL);
		return true;
	}
	if (c->bad_hashes > 0) {
		char buf[64];
		struct text t = text_over(buf, sizeof buf);
		text_u64(&t, c->bad_hashes);
		text_str(&t, " entries, the first is entry ");
		text_u64(&t, c->first_bad);
		judge_add(j, ASSAY_R_IMA_TEMPLATE_HASH, list_name(j), buf, NULL);
	}
	if (!list_proven(j)) {
		char buf[64];
		struct text t = text_over(buf, sizeof buf);
		uint32_t open = (c->pcrs | 1u << IMA_PCR) & ~j->claims->quoted[j->bank];
		if (open == 0 && c->pcrs == 0)
			open = 1u << IMA_PCR;
		text_pcrs(&t, open ? open : c->pcrs);
		judge_add(j, open ? ASSAY_R_IMA_NOT_QUOTED : ASSAY_R_IMA_NOT_PROVEN,
			  list_name(j), open ? NULL : buf, open ? buf : NULL);
		return true;
	}
	judge_list(j);
	return walk_list(j);
}
