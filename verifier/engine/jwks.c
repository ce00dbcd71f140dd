/* SPDX-License-Identifier: Apache-2.0
 * The public keys of results as a JWK set (RFC 7517, RFC 7518, RFC 8037). */
#include "verifier/engine/internal.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 1024 };

static json_t *base64url(const uint8_t *p, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char out[NUMBER_MAX * 4 / 3 + 8];
	size_t at = 0;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;
		v |= i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0;
		v |= i + 2 < n ? p[i + 2] : 0;
		size_t chars = n - i >= 3 ? 4 : n - i + 1;
		for (size_t k = 0; k < chars; k++)
			out[at++] = digits[v >> (18 - 6 * k) & 63];
	}
	return json_stringn(out, at);
}

static json_t *jwk(struct assay_crypto *crypto, const struct keys_ear *ear)
{
	struct assay_key *key = assay_key_pem(crypto, ear->pem, true);
	uint8_t a[NUMBER_MAX], b[NUMBER_MAX];
	size_t na, nb;
	json_t *o = NULL;

	if (key && assay_key_numbers(key, a, &na, b, &nb)) {
		const char *alg = assay_key_jose_alg(key);
		o = json_pack("{s:s,s:s,s:s}", "kid", ear->kid, "use", "sig", "alg", alg);
		if (assay_key_type(key) == ASSAY_KEY_EC) {
			json_object_set_new(o, "kty", json_string("EC"));
			json_object_set_new(o, "crv",
					    json_string(assay_key_curve(key) == ASSAY_P384
								? "P-384"
								: "P-256"));
			json_object_set_new(o, "x", base64url(a, na));
			json_object_set_new(o, "y", base64url(b, nb));
		} else {
			json_object_set_new(o, "kty", json_string("OKP"));
			json_object_set_new(o, "crv", json_string("Ed25519"));
			json_object_set_new(o, "x", base64url(a, na));
		}
	}
	assay_key_free(key);
	return o;
}

char *engine_jwks(const struct engine *engine)
{
	struct engine *e = (struct engine *)(uintptr_t)engine;
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct snapshot *s = engine_snapshot(e);
	json_t *keys = json_array();
	bool ok = crypto && keys;

	for (size_t i = 0; ok && i < s->keys.nears; i++)
		ok = json_array_append_new(keys, jwk(crypto, &s->keys.ear[i])) == 0;
	json_t *root = ok ? json_pack("{s:O}", "keys", keys) : NULL;
	char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;

	json_decref(root);
	json_decref(keys);
	snapshot_drop(s);
	assay_crypto_free(crypto);
	return text;
}
