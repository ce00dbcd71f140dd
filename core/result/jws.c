/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/cursor.h"
#include "core/base/slice.h"
#include "core/codec/base64.h"
#include "core/codec/json.h"
#include <assay/result.h>

enum { HEADER_MAX = 1024, SIGNATURE_MAX = 132 };

static struct assay_slice slice_of(const struct text *t)
{
	return (struct assay_slice){ (const uint8_t *)t->p, t->n };
}

static bool write_header(struct text *t, const char *alg, const char *kid)
{
	struct json j = codec_json_over(t);

	codec_json_object(&j);
	codec_json_key(&j, "alg");
	codec_json_str(&j, alg);
	codec_json_key(&j, "typ");
	codec_json_str(&j, "JWT");
	if (kid) {
		codec_json_key(&j, "kid");
		codec_json_str(&j, kid);
	}
	codec_json_close(&j);
	return codec_json_done(&j);
}

size_t assay_jws_sign(struct assay_crypto *crypto, struct assay_key *key, const char *kid,
		      struct assay_slice payload, char *out, size_t cap)
{
	char buf[HEADER_MAX];
	uint8_t sig[SIGNATURE_MAX];
	struct text header = text_over(buf, sizeof buf), token = text_over(out, cap);
	struct assay_slice signature = { sig, 0 };
	const char *alg = assay_key_jose_alg(key);

	if (!alg || !write_header(&header, alg, kid))
		return 0;
	base64url_write(&token, slice_of(&header));
	text_str(&token, ".");
	base64url_write(&token, payload);
	/* Half a token is never signed. */
	if (token.full ||
	    !assay_key_jose_sign(crypto, key, slice_of(&token), sig, &signature.n))
		return 0;
	text_str(&token, ".");
	base64url_write(&token, signature);
	return token.full ? 0 : token.n;
}

/* Reads up to the next dot, or with last up to the end. */
static struct assay_slice read_part(struct cur *c, struct assay_arena *arena, bool last,
				    const char *field)
{
	size_t left = cur_left(c);
	const uint8_t *dot = left > 0 ? memchr(c->p + c->at, '.', left) : NULL;
	struct assay_slice s = cur_bytes(c, dot ? (size_t)(dot - c->p) - c->at : left, field);

	if (!last && !dot)
		cur_fail(c, ASSAY_F_TRUNCATED, field);
	if (!cur_ok(c) || s.n == 0)
		return (struct assay_slice){ 0 };

	struct assay_slice out = { NULL, BASE64URL_BYTES(s.n) };
	/* One character is no text of base64url at all, but wants a byte to be read to. */
	uint8_t *p = assay_arena_take(arena, out.n > 0 ? out.n : 1, 1);
	enum assay_fault why = p ? base64url_read(s, p) : ASSAY_F_MEMORY;

	out.p = p;
	if (why != ASSAY_F_OK)
		cur_fail(c, why, field);
	return out;
}

static void require(struct cur *c, struct assay_slice s, const char *field)
{
	if (s.n == 0)
		cur_fail(c, ASSAY_F_MISSING, field);
}

bool assay_jws_read(struct assay_slice token, struct assay_arena *arena, struct assay_jws *out,
		    struct assay_err *err)
{
	struct cur c = cur_over(token, err);
	struct assay_jws jws = { 0 };

	if (token.n > ASSAY_JWS_MAX)
		cur_fail(&c, ASSAY_F_LIMIT, "token");
	jws.header = read_part(&c, arena, false, "header");
	require(&c, jws.header, "header");
	cur_bytes(&c, 1, "header");
	jws.payload = read_part(&c, arena, false, "payload");
	jws.signing_input = slice_part(token, 0, c.at);
	cur_bytes(&c, 1, "payload");
	jws.signature = read_part(&c, arena, true, "signature");
	require(&c, jws.signature, "signature");
	if (!cur_done(&c, "token"))
		return false;
	*out = jws;
	return true;
}

bool assay_jws_verify(struct assay_crypto *crypto, struct assay_key *key,
		      const struct assay_jws *jws)
{
	return jws->signature.n > 0 &&
	       assay_key_jose_verify(crypto, key, jws->signing_input, jws->signature);
}
