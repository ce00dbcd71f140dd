/* SPDX-License-Identifier: Apache-2.0
 * certs - certificates made on the spot. A zeroed spec is a good EK certificate; a
 * test says in each what is to be different. */
#pragma once
#include "tests/keys.h"
#include <openssl/x509.h>
#include <openssl/x509v3.h>

enum { TEST_FROM = 1600000000, TEST_TO = 1900000000, TEST_NOW = 1750000000 };

struct cert_spec {
	const char *subject;
	bool ca, no_usage, usage_twice, no_san, names_apart, no_key_id;
	const char *usage;     /* extKeyUsage; NULL: tcg-kp-EKCertificate */
	const char *key_usage; /* NULL: what an EK has; "": none */
	const char *critical;  /* one more critical extension with this identifier */
	const char *bad;       /* extension that X.509 defines, with contents that are none */
	const char *model;
	int64_t from, to;
	bool sha1;
};

static inline void cert_ext(X509 *x509, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	if (!ext || !X509_add_ext(x509, ext, -1))
		abort();
	X509_EXTENSION_free(ext);
}

static inline void cert_raw_ext(X509 *x509, const char *oid, int critical)
{
	ASN1_OBJECT *obj = OBJ_txt2obj(oid, 0);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();

	if (!obj || !value || !ASN1_OCTET_STRING_set(value, (const uint8_t *)"\x05\x00", 2))
		abort();
	X509_EXTENSION *ext = X509_EXTENSION_create_by_OBJ(NULL, obj, critical, value);
	if (!ext || !X509_add_ext(x509, ext, -1))
		abort();
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(obj);
}

/* subjectAltName of an EK: the three attributes in one RDN, or in one each. */
static inline void cert_san(X509 *x509, const struct cert_spec *s)
{
	const char *const attr[][2] = { { "2.23.133.2.1", "id:41535359" },
					{ "2.23.133.2.2", s->model ? s->model : "model" },
					{ "2.23.133.2.3", "id:00010002" } };
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *general = GENERAL_NAME_new();
	X509_NAME *name = X509_NAME_new();

	for (int i = 0; i < 3; i++)
		if (X509_NAME_add_entry_by_txt(name, attr[i][0], MBSTRING_UTF8,
					       (const uint8_t *)attr[i][1], -1, -1,
					       i == 0 || s->names_apart ? 0 : -1) != 1)
			abort();
	GENERAL_NAME_set0_value(general, GEN_DIRNAME, name);
	sk_GENERAL_NAME_push(names, general);
	if (X509_add1_ext_i2d(x509, NID_subject_alt_name, names, 1, X509V3_ADD_DEFAULT) != 1)
		abort();
	GENERAL_NAMES_free(names);
}

static inline void cert_exts(X509 *x509, const struct cert_spec *s, bool ec)
{
	const char *usage = s->usage ? s->usage : "2.23.133.8.1";
	const char *key_usage = s->key_usage ? s->key_usage
				: s->ca      ? "critical,keyCertSign"
				: ec         ? "critical,keyAgreement"
					     : "critical,keyEncipherment";

	cert_ext(x509, NID_basic_constraints, s->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (*key_usage)
		cert_ext(x509, NID_key_usage, key_usage);
	if (s->critical)
		cert_raw_ext(x509, s->critical, 1);
	if (s->bad)
		cert_raw_ext(x509, s->bad, 0);
	if (s->ca && !s->usage)
		return;
	for (int i = s->no_usage; i < 1 + s->usage_twice; i++)
		cert_ext(x509, NID_ext_key_usage, usage);
	if (!s->no_san)
		cert_san(x509, s);
}

static inline void cert_name(X509_NAME *name, const char *cn)
{
	if (cn && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)cn, -1,
					     -1, 0) != 1)
		abort();
}

/* DER of a certificate for key, signed by the issuer's. */
static inline void put_cert(struct bytes *out, const struct cert_spec *s, EVP_PKEY *key,
			    const char *issuer, EVP_PKEY *signer)
{
	static long serial;
	X509 *x509 = X509_new();
	uint8_t *p = out->b;

	X509_set_version(x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
	cert_name(X509_get_subject_name(x509), s->subject);
	cert_name(X509_get_issuer_name(x509), issuer);
	ASN1_TIME_set(X509_getm_notBefore(x509), s->from ? s->from : TEST_FROM);
	ASN1_TIME_set(X509_getm_notAfter(x509), s->to ? s->to : TEST_TO);
	X509_set_pubkey(x509, key);
	cert_exts(x509, s, EVP_PKEY_is_a(key, "EC"));
	if (!X509_sign(x509, signer, s->sha1 ? EVP_sha1() : EVP_sha256()))
		abort();
	int n = i2d_X509(x509, NULL);
	if (n <= 0 || (size_t)n > sizeof out->b)
		abort();
	out->n = (size_t)i2d_X509(x509, &p);
	X509_free(x509);
}
