/* SPDX-License-Identifier: Apache-2.0
 * One row per reason to learn nothing from a bundle. */
#include "tests/forge.h"

static size_t learned;

static bool count(void *ctx, const struct assay_ref *ref)
{
	(void)ctx;
	(void)ref;
	learned++;
	return true;
}

/* Learns from what was written and claimed; why is NULL when it was learned from. */
static const char *why(struct forge *f, const struct assay_ak *named)
{
	const char *refused = NULL;
	struct assay_ak own = { 0 };

	learned = 0;
	if (!named &&
	    !assay_ak_read(f->crypto, (struct assay_slice){ f->ak, f->nak }, &own, &f->err))
		return "no key";
	struct assay_expectation x = { .ak = named, .bundle_ak = named ? NULL : &own };
	f->memory.at = 0;
	if (!assay_learn(f->crypto, &f->claims, &x, (struct assay_slice){ 0 }, &f->memory,
			 count, NULL, &refused, &f->err))
		refused = "a fault";
	assay_key_free(own.key);
	return refused;
}

static void refuses(struct forge *f, const char *word, const char *what)
{
	forge_judge(f);
	const char *got = f->judged ? why(f, NULL) : "not judged";
	tap_ok(got && strstr(got, word), "%s: %s", what, got ? got : "learned");
	forge_free(f);
}

static struct forge *fresh(void)
{
	return forge_new("clean-a");
}

static void quotes(void)
{
	struct forge *f = fresh(), *other = fresh();
	struct assay_ak theirs;

	forge_judge(f);
	forge_write(other);
	tap_ok(why(f, NULL) == NULL && learned > 80, "a good machine: %zu references", learned);
	if (!assay_ak_read(f->crypto, (struct assay_slice){ other->ak, other->nak }, &theirs,
			   &f->err))
		return;
	const char *got = why(f, &theirs);
	tap_ok(got && strstr(got, "does not verify") && learned == 0,
	       "another key than the one named");
	f->claims.signature.signatureR.n--;
	got = why(f, NULL);
	tap_ok(got && strstr(got, "does not verify") && learned == 0,
	       "a signature that does not verify");
	assay_key_free(theirs.key);
	forge_free(other);
	forge_free(f);
	f = fresh();
	f->bank = ASSAY_SHA1;
	refuses(f, "SHA-1", "SHA-1 alone");
	f = fresh();
	f->bank = ASSAY_SM3_256;
	refuses(f, "does not compute", "a bank that is not computed");
}

static void registers(void)
{
	static const uint8_t digest[32] = { 7 };

	for (int values = 0; values < 2; values++) {
		struct forge *f = fresh();
		forge_judge(f);
		f->extra = f->claims.value[1];
		f->with_values = values;
		if (!assay_bank_extend(f->crypto, &f->extra, 5,
				       (struct assay_slice){ digest, 32 }))
			return;
		refuses(f, "do not lead", "a register that no log leads to");
	}
	struct forge *f = fresh();
	struct forged_event *e = forge_find(f, 8, "ima_policy=tcb", 14);
	e->data[e->n - 3] ^= 1;
	refuses(f, "not what its digest says", "an event whose text was exchanged");
	f = fresh();
	e = forge_insert(f, f->nevents, 9, ASSAY_EV_IPL, "x", 1);
	memset(e->digest, 0, sizeof e->digest);
	refuses(f, "zero digest", "an event with a zero digest");
}

static void lists(void)
{
	static const uint8_t evil[32] = { 0xee }, zero[32];
	struct forge *f = fresh();

	forge_ima(f, "/x", zero, 32, true);
	refuses(f, "violation", "a violation");
	f = fresh();
	forge_ima(f, "/x", zero, 32, false);
	refuses(f, "zero, empty or unknown", "a digest of zeros");
	f = fresh();
	forge_ima(f, "/x", evil, 0, false);
	refuses(f, "zero, empty or unknown", "a digest of no bytes");
	f = fresh();
	f->stale_aggregate = true;
	refuses(f, "boot_aggregate", "the list of another boot");
	f = fresh();
	f->no_aggregate = true;
	refuses(f, "boot_aggregate", "a list without its beginning");
	f = fresh();
	f->pcrs &= ~(1u << 10);
	refuses(f, "no bank better", "a list that is not quoted");
	f = fresh();
	forge_write(f);
	f->ima[5] ^= 1;
	forge_judge_again(f);
	const char *got = why(f, NULL);
	tap_ok(got && strstr(got, "template hash"),
	       "a template hash that is not the data's: %s", got ? got : "learned");
	forge_free(f);
	f = fresh();
	forge_judge(f);
	f->claims.ima.padded = 2;
	got = why(f, NULL);
	tap_ok(got && strstr(got, "no bank better"), "a bank padded from SHA-1: %s",
	       got ? got : "learned");
	forge_free(f);
}

int main(void)
{
	quotes();
	registers();
	lists();
	return tap_done();
}
