/* SPDX-License-Identifier: Apache-2.0
 * call - what the files of this room share: one message on its way to its answer. */
#pragma once
#include "verifier/enrol/cookie.h"
#include "verifier/enrol/enrol.h"

/* The secrets in it are wiped at the call's end. */
struct call {
	const struct enrol_config *c;
	uint64_t now;
	struct enrol_answer *out;
	struct assay_enrol_request m;
	struct assay_public ek, ak;
	struct enrol_state state;
	bool ek_registered; /* the token names the EK */
};

enum enrol_said enrol_refuse(struct call *k, const char *why, const char *hint);
enum enrol_said enrol_failed(struct call *k, const char *why);
enum enrol_said enrol_malformed(struct call *k, const struct assay_err *err,
				const char *artefact);
/* What the store said when it did not do it. */
enum enrol_said enrol_store_said(struct call *k, enum store_status status, const char *refusal);
/* Names the node in the answer, for the log. */
void enrol_note(struct call *k, struct assay_slice node);

/* The first message, read into k->m. */
enum enrol_said enrol_begin(struct call *k);
