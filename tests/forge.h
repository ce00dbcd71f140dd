/* SPDX-License-Identifier: Apache-2.0
 *
 * forge - evidence made to order: logs taken from a real boot, changed event by
 * event, and a quote over what they replay to, signed by a software
 * attestation key. What a TPM would have signed on a machine where this
 * really happened. */
#pragma once
#include "tests/file.h"
#include "tests/tap.h"

#include <assay/appraisal.h>
#include <string.h>

enum { FORGE_EVENTS = 256, FORGE_LOG = 256 * 1024, FORGE_REFS = 4096 };

/* An event with one digest, SHA-256. */
struct forged_event {
	uint32_t pcr, type;
	uint8_t digest[32];
	uint8_t data[4096];
	size_t n;
};

struct forge {
	struct assay_crypto *crypto;
	void *key; /* EVP_PKEY, P-256 */
	struct forged_event events[FORGE_EVENTS];
	size_t nevents;
	uint8_t rest[FORGE_LOG]; /* the IMA list without its boot_aggregate */
	size_t nrest;
	bool stale_aggregate; /* keep the boot_aggregate of another boot */
	bool no_aggregate;    /* write none */
	uint32_t ima_pcr;     /* what the list extends; 10 unless changed */
	bool unsafe_clock, no_log;
	uint64_t clock;       /* of the quote; 12345 unless changed */
	uint32_t resets;      /* resetCount; 1 unless changed */
	uint16_t scheme_hash; /* of the key's public area; SHA-256 unless changed */
	uint32_t hierarchy;   /* the key is a primary of; endorsement unless changed */
	uint8_t log[FORGE_LOG], ima[FORGE_LOG], ak[256], msg[512], sig[128], nonce[32];
	size_t nlog, nima, nak, nmsg, nsig;
	uint32_t attributes; /* of the key */
	uint16_t bank;       /* quoted; SHA-256 unless changed */
	uint32_t pcrs;       /* quoted; 0-10 and 14 unless changed */
	bool with_values;    /* hand over pcrs.txt too */
	char values[8192];
	struct assay_bank extra; /* PCRs after extends that no log shows, if extra.alg != 0 */
	struct assay_refs refs;
	struct assay_arena refs_memory;
	struct assay_policy policy;
	struct assay_user_event users[8];
	size_t nusers;
	/* of the last forge_judge() */
	struct assay_arena memory;
	struct assay_appraisal out;
	struct assay_claims claims;
	struct assay_err err;
	bool judged; /* false: err */
};

/* Events and IMA list of tests/evidence/NAME, and references learned from it. */
struct forge *forge_new(const char *name);
void forge_free(struct forge *f);

/* The event's digest becomes SHA-256 of these bytes. */
void forge_digest(struct forge *f, struct forged_event *e, const void *p, size_t n);
/* A new event before index at (nevents: at the end), digest over its data. */
struct forged_event *forge_insert(struct forge *f, size_t at, uint32_t pcr, uint32_t type,
				  const void *data, size_t n);
void forge_remove(struct forge *f, size_t at);
/* First event of this PCR whose data contains text; NULL when there is none. */
struct forged_event *forge_find(struct forge *f, uint32_t pcr, const void *text, size_t n);
/* Appends an IMA entry (template ima-ng, PCR 10). n: digest bytes. */
void forge_ima(struct forge *f, const char *path, const uint8_t *digest, size_t n,
	       bool violation);

/* The same, in front of all others. */
void forge_ima_first(struct forge *f, const char *path, const uint8_t *digest, size_t n);

/* Writes log, quote and key; appraises with the key named and the nonce given. */
void forge_judge(struct forge *f);
/* The same, but what is already written stays as it is. */
void forge_judge_again(struct forge *f);
void forge_write(struct forge *f);
/* What is written, as a bundle that points into f. */
struct assay_bundle forge_bundle(struct forge *f);

bool forge_affirms(const struct forge *f);
/* True when a reason with this word is there, at more than info. */
bool forge_says(const struct forge *f, const char *word);
/* Prints the reasons as TAP comments, for a row that failed. */
void forge_explain(const struct forge *f);

/* One row: judged, and not affirming because of this reason. */
static inline void forge_refuses(struct forge *f, const char *word, const char *what)
{
	forge_judge(f);
	bool pass = f->judged && !forge_affirms(f) && forge_says(f, word);
	if (!tap_ok(pass, "%s: %s", what, word))
		forge_explain(f);
}
