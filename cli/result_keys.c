/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys that results are verified with. JWK (RFC 7517, RFC 7518, RFC 8037):
 * "kty" EC with "crv" P-256 or P-384, or OKP with Ed25519; "use" and "alg", where they
 * stand, must fit. */
#include "cli/result_read.h"
#include "platform/base64.h"

#include <stdlib.h>
#include <string.h>

enum { KEYS_FILE_MAX = 1024 * 1024 };

static bool fail(struct assay_err *err, enum assay_fault why, const char *field)
{
	*err = (struct assay_err){ why, field, 0, NULL };
	return false;
}

static bool member_is(const json_t *o, const char *name, const char *want)
{
	const json_t *v = json_object_get(o, name);

	return json_is_string(v) && strcmp(json_string_value(v), want) == 0;
}

static bool read_number(const json_t *o, const char *name, size_t want, uint8_t *out)
{
	const json_t *v = json_object_get(o, name);
	size_t n = 0;

	if (!json_is_string(v))
		return false;
	struct assay_slice text = { (const uint8_t *)json_string_value(v),
				    json_string_length(v) };
	return platform_base64_read(PLATFORM_BASE64URL, text, out, want, &n) && n == want;
}

/* NULL with a fault when assay cannot use it. */
static struct assay_key *read_jwk(struct assay_crypto *crypto, const json_t *o,
				  struct assay_err *err)
{
	bool p256 = member_is(o, "crv", "P-256"), p384 = member_is(o, "crv", "P-384");
	uint8_t x[48], y[48];
	size_t n = p384 ? 48 : 32;
	struct assay_key *key = NULL;

	if (!json_is_object(o)) {
		(void)fail(err, ASSAY_F_RANGE, "keys");
		return NULL;
	}
	if (json_object_get(o, "use") && !member_is(o, "use", "sig")) {
		(void)fail(err, ASSAY_F_UNSUPPORTED, "use");
		return NULL;
	}
	if (member_is(o, "kty", "EC") && (p256 || p384)) {
		if (read_number(o, "x", n, x) && read_number(o, "y", n, y))
			key = assay_key_ec(crypto, p256 ? ASSAY_P256 : ASSAY_P384,
					   (struct assay_slice){ x, n },
					   (struct assay_slice){ y, n });
	} else if (member_is(o, "kty", "OKP") && member_is(o, "crv", "Ed25519")) {
		if (read_number(o, "x", 32, x))
			key = assay_key_ed25519(crypto, (struct assay_slice){ x, 32 });
	} else {
		(void)fail(err, ASSAY_F_UNSUPPORTED, "kty");
		return NULL;
	}
	if (!key)
		(void)fail(err, ASSAY_F_RANGE, "x");
	else if (json_object_get(o, "alg") && !member_is(o, "alg", assay_key_jose_alg(key))) {
		(void)fail(err, ASSAY_F_CONFLICT, "alg");
		assay_key_free(key);
		key = NULL;
	}
	return key;
}

static bool add_jwk(struct assay_crypto *crypto, const json_t *o, struct result_keys *keys,
		    struct assay_err *err)
{
	const json_t *kid = json_object_get(o, "kid");
	struct assay_key *key;

	if (keys->n == RESULT_KEYS_MAX)
		return fail(err, ASSAY_F_LIMIT, "keys");
	if (kid && !json_is_string(kid))
		return fail(err, ASSAY_F_RANGE, "kid");
	key = read_jwk(crypto, o, err);
	if (!key)
		return false;
	keys->key[keys->n].key = key;
	keys->key[keys->n++].kid = kid ? strdup(json_string_value(kid)) : NULL;
	return true;
}

static bool read_json(struct assay_crypto *crypto, struct assay_slice file, bool set,
		      struct result_keys *keys, struct assay_err *err)
{
	struct platform_json_error where = { 1, 1, 0 };
	struct platform_message why;
	json_t *o = platform_json_read(file, "the key", KEYS_FILE_MAX, &where, &why);
	const json_t *list = json_object_get(o, "keys");
	bool good;

	if (!o) {
		*err = (struct assay_err){ ASSAY_F_ENCODING, "JWK", where.offset, NULL };
		return false;
	}
	if (!set) {
		good = add_jwk(crypto, o, keys, err);
	} else {
		good = json_is_array(list) && json_array_size(list) > 0;
		if (!good)
			(void)fail(err, list ? ASSAY_F_RANGE : ASSAY_F_MISSING, "keys");
		for (size_t k = 0; good && k < json_array_size(list); k++)
			good = add_jwk(crypto, json_array_get(list, k), keys, err);
	}
	json_decref(o);
	return good;
}

bool result_keys_read(struct assay_crypto *crypto, struct assay_slice file, bool set,
		      struct result_keys *out, struct assay_err *err)
{
	struct result_keys keys = { .set = set };
	bool good;

	*err = (struct assay_err){ 0 };
	if (set || (file.n > 0 && strchr(" \t\r\n{", file.p[0]))) {
		good = read_json(crypto, file, set, &keys, err);
	} else {
		keys.key[0].key = assay_key_pem(crypto, file, false);
		keys.n = keys.key[0].key != NULL;
		good = keys.n && assay_key_jose_alg(keys.key[0].key);
		if (!good)
			(void)fail(err, keys.n ? ASSAY_F_UNSUPPORTED : ASSAY_F_ENCODING, "key");
	}
	if (good)
		*out = keys;
	else
		result_keys_drop(&keys);
	return good;
}

void result_keys_drop(struct result_keys *keys)
{
	for (size_t k = 0; k < keys->n; k++) {
		assay_key_free(keys->key[k].key);
		free(keys->key[k].kid);
	}
	*keys = (struct result_keys){ 0 };
}

enum result_answer result_verify(struct assay_crypto *crypto, const struct result_keys *keys,
				 const struct result_token *t)
{
	enum result_answer answer = keys->set ? RESULT_KEY : RESULT_ALGORITHM;

	if (!t->is_signed)
		return RESULT_UNSIGNED;
	for (size_t k = 0; k < keys->n; k++) {
		const char *kid = keys->key[k].kid;
		/* a key that was named alone is the caller's own choice */
		if (keys->set && t->kid && (!kid || strcmp(kid, t->kid) != 0))
			continue;
		if (strcmp(t->alg, assay_key_jose_alg(keys->key[k].key)) != 0)
			continue;
		answer = RESULT_SIGNATURE;
		if (assay_jws_verify(crypto, keys->key[k].key, &t->jws))
			return RESULT_AFFIRMING;
	}
	return answer;
}
