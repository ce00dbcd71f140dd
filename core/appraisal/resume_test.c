/* SPDX-License-Identifier: Apache-2.0
 * Going on from a receipt: one row per rule that refuses it, per reason that makes no receipt;
 * what was shown. */
#include "tests/going_on_rows.h"

static void refuses(enum assay_going want, const char *what)
{
	row(go_on_with_rest(f), want, what);
	fresh();
}

static void claims_refuse(void)
{
	struct assay_bundle b;
	size_t at;

	row(go_on_with_rest(f), ASSAY_GOING_ON, "two known files more");
	tap_ok(out.verdict.status == ASSAY_AFFIRMING && out.ima_judged == 2 &&
		       out.ima_good == 2 && resumed.ima.quoted == last.bank[0].index + 2,
	       "both are judged, and they alone");
	f->clock = last.clock - 1;
	refuses(ASSAY_GOING_CLOCK, "a quote older than the receipt's");
	f->clock = last.clock;
	refuses(ASSAY_GOING_ON, "a quote of the same millisecond");
	f->resets++;
	refuses(ASSAY_GOING_BOOT, "after a reboot");
	f->pcrs |= 1u << 11;
	refuses(ASSAY_GOING_SELECTION, "one PCR more");
	f->pcrs &= ~1u;
	refuses(ASSAY_GOING_SELECTION, "one PCR less");
	f->pcrs &= ~(1u << 10);
	refuses(ASSAY_GOING_SELECTION, "PCR 10 is not quoted any more");
	f->bank = ASSAY_SHA1;
	refuses(ASSAY_GOING_SELECTION, "another bank");
	f->nusers = 1;
	f->users[0] = (struct assay_user_event){ .pcr = 9,
						 .ndigests = 1,
						 .digests = { { ASSAY_SHA256, 32, { 1 } } } };
	refuses(ASSAY_GOING_DIGEST, "another register was extended");

	forge_write(f);
	at = entry_at(f, last.bank[0].index);
	b = rest_of(f, (struct assay_slice){ f->ima + at, f->nima - at });
	struct assay_slice nonce = { f->nonce, 32 };
	row(go_on_as(f, &b, last.bank[0].index - 1, nonce), ASSAY_GOING_PLACE, "one too early");
	row(go_on_as(f, &b, last.bank[0].index + 1, nonce), ASSAY_GOING_PLACE, "one too late");
	b.present[ASSAY_PART_EVENTLOG] = true;
	row(go_on(f, &b), ASSAY_GOING_LOGS, "the event log again");
	b.present[ASSAY_PART_EVENTLOG] = false;
	b.present[ASSAY_PART_USERSPACE_LOG] = true;
	row(go_on(f, &b), ASSAY_GOING_LOGS, "a log of user space");
	b.present[ASSAY_PART_USERSPACE_LOG] = false;
	b.present[ASSAY_PART_IMA_ASCII] = true;
	row(go_on(f, &b), ASSAY_GOING_LOGS, "an ASCII list");
	b.present[ASSAY_PART_IMA_ASCII] = false;
	last.bank[0].pcr10.n--;
	row(go_on(f, &b), ASSAY_GOING_FORM, "a PCR 10 of another size");
	last.bank[0].pcr10.n++;
	last.pcrs.n--;
	row(go_on(f, &b), ASSAY_GOING_FORM, "values of another size");
	last.pcrs.n++;
	last.pcr_mask |= 1u << 10;
	row(go_on(f, &b), ASSAY_GOING_FORM, "PCR 10 among the values");
	last.pcrs.n += 32;
	row(go_on(f, &b), ASSAY_GOING_FORM, "PCR 10 among the values, with a value");
	last.pcrs.n -= 32;
	last.pcr_mask &= ~(1u << 10);
	last.pcr_alg = ASSAY_SHA3_256;
	row(go_on(f, &b), ASSAY_GOING_FORM, "a bank that is not computed");
	last.pcr_alg = ASSAY_SHA256;
	last.nbanks = 0;
	row(go_on(f, &b), ASSAY_GOING_FORM, "no list");
	last.nbanks = 2;
	last.bank[1] = last.bank[0];
	last.bank[1].index++;
	row(go_on(f, &b), ASSAY_GOING_FORM, "banks at two places of the list");
	last.nbanks = 1;
	row(go_on(f, &b), ASSAY_GOING_ON, "and as it was");
	b.present[ASSAY_PART_QUOTE_MSG] = false;
	row(go_on(f, &b), ASSAY_GOING_FAULT, "no quote");
	tap_ok(err.fault == ASSAY_F_MISSING && strcmp(err.artefact, "quote.msg") == 0,
	       "which is missing");
	fresh();
}

static void entries_refuse(void)
{
	uint8_t *last_entry = f->rest + f->nrest - (4 + 20 + 4 + 6 + 4 + 4 + 8 + 32 + 4 + 5);

	last_entry[0] = 11;
	refuses(ASSAY_GOING_ENTRY, "an entry that goes to PCR 11");
	f->rest[f->nrest - (4 + 20 + 4 + 6 + 4 + 4 + 8 + 32 + 4 + 5) + 4] ^= 1;
	refuses(ASSAY_GOING_ENTRY, "an entry whose template hash is wrong");
	forge_ima(f, "boot_aggregate", one, 32, false);
	refuses(ASSAY_GOING_ENTRY, "another boot_aggregate, as kexec writes");
	forge_ima(f, "boot_aggregate", one, 32, true);
	row(go_on_with_rest(f), ASSAY_GOING_ON, "a violation of that name is a violation");
	tap_ok(out.verdict.status == ASSAY_CONTRAINDICATED, "and contraindicated");
	fresh();
}

static void policy_refuses(void)
{
	f->policy.ima = false;
	refuses(ASSAY_GOING_POLICY, "a policy that asks for no list");
	f->policy.banks[0] = ASSAY_SHA384;
	f->policy.nbanks = 1;
	refuses(ASSAY_GOING_POLICY, "a policy that accepts another bank");
	struct assay_refs refs = f->refs;
	f->refs.n = 0;
	row(go_on_with_rest(f), ASSAY_GOING_REFERENCES, "no reference any more");
	f->refs = refs;
	f->refs.algs = 0;
	row(go_on_with_rest(f), ASSAY_GOING_REFERENCES, "none of this bank");
	fresh();

	static const uint8_t unknown[32] = { 9 };
	forge_ima(f, "/unknown", unknown, 32, false);
	forge_judge(f);
	tap_ok(give_receipt(f) && last.ndeviations == 1 &&
		       slice_is(last.deviation[0].reason, "ima.file-unknown") &&
		       last.deviation[0].index + 1 == last.bank[0].index,
	       "a file that is not known goes into the receipt");
	row(go_on_with_rest(f), ASSAY_GOING_ON, "and is told again");
	tap_ok(out.verdict.status == ASSAY_CONTRAINDICATED && out.verdict.nreasons == 1 &&
		       out.verdict.reasons[0].code == ASSAY_R_IMA_FILE_UNKNOWN,
	       "though nothing is new");
	tap_ok(give_next_receipt(f) && last.ndeviations == 1, "it is never forgotten");
	f->policy.severity[ASSAY_R_IMA_FILE_UNKNOWN] = ASSAY_SEVERITY_WARNING;
	row(go_on_with_rest(f), ASSAY_GOING_ON, "the policy is milder now");
	tap_ok(out.verdict.status == ASSAY_WARNING, "the severity is the policy's of now");
	generation++;
	row(go_on_with_rest(f), ASSAY_GOING_GENERATION, "newer references may know it");
	f->policy.severity[ASSAY_R_IMA_FILE_UNKNOWN] = ASSAY_SEVERITY_INFO;
	row(go_on_with_rest(f), ASSAY_GOING_ON, "where it does not count, they need not");
	generation--;
	last.deviation[0].reason = slice_str("ima.tomorrow");
	row(go_on_with_rest(f), ASSAY_GOING_REASON, "a reason of a later version");
	fresh();
	f->policy.pcrs_quoted |= 1u << 11;
	forge_judge(f);
	tap_ok(f->out.verdict.status == ASSAY_CONTRAINDICATED && give_receipt(f) &&
		       last.ndeviations == 0,
	       "what each message shows anew is not carried");
	row(go_on_with_rest(f), ASSAY_GOING_ON, "it is told by the message itself");
	tap_ok(out.verdict.status == ASSAY_CONTRAINDICATED && out.verdict.nreasons == 1,
	       "and once");
	fresh();
	generation++;
	row(go_on_with_rest(f), ASSAY_GOING_ON, "newer references, and nothing to judge anew");
	fresh();
}

static void no_receipt(const char *what)
{
	forge_judge(f);
	tap_ok(f->judged && !give_receipt(f), "no receipt: %s", what);
	fresh();
}

static void receipts_refused(void)
{
	static const uint8_t unknown[32] = { 9 };
	char path[16];

	forge_judge(f);
	f->out.signature_ok = false;
	tap_ok(!give_receipt(f), "no receipt: somebody else signed");
	f->out.signature_ok = true;
	f->out.verdict.status = ASSAY_NONE;
	tap_ok(!give_receipt(f), "no receipt: there was no verdict");
	fresh();
	f->nrest = 0;
	no_receipt("boot_aggregate alone");
	f->refs.n = 0;
	no_receipt("no references");
	f->refs.algs = 0;
	no_receipt("no references of the bank");
	f->policy.ima = false;
	forge_write(f);
	f->nima = 0;
	forge_judge_again(f);
	tap_ok(f->judged && !give_receipt(f), "no receipt: no list");
	fresh();
	f->pcrs &= ~(1u << 10);
	no_receipt("PCR 10 is not quoted");
	f->rest[4] ^= 1;
	forge_judge(f);
	tap_ok(f->out.forgetful, "a list that was altered is nothing to go on from");
	no_receipt("a wrong template hash");
	f->ima_pcr = 11;
	f->pcrs |= 1u << 11;
	no_receipt("a list that goes to PCR 11");
	for (int i = 0; i < 257; i++) {
		snprintf(path, sizeof path, "/u%d", i);
		forge_ima(f, path, unknown, 32, false);
	}
	no_receipt("257 files that nobody knows");
	for (int i = 0; i < 256; i++) {
		snprintf(path, sizeof path, "/u%d", i);
		forge_ima(f, path, unknown, 32, false);
	}
	forge_judge(f);
	tap_ok(give_receipt(f) && last.ndeviations == 256, "256 of them fit");
	fresh();
	f->policy.banks[0] = ASSAY_SHA1;
	f->policy.nbanks = 1;
	no_receipt("no accepted bank");
	forge_judge(f);
	f->claims.quoted[2] = 1u << 7;
	tap_ok(!give_receipt(f), "no receipt: another bank has more than PCR 10 quoted");
	f->claims.quoted[2] = 0;
	f->claims.odd_bank = ASSAY_SM3_256;
	tap_ok(!give_receipt(f), "no receipt: a bank that is not computed");
	f->claims.odd_bank = 0;
	f->claims.ima.padded = 1;
	tap_ok(!give_receipt(f), "no receipt: a padded bank");
	f->claims.ima.padded = 0;
	f->claims.ima.bad_hashes = 1;
	tap_ok(!give_receipt(f), "no receipt: an entry that does not hash");
	f->claims.ima.bad_hashes = 0;
	f->claims.ima.pcrs |= 1u << 11;
	tap_ok(!give_receipt(f), "no receipt: an entry of another register");
	f->claims.ima.pcrs &= ~(1u << 11);
	f->claims.ima.ascii = true;
	tap_ok(!give_receipt(f), "no receipt: an ASCII list");
	f->claims.ima.ascii = false;
	f->claims.state[1][3] = ASSAY_PCR_UNKNOWN;
	tap_ok(!give_receipt(f), "no receipt: a register of which nobody knows the value");
	f->claims.state[1][3] = ASSAY_PCR_RESET;
	f->out.forgetful = true;
	tap_ok(!give_receipt(f), "no receipt: a reason that none can carry");
	f->out.forgetful = false;
	tap_ok(give_receipt(f), "and as it was there is one");
	fresh();
}

static void mixed_up(void)
{
	struct assay_ak ak;

	tap_ok(go_on_with_rest(f) == ASSAY_GOING_ON &&
		       assay_ak_read(f->crypto, (struct assay_slice){ f->ak, f->nak }, &ak,
				     &err),
	       "gone on");
	struct assay_expectation x = {
		.ak = &ak, .bundle_ak = &ak, .nonce_given = true, .nonce = { f->nonce, 32 }
	};
	f->memory.at = 0;
	tap_ok(!assay_appraise(f->crypto, &resumed, &x, &f->policy, &f->refs, &f->memory, &out,
			       &err) &&
		       err.fault == ASSAY_F_CONFLICT && out.verdict.status == ASSAY_NONE,
	       "claims that were gone on are no whole ones");
	forge_judge(f);
	f->memory.at = 0;
	row(assay_appraise_resumed(f->crypto, &f->claims, &x, &f->policy, &f->refs, &last,
				   generation, &f->memory, &out, &err),
	    ASSAY_GOING_FORM, "whole claims are none that were gone on");
	resumed.quoted[0] = 1u << 10;
	f->policy.banks[0] = ASSAY_SHA1;
	f->policy.nbanks = 1;
	f->memory.at = 0;
	row(assay_appraise_resumed(f->crypto, &resumed, &x, &f->policy, &f->refs, &last,
				   generation, &f->memory, &out, &err),
	    ASSAY_GOING_POLICY, "a policy that judges the other bank of two");
	f->memory.n = 100;
	f->memory.at = 0;
	row(assay_appraise_resumed(f->crypto, &resumed, &x, &f->policy, &f->refs, &last,
				   generation, &f->memory, &out, &err),
	    ASSAY_GOING_FAULT, "no memory");
	tap_ok(err.fault == ASSAY_F_MEMORY, "which is a fault of ours");
	f->memory.n = assay_appraisal_bytes();
	assay_key_free(ak.key);
	fresh();
	f->nonce[0] ^= 1;
	forge_write(f);
	f->nonce[0] ^= 1;
	size_t at = entry_at(f, last.bank[0].index);
	struct assay_bundle b = rest_of(f, (struct assay_slice){ f->ima + at, f->nima - at });
	row(go_on(f, &b), ASSAY_GOING_ON, "a quote for another challenge");
	tap_ok(out.verdict.status == ASSAY_CONTRAINDICATED &&
		       out.verdict.reasons[0].code == ASSAY_R_QUOTE_NONCE_MISMATCH &&
		       out.forgetful,
	       "is as bad as in full");
	fresh();
	forge_write(f);
	f->sig[f->nsig - 1] ^= 1;
	at = entry_at(f, last.bank[0].index);
	b = rest_of(f, (struct assay_slice){ f->ima + at, f->nima - at });
	row(go_on(f, &b), ASSAY_GOING_ON, "a signature that is none");
	tap_ok(!out.signature_ok && out.ima_judged == 0 &&
		       out.verdict.vector[ASSAY_CLAIM_EXECUTABLES] == 99,
	       "is as bad as in full, and nothing is looked at");
	fresh();
}

struct seen {
	size_t n, stop;
	bool one;
	uint8_t want[ASSAY_COMPONENT_ID];
};

static bool see(void *ctx, const uint8_t *id)
{
	struct seen *s = ctx;

	s->n++;
	s->one |= memcmp(id, s->want, ASSAY_COMPONENT_ID) == 0;
	return s->n != s->stop;
}

static void shown(void)
{
	/* SHA-256 of ["assay-component-1", 128, 11, 01 00.., "/one"] as Python has it */
	static const uint8_t known[ASSAY_COMPONENT_ID] = {
		0x2e, 0xf9, 0x35, 0x28, 0xe7, 0xef, 0x84, 0xfc, 0xd8, 0x10, 0x91,
		0x4f, 0x0f, 0xf7, 0x77, 0xff, 0x38, 0xd8, 0xcb, 0x20, 0xec, 0xa2,
		0x85, 0x12, 0x48, 0x39, 0x74, 0xea, 0xb9, 0x52, 0x1b, 0x46
	};
	struct seen s = { 0 };
	struct assay_slice none = { 0 };
	uint8_t id[ASSAY_COMPONENT_ID];

	tap_ok(assay_component_id(f->crypto, ASSAY_PLACE_IMA, ASSAY_SHA256,
				  (struct assay_slice){ one, 32 }, slice_str("/one"), s.want) &&
		       memcmp(s.want, known, sizeof known) == 0,
	       "a component's id, as somebody else computes it");
	tap_ok(go_on_with_rest(f) == ASSAY_GOING_ON &&
		       assay_shown(f->crypto, &resumed, &out, see, &s, &err) && s.n == 2 &&
		       s.one,
	       "a message that goes on shows its new entries alone");
	s.n = 0;
	forge_judge(f);
	tap_ok(assay_shown(f->crypto, &f->claims, &f->out, see, &s, &err) &&
		       s.n > f->claims.ima.quoted && s.one,
	       "a whole one shows boot and list, %zu in all", s.n);
	tap_ok(assay_component_id(f->crypto, 4, ASSAY_SHA256,
				  (struct assay_slice){ f->events[0].digest, 32 }, none,
				  s.want),
	       "a boot component");
	for (size_t i = 0; i < f->nevents; i++)
		if (f->events[i].pcr == 4 &&
		    f->events[i].type != (uint32_t)ASSAY_EV_NO_ACTION &&
		    assay_component_id(f->crypto, 4, ASSAY_SHA256,
				       (struct assay_slice){ f->events[i].digest, 32 }, none,
				       s.want))
			break;
	s.one = false;
	tap_ok(assay_shown(f->crypto, &f->claims, &f->out, see, &s, &err) && s.one,
	       "is among what is shown");
	struct forged_event *e =
		forge_insert(f, f->nevents, 4, (uint32_t)ASSAY_EV_NO_ACTION, "anything", 8);
	memset(e->digest, 7, sizeof e->digest);
	forge_judge(f);
	s.one = false;
	tap_ok(assay_component_id(f->crypto, 4, ASSAY_SHA256,
				  (struct assay_slice){ e->digest, 32 }, none, s.want) &&
		       assay_shown(f->crypto, &f->claims, &f->out, see, &s, &err) && !s.one,
	       "what is never extended is not shown");
	s.n = 0;
	s.stop = 3;
	tap_ok(!assay_shown(f->crypto, &f->claims, &f->out, see, &s, &err) && s.n == 3 &&
		       err.fault == ASSAY_F_OK,
	       "who is shown may stop it");
	f->out.signature_ok = false;
	s.n = 0;
	tap_ok(assay_shown(f->crypto, &f->claims, &f->out, see, &s, &err) && s.n == 0,
	       "what nobody signed shows nothing");
	tap_ok(assay_component_id(f->crypto, ASSAY_PLACE_IMA, ASSAY_SHA256,
				  (struct assay_slice){ one, 32 }, slice_str("/usr/bin/x"),
				  s.want) &&
		       assay_component_id(f->crypto, ASSAY_PLACE_IMA, ASSAY_SHA256,
					  (struct assay_slice){ one, 32 }, slice_str("/bin/x"),
					  id) &&
		       memcmp(id, s.want, sizeof id) == 0,
	       "paths that the /usr merge makes one have one id");
	fresh();
}

int main(void)
{
	fresh();
	claims_refuse();
	entries_refuse();
	policy_refuses();
	receipts_refused();
	mixed_up();
	shown();
	tap_ok(strcmp(assay_going_word(ASSAY_GOINGS_N), "unknown") == 0 &&
		       strcmp(assay_going_text(ASSAY_GOING_ON), "unknown") != 0,
	       "words");
	forge_free(f);
	return tap_done();
}
