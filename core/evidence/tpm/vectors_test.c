/* SPDX-License-Identifier: Apache-2.0
 * What other projects hold for good: ASSAY_VECTORS, or ../shared/vectors. */
#include "core/base/slice.h"
#include "tests/keys.h"
#include "tests/tap.h"
#include "tests/vectors.h"

static void drop(struct assay_slice s)
{
	free((void *)(uintptr_t)s.p);
}

static struct assay_slice hex_read(struct assay_slice hex, uint8_t *out, size_t max)
{
	size_t n = 0;
	unsigned byte;

	while (2 * n + 1 < hex.n && n < max &&
	       sscanf((const char *)hex.p + 2 * n, "%2x", &byte) == 1)
		out[n++] = (uint8_t)byte;
	return (struct assay_slice){ out, n };
}

static void test_keylime(struct assay_crypto *crypto)
{
	struct assay_slice msg = test_vector("quote/keylime-quote.out");
	struct assay_slice sig = test_vector("quote/keylime-quotesig.out");
	struct assay_slice pub = test_vector("quote/keylime-ak.pub");
	struct assay_slice ek = test_vector("quote/keylime-ek.pub");
	struct assay_slice pem = test_vector("quote/keylime-akpub.pem");
	struct assay_slice ekpem = test_vector("quote/keylime-ekpub.pem");
	struct assay_slice name = test_vector("quote/keylime-ak.name");
	struct assay_public ak, parent;
	struct assay_signature s;
	struct assay_quote q;
	struct assay_err err;
	uint8_t out[66], qn[66];

	if (!msg.p) {
		tap_skip("keylime", NO_VECTORS);
		return;
	}
	bool ok = assay_quote_read(msg, &q, &err) && assay_signature_read(sig, &s, &err) &&
		  assay_public_read(ek, &parent, &err);
	if (!tap_ok(ok, "keylime: quote, signature, EK read"))
		return;
	struct assay_key *key = assay_key_pem(crypto, pem, false);
	tap_ok(key && assay_quote_verify(crypto, key, NULL, &q, &s),
	       "keylime: verifies with the PEM");
	tap_ok(q.extraData.n == 20 && q.extraData.p[0] == 0xdb && q.pcrSelect.n == 1 &&
		       q.pcrSelect.bank[0].hash == ASSAY_SHA256 &&
		       q.pcrSelect.bank[0].mask == 0x418000,
	       "keylime: nonce and selection as stated");

	ok = assay_public_read(pub, &ak, &err);
	tap_ok(ok, "keylime: ak.pub reads");
	if (!ok)
		return;
	size_t n = assay_public_name(crypto, &ak, out);
	tap_ok(slice_eq((struct assay_slice){ out, n }, name), "keylime: ak.name is its Name");
	n = assay_public_qualified_name(crypto, &parent, ASSAY_RH_ENDORSEMENT, qn);
	n = assay_public_qualified_name_under(crypto, &ak, (struct assay_slice){ qn, n }, out);
	tap_ok(slice_eq((struct assay_slice){ out, n }, q.qualifiedSigner),
	       "keylime: qualifiedSigner is ak.pub under ek.pub");

	struct assay_key *own = assay_public_key(crypto, &ak);
	struct assay_key *ekkey = assay_public_key(crypto, &parent);
	struct assay_key *ekown = assay_key_pem(crypto, ekpem, false);
	tap_ok(own && key && assay_key_equal(own, key) && ekkey && ekown &&
		       assay_key_equal(ekkey, ekown) && !assay_key_equal(own, ekown),
	       "keylime: the PEM files are the same keys");
	tap_ok(own && assay_quote_verify(crypto, own, &ak, &q, &s),
	       "keylime: verifies with ak.pub");
	assay_key_free(key), assay_key_free(own), assay_key_free(ekkey), assay_key_free(ekown);
	drop(msg), drop(sig), drop(pub), drop(ek), drop(pem), drop(ekpem), drop(name);
}

/* An RSA key as JWK in Azure's report: n as base64url of 256 bytes. */
static struct assay_key *azure_key(struct assay_crypto *crypto, struct assay_slice report)
{
	const char *at = memmem(report.p, report.n, "\"HCLAkPub\"", 10);
	char text[345] = "";
	uint8_t n[258];

	at = at ? memmem(at, report.n - (size_t)(at - (const char *)report.p), "\"n\":\"", 5)
		: NULL;
	if (!at || report.n - (size_t)(at + 5 - (const char *)report.p) < 342)
		return NULL;
	memcpy(text, at + 5, 342);
	memcpy(text + 342, "==", 2);
	for (char *p = text; *p; p++)
		*p = *p == '-' ? '+' : *p == '_' ? '/' : *p;
	if (EVP_DecodeBlock(n, (unsigned char *)text, 344) != 258)
		return NULL;
	return assay_key_rsa(crypto, (struct assay_slice){ n, 256 }, 65537);
}

static void azure_pcrs(struct assay_slice json, struct assay_bank *bank)
{
	const uint8_t *p = memmem(json.p, json.n, "\"pcrs\"", 6);

	for (size_t i = 0; p && i < ASSAY_PCRS; i++) {
		p = memmem(p, json.n - (size_t)(p - json.p), "    \"", 5);
		if (p)
			hex_read((struct assay_slice){ p + 5, 64 }, bank->value[i], 32);
		p = p ? p + 5 + 64 : NULL;
	}
}

static void test_azure(struct assay_crypto *crypto)
{
	struct assay_slice json = test_vector("quote/coco-az-snp-tpm-quote-v1.json");
	struct assay_slice report = test_vector("quote/coco-az-snp-hcl-report.bin");
	struct assay_slice msg = test_vector("quote/coco-az-snp-tpm-quote.msg");
	struct assay_bank bank;
	const struct assay_bank *banks[] = { &bank };
	struct assay_signature s = { .sigAlg = ASSAY_RSASSA, .hash = ASSAY_SHA256 };
	uint8_t message[512], signature[256];
	struct assay_digest d;
	struct assay_quote q;
	struct assay_err err;

	if (!json.p || !report.p) {
		tap_skip("azure", NO_VECTORS);
		return;
	}
	struct assay_key *key = azure_key(crypto, report);
	tap_ok(key != NULL, "azure: AK of the report");
	tap_ok(assay_quote_read(msg, &q, &err) && slice_is(q.extraData, "challenge"),
	       "azure: quote.msg reads, nonce as stated");
	s.sig = hex_read(test_json_string(json, "signature"), signature, sizeof signature);
	bool ok = key &&
		  assay_quote_read(
			  hex_read(test_json_string(json, "message"), message, sizeof message),
			  &q, &err) &&
		  assay_bank_reset(&bank, ASSAY_SHA256);
	azure_pcrs(json, &bank);
	tap_ok(ok && assay_quote_verify(crypto, key, NULL, &q, &s),
	       "azure: JSON quote verifies");
	tap_ok(ok && slice_is(q.extraData, "challenge") &&
		       assay_quote_composite(crypto, &q.pcrSelect, banks, 1, s.hash, &d) &&
		       slice_eq(q.pcrDigest, (struct assay_slice){ d.b, d.n }),
	       "azure: pcrDigest is that of the 24 PCRs");
	bank.value[0][0] ^= 1;
	tap_ok(ok && assay_quote_composite(crypto, &q.pcrSelect, banks, 1, s.hash, &d) &&
		       !slice_eq(q.pcrDigest, (struct assay_slice){ d.b, d.n }),
	       "azure: another PCR byte, another digest");
	signature[0] ^= 1;
	tap_ok(ok && !assay_quote_verify(crypto, key, NULL, &q, &s),
	       "azure: another signature byte");
	assay_key_free(key);
	drop(json), drop(report), drop(msg);
}

/* node-id (16), size of the quote (2), quote, TPMT_SIGNATURE */
static void test_enacttrust(struct assay_crypto *crypto)
{
	struct assay_slice token = test_vector("quote/veraison-enacttrust-basic.token");
	struct assay_slice pem = test_vector("quote/veraison-enacttrust-basic.pem.pub");
	struct assay_slice want = test_vector("quote/veraison-enacttrust-basic.json");
	uint8_t digest[64];
	struct assay_signature s;
	struct assay_quote q;
	struct assay_err err;

	if (!token.p) {
		tap_skip("enacttrust", NO_VECTORS);
		return;
	}
	size_t n = token.n > 18 ? (size_t)token.p[16] << 8 | token.p[17] : 0;
	struct assay_key *key = assay_key_pem(crypto, pem, false);
	bool ok = assay_quote_read(slice_part(token, 18, 18 + n), &q, &err) &&
		  assay_signature_read(slice_part(token, 18 + n, token.n), &s, &err);
	tap_ok(ok && key && assay_quote_verify(crypto, key, NULL, &q, &s),
	       "enacttrust: verifies");
	tap_ok(ok && q.firmwareVersion == 7 && q.pcrSelect.n == 1 &&
		       q.pcrSelect.bank[0].hash == ASSAY_SHA256 &&
		       q.pcrSelect.bank[0].mask == 0x1e &&
		       slice_eq(q.pcrDigest, test_json_base64(want, "digest", digest)),
	       "enacttrust: contents as stated");
	tap_ok(ok && q.extraData.n == 0 && q.qualifiedSigner.n == 0,
	       "enacttrust: it holds no nonce and no signer");
	assay_key_free(key);
	drop(token), drop(pem), drop(want);
}

/* A DER SubjectPublicKeyInfo in base64, as PEM. */
static struct assay_key *spki_key(struct assay_crypto *crypto, struct assay_slice base64)
{
	char pem[2048] = "-----BEGIN PUBLIC KEY-----\n";
	size_t n = strlen(pem);

	for (size_t i = 0; i < base64.n && n < sizeof pem - 100; i++) {
		pem[n++] = (char)base64.p[i];
		if (i % 64 == 63 || i + 1 == base64.n)
			pem[n++] = '\n';
	}
	n += (size_t)snprintf(pem + n, sizeof pem - n, "-----END PUBLIC KEY-----\n");
	return assay_key_pem(crypto, (struct assay_slice){ (const uint8_t *)pem, n }, false);
}

/* A machine that nothing was measured on: every PCR at its reset value. */
static void test_coco(struct assay_crypto *crypto)
{
	struct assay_slice json = test_vector("quote/coco-tpm_evidence.json");
	uint8_t message[1024], signature[1024];
	struct assay_bank bank;
	const struct assay_bank *banks[] = { &bank };
	struct assay_digest d;
	struct assay_signature s;
	struct assay_quote q;
	struct assay_err err;

	if (!json.p) {
		tap_skip("coco", NO_VECTORS);
		return;
	}
	struct assay_key *key = spki_key(crypto, test_json_string(json, "ak_public"));
	bool ok = assay_quote_read(test_json_base64(json, "message", message), &q, &err) &&
		  assay_signature_read(test_json_base64(json, "signature", signature), &s,
				       &err) &&
		  assay_bank_reset(&bank, ASSAY_SHA256);
	tap_ok(ok && key && assay_quote_verify(crypto, key, NULL, &q, &s), "coco: verifies");
	tap_ok(ok && q.extraData.n == 64, "coco: a nonce of 64 bytes");
	tap_ok(ok && assay_quote_composite(crypto, &q.pcrSelect, banks, 1, s.hash, &d) &&
		       slice_eq(q.pcrDigest, (struct assay_slice){ d.b, d.n }),
	       "coco: pcrDigest is that of a bank at its reset values");
	assay_key_free(key);
	drop(json);
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);

	if (!crypto)
		return 1;
	test_keylime(crypto);
	test_azure(crypto);
	test_enacttrust(crypto);
	test_coco(crypto);
	assay_crypto_free(crypto);
	return tap_done();
}
