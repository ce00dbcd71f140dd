/* SPDX-License-Identifier: Apache-2.0
 *
 * load - from paths to what the core takes: bundles, keys, references,
 * policies. Nothing is judged here. Each function fills *why and returns
 * false, with *status the exit code that fits (malformed or environment).
 */
#pragma once
#include "cli/userlog.h"
#include "platform/message.h"

#include <assay/appraisal.h>

struct load_error {
	struct platform_message why;
	int status;           /* enum cli_exit */
	struct assay_err err; /* fault == OK unless the core said it */
};

/* "FILE: truncated: ... field F at offset N". MEMORY and CRYPTO are the environment's. */
void load_malformed(struct load_error *e, const char *path, const struct assay_err *err);

struct loaded_bundle {
	struct assay_bundle bundle;
	struct assay_slice owned[ASSAY_PARTS_N + 1]; /* freed by load_bundle_drop() */
	struct userlog user;                         /* of tpm2-measure.log */
};

/* A folder with the kernel's own file names, or a CMW collection in CBOR. */
ASSAY_MUST_USE bool load_bundle(const char *path, struct loaded_bundle *out,
				struct load_error *e);
void load_bundle_drop(struct loaded_bundle *b);

struct loaded_ak {
	struct assay_slice file;
	struct assay_ak ak;
};

ASSAY_MUST_USE bool load_ak(struct assay_crypto *crypto, const char *path,
			    struct loaded_ak *out, struct load_error *e);
void load_ak_drop(struct loaded_ak *ak);

struct loaded_refs {
	struct assay_refs refs;
	void *memory;
	size_t size;
};

/* JSON lines, see docs/formats/references.md; a folder stands for all its *.jsonl. */
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

/* The policy as YAML with comments, on stdout. */
void policy_print(const struct assay_policy *policy);
