/* SPDX-License-Identifier: Apache-2.0
 *
 * reasons - the JSON array of an EAR's assay.reasons, as it lies in the store: taken out of an
 * EAR, made for what no appraisal says (silence, removal, revocation), and read again when a
 * result is made of what is stored. */
#pragma once
#include <assay/appraisal.h>
#include <jansson.h>

enum { REASONS_ONE_MAX = 2048 /* bytes of an array with one reason */ };

/* An array of one reason of its default severity, with a NUL; where and found may be NULL and
 * have at most 256 bytes of UTF-8. Its length, 0 when it does not fit. */
size_t engine_reason(enum assay_reason_code code, const char *where, const char *found,
		     char *out, size_t cap);

/* The array inside an EAR's payload with one submod, as assay_ear_write wrote it. Empty when
 * there is none. */
struct assay_slice reasons_in_ear(struct assay_slice ear);

/* At most ASSAY_REASONS_MAX reasons; texts live in *keep, which json_decref drops. False, and
 * nothing to drop, when the text is not what this program writes. */
bool reasons_read(struct assay_slice json, struct assay_reason *out, size_t *n, json_t **keep);

/* SHA-256 over what makes two verdicts the same: tier, vector, the codes of reasons above info,
 * and which things deviate that count under this policy, whether they were seen just now or are
 * remembered by a receipt (which words their reasons differently). False when the library
 * fails. */
bool reasons_fingerprint(struct assay_crypto *crypto, const struct assay_verdict *v,
			 const struct assay_policy *policy,
			 const struct assay_deviation *deviations, size_t n, uint8_t out[32]);
