/* SPDX-License-Identifier: Apache-2.0
 * The first message: token, EK, AK, and the credential for them. */
#include "platform/random.h"
#include "verifier/enrol/call.h"

#include <stdio.h>
#include <string.h>

static bool text_is(struct assay_slice a, const char *b)
{
	return a.n == strlen(b) && memcmp(a.p, b, a.n) == 0;
}

static bool digest32(struct call *k, struct assay_slice in, uint8_t out[32])
{
	uint8_t digest[ASSAY_DIGEST_MAX];

	if (!assay_hash1(k->c->crypto, ASSAY_SHA256, in, digest))
		return false;
	memcpy(out, digest, 32);
	return true;
}

/* A token that is used up is good again for exactly the node that it made: the answer to its
 * "finish" may have been lost together with the cookie. */
static enum enrol_said token_used_by(struct call *k)
{
	struct store_node node;
	uint8_t name[2 + ASSAY_DIGEST_MAX];
	size_t n = assay_public_name(k->c->crypto, &k->ak, name);
	enum store_status status = store_node_get(k->c->store, k->m.node, &node);

	if (status != STORE_DONE)
		return enrol_store_said(k, status, "the token is used up");
	if (n == 0 || n != node.ak_name_n || memcmp(name, node.ak_name, n) != 0 ||
	    memcmp(node.ek_digest, k->state.ek_digest, 32) != 0)
		return enrol_refuse(k, "the token is used up",
				    "an operator makes a new token for the node");
	return ENROL_ANSWER;
}

/* Whether the token is good for this node, now, with this EK. */
static enum enrol_said token_check(struct call *k)
{
	struct store_token token;
	const char *hint = "an operator makes a new token for the node";

	if (!enrol_token_hash(k->c->crypto, k->m.token, k->state.token))
		return enrol_refuse(k, "this is no token", hint);
	enum store_status status = store_token_get(k->c->store, k->state.token, &token);
	if (status != STORE_DONE)
		return enrol_store_said(k, status, "the token is unknown");
	if (!text_is(k->m.node, token.node))
		return enrol_refuse(k, "the token is another node's", hint);
	if (k->now >= token.ends)
		return enrol_refuse(k, "the token has ended", hint);
	if (token.has_ek && memcmp(token.ek_digest, k->state.ek_digest, 32) != 0)
		return enrol_refuse(k,
				    "the EK is not the one that was registered with the token",
				    "is the token meant for this machine?");
	k->ek_registered = token.has_ek;
	return token.used ? token_used_by(k) : ENROL_ANSWER;
}

/* The certificate's chain, and that it is about this EK. */
static enum enrol_said cert_check(struct call *k)
{
	struct assay_ek cert = { 0 };
	struct assay_err err;

	if (!assay_ek_verify(k->c->crypto, k->c->anchors, k->m.ek_cert,
			     (int64_t)(k->now / 1000), &cert, &err))
		return err.fault == ASSAY_F_CRYPTO
			       ? enrol_failed(k, "the cryptographic library failed")
			       : enrol_malformed(k, &err, "ek-cert");
	enum enrol_said said = ENROL_ANSWER;
	if (cert.trust != ASSAY_EK_TRUSTED)
		said = enrol_refuse(
			k, assay_ek_trust_text(cert.trust),
			"put the maker's root into the folder ek-roots, or register the "
			"EK's digest with the token");
	else if (!assay_ek_binds(k->c->crypto, cert.key, &k->ek))
		said = enrol_refuse(k, "the EK certificate is another key's",
				    "send the public area and the certificate of one EK");
	else
		k->state.ek_cert = cert.cert;
	assay_ek_clear(&cert);
	return said;
}

/* An EK that the operator registered needs no certificate; one that cannot be believed is then
 * not kept either. */
static enum enrol_said ek_check(struct call *k)
{
	const char *field = "";
	char why[200];

	if (!assay_ek_template(&k->ek, &field)) {
		snprintf(why, sizeof why, "the EK's public area is not of an EK: %s", field);
		return enrol_refuse(k, why,
				    "use the EK templates of the EK Credential Profile");
	}
	if (k->m.ek_cert.n > 0) {
		struct enrol_answer before = *k->out;
		enum enrol_said said = cert_check(k);
		if (said == ENROL_ANSWER || said == ENROL_FAILED || !k->ek_registered)
			return said;
		*k->out = before;
		return ENROL_ANSWER;
	}
	return k->ek_registered ? ENROL_ANSWER
				: enrol_refuse(k, "there is no EK certificate",
					       "register the EK's digest with the token");
}

static enum enrol_said publics_read(struct call *k)
{
	struct assay_err err;

	if (!assay_public_read(k->m.ek_pub, &k->ek, &err))
		return enrol_malformed(k, &err, "ek-pub");
	if (!assay_public_read(k->m.ak_pub, &k->ak, &err))
		return enrol_malformed(k, &err, "ak-pub");
	if (!k->ek.sized || !k->ak.sized) {
		err = (struct assay_err){ ASSAY_F_CANONICAL, "size", 0, NULL };
		return enrol_malformed(k, &err, k->ek.sized ? "ak-pub" : "ek-pub");
	}
	return digest32(k, k->ek.tpmt, k->state.ek_digest)
		       ? ENROL_ANSWER
		       : enrol_failed(k, "the cryptographic library failed");
}

/* The credential for this EK and AK, and the cookie that remembers what it protects. */
static enum enrol_said credential_give(struct call *k)
{
	uint8_t random[ASSAY_CREDENTIAL_RANDOM], salt[ENROL_SALT], cookie[ASSAY_COOKIE_MAX];
	struct assay_slice secret = { k->state.secret, ENROL_SECRET };
	struct assay_credential credential;
	struct assay_err err;
	char why[200];

	struct assay_key *key = assay_public_key(k->c->crypto, &k->ak);
	if (!key)
		return enrol_refuse(k, "the AK's key is weak, or none that can verify",
				    "make an AK of P-256 or RSA 2048");
	assay_key_free(key);
	platform_random(random, sizeof random);
	platform_random(salt, sizeof salt);
	platform_random(k->state.secret, ENROL_SECRET);
	bool made = assay_credential_make(k->c->crypto, &k->ek, &k->ak, secret, random,
					  &credential, &err);
	assay_secret_wipe(random, sizeof random);
	if (!made && err.fault != ASSAY_F_RANGE)
		return enrol_failed(k, "the cryptographic library failed");
	if (!made) {
		snprintf(why, sizeof why, "the %s is not of the kind that may be enrolled: %s",
			 err.artefact ? err.artefact : "key", err.field ? err.field : "");
		return enrol_refuse(k, why,
				    "an AK is restricted, signs, and cannot leave its TPM");
	}
	k->state.issued = k->now;
	k->state.node = k->m.node;
	k->state.ak_pub = k->m.ak_pub;
	size_t n = enrol_cookie_seal(k->c->crypto, &k->c->secrets[0], salt, &k->state, cookie);
	if (n == 0)
		return enrol_refuse(k, "EK certificate and AK are too large to be remembered",
				    "register the EK's digest with the token");

	struct assay_enrol_answer answer = {
		.id_object = { credential.id_object, credential.id_object_n },
		.secret = { credential.secret, credential.secret_n },
		.cookie = { cookie, n },
	};
	k->out->body_n = assay_enrol_answer_write(&answer, k->out->body, sizeof k->out->body);
	return k->out->body_n > 0 ? ENROL_ANSWER
				  : enrol_failed(k, "the answer cannot be written");
}

enum enrol_said enrol_begin(struct call *k)
{
	enrol_note(k, k->m.node);
	enum enrol_said said = publics_read(k);

	if (said == ENROL_ANSWER)
		said = token_check(k);
	if (said != ENROL_ANSWER)
		return said;
	k->out->tell = true;
	said = ek_check(k);
	return said == ENROL_ANSWER ? credential_give(k) : said;
}
