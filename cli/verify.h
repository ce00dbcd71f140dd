/* SPDX-License-Identifier: Apache-2.0
 * verify - one bundle appraised for the command line, and how it is shown. */
#pragma once
#include "cli/load.h"

/* A bundle after its appraisal; texts live in memory. */
struct verified {
	const char *path;
	char *name; /* of the submodule: the path's last part, unique */
	struct assay_appraisal appraisal;
	struct assay_claims *claims;
	struct loaded_bundle loaded;
	void *memory;
	bool ok; /* false: error says why nothing was appraised */
	struct load_error error;
};

struct verify_request {
	struct assay_crypto *crypto;
	const struct assay_policy *policy;
	const struct assay_refs *refs;
	const struct assay_ak *ak; /* NULL: not named */
	bool nonce_given, archive;
	struct assay_slice nonce;
};

/* Fills v; false when nothing could be appraised (v->error). */
bool verify_bundle(const struct verify_request *r, const char *path, struct verified *v);
void verified_drop(struct verified *v);

/* The verdict, the boot chain and the reasons, for a person. */
void verify_show(const struct verified *v);
/* {"bundle":..,"what":..,"why":..,"exit":..} and, when the core said it, "artefact", "fault",
 * "field", "offset". */
struct json_t *verify_error_json(const struct verified *v);
