/* SPDX-License-Identifier: Apache-2.0
 * One row per reason: a boot in which this and nothing else is wrong. */
#include "core/appraisal/judge.h"
#include "tests/forge_rows.h"

static struct assay_ak ak;

static struct assay_expectation expectation(void)
{
	return (struct assay_expectation){ .ak = &ak,
					   .nonce_given = true,
					   .nonce = { f->nonce, sizeof f->nonce } };
}

/* Judges what is written with another expectation. */
static void judge_as(const struct assay_expectation *expect)
{
	f->memory.at = 0;
	f->judged = assay_appraise(f->crypto, &f->claims, expect, &f->policy, &f->refs,
				   &f->memory, &f->out, &f->err);
}

static void row_as(const struct assay_expectation *expect, const char *word, const char *what)
{
	judge_as(expect);
	if (!tap_ok(f->judged && !forge_affirms(f) && forge_says(f, word), "%s: %s", what,
		    word))
		forge_explain(f);
}

static void identity(void)
{
	struct forge *other = forge_new("clean-a");
	struct assay_ak theirs, pem = { 0 };
	struct assay_err err;

	forge_judge(f);
	tap_ok(forge_affirms(f), "the boot that was learned from is affirming");
	if (!assay_ak_read(f->crypto, (struct assay_slice){ f->ak, f->nak }, &ak, &err) ||
	    !assay_ak_read(f->crypto, (struct assay_slice){ other->ak, other->nak }, &theirs,
			   &err))
		return;
	struct assay_expectation x = expectation();
	judge_as(&x);
	tap_ok(forge_affirms(f), "no ak.pub beside the quote is needed");
	x.ak = NULL;
	x.bundle_ak = &ak;
	row_as(&x, "identity.key-unknown", "only the bundle says whose key it is");
	x.bundle_ak = NULL;
	row_as(&x, "identity.key-unknown", "nobody says whose key it is");
	x = expectation();
	x.bundle_ak = &theirs;
	row_as(&x, "identity.key-mismatch", "another ak.pub beside the quote");
	x = expectation();
	x.ak = &theirs;
	row_as(&x, "quote.signature-invalid", "another key than the one that signed");
	tap_ok(f->out.verdict.vector[ASSAY_CLAIM_EXECUTABLES] == 99,
	       "a bad signature makes every claim 99");
	tap_ok(f->out.nchain == 0 && f->out.ima_judged == 0 && f->out.bank == 0,
	       "what nobody signed is not looked at");
	x = expectation();
	pem.key = ak.key;
	x.ak = &pem;
	row_as(&x, "identity.key-attributes-unknown", "a key without attributes");
	x = expectation();
	x.nonce.n = 31;
	row_as(&x, "quote.nonce-mismatch", "a nonce that the quote's begins with");
	x.nonce.n = 4;
	row_as(&x, "quote.freshness-unchecked", "a nonce too short to count");
	x.nonce_given = false;
	row_as(&x, "quote.freshness-unchecked", "no nonce");
	x.archive = true;
	judge_as(&x);
	tap_ok(forge_affirms(f) && f->out.verdict.nreasons == 1 &&
		       f->out.verdict.reasons[0].code == ASSAY_R_QUOTE_ARCHIVE,
	       "an archive: quote.archive, still affirming");
	assay_key_free(ak.key);
	assay_key_free(theirs.key);
	forge_free(other);
	fresh();
}

static void keys(void)
{
	static const uint32_t needed[] = { ASSAY_OBJECT_fixedTPM, ASSAY_OBJECT_fixedParent,
					   ASSAY_OBJECT_sensitiveDataOrigin,
					   ASSAY_OBJECT_restricted, ASSAY_OBJECT_sign };
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		f->attributes &= ~needed[i];
		refuses("identity.key-attributes", "an attribute is missing");
	}
	f->scheme_hash = ASSAY_SHA384;
	refuses("quote.signature-invalid", "a signature by another scheme than the key's");
	f->hierarchy = 0x40000001;
	tells("identity.key-hierarchy", "a primary key of the owner hierarchy");
	f->unsafe_clock = true;
	tells("quote.clock-unsafe", "a clock that may have gone back");
	f->attributes |= ASSAY_OBJECT_decrypt;
	refuses("identity.key-attributes", "a key that also decrypts");
	f->attributes |= ASSAY_OBJECT_x509sign;
	refuses("identity.key-attributes", "a key that also signs certificates");
	f->policy.nhashes = 1;
	f->policy.hashes[0] = ASSAY_SHA512;
	refuses("quote.hash-weak", "a signature hash that the policy does not accept");
}

static void coverage(void)
{
	f->bank = ASSAY_SHA1;
	f->policy.nbanks = 1;
	refuses("quote.bank-weak", "SHA-1 alone");
	f->pcrs = 0;
	refuses("quote.bank-weak", "a bank without a PCR");
	f->pcrs &= ~(1u << 8);
	refuses("quote.pcr-not-quoted", "PCR 8 is not quoted");
	f->pcrs &= ~(1u << 10);
	refuses("ima.not-quoted", "PCR 10 is not quoted");
	struct assay_ref stub = {
		.place = 12,
		.kind = ASSAY_REF_COMMAND_LINE,
		.alg = ASSAY_SHA256,
		.digest = slice_str("an initrd of systemd-stub's, say"),
	};
	tap_ok(assay_refs_add(&f->refs, &stub) == ASSAY_F_OK, "a reference in PCR 12");
	refuses("quote.pcr-not-quoted",
		"a judged register that the references know is left out");
}

static void registers(void)
{
	uint8_t digest[32] = { 7 };

	/* an extend that no log shows */
	forge_judge(f);
	f->extra = f->claims.value[1];
	(void)!assay_bank_extend(f->crypto, &f->extra, 5, (struct assay_slice){ digest, 32 });
	refuses("quote.digest-mismatch", "PCR 5 extended without a log");
	forge_judge(f);
	f->extra = f->claims.value[1];
	f->with_values = true;
	(void)!assay_bank_extend(f->crypto, &f->extra, 5, (struct assay_slice){ digest, 32 });
	refuses("boot.pcr-unexplained", "PCR 5 extended without a log, values stated");

	/* a component that happens to have the register's value pins nothing */
	forge_judge(f);
	f->extra = f->claims.value[1];
	f->with_values = true;
	(void)!assay_bank_extend(f->crypto, &f->extra, 0, (struct assay_slice){ digest, 32 });
	struct assay_ref no_pin = {
		.place = 0,
		.kind = ASSAY_REF_FIRMWARE,
		.alg = ASSAY_SHA256,
		.digest = { f->extra.value[0], 32 },
	};
	tap_ok(assay_refs_add(&f->refs, &no_pin) == ASSAY_F_OK, "a component with that digest");
	refuses("boot.pcr-unexplained", "a component's digest pins no register");

	/* the same, pinned */
	forge_judge(f);
	f->extra = f->claims.value[1];
	f->with_values = true;
	(void)!assay_bank_extend(f->crypto, &f->extra, 0, (struct assay_slice){ digest, 32 });
	struct assay_ref pin = { .place = 0,
				 .kind = ASSAY_REF_PCR_VALUE,
				 .alg = ASSAY_SHA256,
				 .digest = { f->extra.value[0], 32 } };
	tap_ok(assay_refs_add(&f->refs, &pin) == ASSAY_F_OK, "a value is pinned");
	tells("boot.pcr-pinned", "PCR 0 pinned by value");
}

static void runtime(void)
{
	static const uint8_t evil[32] = { 0xee }, zero[32];
	struct assay_refs none = { 0 };

	f->stale_aggregate = true;
	refuses("ima.boot-aggregate-mismatch", "the list of another boot");
	forge_ima(f, "/usr/bin/evil", evil, 32, false);
	refuses("ima.file-unknown", "an unknown program");
	forge_ima(f, "/bin/busybox", evil, 32, false);
	refuses("ima.file-modified", "a known program, changed");
	int64_t at =
		assay_refs_named(&f->refs, ASSAY_PLACE_IMA,
				 (struct assay_slice){ (const uint8_t *)"/bin/busybox", 12 });
	struct assay_ref good = assay_refs_get(&f->refs, (uint32_t)at);
	forge_ima(f, "/sbin/auditd", good.digest.p, 32, false);
	refuses("ima.file-misplaced", "a known program under another name");
	at = assay_refs_named(&f->refs, ASSAY_PLACE_IMA,
			      (struct assay_slice){ (const uint8_t *)"/bin/busybox", 12 });
	good = assay_refs_get(&f->refs, (uint32_t)at);
	good.state = ASSAY_REF_REVOKED;
	tap_ok(assay_refs_add(&f->refs, &good) == ASSAY_F_OK, "a program is revoked");
	refuses("ima.file-revoked", "a revoked program");
	forge_ima(f, "/bin/busybox", zero, 32, true);
	refuses("ima.violation", "a violation");
	forge_ima(f, "/bin/busybox", zero, 32, false);
	refuses("ima.digest-empty", "a digest of zeros");
	forge_ima(f, "/bin/busybox", zero, 0, false);
	refuses("ima.digest-empty", "a digest of length 0");
	f->policy.hashes[0] = ASSAY_SHA384;
	f->policy.nhashes = 1;
	refuses("ima.digest-weak", "file digests that the policy does not accept");
	f->refs = none;
	refuses("reference.none", "no references");
	f->refs.algs = 0;
	refuses("reference.bank-missing", "references without digests of the quoted bank");
	f->with_values = true;
	f->pcrs = 0x47ff;
	forge_judge(f);
	f->extra = f->claims.value[1];
	(void)!assay_bank_extend(f->crypto, &f->extra, 10, (struct assay_slice){ evil, 32 });
	refuses("ima.not-proven", "PCR 10 does not follow from the list");
}

/* What is written to the list after it was quoted, or altered in it. */
static void lists(void)
{
	static const uint8_t evil[32] = { 0xee };
	size_t n;

	forge_write(f);
	n = f->nima;
	forge_ima(f, "/usr/bin/later", evil, 32, false);
	memcpy(f->ima + n, f->rest + f->nrest - (4 + 20 + 4 + 6 + 4 + 4 + 8 + 32 + 4 + 15),
	       4 + 20 + 4 + 6 + 4 + 4 + 8 + 32 + 4 + 15);
	f->nima += 4 + 20 + 4 + 6 + 4 + 4 + 8 + 32 + 4 + 15;
	forge_judge_again(f);
	tap_ok(forge_affirms(f) && f->claims.ima.entries == f->claims.ima.quoted + 1 &&
		       f->out.verdict.nreasons == 1 &&
		       f->out.verdict.reasons[0].code == ASSAY_R_IMA_ENTRIES_UNQUOTED,
	       "an entry after the quote: ima.entries-unquoted, still affirming");
	fresh();
	forge_write(f);
	f->ima[5] ^= 1;
	forge_judge_again(f);
	if (!tap_ok(!forge_affirms(f) && forge_says(f, "ima.template-hash-mismatch"),
		    "a template hash that is not the data's: ima.template-hash-mismatch"))
		forge_explain(f);
	fresh();
	forge_write(f);
	f->nima = 0;
	forge_judge_again(f);
	tap_ok(!forge_affirms(f) && forge_says(f, "ima.log-missing"),
	       "no list: ima.log-missing");
	fresh();
}

/* A list whose first entries are gone, or that began without a TPM: what a
 * kernel would have extended all the same. */
static void beginnings(void)
{
	static const uint8_t zero[32];

	f->no_aggregate = true;
	refuses("ima.list-trimmed", "a list without boot_aggregate");
	f->no_aggregate = true;
	forge_ima_first(f, "boot_aggregate", zero, 32);
	refuses("ima.boot-aggregate-zero", "IMA found no TPM");
}

static void policy_and_severity(void)
{
	static const uint8_t evil[32] = { 0xee };

	f->policy.severity[ASSAY_R_IMA_FILE_UNKNOWN] = ASSAY_SEVERITY_WARNING;
	forge_ima(f, "/usr/bin/evil", evil, 32, false);
	forge_judge(f);
	tap_ok(f->out.verdict.status == ASSAY_WARNING &&
		       f->out.verdict.vector[ASSAY_CLAIM_EXECUTABLES] == 33,
	       "a policy may make a reason a warning: AR4SI 33");
	f->policy.severity[ASSAY_R_IMA_FILE_UNKNOWN] = ASSAY_SEVERITY_INFO;
	forge_judge(f);
	tap_ok(forge_affirms(f), "or a note");
	f->policy.severity[ASSAY_R_QUOTE_NONCE_MISMATCH] = ASSAY_SEVERITY_INFO;
	f->nonce[0] ^= 1;
	forge_judge_again(f);
	tap_ok(!forge_affirms(f) && forge_says(f, "quote.nonce-mismatch"),
	       "but not where nobody may");
	fresh();
	f->policy.ima = false;
	f->pcrs &= ~(1u << 10);
	f->policy.pcrs_quoted &= ~(1u << 10);
	forge_judge(f);
	tap_ok(forge_affirms(f) && f->out.verdict.vector[ASSAY_CLAIM_EXECUTABLES] == 3,
	       "without IMA: executables 3, the boot alone");
	fresh();
	f->memory.n = 64 * 1024;
	forge_judge(f);
	tap_ok(!f->judged && f->err.fault == ASSAY_F_MEMORY,
	       "too little memory is an error, not a verdict");
	fresh();
}

/* A register that IMA fills is explained by nothing else. */
static void smuggling(void)
{
	static const uint8_t evil[32] = { 0xee };
	struct forged_event *e = forge_insert(f, f->nevents, 10, ASSAY_EV_IPL, "x", 1);

	memcpy(e->digest, evil, 32);
	refuses("boot.component-unknown", "an IMA entry moved into the event log");
	f->users[0] = (struct assay_user_event){
		.line = 1, .pcr = 10, .ndigests = 1, .digests = { { ASSAY_SHA256, 32, { 1 } } }
	};
	f->nusers = 1;
	refuses("boot.component-unknown", "an IMA entry moved into the user space log");
	f->users[0] = (struct assay_user_event){
		.line = 1, .pcr = 5, .ndigests = 1, .digests = { { ASSAY_SHA256, 32, { 1 } } }
	};
	f->nusers = 1;
	refuses("boot.component-unknown", "user space measures into a PCR that is not judged");
}

int main(void)
{
	fresh();
	identity();
	keys();
	coverage();
	registers();
	runtime();
	lists();
	beginnings();
	policy_and_severity();
	smuggling();
	forge_free(f);
	return tap_done();
}
