/* SPDX-License-Identifier: Apache-2.0
 *
 * Learning from a machine known to be good. Only what its quote proves is
 * learned: digests of banks that are not quoted could be anything. */
#include "core/appraisal/component.h"
#include "core/appraisal/judge.h"

struct learn {
	struct assay_crypto *crypto;
	const struct assay_claims *claims;
	struct assay_slice provenance;
	struct assay_arena *arena;
	assay_learn_fn add;
	void *ctx;
	struct assay_err *err;
	const char *refused;
};

static bool quoted(const struct assay_claims *c, size_t b, uint32_t p)
{
	return c->quoted[b] & 1u << p;
}

/* SHA-1 alone teaches nothing: its digests can be met by other files. */
static bool teaches(const struct assay_claims *c, size_t b)
{
	return c->quoted[b] != 0 && assay_claim_alg(b) != ASSAY_SHA1;
}

static const char *unfit_registers(const struct assay_claims *c)
{
	bool any = false;

	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++) {
		any |= teaches(c, b);
		for (uint32_t p = 0; p < ASSAY_PCRS; p++)
			if (quoted(c, b, p) && c->state[b][p] != ASSAY_PCR_REPLAYED &&
			    c->state[b][p] != ASSAY_PCR_RESET)
				return "its logs do not lead to what the TPM signed";
	}
	if (c->odd_bank != 0)
		return "it quotes a bank that assay does not compute";
	return any ? NULL : "it quotes no bank better than SHA-1";
}

static const char *unfit_list(const struct assay_claims *c)
{
	bool sound = false;

	if (!c->ima.present || c->ima.entries == 0)
		return NULL;
	if (!c->ima.proven)
		return "its IMA list does not lead to what the TPM signed";
	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++) {
		bool all = teaches(c, b) && !(c->ima.padded & 1u << b);
		for (uint32_t p = 0; p < ASSAY_PCRS; p++)
			if (c->ima.pcrs & 1u << p && !quoted(c, b, p))
				all = false;
		sound |= all;
	}
	if (!sound)
		return "its IMA list is quoted in no bank better than SHA-1";
	if (c->ima.bad_hashes > 0)
		return "its IMA list holds entries that do not hash to their template hash";
	if (c->ima.trimmed || c->ima.aggregate != ASSAY_AGGREGATE_MATCHES)
		return "its IMA list does not start with this boot's boot_aggregate";
	return NULL;
}

static const char *unfit_entry(const struct assay_ima_entry *e)
{
	if (e->violation)
		return "its IMA list holds a violation";
	if (e->loose)
		return "its IMA list uses a template that does not begin with digest and name";
	if (!e->has_digest || slice_all(e->digest, 0) || e->digest.n == 0 ||
	    e->digest.n != assay_alg_size(e->digest_alg))
		return "its IMA list holds a zero, empty or unknown digest";
	return NULL;
}

static bool add_event(struct learn *l, struct boot_walk *walk, const struct assay_event *ev)
{
	bool first = true;
	enum assay_kind kind = ASSAY_REF_OTHER;

	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++) {
		struct assay_event_facts facts;
		char buf[JUDGE_TEXT];
		struct text t = text_over(buf, sizeof buf);
		bool proven;
		if (!teaches(l->claims, b) || !quoted(l->claims, b, ev->pcrIndex))
			continue;
		if (!assay_event_prove(l->crypto, ev, assay_claim_alg(b), &facts)) {
			*l->err = (struct assay_err){ ASSAY_F_CRYPTO, "digest", ev->offset,
						      NULL };
			return false;
		}
		if (facts.kind == ASSAY_KIND_NO_ACTION)
			return true;
		if (facts.must_bind && !facts.agrees)
			l->refused = "its event log holds an event whose data is not what its "
				     "digest says";
		if (first)
			kind = component_kind(walk, ev, &facts);
		first = false;
		if (component_is_ritual(&facts))
			return true;
		/* an entry of IMA's list told as an event would be learned as one */
		if (ev->pcrIndex == IMA_PCR)
			l->refused = "its event log holds an event in IMA's register";
		component_name(&t, ev, &facts, &proven);
		struct assay_ref r = {
			.place = (uint8_t)ev->pcrIndex,
			.kind = kind,
			.alg = assay_claim_alg(b),
			.digest = assay_event_digest(ev, assay_claim_alg(b)),
			.name = slice_str(buf),
			.provenance = l->provenance,
		};
		if (slice_all(r.digest, 0) || r.digest.n == 0)
			l->refused = "its event log holds a zero digest";
		else if (!l->add(l->ctx, &r))
			return false;
	}
	return true;
}

static bool learn_log(struct learn *l)
{
	struct boot_walk walk = { 0 };
	struct assay_eventlog log;
	struct assay_event ev;

	if (!l->claims->log_present)
		return true;
	if (!assay_eventlog_open(&log, l->claims->bundle.part[ASSAY_PART_EVENTLOG], l->err))
		return false;
	while (assay_eventlog_next(&log, &ev))
		if (!(ev.index == 0 && log.agile) && ev.pcrIndex < ASSAY_PCRS &&
		    !add_event(l, &walk, &ev))
			return false;
	return l->err->fault == ASSAY_F_OK;
}

static bool learn_user_events(struct learn *l)
{
	for (size_t i = 0; i < l->claims->user_events_used; i++) {
		const struct assay_user_event *e = &l->claims->user_events[i];
		for (size_t d = 0; d < e->ndigests; d++) {
			int b = assay_claim_bank(e->digests[d].alg);
			if (b < 0 || !teaches(l->claims, (size_t)b) ||
			    !quoted(l->claims, (size_t)b, e->pcr))
				continue;
			if (slice_all((struct assay_slice){ e->digests[d].b, e->digests[d].n },
				      0))
				l->refused = "its user space log holds a zero digest";
			struct assay_ref r = {
				.place = (uint8_t)e->pcr,
				.kind = ASSAY_REF_USERSPACE,
				.alg = e->digests[d].alg,
				.digest = { e->digests[d].b, e->digests[d].n },
				.name = e->string,
				.provenance = l->provenance,
			};
			if (!l->add(l->ctx, &r))
				return false;
		}
	}
	return true;
}

static bool learn_list(struct learn *l)
{
	const struct assay_ima_claims *c = &l->claims->ima;
	uint8_t *scratch = c->ascii ? assay_arena_take(l->arena, ASSAY_IMA_DATA_MAX, 1) : NULL;
	struct assay_ima list;
	struct assay_ima_entry e;

	if (!c->present || c->quoted == 0)
		return true;
	if (c->ascii && !scratch) {
		*l->err = (struct assay_err){ ASSAY_F_MEMORY, "arena", l->arena->at, NULL };
		return false;
	}
	if (!assay_claims_ima(&l->claims->bundle, scratch, &list, l->err))
		return false;
	while (list.index < c->quoted && assay_ima_next(&list, &e)) {
		const char *unfit = unfit_entry(&e);
		if (unfit)
			l->refused = unfit;
		/* a file may be called so; a reference of that name would hold for a whole
		 * folder */
		if (e.name.n > 3 && memcmp(e.name.p + e.name.n - 3, "/**", 3) == 0)
			l->refused = "its IMA list holds a file whose name is a pattern";
		if (unfit || slice_is(e.name, "boot_aggregate") || e.digest_alg == ASSAY_SHA1)
			continue;
		struct assay_ref r = {
			.place = ASSAY_PLACE_IMA,
			.kind = e.has_buf && e.buf.n > 0 ? ASSAY_REF_BUFFER : ASSAY_REF_FILE,
			.alg = e.digest_alg,
			.digest = e.digest,
			.name = e.name,
			.provenance = l->provenance,
		};
		if (!l->add(l->ctx, &r))
			return false;
	}
	return l->err->fault == ASSAY_F_OK;
}

bool assay_learn(struct assay_crypto *crypto, const struct assay_claims *claims,
		 const struct assay_expectation *expect, struct assay_slice provenance,
		 struct assay_arena *arena, assay_learn_fn add, void *ctx, const char **refused,
		 struct assay_err *err)
{
	const struct assay_ak *ak = expect->ak ? expect->ak : expect->bundle_ak;
	struct learn l = { crypto, claims, provenance, arena, add, ctx, err, NULL };

	*err = (struct assay_err){ 0 };
	*refused = NULL;
	if (!ak)
		l.refused = "it has no ak.pub to verify its quote with";
	else if (!assay_quote_verify(crypto, ak->key, ak->has_public ? &ak->pub : NULL,
				     &claims->quote, &claims->signature))
		l.refused = "the signature over its quote does not verify";
	if (!l.refused)
		l.refused = unfit_registers(claims);
	if (!l.refused)
		l.refused = unfit_list(claims);
	if (!l.refused && !claims->log_present && !claims->ima.present)
		l.refused = "it has no log to learn from";
	if (!l.refused && (!learn_log(&l) || !learn_user_events(&l) || !learn_list(&l))) {
		/* add() has no word of its own: it stops when memory does */
		if (err->fault == ASSAY_F_OK)
			*err = (struct assay_err){ ASSAY_F_MEMORY, "add", 0, NULL };
		return false;
	}
	*refused = l.refused;
	return true;
}
