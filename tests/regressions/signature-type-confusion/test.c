/* SPDX-License-Identifier: Apache-2.0
 * go-attestation (attest/activation_test.go, TestActivationRejectsSignatureAlgorithmMismatch):
 * an RSA key with an ECDSA signature, and the reverse, crashed the verifier from afar.
 * Key type, scheme of the key and scheme of the signature must agree, or it is no signature. */
#include "tests/regressions/tpm.h"
#include "tests/vectors.h"

struct made {
	const char *name;
	EVP_PKEY *pkey;
	struct assay_key *key;
	struct assay_public pub, free_pub; /* with its scheme; with scheme NULL */
	struct assay_signature sig;
	struct bytes bytes[3];
};

static struct bytes msg;

static void make(struct assay_crypto *crypto, struct made *m, const char *name, EVP_PKEY *pkey,
		 uint16_t curve, uint16_t scheme, uint16_t hash)
{
	struct assay_err err;

	m->name = name;
	m->pkey = pkey;
	put_public(&m->bytes[0], pkey, curve, scheme, hash);
	put_public(&m->bytes[1], pkey, curve, 0x0010, 0);
	put_signature(&m->bytes[2], pkey, scheme, hash, test_slice(&msg));
	if (!assay_public_read(test_slice(&m->bytes[0]), &m->pub, &err) ||
	    !assay_public_read(test_slice(&m->bytes[1]), &m->free_pub, &err) ||
	    !assay_signature_read(test_slice(&m->bytes[2]), &m->sig, &err))
		abort();
	m->key = assay_public_key(crypto, &m->pub);
}

static void test_pairs(struct assay_crypto *crypto)
{
	EVP_PKEY *rsa = test_rsa(2048), *ec = test_ec("P-256"), *ec384 = test_ec("P-384");
	static struct made m[6];
	struct assay_quote q;
	struct assay_err err;

	make(crypto, &m[0], "RSASSA", rsa, 0, ASSAY_RSASSA, ASSAY_SHA256);
	make(crypto, &m[1], "RSAPSS", rsa, 0, ASSAY_RSAPSS, ASSAY_SHA256);
	make(crypto, &m[2], "RSASSA SHA-384", rsa, 0, ASSAY_RSASSA, ASSAY_SHA384);
	make(crypto, &m[3], "ECDSA", ec, ASSAY_P256, ASSAY_ECDSA, ASSAY_SHA256);
	make(crypto, &m[4], "ECDSA SHA-1", ec, ASSAY_P256, ASSAY_ECDSA, ASSAY_SHA1);
	make(crypto, &m[5], "ECDSA P-384", ec384, ASSAY_P384, ASSAY_ECDSA, ASSAY_SHA256);
	if (!assay_quote_read(test_slice(&msg), &q, &err))
		abort();

	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < 6; j++) {
			const struct made *k = &m[i], *s = &m[j];
			bool bound = assay_quote_verify(crypto, k->key, &k->pub, &q, &s->sig);
			bool unbound =
				assay_quote_verify(crypto, k->key, &k->free_pub, &q, &s->sig);
			bool bare = assay_quote_verify(crypto, k->key, NULL, &q, &s->sig);
			bool pair = k->pkey == s->pkey;
			tap_ok(bound == (i == j) && unbound == pair && bare == pair,
			       "key %s, signature %s: %s", k->name, s->name,
			       i == j ? "good"
			       : pair ? "good only where the key names no scheme"
				      : "refused");
		}
	/* the public area of another type than the key handed in */
	tap_ok(!assay_quote_verify(crypto, m[0].key, &m[3].free_pub, &q, &m[0].sig) &&
		       !assay_quote_verify(crypto, m[3].key, &m[0].free_pub, &q, &m[3].sig),
	       "public area of another type: refused");
	struct assay_signature odd = m[0].sig;
	odd.sigAlg = 0x0010;
	tap_ok(!assay_quote_verify(crypto, m[0].key, &m[0].free_pub, &q, &odd) &&
		       !assay_quote_verify(crypto, m[0].key, NULL, &q, &odd),
	       "signature of no scheme: refused");
	for (size_t i = 0; i < 6; i++)
		assay_key_free(m[i].key);
	EVP_PKEY_free(rsa), EVP_PKEY_free(ec), EVP_PKEY_free(ec384);
}

/* r and s without their leading zeros, and numbers longer than the field. */
static void test_short_numbers(struct assay_crypto *crypto)
{
	static struct made m;
	uint8_t longer[33] = { 0 };
	struct assay_quote q;
	struct assay_err err;
	bool seen = false, all = true;

	make(crypto, &m, "ECDSA", test_ec("P-256"), ASSAY_P256, ASSAY_ECDSA, ASSAY_SHA256);
	if (!assay_quote_read(test_slice(&msg), &q, &err))
		abort();
	for (int i = 0; i < 5000 && !seen; i++) {
		struct assay_signature s;
		m.bytes[2].n = 0;
		put_signature(&m.bytes[2], m.pkey, ASSAY_ECDSA, ASSAY_SHA256, test_slice(&msg));
		all = all && assay_signature_read(test_slice(&m.bytes[2]), &s, &err);
		seen = s.signatureR.p[0] == 0;
		if (seen)
			s.signatureR = slice_part(s.signatureR, 1, 32);
		all = all && (!seen || assay_quote_verify(crypto, m.key, &m.pub, &q, &s));
	}
	tap_ok(seen && all, "r without its leading zero verifies");
	struct assay_signature s = m.sig;
	memcpy(longer + 1, s.signatureR.p, 32);
	s.signatureR = (struct assay_slice){ longer, 33 };
	tap_ok(!assay_quote_verify(crypto, m.key, &m.pub, &q, &s),
	       "r longer than the field: refused");
	s.signatureR = (struct assay_slice){ 0 };
	tap_ok(!assay_quote_verify(crypto, m.key, &m.pub, &q, &s), "r empty: refused");
	assay_key_free(m.key);
	EVP_PKEY_free(m.pkey);
}

static void test_goattest(struct assay_crypto *crypto)
{
	static const struct {
		const char *file;
		bool good;
	} rows[] = {
		{ "quote/goattest-ak-rsa-infineon.json", true },
		{ "quote/goattest-ak-rsa-with-ecc-signature.json", false },
	};

	for (size_t i = 0; i < 2; i++) {
		struct assay_slice json = test_vector(rows[i].file);
		uint8_t pub[1024], att[1024], sig[1024];
		struct assay_public ak;
		struct assay_signature s;
		struct assay_err err;
		if (!json.p) {
			tap_skip(rows[i].file, NO_VECTORS);
			continue;
		}
		bool read =
			assay_public_read(test_json_base64(json, "Public", pub), &ak, &err) &&
			assay_signature_read(test_json_base64(json, "CreateSignature", sig), &s,
					     &err);
		tap_ok(read, "%s reads", rows[i].file);
		struct assay_key *key = read ? assay_public_key(crypto, &ak) : NULL;
		/* what is signed attests a creation: verified, though it is no quote */
		struct assay_quote q = { .message = test_json_base64(json, "CreateAttestation",
								     att) };
		tap_ok(key && assay_quote_verify(crypto, key, &ak, &q, &s) == rows[i].good &&
			       assay_quote_verify(crypto, key, NULL, &q, &s) == rows[i].good,
		       "%s: %s", rows[i].file, rows[i].good ? "verifies" : "refused");
		tap_ok(!assay_quote_read(q.message, &q, &err) && err.fault == ASSAY_F_RANGE &&
			       strcmp(err.field, "type") == 0,
		       "%s: attests a creation, not a quote", rows[i].file);
		assay_key_free(key);
		free((void *)(uintptr_t)json.p);
	}
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	static const uint8_t digest[32];

	put_quote(&msg, GENERATED, QUOTE, slice_str("fresh"), ASSAY_SHA256, 0xff,
		  (struct assay_slice){ digest, 32 });
	test_pairs(crypto);
	test_short_numbers(crypto);
	test_goattest(crypto);
	assay_crypto_free(crypto);
	return tap_done();
}
