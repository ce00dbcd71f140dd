/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/enrol/cookie.h"

#include <string.h>

enum {
	VERSION = 1,
	AT_ID = 1,
	AT_SALT = 2,
	AT_CONTENTS = AT_SALT + ENROL_SALT,
	AT_SIZES = 8 + 32 + ENROL_SECRET + 32,
	AT_TEXTS = AT_SIZES + 3 * 2,
};

#define INFO "assay-enrol-cookie-1"

struct once {
	uint8_t key[ASSAY_AEAD_KEY], nonce[ASSAY_AEAD_NONCE];
	uint8_t ad[sizeof INFO]; /* the text, and id in place of its NUL */
};

static bool once_make(struct assay_crypto *crypto, const struct assay_secret *secret,
		      const uint8_t *salt, struct once *once)
{
	uint8_t derived[ASSAY_AEAD_KEY + ASSAY_AEAD_NONCE];

	memcpy(once->ad, INFO, sizeof once->ad);
	once->ad[sizeof once->ad - 1] = secret->id;
	if (!assay_hkdf(crypto, (struct assay_slice){ secret->b, sizeof secret->b },
			(struct assay_slice){ salt, ENROL_SALT },
			(struct assay_slice){ once->ad, sizeof once->ad }, derived,
			sizeof derived))
		return false;
	memcpy(once->key, derived, sizeof once->key);
	memcpy(once->nonce, derived + sizeof once->key, sizeof once->nonce);
	assay_secret_wipe(derived, sizeof derived);
	return true;
}

static void put_be(uint8_t *out, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		out[i] = (uint8_t)(v >> 8 * (width - 1 - i));
}

static uint64_t get_be(const uint8_t *p, size_t width)
{
	uint64_t v = 0;

	for (size_t i = 0; i < width; i++)
		v = v << 8 | p[i];
	return v;
}

/* Contents in clear to p; their length, 0 when above cap. */
static size_t lay(const struct enrol_state *s, uint8_t *p, size_t cap)
{
	const struct assay_slice text[] = { s->node, s->ak_pub, s->ek_cert };
	size_t at = AT_TEXTS;

	put_be(p, s->issued, 8);
	memcpy(p + 8, s->token, 32);
	memcpy(p + 40, s->secret, ENROL_SECRET);
	memcpy(p + 72, s->ek_digest, 32);
	for (size_t i = 0; i < 3; i++) {
		/* BOUNDS */
		if (text[i].n > UINT16_MAX || text[i].n > cap - at)
			return 0;
		put_be(p + AT_SIZES + 2 * i, text[i].n, 2);
		if (text[i].n > 0)
			memcpy(p + at, text[i].p, text[i].n);
		at += text[i].n;
	}
	return at;
}

size_t enrol_cookie_seal(struct assay_crypto *crypto, const struct assay_secret *secret,
			 const uint8_t *salt, const struct enrol_state *state, uint8_t *out)
{
	static const uint8_t none[ENROL_SALT];
	struct once once = { 0 };
	uint8_t *contents = out + AT_CONTENTS;
	size_t n = lay(state, contents, ASSAY_COOKIE_MAX - AT_CONTENTS - ASSAY_AEAD_TAG);
	bool ok = n > 0 && memcmp(salt, none, sizeof none) != 0 &&
		  once_make(crypto, secret, salt, &once);

	if (ok) {
		out[0] = VERSION;
		out[AT_ID] = secret->id;
		memcpy(out + AT_SALT, salt, ENROL_SALT);
		ok = assay_aead_seal(crypto, once.key, once.nonce,
				     (struct assay_slice){ once.ad, sizeof once.ad },
				     (struct assay_slice){ contents, n }, contents);
		assay_secret_wipe(&once, sizeof once);
	}
	if (!ok) {
		assay_secret_wipe(out, ASSAY_COOKIE_MAX);
		return 0;
	}
	return AT_CONTENTS + n + ASSAY_AEAD_TAG;
}

/* What a verifier sealed, so it is whole; checked all the same. */
static bool state_read(struct assay_slice in, struct enrol_state *out)
{
	struct assay_slice *text[] = { &out->node, &out->ak_pub, &out->ek_cert };
	size_t at = AT_TEXTS;

	if (in.n < AT_TEXTS)
		return false;
	out->issued = get_be(in.p, 8);
	memcpy(out->token, in.p + 8, 32);
	memcpy(out->secret, in.p + 40, ENROL_SECRET);
	memcpy(out->ek_digest, in.p + 72, 32);
	for (size_t i = 0; i < 3; i++) {
		size_t n = get_be(in.p + AT_SIZES + 2 * i, 2);
		/* BOUNDS */
		if (n > in.n - at)
			return false;
		*text[i] = (struct assay_slice){ in.p + at, n };
		at += n;
	}
	return at == in.n;
}

bool enrol_cookie_open(struct assay_crypto *crypto, const struct assay_secret *secrets,
		       size_t nsecrets, struct assay_slice cookie, uint8_t *plain,
		       struct enrol_state *out)
{
	const struct assay_secret *secret = NULL;
	struct once once = { 0 };

	if (cookie.n < AT_CONTENTS + AT_TEXTS + ASSAY_AEAD_TAG || cookie.n > ASSAY_COOKIE_MAX ||
	    cookie.p[0] != VERSION)
		return false;
	for (size_t i = 0; i < nsecrets && !secret; i++)
		if (secrets[i].id == cookie.p[AT_ID])
			secret = &secrets[i];
	if (!secret || !once_make(crypto, secret, cookie.p + AT_SALT, &once))
		return false;

	struct assay_slice box = { cookie.p + AT_CONTENTS, cookie.n - AT_CONTENTS };
	struct enrol_state state = { 0 };
	bool ok =
		assay_aead_open(crypto, once.key, once.nonce,
				(struct assay_slice){ once.ad, sizeof once.ad }, box, plain) &&
		state_read((struct assay_slice){ plain, box.n - ASSAY_AEAD_TAG }, &state);
	assay_secret_wipe(&once, sizeof once);
	if (ok)
		*out = state;
	assay_secret_wipe(&state, sizeof state);
	return ok;
}
