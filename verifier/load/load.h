/* SPDX-License-Identifier: Apache-2.0
 *
 * load - from paths to what an appraisal is made under: references and policies. Nothing is
 * judged here. Each function fills *e and returns false, *out untouched, when a file cannot be
 * had or read.
 *
 *   threads   any; no state
 */
#pragma once
#include "platform/message.h"

#include <assay/appraisal.h>

/* The numbers are those that `assay` exits with, assay(1). */
enum load_status {
	LOAD_MALFORMED = 3,   /* a file says what cannot be read */
	LOAD_ENVIRONMENT = 5, /* a file cannot be had, or memory is short */
};

struct load_error {
	struct platform_message why;
	int status;           /* enum load_status */
	struct assay_err err; /* fault == OK unless the core said it */
};

struct loaded_refs {
	struct assay_refs refs;
	void *memory;
	size_t size;
};

/* JSON lines, see docs/formats/references.md; a folder stands for all its *.jsonl, in order of
 * their names. */
ASSAY_MUST_USE bool load_refs(const char *const *paths, size_t n, struct loaded_refs *out,
			      struct load_error *e);
void load_refs_drop(struct loaded_refs *refs);

struct loaded_policy {
	struct assay_policy policy;
	struct assay_slice file; /* what the policy's texts alias */
	char *texts[ASSAY_POLICY_WORDS_MAX + 1];
	size_t ntexts;
};

/* YAML, see docs/formats/policy.md. path NULL: the defaults. */
ASSAY_MUST_USE bool load_policy(const char *path, struct loaded_policy *out,
				struct load_error *e);
void load_policy_drop(struct loaded_policy *p);
