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

int main(void)
{
	fresh();
	signature_first();
	batches();
	forge_free(f);
	return tap_done();
}
