/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/evidence/claims/replay.h"

static const uint16_t claim_algs[ASSAY_CLAIM_BANKS] = { ASSAY_SHA1, ASSAY_SHA256, ASSAY_SHA384,
							ASSAY_SHA512 };

uint16_t assay_claim_alg(size_t bank)
{
	return bank < ASSAY_CLAIM_BANKS ? claim_algs[bank] : 0;
}

int assay_claim_bank(uint16_t alg)
{
	for (int i = 0; i < ASSAY_CLAIM_BANKS; i++)
		if (claim_algs[i] == alg)
			return i;
	return -1;
}

/* The firmware's log, replayed in every bank that is quoted. */
static bool read_log(struct replay *r, struct assay_err *err)
{
	struct assay_claims *c = r->claims;
	struct assay_slice log = c->bundle.part[ASSAY_PART_EVENTLOG];
	struct assay_bank banks[ASSAY_CLAIM_BANKS];
	size_t at[ASSAY_CLAIM_BANKS], n = 0;

	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++) {
		if (!assay_bank_reset(&c->booted[b], claim_algs[b]))
			return claims_fail(err, ASSAY_PART_EVENTLOG, ASSAY_F_CRYPTO,
					   "algorithmId");
		if (c->quoted[b] == 0)
			continue;
		at[n] = b;
		banks[n++] = c->booted[b];
	}
	c->log_present = c->bundle.present[ASSAY_PART_EVENTLOG] && log.n > 0;
	if (!c->log_present)
		return true;

	struct assay_eventlog header;
	if (!assay_eventlog_open(&header, log, err) ||
	    !assay_eventlog_replay(r->crypto, log, banks, n, &c->startup, err))
		return claims_fail(err, ASSAY_PART_EVENTLOG, ASSAY_F_CRYPTO, "digest");
	c->log_quirk = header.quirk ? header.quirk : c->startup.quirk;
	for (size_t i = 0; i < n; i++)
		c->booted[at[i]] = banks[i];
	return true;
}

/* pcrs.txt counts only where it hashes to the quote. */
static bool read_stated(struct replay *r, struct assay_bank *stated, struct assay_err *err)
{
	struct assay_claims *c = r->claims;
	struct assay_bank banks[ASSAY_PCR_BANKS_MAX];
	uint32_t known[ASSAY_PCR_BANKS_MAX];
	uint32_t have[ASSAY_CLAIM_BANKS] = { 0 };
	size_t n = 0;

	if (!c->bundle.present[ASSAY_PART_PCRS])
		return true;
	if (!assay_pcrs_read(c->bundle.part[ASSAY_PART_PCRS], banks, known, ASSAY_PCR_BANKS_MAX,
			     &n, err))
		return claims_fail(err, ASSAY_PART_PCRS, ASSAY_F_ENCODING, "pcrs");
	for (size_t i = 0; i < n; i++) {
		int b = assay_claim_bank(banks[i].alg);
		if (b < 0)
			continue;
		stated[b] = banks[i];
		have[b] = known[i];
	}
	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++)
		if ((c->quoted[b] & ~have[b]) != 0)
			return true;
	memcpy(r->now, stated, sizeof r->now);
	if (replay_matches(r)) {
		c->values_stated = true;
		r->stated = stated;
	}
	return true;
}

bool replay_matches(const struct replay *r)
{
	const struct assay_claims *c = r->claims;
	const struct assay_bank *banks[ASSAY_CLAIM_BANKS];
	struct assay_digest d;
	size_t n = 0;

	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++)
		if (c->quoted[b] != 0)
			banks[n++] = &r->now[b];
	if (c->odd_bank != 0 || n == 0)
		return false;
	return assay_quote_composite(r->crypto, &c->quote.pcrSelect, banks, n,
				     c->signature.hash, &d) &&
	       slice_eq((struct assay_slice){ d.b, d.n }, c->quote.pcrDigest);
}

static bool apply_user_events(struct replay *r, size_t used, struct assay_err *err)
{
	const struct assay_claims *c = r->claims;

	memcpy(r->start, c->booted, sizeof r->start);
	for (size_t i = 0; i < used; i++) {
		const struct assay_user_event *e = &c->user_events[i];
		for (size_t d = 0; d < e->ndigests; d++) {
			int b = assay_claim_bank(e->digests[d].alg);
			struct assay_slice v = { e->digests[d].b, e->digests[d].n };
			if (b >= 0 && !assay_bank_extend(r->crypto, &r->start[b], e->pcr, v))
				return claims_fail(err, ASSAY_PART_USERSPACE_LOG, ASSAY_F_RANGE,
						   "digests");
		}
	}
	return true;
}

/* The logs, IMA included, against the quote, with the first `used` events of user space. */
static bool follow(struct replay *r, size_t used, struct assay_err *err)
{
	struct assay_claims *c = r->claims;

	c->user_events_used = used;
	c->ima = (struct assay_ima_claims){
		.present = c->bundle.present[ASSAY_PART_IMA_BINARY] ||
			   c->bundle.present[ASSAY_PART_IMA_ASCII],
		.ascii = !c->bundle.present[ASSAY_PART_IMA_BINARY],
	};
	if (!apply_user_events(r, used, err))
		return false;
	memcpy(r->now, r->start, sizeof r->now);
	if (c->ima.present && !replay_ima(r, err))
		return claims_fail(err,
				   c->ima.ascii ? ASSAY_PART_IMA_ASCII : ASSAY_PART_IMA_BINARY,
				   ASSAY_F_CRYPTO, "template_hash");
	c->replayed = replay_matches(r);
	return true;
}

static enum assay_pcr_state state_of(const struct replay *r, size_t b, uint32_t p)
{
	const struct assay_claims *c = r->claims;
	const struct assay_bank *now = &r->now[b];
	bool same = c->replayed ||
		    (r->stated && memcmp(now->value[p], r->stated[b].value[p], now->size) == 0);

	if (!(c->quoted[b] & 1u << p))
		return ASSAY_PCR_NOT_QUOTED;
	if (!c->replayed && !r->stated)
		return ASSAY_PCR_UNKNOWN;
	if (!same)
		return ASSAY_PCR_UNEXPLAINED;
	return now->extended & 1u << p ? ASSAY_PCR_REPLAYED : ASSAY_PCR_RESET;
}

/* The aggregate is of a bank that is not quoted: the log's own, which the proven aggregate
 * then proves. Replayed once, however many aggregates a list has. */
static const struct assay_bank *unquoted_bank(struct replay *r, int b, struct assay_err *err)
{
	if (!r->unquoted[b].alg &&
	    (!assay_bank_reset(&r->unquoted[b], claim_algs[b]) ||
	     !assay_eventlog_replay(r->crypto, r->claims->bundle.part[ASSAY_PART_EVENTLOG],
				    &r->unquoted[b], 1, NULL, err)))
		return NULL;
	return &r->unquoted[b];
}

/* True when the quote is met, or at least every register that user space extended. */
static bool user_events_fit(const struct replay *r)
{
	const struct assay_claims *c = r->claims;

	for (size_t i = 0; !c->replayed && i < c->nuser_events; i++)
		for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++) {
			enum assay_pcr_state s = state_of(r, b, c->user_events[i].pcr);
			if (s == ASSAY_PCR_UNKNOWN || s == ASSAY_PCR_UNEXPLAINED)
				return false;
		}
	return true;
}

/* An event is logged ahead of its extend: the last ones may not have happened
 * yet when the TPM signed. */
static bool follow_user_events(struct replay *r, struct assay_err *err)
{
	enum { AHEAD_MAX = 4 };
	size_t n = r->claims->nuser_events;

	for (size_t ahead = 0; ahead <= AHEAD_MAX && ahead <= n; ahead++) {
		if (!follow(r, n - ahead, err))
			return false;
		if (user_events_fit(r))
			return true;
	}
	return n == 0 || follow(r, n, err);
}

/* The bank whose boot PCRs an aggregate in algorithm b covers. *out NULL: they are not known.
 * False when the library fails. */
static bool aggregate_bank(struct replay *r, int b, const struct assay_bank **out,
			   struct assay_err *err)
{
	enum { BOOT_PCRS = 0x3ff };
	const struct assay_claims *c = r->claims;

	*out = NULL;
	if (!c->log_present) {
		if (r->stated && (c->quoted[b] & BOOT_PCRS) == BOOT_PCRS)
			*out = &r->stated[b];
		return true;
	}
	*out = c->quoted[b] != 0 ? &c->booted[b] : unquoted_bank(r, b, err);
	return *out != NULL;
}

static bool check_aggregate(struct replay *r, const struct assay_ima_entry *e,
			    enum assay_aggregate *out, struct assay_err *err)
{
	int b = assay_claim_bank(e->digest_alg);
	const struct assay_bank *bank;
	struct assay_digest d;

	*out = slice_all(e->digest, 0) ? ASSAY_AGGREGATE_ZERO : ASSAY_AGGREGATE_DIFFERS;
	if (*out == ASSAY_AGGREGATE_ZERO || b < 0)
		return true;
	if (!aggregate_bank(r, b, &bank, err))
		return claims_fail(err, ASSAY_PART_EVENTLOG, ASSAY_F_CRYPTO, "digest");
	if (!bank) {
		*out = ASSAY_AGGREGATE_UNCHECKED;
		return true;
	}
	if (!assay_ima_boot_aggregate(r->crypto, bank, &d))
		return claims_fail(err, ASSAY_PART_EVENTLOG, ASSAY_F_CRYPTO, "boot_aggregate");
	if (slice_eq((struct assay_slice){ d.b, d.n }, e->digest))
		*out = ASSAY_AGGREGATE_MATCHES;
	return true;
}

/* Every boot_aggregate under the quote (a kexec adds one) must be this boot's: the worst
 * counts. */
static bool read_aggregates(struct replay *r, struct assay_err *err)
{
	struct assay_ima_claims *c = &r->claims->ima;
	struct assay_ima list;
	struct assay_ima_entry e;

	if (!c->present || !c->proven || c->quoted == 0)
		return true;
	if (!assay_claims_ima(&r->claims->bundle, r->scratch, &list, err))
		return false;
	while (assay_ima_next(&list, &e) && e.index < c->quoted) {
		bool is = !e.violation && slice_is(e.name, "boot_aggregate");
		if (e.index == 0 && !is)
			c->trimmed = true;
		if (is && c->aggregate <= ASSAY_AGGREGATE_MATCHES &&
		    !check_aggregate(r, &e, &c->aggregate, err))
			return false;
	}
	return err->fault == ASSAY_F_OK;
}

/* BOUNDS: they come from outside the core, and their registers and counts are indices here. */
static bool check_user_events(const struct assay_claims *c, struct assay_err *err)
{
	for (size_t i = 0; i < c->nuser_events; i++) {
		const struct assay_user_event *e = &c->user_events[i];
		if (e->pcr >= ASSAY_PCRS)
			return claims_fail(err, ASSAY_PART_USERSPACE_LOG, ASSAY_F_RANGE, "pcr");
		if (e->ndigests > sizeof e->digests / sizeof *e->digests)
			return claims_fail(err, ASSAY_PART_USERSPACE_LOG, ASSAY_F_LIMIT,
					   "digests");
	}
	return true;
}

bool assay_claims_read(struct assay_crypto *crypto, const struct assay_bundle *bundle,
		       const struct assay_user_event *events, size_t nevents,
		       struct assay_arena *arena, struct assay_claims *out,
		       struct assay_err *err)
{
	struct assay_bank stated[ASSAY_CLAIM_BANKS] = { 0 };
	struct replay r = { .crypto = crypto, .claims = out };

	*err = (struct assay_err){ 0 };
	*out = (struct assay_claims){ .bundle = *bundle,
				      .user_events = events,
				      .nuser_events = nevents };
	if (!bundle->present[ASSAY_PART_IMA_BINARY] && bundle->present[ASSAY_PART_IMA_ASCII]) {
		r.scratch = assay_arena_take(arena, ASSAY_IMA_DATA_MAX, 1);
		if (!r.scratch)
			return claims_fail(err, ASSAY_PART_IMA_ASCII, ASSAY_F_MEMORY, "arena");
	}
	if (!check_user_events(out, err) || !claims_read_quote(out, err) ||
	    !read_log(&r, err) || !read_stated(&r, stated, err) || !follow_user_events(&r, err))
		return false;
	for (size_t b = 0; b < ASSAY_CLAIM_BANKS; b++) {
		for (uint32_t p = 0; p < ASSAY_PCRS; p++)
			out->state[b][p] = state_of(&r, b, p);
		out->value[b] = r.stated ? stated[b] : r.now[b];
	}
	return read_aggregates(&r, err);
}
