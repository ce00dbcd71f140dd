/* SPDX-License-Identifier: Apache-2.0
 * The quote alone: its signature before any log, and whose nonce it answers. */
#include "tests/going_on_rows.h"
#include <assay/merkle.h>

static void signature_first(void)
{
	struct forge *other = forge_new("clean-a");
	struct assay_quote_checked checked = { 0 };
	struct assay_quote quote;
	struct assay_ak ak, theirs;

	forge_judge(f);
	forge_write(other);
	struct assay_bundle b = forge_bundle(f);
	if (!assay_ak_read(f->crypto, b.part[ASSAY_PART_AK_PUB], &ak, &err) ||
	    !assay_ak_read(f->crypto, (struct assay_slice){ other->ak, other->nak }, &theirs,
			   &err))
		exit(1);
	tap_ok(assay_quote_check(f->crypto, &b, &ak, &quote, &checked, &err) &&
		       quote.clock == f->clock && checked.key == ak.key,
	       "the key signed the quote");
	struct assay_expectation x = {
		.ak = &ak, .nonce_given = true, .nonce = { f->nonce, 32 }, .checked = &checked
	};
#define JUDGED                                                                                 \
	(f->memory.at = 0, assay_appraise(f->crypto, &f->claims, &x, &f->policy, &f->refs,     \
					  &f->memory, &out, &err))
	tap_ok(JUDGED && out.signature_ok, "what was verified is not verified again");
	f->sig[f->nsig - 1] ^= 1;
	forge_judge_again(f);
	b = forge_bundle(f);
	tap_ok(!f->out.signature_ok, "another signature alone does not verify");
	tap_ok(!assay_quote_check(f->crypto, &b, &ak, &quote, &checked, &err) &&
		       err.fault == ASSAY_F_OK,
	       "a signature that is none: refused without a fault");
	checked.message.n--;
	tap_ok(JUDGED && !out.signature_ok, "verified was another message");
	checked.message.n++;
	checked.signature.p--;
	tap_ok(JUDGED && !out.signature_ok, "verified was another signature");
	checked.signature.p++;
	checked.key = theirs.key;
	tap_ok(JUDGED && !out.signature_ok, "verified was another key's");
	checked.key = ak.key;
	f->sig[f->nsig - 1] ^= 1;
	tap_ok(!assay_quote_check(f->crypto, &b, &theirs, &quote, &checked, &err) &&
		       err.fault == ASSAY_F_OK,
	       "another key: refused without a fault");
	b.part[ASSAY_PART_QUOTE_SIG].n--;
	tap_ok(!assay_quote_check(f->crypto, &b, &ak, &quote, &checked, &err) &&
		       err.fault == ASSAY_F_TRUNCATED && strcmp(err.artefact, "quote.sig") == 0,
	       "a signature cut short is a fault");
	b.present[ASSAY_PART_QUOTE_SIG] = false;
	tap_ok(!assay_quote_check(f->crypto, &b, &ak, &quote, &checked, &err) &&
		       err.fault == ASSAY_F_MISSING,
	       "no signature is a fault");
	assay_key_free(ak.key);
	assay_key_free(theirs.key);
	forge_free(other);
	fresh();
}

/* Three askers; the quote answers all of them. */
static void batches(void)
{
	static const uint8_t asker[3][16] = { "the first asker", "the second one", "a third" };
	struct assay_merkle_hash tree[128];
	struct assay_batch_path path;
	uint8_t bytes[ASSAY_BATCH_PATH_BYTES];
	struct assay_bundle b;
	bool ok = true;

	for (size_t i = 0; i < 3; i++)
		ok = ok && assay_batch_leaf(f->crypto, (struct assay_slice){ asker[i], 16 },
					    &tree[i]);
	ok = ok && assay_merkle_build(f->crypto, tree, 3) &&
	     assay_batch_extra_data(f->crypto, 3, &tree[assay_merkle_room(3) - 1], f->nonce);
	forge_write(f);
	size_t at = entry_at(f, last.bank[0].index);
	b = rest_of(f, (struct assay_slice){ f->ima + at, f->nima - at });
	b.present[ASSAY_PART_BATCH] = true;
	for (size_t i = 0; i < 3; i++) {
		struct assay_slice nonce = { asker[i], 16 },
				   next_one = { asker[(i + 1) % 3], 16 };
		path.size = 3;
		path.index = i;
		ok = ok && assay_merkle_path(tree, 3, i, path.path, &path.npath);
		b.part[ASSAY_PART_BATCH] =
			(struct assay_slice){ bytes, assay_batch_path_write(&path, bytes,
									    sizeof bytes) };
		tap_ok(ok && go_on_as(f, &b, last.bank[0].index, nonce) == ASSAY_GOING_ON &&
			       out.verdict.status == ASSAY_AFFIRMING &&
			       assay_quote_answers(f->crypto, &b, &resumed.quote, nonce, &err),
		       "asker %zu is answered by the batch", i);
		tap_ok(go_on_as(f, &b, last.bank[0].index, next_one) == ASSAY_GOING_ON &&
			       out.verdict.status == ASSAY_CONTRAINDICATED &&
			       out.verdict.reasons[0].code == ASSAY_R_QUOTE_NONCE_MISMATCH,
		       "another asker is not, at that place");
	}
	row(go_on(f, &b), ASSAY_GOING_ON, "the batch nonce itself, with a path");
	tap_ok(out.verdict.status == ASSAY_CONTRAINDICATED, "answers nobody");
	b.present[ASSAY_PART_BATCH] = false;
	row(go_on_as(f, &b, last.bank[0].index, (struct assay_slice){ asker[2], 16 }),
	    ASSAY_GOING_ON, "a batch nonce without a path");
	tap_ok(out.verdict.status == ASSAY_CONTRAINDICATED, "answers no asker");
	b.present[ASSAY_PART_BATCH] = true;
	b.part[ASSAY_PART_BATCH].n--;
	row(go_on_as(f, &b, last.bank[0].index, (struct assay_slice){ asker[2], 16 }),
	    ASSAY_GOING_FAULT, "a path cut short");
	tap_ok(err.fault == ASSAY_F_TRUNCATED && err.artefact &&
		       strcmp(err.artefact, "batch") == 0,
	       "is a fault of that part");
	fresh();
}

/* PCR 10 of a bank after the first bytes of the list. */
static struct assay_bank replayed(uint16_t alg, size_t bytes)
{
	struct assay_bank b;
	struct assay_ima list;
	struct assay_ima_entry e;
	uint8_t v[ASSAY_DIGEST_MAX];
	bool ok = assay_bank_reset(&b, alg) &&
		  assay_ima_open(&list, (struct assay_slice){ f->ima, bytes }, &err);

	while (ok && assay_ima_next(&list, &e))
		ok = assay_ima_extend_value(f->crypto, &e, alg, ASSAY_IMA_NATIVE, NULL, v) &&
		     assay_bank_extend(f->crypto, &b, 10, (struct assay_slice){ v, b.size });
	if (!ok)
		exit(1);
	return b;
}

/* f's quote, but over PCR 10 of SHA-1 as well, which is selected first. */
static void quote_two_banks(const struct assay_bank *sha1, const struct assay_bank *sha256)
{
	static const uint8_t select[] = {
		0, 0, 0, 2, 0, 4, 3, 0, 4, 0, 0, 11, 3, 0xff, 0x47, 0
	};
	struct assay_slice pcrs = last.pcrs;
	struct assay_slice parts[] = { { sha1->value[10], 20 },
				       slice_part(pcrs, 0, 10 * 32),
				       { sha256->value[10], 32 },
				       slice_part(pcrs, 10 * 32, pcrs.n) };
	struct assay_digest d;

	if (!assay_hash(f->crypto, ASSAY_SHA256, parts, 4, &d))
		exit(1);
	f->nmsg -= 4 + 2 + 1 + 3 + 2 + 32;
	memcpy(f->msg + f->nmsg, select, sizeof select);
	f->nmsg += sizeof select;
	f->msg[f->nmsg++] = 0;
	f->msg[f->nmsg++] = 32;
	memcpy(f->msg + f->nmsg, d.b, 32);
	f->nmsg += 32;
}

static void two_banks(void)
{
	forge_write(f);
	size_t at = entry_at(f, last.bank[0].index);
	struct assay_bank sha1 = replayed(ASSAY_SHA1, at), now1 = replayed(ASSAY_SHA1, f->nima);
	struct assay_bank now256 = replayed(ASSAY_SHA256, f->nima);
	struct assay_bundle b;

	last.bank[1] = last.bank[0];
	last.bank[0].alg = ASSAY_SHA1;
	last.bank[0].pcr10 = (struct assay_slice){ sha1.value[10], 20 };
	last.nbanks = 2;
	quote_two_banks(&now1, &now256);
	b = rest_of(f, (struct assay_slice){ f->ima + at, f->nima - at });
	row(assay_resume(f->crypto, &b, &last, last.bank[0].index, &resumed, &err),
	    ASSAY_GOING_ON, "PCR 10 of two banks");
	tap_ok(memcmp(resumed.value[0].value[10], now1.value[10], 20) == 0 &&
		       memcmp(resumed.value[1].value[10], now256.value[10], 32) == 0,
	       "both are moved on");
	last.nbanks = 1;
	last.bank[0] = last.bank[1];
	row(assay_resume(f->crypto, &b, &last, last.bank[0].index, &resumed, &err),
	    ASSAY_GOING_SELECTION, "a bank that the receipt has not");
	last.nbanks = 2;
	last.bank[0].alg = ASSAY_SHA1;
	last.bank[0].pcr10 = (struct assay_slice){ now1.value[10], 20 };
	row(assay_resume(f->crypto, &b, &last, last.bank[0].index, &resumed, &err),
	    ASSAY_GOING_DIGEST, "one of the two is further on");
	fresh();
}

int main(void)
{
	fresh();
	signature_first();
	batches();
	two_banks();
	forge_free(f);
	return tap_done();
}
