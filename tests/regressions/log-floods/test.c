/* SPDX-License-Identifier: Apache-2.0
 * Small logs that cost much: thousands of boot_aggregates, for each of which the boot log
 * was replayed; file names that were each searched for in a command of 4 MiB; more events
 * than an appraisal has memory for, which ended in an error of ours and no verdict. */
#include "tests/forge.h"

#include <openssl/evp.h>
#include <time.h>

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Any number of events that extend nothing in the judged bank. */
static uint8_t *flood(struct forge *f, size_t n, size_t *size)
{
	static const uint8_t spec[] = "Spec ID Event03\0\0\0\0\0\0\2\0\2\2\0\0\0\x0b\0\x20\0"
				      "\x04\0\x14\0";
	static const uint8_t record[] = "\4\0\0\0\14\0\0\0\1\0\0\0\4\0"
					"\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\0\0\0";
	size_t head = 32 + sizeof spec, rest = 32 + *(uint32_t *)(void *)(f->log + 28);
	uint8_t *log = calloc(1, head + f->nlog + n * sizeof record);

	if (!log)
		exit(1);
	log[4] = ASSAY_EV_NO_ACTION;
	log[28] = sizeof spec;
	memcpy(log + 32, spec, sizeof spec);
	memcpy(log + head, f->log + rest, f->nlog - rest);
	*size = head + f->nlog - rest;
	for (size_t i = 0; i < n; i++, *size += sizeof record)
		memcpy(log + *size, record, sizeof record);
	return log;
}

static void judge_flood(struct forge *f, const uint8_t *log, size_t n)
{
	struct assay_ak ak = { 0 };
	struct assay_bundle b = { 0 };

	f->memory.at = 0;
#define PART(which, bytes, size)                                                               \
	b.present[ASSAY_PART_##which] = true;                                                  \
	b.part[ASSAY_PART_##which] = (struct assay_slice){ bytes, size }
	PART(QUOTE_MSG, f->msg, f->nmsg);
	PART(QUOTE_SIG, f->sig, f->nsig);
	PART(EVENTLOG, log, n);
	PART(IMA_BINARY, f->ima, f->nima);
#undef PART
	f->judged =
		assay_ak_read(f->crypto, (struct assay_slice){ f->ak, f->nak }, &ak, &f->err);
	struct assay_expectation expect = { .ak = &ak,
					    .nonce_given = true,
					    .nonce = { f->nonce, sizeof f->nonce } };
	f->judged =
		f->judged &&
		assay_claims_read(f->crypto, &b, NULL, 0, &f->memory, &f->claims, &f->err) &&
		assay_appraise(f->crypto, &f->claims, &expect, &f->policy, &f->refs, &f->memory,
			       &f->out, &f->err);
	assay_key_free(ak.key);
}

static void many_events(void)
{
	struct forge *f = forge_new("clean-a");
	size_t n = 0;

	forge_write(f);
	uint8_t *log = flood(f, 200 * 1000, &n);
	judge_flood(f, log, n);
	if (!tap_ok(f->judged && !forge_affirms(f) && forge_says(f, "boot.component-unknown"),
		    "a log of 200,000 events is a verdict, not an error of ours"))
		forge_explain(f);
	free(log);
	forge_free(f);
}

static void aggregate(struct forge *f, const struct assay_digest *d)
{
	uint8_t entry[] = "\12\0\0\0hhhhhhhhhhhhhhhhhhhh\6\0\0\0ima-ng\61\0\0\0\32\0\0\0sha1:\0"
			  "dddddddddddddddddddd\17\0\0\0boot_aggregate";

	memcpy(entry + 4 + 20 + 4 + 6 + 4 + 4 + 6, d->b, 20);
	EVP_Digest(entry + 38, 49, entry + 4, NULL, EVP_sha1(), NULL);
	memcpy(f->rest + f->nrest, entry, sizeof entry);
	f->nrest += sizeof entry;
}

static void many_aggregates(void)
{
	struct forge *f = forge_new("clean-a");
	struct assay_bank b;
	struct assay_startup startup;
	struct assay_digest d;
	struct assay_err err;
	size_t n = 0;

	/* the list's aggregates are SHA-1 ones, of a bank that is not quoted */
	forge_write(f);
	uint8_t *log = flood(f, 200 * 1000, &n);
	if (!assay_bank_reset(&b, ASSAY_SHA1) ||
	    !assay_eventlog_replay(f->crypto, (struct assay_slice){ log, n }, &b, 1, &startup,
				   &err) ||
	    !assay_ima_boot_aggregate(f->crypto, &b, &d))
		exit(1);
	f->nrest = 0;
	f->no_aggregate = true;
	for (size_t i = 0; i < 1500; i++)
		aggregate(f, &d);
	forge_write(f);
	double before = seconds();
	judge_flood(f, log, n);
	double took = seconds() - before;
	tap_ok(f->judged && f->claims.ima.quoted == 1500 && took < 10,
	       "1500 boot_aggregates beside 200,000 events: %.1f s", took);
	free(log);
	forge_free(f);
}

int main(void)
{
	many_events();
	many_aggregates();
	return tap_done();
}
