/* SPDX-License-Identifier: Apache-2.0
 *
 * What a message newly showed, as the ids by which a verifier stores it. */
#include "core/appraisal/component.h"
#include "core/appraisal/judge.h"
#include "core/codec/cbor.h"
#include "core/reference/record.h"

struct shown {
	struct assay_crypto *crypto;
	const struct assay_claims *claims;
	uint16_t bank;
	size_t index; /* of the bank */
	assay_shown_fn fn;
	void *ctx;
	struct assay_err *err;
};

bool assay_component_id(struct assay_crypto *crypto, uint8_t place, uint16_t alg,
			struct assay_slice digest, struct assay_slice path, uint8_t *out)
{
	uint8_t head[64], middle[16];
	struct cbor_out h = { .p = head, .cap = sizeof head };
	struct cbor_out m = { .p = middle, .cap = sizeof middle };
	struct assay_digest d;

	path = ref_path_core(path);
	cbor_put_head(&h, CBOR_ARRAY, 5);
	cbor_put_text(&h, slice_str("assay-component-1"));
	cbor_put_head(&h, CBOR_UINT, place);
	cbor_put_head(&h, CBOR_UINT, alg);
	cbor_put_head(&h, CBOR_BYTES, digest.n);
	cbor_put_head(&m, CBOR_BYTES, path.n);

	const struct assay_slice parts[] = { { head, h.n }, digest, { middle, m.n }, path };

	if (!assay_hash(crypto, ASSAY_SHA256, parts, 4, &d))
		return false;
	memcpy(out, d.b, ASSAY_COMPONENT_ID);
	return true;
}

static bool show(struct shown *s, uint8_t place, uint16_t alg, struct assay_slice digest,
		 struct assay_slice path)
{
	uint8_t id[ASSAY_COMPONENT_ID];

	if (digest.n == 0)
		return true;
	if (!assay_component_id(s->crypto, place, alg, digest, path, id)) {
		*s->err = (struct assay_err){ ASSAY_F_CRYPTO, "component", 0, NULL };
		return false;
	}
	return s->fn(s->ctx, id);
}

static enum assay_pcr_state state(const struct shown *s, uint32_t pcr)
{
	return s->claims->state[s->index][pcr];
}

/* A register that no log leads to may be pinned by its value. */
static bool show_registers(struct shown *s)
{
	const struct assay_bank *v = &s->claims->value[s->index];
	const struct assay_slice none = { 0 };

	for (uint32_t p = 0; p < ASSAY_PCRS; p++)
		if (state(s, p) == ASSAY_PCR_UNEXPLAINED &&
		    !show(s, (uint8_t)p, s->bank, (struct assay_slice){ v->value[p], v->size },
			  none))
			return false;
	return true;
}

static bool show_log(struct shown *s)
{
	const struct assay_slice none = { 0 };
	struct assay_eventlog log;
	struct assay_event ev;

	if (!s->claims->log_present)
		return true;
	if (!assay_eventlog_open(&log, s->claims->bundle.part[ASSAY_PART_EVENTLOG], s->err))
		return false;
	while (assay_eventlog_next(&log, &ev)) {
		if (ev.eventType == (uint32_t)ASSAY_EV_NO_ACTION ||
		    state(s, ev.pcrIndex) != ASSAY_PCR_REPLAYED)
			continue;
		if (!show(s, (uint8_t)ev.pcrIndex, s->bank, assay_event_digest(&ev, s->bank),
			  none))
			return false;
	}
	return s->err->fault == ASSAY_F_OK;
}

static bool show_user_events(struct shown *s)
{
	const struct assay_slice none = { 0 };

	for (size_t i = 0; i < s->claims->user_events_used; i++) {
		const struct assay_user_event *e = &s->claims->user_events[i];
		if (state(s, e->pcr) != ASSAY_PCR_REPLAYED)
			continue;
		for (size_t d = 0; d < e->ndigests; d++)
			if (e->digests[d].alg == s->bank &&
			    !show(s, (uint8_t)e->pcr, s->bank,
				  (struct assay_slice){ e->digests[d].b, e->digests[d].n },
				  none))
				return false;
	}
	return true;
}

/* An entry that names what it measured: neither a violation nor this boot's own aggregate. */
static bool names_something(const struct assay_ima_entry *e)
{
	return !e->violation && !e->loose && e->has_digest &&
	       !slice_is(e->name, "boot_aggregate");
}

static bool show_list(struct shown *s)
{
	const struct assay_claims *c = s->claims;
	struct assay_ima list;
	struct assay_ima_entry e;

	if (!c->ima.present || c->ima.ascii || !c->ima.proven)
		return true;
	if (!assay_claims_ima(&c->bundle, NULL, &list, s->err))
		return false;
	list.index = (size_t)c->from;
	while (list.index < c->ima.quoted && assay_ima_next(&list, &e))
		if (names_something(&e) &&
		    !show(s, ASSAY_PLACE_IMA, e.digest_alg, e.digest, e.name))
			return false;
	return s->err->fault == ASSAY_F_OK;
}

bool assay_shown(struct assay_crypto *crypto, const struct assay_claims *claims,
		 const struct assay_appraisal *appraisal, assay_shown_fn shown, void *ctx,
		 struct assay_err *err)
{
	int bank = assay_claim_bank(appraisal->bank);
	struct shown s = { crypto, claims, appraisal->bank, 0, shown, ctx, err };

	*err = (struct assay_err){ 0 };
	if (bank < 0 || !appraisal->signature_ok)
		return true;
	s.index = (size_t)bank;
	if (!claims->resumed && (!show_registers(&s) || !show_log(&s) || !show_user_events(&s)))
		return false;
	return show_list(&s);
}
