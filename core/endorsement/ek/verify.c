/* SPDX-License-Identifier: Apache-2.0
 *
 * An EK certificate: TCG EK Credential Profile for TPM 2.0, version 2.5, 3.
 *
 * Stricter: extKeyUsage must be there and list tcg-kp-EKCertificate (every EK
 * certificate we have seen does), and keyUsage, where it is there, must let it encrypt.
 * A key labelled id-RSAES-OAEP (of TPM 1.2) is not supported: libcrypto makes neither a key
 * nor a chain of it, and the profile for TPM 2.0 has none. */
#include "core/base/slice.h"
#include "core/base/text.h"
#include "core/crypto/cert.h"
#include "core/endorsement/ek/ek.h"

/* Content bytes of the identifiers. */
static const uint8_t tcg_kp_EKCertificate[] = { 0x67, 0x81, 0x05, 0x08, 0x01 };
static const uint8_t tcg_at_tpmManufacturer[] = { 0x67, 0x81, 0x05, 0x02, 0x01 };
static const uint8_t tcg_at_tpmModel[] = { 0x67, 0x81, 0x05, 0x02, 0x02 };
static const uint8_t tcg_at_tpmVersion[] = { 0x67, 0x81, 0x05, 0x02, 0x03 };
/* It tells of the TPM (its specification, its evaluation) and takes nothing back; the profile
 * does not want it critical, chips have it so. Bit i of ignored is row i. */
static const uint8_t subjectDirectoryAttributes[] = { 0x55, 0x1d, 0x09 };

#define OID(o) ((struct assay_slice){ o, sizeof(o) })

enum { NAME_MAX_BYTES = 64 };

static const struct {
	const char *word, *text;
} trusts[] = {
#define X(code, word, text) { word, text },
	ASSAY_EK_TRUSTS(X)
#undef X
};

const char *assay_ek_trust_word(enum assay_ek_trust trust)
{
	return trust < ASSAY_EK_TRUSTS_N ? trusts[trust].word : NULL;
}

const char *assay_ek_trust_text(enum assay_ek_trust trust)
{
	return trust < ASSAY_EK_TRUSTS_N ? trusts[trust].text : NULL;
}

static void name_read(const struct crypto_cert *cert, struct assay_slice oid, char *out)
{
	uint8_t value[NAME_MAX_BYTES];
	struct text t = text_over(out, ASSAY_EK_TEXT_MAX);
	size_t n = crypto_cert_alt_name(cert, oid, value, sizeof value);

	text_safe(&t, (struct assay_slice){ value, n }, n);
}

static bool for_an_ek(const struct crypto_cert *cert)
{
	return crypto_cert_has_usage(cert, OID(tcg_kp_EKCertificate)) &&
	       crypto_cert_encrypts(cert) && !crypto_cert_is_ca(cert);
}

static enum assay_ek_trust worst(const struct crypto_cert *cert, uint32_t wrong)
{
	if (wrong & CRYPTO_CHAIN_UNTRUSTED)
		return ASSAY_EK_UNTRUSTED;
	if (wrong & CRYPTO_CHAIN_CRITICAL)
		return ASSAY_EK_CRITICAL;
	if (!for_an_ek(cert))
		return ASSAY_EK_USAGE;
	if (wrong & CRYPTO_CHAIN_WEAK)
		return ASSAY_EK_WEAK;
	if (wrong & CRYPTO_CHAIN_EXPIRED)
		return ASSAY_EK_EXPIRED;
	return wrong == 0 ? ASSAY_EK_TRUSTED : ASSAY_EK_NOT_YET_VALID;
}

static bool fault(struct assay_err *err, enum assay_fault why, const char *field,
		  const struct ek_nv *nv)
{
	*err = (struct assay_err){ why, field, nv->header, NULL };
	return false;
}

/* What is read whether it is trusted or not. ek->key is the caller's to free. */
static bool cert_read(struct assay_crypto *crypto, const struct crypto_cert *cert,
		      const struct ek_nv *nv, struct assay_ek *ek, struct assay_err *err)
{
	*ek = (struct assay_ek){ .cert = nv->cert,
				 .header = nv->header,
				 .padding = nv->padding };
	if (!crypto_cert_validity(cert, &ek->not_before, &ek->not_after))
		return fault(err, ASSAY_F_ENCODING, "validity", nv);
	ek->key = crypto_cert_key(crypto, cert);
	if (!ek->key || assay_key_type(ek->key) == ASSAY_KEY_ED25519)
		return fault(err, ASSAY_F_UNSUPPORTED, "subjectPublicKeyInfo", nv);
	name_read(cert, OID(tcg_at_tpmManufacturer), ek->manufacturer);
	name_read(cert, OID(tcg_at_tpmModel), ek->model);
	name_read(cert, OID(tcg_at_tpmVersion), ek->version);
	return true;
}

static bool chain_verify(struct assay_crypto *crypto, const struct assay_anchors *anchors,
			 const struct crypto_cert *cert, int64_t time, struct assay_ek *ek)
{
	const struct assay_slice accept[] = { OID(subjectDirectoryAttributes) };
	struct crypto_chain chain;

	if (!crypto_chain_verify(crypto, anchors, cert, time, accept, 1, &chain))
		return false;
	ek->ignored = chain.ignored;
	ek->trust = worst(cert, chain.wrong);
	ek->depth = ek->trust == ASSAY_EK_USAGE ? 0 : chain.depth;
	return true;
}

bool assay_ek_verify(struct assay_crypto *crypto, const struct assay_anchors *anchors,
		     struct assay_slice in, int64_t time, struct assay_ek *out,
		     struct assay_err *err)
{
	struct ek_nv nv;
	struct assay_ek ek = { 0 };

	if (!ek_nv_read(in, &nv, err))
		return false;
	struct crypto_cert *cert = crypto_cert_read(crypto, nv.cert);
	if (!cert)
		return fault(err, ASSAY_F_ENCODING, "Certificate", &nv);

	bool ok = cert_read(crypto, cert, &nv, &ek, err);
	if (ok && !chain_verify(crypto, anchors, cert, time, &ek))
		ok = fault(err, ASSAY_F_CRYPTO, "Certificate", &nv);
	crypto_cert_free(cert);
	if (!ok || ek.trust != ASSAY_EK_TRUSTED)
		assay_ek_clear(&ek);
	if (ok)
		*out = ek;
	return ok;
}

void assay_ek_clear(struct assay_ek *ek)
{
	assay_key_free(ek->key);
	ek->key = NULL;
}
