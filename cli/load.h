/* SPDX-License-Identifier: Apache-2.0
 *
 * load - from paths to what the core takes: bundles and keys (references and policies:
 * verifier/load). Nothing is judged here. Each function fills *e and returns false, with
 * e->status the exit code that fits (malformed or environment).
 */
#pragma once
#include "cli/exit.h"
#include "verifier/load/load.h"
#include "verifier/load/userlog.h"

_Static_assert((int)LOAD_MALFORMED == (int)EXIT_MALFORMED &&
		       (int)LOAD_ENVIRONMENT == (int)EXIT_ENVIRONMENT,
	       "what loading fails with is what assay exits with");

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

/* The policy as YAML with comments, on stdout. */
void policy_print(const struct assay_policy *policy);
