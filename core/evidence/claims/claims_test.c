/* SPDX-License-Identifier: Apache-2.0
 * One row per rule of claims: how far the logs lead to the quote. */
#include "core/base/slice.h"
#include "tests/forge.h"

static void row(bool ok, struct forge *f, const char *what)
{
	if (!tap_ok(ok, "%s", what))
		forge_explain(f);
}

static enum assay_pcr_state state(const struct forge *f, uint32_t p)
{
	return f->claims.state[1][p];
}

static void complete(struct forge *f)
{
	forge_judge(f);
	row(f->judged && f->claims.replayed && !f->claims.values_stated, f,
	    "the logs alone lead to the quote");
	row(state(f, 4) == ASSAY_PCR_REPLAYED && state(f, 10) == ASSAY_PCR_REPLAYED, f,
	    "PCR 4 and 10 are replayed");
	row(state(f, 11) == ASSAY_PCR_NOT_QUOTED, f, "PCR 11 is not quoted");
	row(f->claims.ima.proven && f->claims.ima.quoted == f->claims.ima.entries &&
		    f->claims.ima.pcrs == 1u << 10,
	    f, "the whole list is under the quote");
	row(f->claims.ima.aggregate == ASSAY_AGGREGATE_MATCHES && !f->claims.ima.trimmed, f,
	    "boot_aggregate matches");
	f->pcrs |= 1u << 16;
	forge_judge(f);
	row(state(f, 16) == ASSAY_PCR_RESET, f, "PCR 16 is at its reset value");
	f->pcrs &= ~(1u << 16);
	f->with_values = true;
	forge_judge(f);
	row(f->claims.values_stated && f->claims.replayed, f,
	    "stated values that hash to the quote count");
	f->values[strlen(f->values) - 2] ^= 1; /* PCR 23, not quoted */
	forge_judge_again(f);
	row(f->claims.values_stated, f, "of the values only the quoted ones matter");
	char *four = strstr(f->values, "    4 : 0x");
	four[12] = four[12] == '0' ? '1' : '0';
	forge_judge_again(f);
	row(!f->claims.values_stated && f->claims.replayed, f,
	    "values that do not hash to the quote are ignored");
	f->with_values = false;
}

static void prefixes(struct forge *f)
{
	static const uint8_t d[32] = { 9 };
	size_t n, entries;

	for (int values = 0; values < 2; values++) {
		f->with_values = values;
		forge_judge(f);
		n = f->nima;
		entries = f->claims.ima.entries;
		forge_ima(f, "/one", d, 32, false);
		forge_ima(f, "/two", d, 32, false);
		size_t more = 2 * (4 + 20 + 4 + 6 + 4 + 4 + 8 + 32 + 4 + 5);
		memcpy(f->ima + n, f->rest + f->nrest - more, more);
		f->nima += more;
		f->nrest -= more;
		forge_judge_again(f);
		row(f->claims.ima.proven && f->claims.ima.quoted == entries &&
			    f->claims.ima.entries == entries + 2,
		    f,
		    values ? "a list that grew after the quote, values stated"
			   : "a list that grew after the quote");
		f->nima = n - 10;
		forge_judge_again(f);
		row(!f->judged && f->err.fault == ASSAY_F_TRUNCATED && f->err.artefact &&
			    strcmp(f->err.artefact, "binary_runtime_measurements") == 0,
		    f, "a list cut inside an entry is a fault of that artefact");
	}
	f->with_values = false;
}

static void several_pcrs(struct forge *f)
{
	uint8_t *last;

	/* the list's last entry goes to PCR 11 */
	f->pcrs |= 1u << 11;
	forge_ima(f, "/last", (const uint8_t[32]){ 3 }, 32, false);
	last = f->rest + f->nrest - (4 + 20 + 4 + 6 + 4 + 4 + 8 + 32 + 4 + 6);
	last[0] = 11;
	for (int values = 0; values < 2; values++) {
		f->with_values = values;
		forge_judge(f);
		row(f->claims.ima.proven && f->claims.ima.pcrs == (1u << 10 | 1u << 11) &&
			    f->claims.ima.quoted == f->claims.ima.entries,
		    f, values ? "entries in two PCRs, values stated" : "entries in two PCRs");
	}
	f->pcrs &= ~(1u << 11);
	forge_judge(f);
	row(f->judged && !forge_affirms(f) && forge_says(f, "ima.not-quoted"), f,
	    "an entry in a PCR that is not quoted");
	f->nrest = (size_t)(last - f->rest);
	f->with_values = false;
}

/* kexec adds a boot_aggregate: each must be this boot's, and one that is does not excuse
 * another. */
static void aggregates(struct forge *f)
{
	struct assay_ima list;
	struct assay_ima_entry e;
	uint8_t right[32];
	size_t nrest = f->nrest;

	forge_judge(f);
	if (!assay_ima_open(&list, (struct assay_slice){ f->ima, f->nima }, &f->err) ||
	    !assay_ima_next(&list, &e))
		return;
	memcpy(right, e.digest.p, 32);
	forge_ima(f, "boot_aggregate", right, 32, false);
	forge_judge(f);
	row(f->claims.ima.aggregate == ASSAY_AGGREGATE_MATCHES, f, "two that match");
	f->stale_aggregate = true;
	forge_judge(f);
	row(f->claims.ima.aggregate == ASSAY_AGGREGATE_DIFFERS, f,
	    "a wrong one, then a right one");
	f->stale_aggregate = false;
	f->nrest = nrest;
	right[0] ^= 1;
	forge_ima(f, "boot_aggregate", right, 32, false);
	forge_judge(f);
	row(f->claims.ima.aggregate == ASSAY_AGGREGATE_DIFFERS, f,
	    "a right one, then a wrong one");
	f->nrest = nrest;
}

static void user_space(struct forge *f)
{
	f->nusers = 2;
	for (size_t i = 0; i < 2; i++)
		f->users[i] = (struct assay_user_event){
			.line = i + 1,
			.pcr = 9,
			.ndigests = 1,
			.digests = { { ASSAY_SHA256, 32, { (uint8_t)(i + 1) } } }
		};
	forge_judge(f);
	row(f->claims.replayed && f->claims.user_events_used == 2, f,
	    "events of user space lead to the quote");
	for (int values = 0; values < 2; values++) {
		f->with_values = values;
		f->nusers = 1;
		forge_write(f);
		f->nusers = 2;
		forge_judge_again(f);
		row(f->claims.user_events_used == 1 && state(f, 9) == ASSAY_PCR_REPLAYED, f,
		    "the last event was logged, but not yet extended");
	}
	for (size_t n = 2; n < 6; n++) {
		f->users[n] = f->users[1];
		f->users[n].pcr = 8;
	}
	f->nusers = 2;
	forge_write(f);
	f->nusers = 6;
	forge_judge_again(f);
	row(f->claims.user_events_used == 2 && f->claims.replayed, f, "four events ahead");
	f->nusers = 2;
	forge_write(f);
	f->nusers = 0;
	f->with_values = true;
	forge_judge_again(f);
	row(state(f, 9) == ASSAY_PCR_UNEXPLAINED && state(f, 8) == ASSAY_PCR_REPLAYED, f,
	    "without their log one register is unexplained, and only that");
	f->with_values = false;
	f->nusers = 2;
	f->users[1].ndigests = 0;
	f->users[1].pcr = 24;
	forge_judge_again(f);
	row(!f->judged && f->err.fault == ASSAY_F_RANGE && strcmp(f->err.field, "pcr") == 0 &&
		    strcmp(f->err.artefact, "tpm2-measure.log") == 0,
	    f, "a register that does not exist, with nothing to extend it with");
	f->users[1].pcr = 9;
	f->users[1].ndigests = 5;
	forge_judge_again(f);
	row(!f->judged && f->err.fault == ASSAY_F_LIMIT && strcmp(f->err.field, "digests") == 0,
	    f, "more digests than an event holds");
}

static void keys(struct forge *f)
{
	struct assay_ak ak = { 0 };
	struct assay_err err;

	forge_write(f);
	row(assay_ak_read(f->crypto, (struct assay_slice){ f->ak, f->nak }, &ak, &err) &&
		    ak.has_public,
	    f, "a TPMT_PUBLIC");
	assay_key_free(ak.key);
	row(!assay_ak_read(f->crypto, (struct assay_slice){ f->ak, f->nak - 1 }, &ak, &err) &&
		    err.fault == ASSAY_F_TRUNCATED,
	    f, "a TPMT_PUBLIC cut short");
	row(!assay_ak_read(
		    f->crypto,
		    slice_str("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
		    &ak, &err) &&
		    err.fault == ASSAY_F_ENCODING,
	    f, "PEM that is no key");
	f->ak[f->nak - 1] ^= 1;
	row(!assay_ak_read(f->crypto, (struct assay_slice){ f->ak, f->nak }, &ak, &err) &&
		    err.fault == ASSAY_F_RANGE && strcmp(err.field, "unique") == 0,
	    f, "a point that is not on the curve");
}

static void missing(struct forge *f)
{
	struct assay_bundle b = { 0 };
	struct assay_err err;

	f->memory.at = 0;
	row(!assay_claims_read(f->crypto, &b, NULL, 0, &f->memory, &f->claims, &err) &&
		    err.fault == ASSAY_F_MISSING && strcmp(err.artefact, "quote.msg") == 0,
	    f, "no quote.msg");
	forge_write(f);
	b.present[ASSAY_PART_QUOTE_MSG] = true;
	b.part[ASSAY_PART_QUOTE_MSG] = (struct assay_slice){ f->msg, f->nmsg };
	row(!assay_claims_read(f->crypto, &b, NULL, 0, &f->memory, &f->claims, &err) &&
		    err.fault == ASSAY_F_MISSING && strcmp(err.artefact, "quote.sig") == 0,
	    f, "no quote.sig");
	b.present[ASSAY_PART_QUOTE_SIG] = b.present[ASSAY_PART_IMA_ASCII] = true;
	b.part[ASSAY_PART_QUOTE_SIG] = (struct assay_slice){ f->sig, f->nsig };
	struct assay_arena none = { 0 };
	row(!assay_claims_read(f->crypto, &b, NULL, 0, &none, &f->claims, &err) &&
		    err.fault == ASSAY_F_MEMORY,
	    f, "no memory for an ASCII list");
}

int main(void)
{
	struct forge *f = forge_new("clean-a");

	complete(f);
	prefixes(f);
	several_pcrs(f);
	aggregates(f);
	user_space(f);
	keys(f);
	missing(f);
	forge_free(f);
	return tap_done();
}
