/* SPDX-License-Identifier: Apache-2.0
 * test_pki - a CA and what it and a stranger signed, as PEM files in a folder of their own. */
#pragma once
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct pki {
	char folder[64];
	EVP_PKEY *key, *foreign_key; /* one for the CA and all, one for the foreign CA */
	X509 *ca, *foreign;
};

static inline const char *pki_path(const struct pki *p, const char *name)
{
	static _Thread_local char path[8][160];
	static _Thread_local unsigned turn;
	char *to = path[turn++ % 8];

	snprintf(to, sizeof(path[0]), "%s/%s", p->folder, name);
	return to;
}

static inline void pki_ext(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (!e || !X509_add_ext(cert, e, -1))
		abort();
	X509_EXTENSION_free(e);
}

/* san NULL: a client. issuer NULL: a CA of its own. Valid from `from` to `to` seconds from now.
 */
static inline X509 *pki_cert(EVP_PKEY *key, EVP_PKEY *signer, X509 *issuer, const char *cn,
			     const char *ou, const char *san, long serial, long from, long to)
{
	X509 *cert = X509_new();
	X509_NAME *name = X509_NAME_new();

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), serial);
	X509_gmtime_adj(X509_getm_notBefore(cert), from);
	X509_gmtime_adj(X509_getm_notAfter(cert), to);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)cn, -1, -1, 0);
	if (ou)
		X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_UTF8, (const uint8_t *)ou, -1,
					   -1, 0);
	X509_set_subject_name(cert, name);
	X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer) : name);
	X509_set_pubkey(cert, key);
	pki_ext(cert, issuer ? issuer : cert, NID_basic_constraints,
		issuer ? "critical,CA:FALSE" : "critical,CA:TRUE");
	if (!issuer)
		pki_ext(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign");
	if (issuer)
		pki_ext(cert, issuer, NID_ext_key_usage, san ? "serverAuth" : "clientAuth");
	if (san)
		pki_ext(cert, issuer, NID_subject_alt_name, san);
	if (!X509_sign(cert, signer, EVP_sha256()))
		abort();
	X509_NAME_free(name);
	return cert;
}

static inline void pki_write_cert(const struct pki *p, const char *name, X509 *cert)
{
	FILE *f = fopen(pki_path(p, name), "w");

	if (!f || !PEM_write_X509(f, cert) || fclose(f))
		abort();
}

static inline void pki_client(const struct pki *p, const char *file, const char *cn,
			      const char *ou, long serial, long to, bool foreign)
{
	X509 *cert = pki_cert(p->key, foreign ? p->foreign_key : p->key,
			      foreign ? p->foreign : p->ca, cn, ou, NULL, serial,
			      to < 0 ? 2 * to : -60, to);

	pki_write_cert(p, file, cert);
	X509_free(cert);
}

/* The CA's list with the one serial number (0: none). */
static inline void pki_crl(const struct pki *p, const char *file, long revoked, long to)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_adj(NULL, time(NULL) + (to < 0 ? 2 * to : -60), 0, 0);

	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(p->ca));
	X509_CRL_set1_lastUpdate(crl, t);
	if (revoked) {
		X509_REVOKED *r = X509_REVOKED_new();
		ASN1_INTEGER *serial = ASN1_INTEGER_new();
		ASN1_INTEGER_set(serial, revoked);
		X509_REVOKED_set_serialNumber(r, serial);
		X509_REVOKED_set_revocationDate(r, t);
		X509_CRL_add0_revoked(crl, r);
		ASN1_INTEGER_free(serial);
	}
	X509_gmtime_adj(t, to);
	X509_CRL_set1_nextUpdate(crl, t);
	ASN1_TIME_free(t);
	if (!X509_CRL_sign(crl, p->key, EVP_sha256()))
		abort();
	FILE *f = fopen(pki_path(p, file), "w");
	if (!f || !PEM_write_X509_CRL(f, crl) || fclose(f))
		abort();
	X509_CRL_free(crl);
}

/* The server's certificate; to: seconds from now. */
static inline void pki_server(const struct pki *p, const char *file, const char *san,
			      long serial, long to)
{
	X509 *cert = pki_cert(p->key, p->key, p->ca, "server", NULL, san, serial,
			      to < 0 ? 2 * to : -60, to);

	pki_write_cert(p, file, cert);
	X509_free(cert);
}

static inline void pki_make(struct pki *p)
{
	snprintf(p->folder, sizeof(p->folder), "/tmp/assay-pki.XXXXXX");
	if (!mkdtemp(p->folder))
		abort();
	p->key = EVP_EC_gen("P-256");
	p->foreign_key = EVP_EC_gen("P-256");
	p->ca = pki_cert(p->key, p->key, NULL, "CA", NULL, NULL, 1, -60, 36000);
	p->foreign =
		pki_cert(p->foreign_key, p->foreign_key, NULL, "CA", NULL, NULL, 1, -60, 36000);
	pki_write_cert(p, "ca.pem", p->ca);
	pki_write_cert(p, "foreign-ca.pem", p->foreign);
	FILE *f = fopen(pki_path(p, "key.pem"), "w");
	if (!f || !PEM_write_PrivateKey(f, p->key, NULL, NULL, 0, NULL, NULL) || fclose(f))
		abort();
	pki_server(p, "server.pem", "DNS:localhost,IP:127.0.0.1", 2, 36000);
	pki_client(p, "good.pem", "olga", "operator", 3, 36000, false);
	pki_client(p, "revoked.pem", "rita", "operator", 4, 36000, false);
	pki_client(p, "expired.pem", "emma", "operator", 5, -3600, false);
	pki_client(p, "foreign.pem", "fred", "operator", 6, 36000, true);
	pki_crl(p, "crl.pem", 4, 36000);
}

static inline void pki_drop(struct pki *p)
{
	static const char *const names[] = { "ca.pem",      "foreign-ca.pem", "key.pem",
					     "server.pem",  "good.pem",       "revoked.pem",
					     "expired.pem", "foreign.pem",    "crl.pem",
					     "other.pem" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(pki_path(p, names[i]));
	rmdir(p->folder);
	X509_free(p->ca);
	X509_free(p->foreign);
	EVP_PKEY_free(p->key);
	EVP_PKEY_free(p->foreign_key);
}
