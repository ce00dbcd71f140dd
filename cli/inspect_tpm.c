/* SPDX-License-Identifier: Apache-2.0
 * What a TPM wrote: quote, signature, public area; and a key in PEM. */
#include "cli/inspect.h"

#include <inttypes.h>
#include <string.h>

static void show_alg(struct show *s, const char *key, uint16_t alg)
{
	const char *name = assay_alg_name(alg);

	if (name)
		show_str(s, key, name);
	else
		show_format(s, key, "0x%04x", alg);
}

static void show_selection(struct show *s, const struct assay_pcr_selection *sel)
{
	show_object(s, "pcrSelect");
	for (size_t b = 0; b < sel->n; b++) {
		const char *name = assay_alg_name(sel->bank[b].hash);
		char text[128] = "", number[8];
		size_t at = 0;

		snprintf(number, sizeof number, "0x%04x", sel->bank[b].hash);
		if (!s->json) {
			for (unsigned p = 0; p < ASSAY_PCRS; p++)
				if (sel->bank[b].mask >> p & 1)
					at += (size_t)snprintf(text + at, sizeof text - at,
							       "%s%u", at ? "," : "", p);
			show_str(s, name ? name : number, text);
			continue;
		}
		show_array(s, name ? name : number);
		for (unsigned p = 0; p < ASSAY_PCRS; p++)
			if (sel->bank[b].mask >> p & 1)
				show_u64(s, NULL, p);
		show_close(s);
	}
	show_close(s);
}

void inspect_attest(struct inspect *i)
{
	struct show *s = &i->show;
	struct assay_quote q;

	if (!assay_quote_read(i->in, &q, &i->err))
		return;
	show_str(s, "type", "TPM_ST_ATTEST_QUOTE");
	show_hex(s, "qualifiedSigner", q.qualifiedSigner);
	show_hex(s, "extraData", q.extraData);
	show_u64(s, "clock", q.clock);
	show_u64(s, "resetCount", q.resetCount);
	show_u64(s, "restartCount", q.restartCount);
	show_bool(s, "safe", q.safe);
	show_format(s, "firmwareVersion", "%016" PRIx64, q.firmwareVersion);
	show_selection(s, &q.pcrSelect);
	show_hex(s, "pcrDigest", q.pcrDigest);
	inspect_ranges(i, NULL, 0);
}

static void show_scheme(struct show *s, const char *key, uint16_t scheme)
{
	switch (scheme) {
	case ASSAY_RSASSA:
		show_str(s, key, "rsassa");
		break;
	case ASSAY_RSAPSS:
		show_str(s, key, "rsapss");
		break;
	case ASSAY_ECDSA:
		show_str(s, key, "ecdsa");
		break;
	case 0x0010:
		show_str(s, key, "null");
		break;
	default:
		show_format(s, key, "0x%04x", scheme);
		break;
	}
}

void inspect_signature(struct inspect *i)
{
	struct show *s = &i->show;
	struct assay_signature sig;

	if (!assay_signature_read(i->in, &sig, &i->err))
		return;
	show_scheme(s, "sigAlg", sig.sigAlg);
	show_alg(s, "hash", sig.hash);
	if (sig.sigAlg == ASSAY_ECDSA) {
		show_hex(s, "signatureR", sig.signatureR);
		show_hex(s, "signatureS", sig.signatureS);
	} else {
		show_hex(s, "sig", sig.sig);
	}
	inspect_ranges(i, NULL, 0);
}

static void show_attributes(struct show *s, uint32_t attributes)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} names[] = {
#define BIT(name) { ASSAY_OBJECT_##name, #name }
		BIT(fixedTPM),
		BIT(stClear),
		BIT(fixedParent),
		BIT(sensitiveDataOrigin),
		BIT(userWithAuth),
		BIT(adminWithPolicy),
		BIT(firmwareLimited),
		BIT(svnLimited),
		BIT(noDA),
		BIT(encryptedDuplication),
		BIT(restricted),
		BIT(decrypt),
		BIT(sign),
		BIT(x509sign),
#undef BIT
	};

	show_array(s, "objectAttributes");
	for (size_t k = 0; k < sizeof names / sizeof *names; k++)
		if (attributes & names[k].bit)
			show_str(s, NULL, names[k].name);
	show_close(s);
	bool good = (attributes & ASSAY_OBJECT_ATTESTATION) == ASSAY_OBJECT_ATTESTATION &&
		    (attributes & ASSAY_OBJECT_NOT_ATTESTATION) == 0;
	show_bool(s, "may_attest", good);
}

static void show_curve(struct show *s, uint16_t curve)
{
	static const char *const names[] = {
		[ASSAY_P256] = "P-256", [ASSAY_P384] = "P-384", [ASSAY_P521] = "P-521"
	};

	if (curve < sizeof names / sizeof *names && names[curve])
		show_str(s, "curveID", names[curve]);
	else
		show_format(s, "curveID", "0x%04x", curve);
}

static void show_public(struct inspect *i, const struct assay_public *pub)
{
	struct show *s = &i->show;
	uint8_t name[2 + ASSAY_DIGEST_MAX];
	struct assay_slice n = { name, assay_public_name(i->crypto, pub, name) };

	show_str(s, "type", pub->type == 1 ? "rsa" : "ecc");
	show_alg(s, "nameAlg", pub->nameAlg);
	show_hex(s, "name", n);
	show_attributes(s, pub->objectAttributes);
	show_hex(s, "authPolicy", pub->authPolicy);
	show_scheme(s, "scheme", pub->scheme);
	if (pub->schemeHash)
		show_alg(s, "schemeHash", pub->schemeHash);
	if (pub->type == 1) {
		show_u64(s, "keyBits", pub->keyBits);
		show_u64(s, "exponent", pub->exponent);
		show_hex(s, "unique_n", pub->unique_n);
	} else {
		show_curve(s, pub->curveID);
		show_hex(s, "unique_x", pub->unique_x);
		show_hex(s, "unique_y", pub->unique_y);
	}
}

void inspect_public(struct inspect *i)
{
	struct assay_public pub;
	struct assay_range ranges[3];

	if (!assay_public_read(i->in, &pub, &i->err))
		return;
	show_public(i, &pub);
	size_t n = assay_public_unbound(&pub, ranges, 3);
	inspect_ranges(i, ranges, n);
	struct assay_key *key = assay_public_key(i->crypto, &pub);
	if (!key)
		inspect_fault(i, ASSAY_F_CRYPTO, "unique", (size_t)(pub.tpmt.p - i->in.p));
	assay_key_free(key);
}

void inspect_public_bare(struct inspect *i)
{
	inspect_public(i);
}

void inspect_pem_key(struct inspect *i)
{
	static const char *const types[] = {
		[ASSAY_KEY_RSA] = "rsa", [ASSAY_KEY_EC] = "ecc", [ASSAY_KEY_ED25519] = "ed25519"
	};
	const uint8_t *begin = memmem(i->in.p, i->in.n, "-----BEGIN ", 11);
	size_t at = begin ? (size_t)(begin - i->in.p) : 0;
	struct assay_key *key = NULL;

	if (memmem(i->in.p, i->in.n, "PRIVATE KEY-----", 16)) {
		inspect_quirk(i, "a private key: nothing of it is shown");
		inspect_fault(i, ASSAY_F_UNSUPPORTED, "PEM label", at);
		return;
	}
	key = assay_key_pem(i->crypto, i->in, false);
	if (!key) {
		inspect_fault(i, begin ? ASSAY_F_UNSUPPORTED : ASSAY_F_ENCODING,
			      "SubjectPublicKeyInfo", at);
		return;
	}
	show_str(&i->show, "type", types[assay_key_type(key)]);
	show_u64(&i->show, "bits", assay_key_bits(key));
	if (assay_key_curve(key))
		show_curve(&i->show, assay_key_curve(key));
	show_str(&i->show, "jose_alg", assay_key_jose_alg(key));
	inspect_quirk(i, "PEM carries no attributes: as --ak it never affirms");
	assay_key_free(key);
}
