/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/crypto/x509.h"
#include <openssl/crypto.h>

struct crypto_cert {
	X509 *x509;
};

const X509 *crypto_cert_x509(const struct crypto_cert *cert)
{
	return cert->x509;
}

bool crypto_oid_is(const ASN1_OBJECT *obj, struct assay_slice oid)
{
	return slice_eq((struct assay_slice){ OBJ_get0_data(obj), OBJ_length(obj) }, oid);
}

X509 *crypto_x509_read(struct assay_crypto *crypto, struct assay_slice der)
{
	const unsigned char *p = der.p;

	if (der.n == 0 || der.n > ASSAY_CERT_MAX)
		return NULL;
	X509 *x509 = X509_new_ex(crypto->libctx, crypto->properties);
	/* on failure d2i_X509 frees it and leaves NULL */
	if (!x509 || !d2i_X509(&x509, &p, (long)der.n) || p != der.p + der.n ||
	    X509_get_extension_flags(x509) & EXFLAG_INVALID) {
		X509_free(x509);
		return NULL;
	}
	return x509;
}

struct crypto_cert *crypto_cert_read(struct assay_crypto *crypto, struct assay_slice der)
{
	crypto_quiet();
	X509 *x509 = crypto_x509_read(crypto, der);
	struct crypto_cert *cert = x509 ? OPENSSL_zalloc(sizeof *cert) : NULL;
	crypto_loud();

	if (cert)
		cert->x509 = x509;
	else
		X509_free(x509);
	return cert;
}

void crypto_cert_free(struct crypto_cert *cert)
{
	if (!cert)
		return;
	X509_free(cert->x509);
	OPENSSL_free(cert);
}

struct assay_key *crypto_cert_key(struct assay_crypto *crypto, const struct crypto_cert *cert)
{
	crypto_quiet();
	struct assay_key *key = crypto_key_rebuild(crypto, X509_get_pubkey(cert->x509));
	crypto_loud();
	return key;
}

/* ASN1_TIME_diff asks no clock when it is given both. */
static bool seconds(const ASN1_TIME *epoch, const ASN1_TIME *t, int64_t *out)
{
	int days = 0, rest = 0;

	if (!t || ASN1_TIME_diff(&days, &rest, epoch, t) != 1)
		return false;
	*out = (int64_t)days * 86400 + rest;
	return true;
}

bool crypto_cert_validity(const struct crypto_cert *cert, int64_t *not_before,
			  int64_t *not_after)
{
	int64_t from = 0, to = 0;

	crypto_quiet();
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	bool ok = epoch && seconds(epoch, X509_get0_notBefore(cert->x509), &from) &&
		  seconds(epoch, X509_get0_notAfter(cert->x509), &to);
	ASN1_TIME_free(epoch);
	crypto_loud();
	if (ok) {
		*not_before = from;
		*not_after = to;
	}
	return ok;
}

bool crypto_cert_has_usage(const struct crypto_cert *cert, struct assay_slice oid)
{
	bool listed = false;

	crypto_quiet();
	EXTENDED_KEY_USAGE *eku = X509_get_ext_d2i(cert->x509, NID_ext_key_usage, NULL, NULL);
	for (int i = 0; eku && i < sk_ASN1_OBJECT_num(eku); i++)
		listed = listed || crypto_oid_is(sk_ASN1_OBJECT_value(eku, i), oid);
	EXTENDED_KEY_USAGE_free(eku);
	crypto_loud();
	return listed;
}

bool crypto_cert_is_ca(const struct crypto_cert *cert)
{
	crypto_quiet();
	bool ca = X509_check_ca(cert->x509) != 0;
	crypto_loud();
	return ca;
}

bool crypto_cert_encrypts(const struct crypto_cert *cert)
{
	/* UINT32_MAX, every bit, when the extension is not there */
	return X509_get_key_usage(cert->x509) & (KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT);
}

static size_t attribute(const X509_NAME *name, struct assay_slice oid, uint8_t *out, size_t cap)
{
	for (int i = 0; i < X509_NAME_entry_count(name); i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
		const ASN1_STRING *value = X509_NAME_ENTRY_get_data(entry);
		int n = ASN1_STRING_length(value);

		if (!crypto_oid_is(X509_NAME_ENTRY_get_object(entry), oid))
			continue;
		if (n <= 0 || (size_t)n > cap)
			return 0;
		memcpy(out, ASN1_STRING_get0_data(value), (size_t)n);
		return (size_t)n;
	}
	return 0;
}

size_t crypto_cert_alt_name(const struct crypto_cert *cert, struct assay_slice oid,
			    uint8_t *out, size_t cap)
{
	size_t n = 0;

	crypto_quiet();
	GENERAL_NAMES *names = X509_get_ext_d2i(cert->x509, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; names && n == 0 && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type == GEN_DIRNAME)
			n = attribute(name->d.directoryName, oid, out, cap);
	}
	GENERAL_NAMES_free(names);
	crypto_loud();
	return n;
}
