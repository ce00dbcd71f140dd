/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/result_read.h"

#include <stdlib.h>
#include <string.h>

enum { SUBMODS_MAX = 65536 };

static bool fail(struct assay_err *err, enum assay_fault why, const char *field)
{
	*err = (struct assay_err){ why, field, 0, NULL };
	return false;
}

static struct assay_slice trim(struct assay_slice in, size_t *from)
{
	*from = 0;
	while (in.n > 0 && strchr(" \t\r\n", in.p[in.n - 1]))
		in.n--;
	while (in.n > 0 && strchr(" \t\r\n", in.p[0])) {
		in = (struct assay_slice){ in.p + 1, in.n - 1 };
		(*from)++;
	}
	return in;
}

static json_t *read_object(struct assay_slice text, const char *field, struct assay_err *err)
{
	struct platform_json_error where = { 1, 1, 0 };
	struct platform_message why;
	json_t *o = platform_json_read(text, field, ASSAY_JWS_MAX, &where, &why);

	if (!o)
		*err = (struct assay_err){ ASSAY_F_ENCODING, field, where.offset, field };
	else if (!json_is_object(o)) {
		(void)fail(err, ASSAY_F_RANGE, field);
		json_decref(o);
		o = NULL;
	}
	return o;
}

static bool read_header(struct result_token *t, struct assay_err *err)
{
	t->header = read_object(t->jws.header, "header", err);
	if (!t->header)
		return false;
	const json_t *alg = json_object_get(t->header, "alg");
	const json_t *kid = json_object_get(t->header, "kid");
	if (!json_is_string(alg))
		return fail(err, alg ? ASSAY_F_RANGE : ASSAY_F_MISSING, "alg");
	if (kid && !json_is_string(kid))
		return fail(err, ASSAY_F_RANGE, "kid");
	/* SPEC RFC 7515, 4.1.11: "if any of the listed extension Header Parameters are not
	 * understood and supported by the recipient, then the JWS is invalid" */
	if (json_object_get(t->header, "crit"))
		return fail(err, ASSAY_F_UNSUPPORTED, "crit");
	t->alg = json_string_value(alg);
	t->kid = json_string_value(kid);
	return true;
}

bool result_token_read(struct assay_slice in, struct result_token *out, struct assay_err *err)
{
	size_t from = 0;
	struct assay_slice token = trim(in, &from);
	struct result_token t = { .is_signed = true };
	uint8_t *patched = NULL;

	*err = (struct assay_err){ 0 };
	size_t cap = token.n < ASSAY_JWS_MAX ? token.n + 256 : 1;
	t.memory = malloc(cap);
	if (!t.memory)
		return fail(err, ASSAY_F_MEMORY, "token");
	struct assay_arena arena = { .p = t.memory, .n = cap };
	/* an unsigned token is read as far as to say so: a stand-in signature, never verified
	 */
	if (token.n > 0 && token.n < ASSAY_JWS_MAX && token.p[token.n - 1] == '.') {
		patched = malloc(token.n + 2);
		if (!patched) {
			free(t.memory);
			return fail(err, ASSAY_F_MEMORY, "token");
		}
		memcpy(patched, token.p, token.n);
		patched[token.n] = patched[token.n + 1] = 'A';
		token = (struct assay_slice){ patched, token.n + 2 };
		t.is_signed = false;
	}
	bool good = assay_jws_read(token, &arena, &t.jws, err);
	if (!good)
		err->offset += from;
	good = good && read_header(&t, err);
	if (patched) {
		t.jws.signing_input = t.jws.signature = (struct assay_slice){ 0 };
		free(patched);
	}
	if (!good) {
		result_token_drop(&t);
		return false;
	}
	*out = t;
	return true;
}

void result_token_drop(struct result_token *t)
{
	json_decref(t->header);
	free(t->memory);
	*t = (struct result_token){ 0 };
}

json_t *result_payload(const struct result_token *t, struct assay_err *err)
{
	return read_object(t->jws.payload, "payload", err);
}

/* A claim under its old or its new name; both at once contradict each other. */
static const json_t *either(const json_t *o, const char *old_name, const char *new_name,
			    bool *is_new, struct assay_err *err)
{
	const json_t *a = json_object_get(o, old_name), *b = json_object_get(o, new_name);

	if (a && b && err->fault == ASSAY_F_OK)
		(void)fail(err, ASSAY_F_CONFLICT, new_name);
	if (b)
		*is_new = true;
	return a ? a : b;
}

/* NumericDate: an integer, or a float that is one. */
static bool read_date(const json_t *v, int64_t *out)
{
	if (json_is_integer(v)) {
		*out = json_integer_value(v);
		return true;
	}
	double d = json_real_value(v);
	if (!json_is_real(v) || !(d > -9e15 && d < 9e15) || d != (double)(int64_t)d)
		return false;
	*out = (int64_t)d;
	return true;
}

static bool read_dates(const json_t *o, struct result_claims *c, struct assay_err *err)
{
	const json_t *iat = json_object_get(o, "iat"), *exp = json_object_get(o, "exp");
	const json_t *nbf = json_object_get(o, "nbf");

	c->has_exp = exp != NULL;
	c->has_nbf = nbf != NULL;
	if (!read_date(iat, &c->iat))
		return fail(err, iat ? ASSAY_F_RANGE : ASSAY_F_MISSING, "iat");
	if (exp && !read_date(exp, &c->exp))
		return fail(err, ASSAY_F_RANGE, "exp");
	if (nbf && !read_date(nbf, &c->nbf))
		return fail(err, ASSAY_F_RANGE, "nbf");
	return true;
}

static bool starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* Veraison's, Trustee's, and the drafts' own with the draft's two digits. */
static bool known_profile(const char *s)
{
	static const char ietf[] = "tag:ietf.org,2026:rats/ear#";
	const char *number = s + strlen(ietf);

	if (strcmp(s, ASSAY_EAR_PROFILE) == 0 ||
	    strcmp(s, "tag:github.com,2024:confidential-containers/Trustee") == 0)
		return true;
	return starts(s, ietf) && strlen(number) == 2 && strspn(number, "0123456789") == 2;
}

static bool read_verifier(const json_t *o, struct result_claims *c, struct assay_err *err)
{
	const json_t *id = either(o, "ear.verifier-id", "ear_verifier_id", &c->new_names, err);

	if (err->fault != ASSAY_F_OK)
		return false;
	c->developer = json_string_value(json_object_get(id, "developer"));
	c->build = json_string_value(json_object_get(id, "build"));
	if (!id || !c->developer || !c->build)
		return fail(err, id ? ASSAY_F_RANGE : ASSAY_F_MISSING, "verifier-id");
	return true;
}

static bool read_status(const json_t *v, enum assay_tier *out)
{
	static const enum assay_tier tiers[] = { ASSAY_NONE, ASSAY_AFFIRMING, ASSAY_WARNING,
						 ASSAY_CONTRAINDICATED };

	for (size_t k = 0; json_is_string(v) && k < 4; k++)
		if (strcmp(json_string_value(v), assay_tier_name(tiers[k])) == 0) {
			*out = tiers[k];
			return true;
		}
	return false;
}

/* 0 asserts nothing and counts as absent; 1 and -1 are tier none and count. */
static bool read_vector(const json_t *v, struct result_submod *m, struct assay_err *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(v))
		return fail(err, ASSAY_F_RANGE, "trustworthiness-vector");
	m->vector = ASSAY_AFFIRMING;
	json_object_foreach((json_t *)(uintptr_t)v, key, value)
	{
		json_int_t n = json_integer_value(value);
		if (!json_is_integer(value) || n < -128 || n > 127)
			return fail(err, ASSAY_F_RANGE, "trustworthiness-vector");
		if (n == 0)
			continue;
		m->has_vector = true;
		m->vector = assay_tier_worse(m->vector, assay_tier_of((int8_t)n));
	}
	return true;
}

static bool read_policy(const json_t *o, bool *is_new, struct assay_err *err)
{
	const json_t *one = json_object_get(o, "ear.appraisal-policy-id");
	const json_t *many = json_object_get(o, "ear_appraisal_policy_ids");

	if (one && many)
		return fail(err, ASSAY_F_CONFLICT, "ear_appraisal_policy_ids");
	if (one && !json_is_string(one))
		return fail(err, ASSAY_F_RANGE, "ear.appraisal-policy-id");
	if (!many)
		return true;
	*is_new = true;
	bool good = json_is_array(many) && json_array_size(many) > 0;
	for (size_t k = 0; good && k < json_array_size(many); k++)
		good = json_is_string(json_array_get(many, k));
	return good || fail(err, ASSAY_F_RANGE, "ear_appraisal_policy_ids");
}

static bool read_submod(const char *name, const json_t *o, struct result_submod *m,
			bool *is_new, struct assay_err *err)
{
	*m = (struct result_submod){ .name = name };
	if (!json_is_object(o))
		return fail(err, ASSAY_F_RANGE, "submods");
	const json_t *status = either(o, "ear.status", "ear_status", is_new, err);
	const json_t *vector = either(o, "ear.trustworthiness-vector",
				      "ear_trustworthiness_vector", is_new, err);
	if (err->fault != ASSAY_F_OK)
		return false;
	if (!read_status(status, &m->status))
		return fail(err, status ? ASSAY_F_RANGE : ASSAY_F_MISSING, "status");
	if (vector && !read_vector(vector, m, err))
		return false;
	return read_policy(o, is_new, err);
}

static bool read_submods(const json_t *o, struct result_claims *c, struct assay_err *err)
{
	json_t *submods = json_object_get(o, "submods"), *value;
	size_t n = json_object_size(submods);
	const char *key;

	if (!submods || (json_is_object(submods) && n == 0))
		return fail(err, ASSAY_F_MISSING, "submods");
	if (!json_is_object(submods) || n > SUBMODS_MAX)
		return fail(err, n > SUBMODS_MAX ? ASSAY_F_LIMIT : ASSAY_F_RANGE, "submods");
	c->submods = calloc(n, sizeof *c->submods);
	if (!c->submods)
		return fail(err, ASSAY_F_MEMORY, "submods");
	json_object_foreach(submods, key, value)
	{
		if (!read_submod(key, value, &c->submods[c->nsubmods], &c->new_names, err))
			return false;
		c->nsubmods++;
	}
	return true;
}

static bool read_claims(const json_t *o, struct result_claims *c, struct assay_err *err)
{
	const json_t *profile = json_object_get(o, "eat_profile");
	const json_t *status = json_object_get(o, "ear_status");

	if (!json_is_string(profile))
		return fail(err, profile ? ASSAY_F_RANGE : ASSAY_F_MISSING, "eat_profile");
	c->profile = json_string_value(profile);
	if (!known_profile(c->profile))
		return fail(err, ASSAY_F_UNSUPPORTED, "eat_profile");
	c->has_status = status != NULL;
	if (status && !read_status(status, &c->status))
		return fail(err, ASSAY_F_RANGE, "ear_status");
	return read_dates(o, c, err) && read_verifier(o, c, err) && read_submods(o, c, err);
}

bool result_claims_read(const json_t *payload, struct result_claims *out, struct assay_err *err)
{
	struct result_claims c = { 0 };

	*err = (struct assay_err){ 0 };
	if (!read_claims(payload, &c, err)) {
		err->artefact = "payload";
		result_claims_drop(&c);
		return false;
	}
	*out = c;
	return true;
}

void result_claims_drop(struct result_claims *c)
{
	free(c->submods);
	*c = (struct result_claims){ 0 };
}
