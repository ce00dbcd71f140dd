/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/codec/json.h"
#include <assay/result.h>

static bool is_tier(enum assay_tier tier)
{
	return tier == ASSAY_NONE || tier == ASSAY_AFFIRMING || tier == ASSAY_WARNING ||
	       tier == ASSAY_CONTRAINDICATED;
}

static bool no_better(enum assay_tier status, enum assay_tier limit)
{
	return assay_tier_worse(status, limit) == status;
}

/* SPEC: the status "MUST be no better than the worst" tier of the vector
 * (draft-ietf-rats-ear, 3). 0 is "no assertion", which counts as absent; but
 * where nothing is asserted nothing is affirmed. */
static bool vector_allows(const struct assay_verdict *v)
{
	bool asserted = false;

	for (size_t i = 0; i < ASSAY_CLAIMS_N; i++) {
		if (v->vector[i] != 0 && !no_better(v->status, assay_tier_of(v->vector[i])))
			return false;
		asserted = asserted || v->vector[i] != 0;
	}
	return asserted || v->status != ASSAY_AFFIRMING;
}

/* A policy changes a reason's severity, never what the severity means. */
static bool reasons_allow(const struct assay_verdict *v)
{
	for (size_t i = 0; i < v->nreasons; i++) {
		enum assay_severity severity = v->reasons[i].severity;

		if (!assay_reason_info(v->reasons[i].code) ||
		    (size_t)severity > ASSAY_SEVERITY_CONTRAINDICATED)
			return false;
		if (severity == ASSAY_SEVERITY_CONTRAINDICATED &&
		    v->status != ASSAY_CONTRAINDICATED)
			return false;
		if (severity == ASSAY_SEVERITY_WARNING && v->status == ASSAY_AFFIRMING)
			return false;
	}
	return true;
}

static bool submod_sound(const struct assay_ear *ear, size_t i)
{
	const struct assay_submod *s = &ear->submods[i];

	if (!s->name || !s->verdict)
		return false;
	for (size_t k = 0; k < i; k++)
		if (!strcmp(s->name, ear->submods[k].name))
			return false;
	return is_tier(s->verdict->status) && vector_allows(s->verdict) &&
	       reasons_allow(s->verdict);
}

static bool sound(const struct assay_ear *ear)
{
	if (!ear->developer || !ear->build || ear->nsubmods == 0 || ear->exp <= ear->iat)
		return false;
	for (size_t i = 0; i < ear->nsubmods; i++)
		if (!submod_sound(ear, i))
			return false;
	return true;
}

static void pair(struct json *j, const char *key, const char *value)
{
	codec_json_key(j, key);
	codec_json_str(j, value);
}

static void write_reasons(struct json *j, const struct assay_verdict *v)
{
	codec_json_key(j, "assay.reasons");
	codec_json_array(j);
	for (size_t i = 0; i < v->nreasons; i++) {
		const struct assay_reason *r = &v->reasons[i];

		codec_json_object(j);
		pair(j, "code", assay_reason_info(r->code)->word);
		pair(j, "severity", assay_severity_name(r->severity));
		pair(j, "where", r->where);
		pair(j, "found", r->found);
		pair(j, "expected", r->expected);
		pair(j, "hint", r->hint);
		codec_json_close(j);
	}
	codec_json_close(j);
	if (v->omitted > 0) {
		codec_json_key(j, "assay.reasons-omitted");
		codec_json_u64(j, v->omitted);
	}
}

static void write_submod(struct json *j, const struct assay_submod *s)
{
	codec_json_key(j, s->name);
	codec_json_object(j);
	pair(j, "ear.status", assay_tier_name(s->verdict->status));
	codec_json_key(j, "ear.trustworthiness-vector");
	codec_json_object(j);
	for (int i = 0; i < ASSAY_CLAIMS_N; i++) {
		codec_json_key(j, assay_claim_name((enum assay_claim)i));
		codec_json_i64(j, s->verdict->vector[i]);
	}
	codec_json_close(j);
	if (s->policy_id)
		pair(j, "ear.appraisal-policy-id", s->policy_id);
	write_reasons(j, s->verdict);
	if (s->archive_note)
		pair(j, "assay.archive", s->archive_note);
	codec_json_close(j);
}

size_t assay_ear_write(const struct assay_ear *ear, char *out, size_t cap)
{
	struct text t = text_over(out, cap);
	struct json j = codec_json_over(&t);

	if (!sound(ear))
		return 0;
	codec_json_object(&j);
	pair(&j, "eat_profile", ASSAY_EAR_PROFILE);
	codec_json_key(&j, "iat");
	codec_json_i64(&j, ear->iat);
	codec_json_key(&j, "exp");
	codec_json_i64(&j, ear->exp);
	if (ear->nonce.n >= ASSAY_EAR_NONCE_MIN && ear->nonce.n <= ASSAY_EAR_NONCE_MAX) {
		codec_json_key(&j, "eat_nonce");
		codec_json_base64url(&j, ear->nonce);
	}
	codec_json_key(&j, "ear.verifier-id");
	codec_json_object(&j);
	pair(&j, "developer", ear->developer);
	pair(&j, "build", ear->build);
	codec_json_close(&j);
	codec_json_key(&j, "submods");
	codec_json_object(&j);
	for (size_t i = 0; i < ear->nsubmods; i++)
		write_submod(&j, &ear->submods[i]);
	codec_json_close(&j);
	codec_json_close(&j);
	return codec_json_done(&j) ? t.n : 0;
}
