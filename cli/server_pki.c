/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/server_pki.h"

#include "platform/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

enum { DAY = 24 * 3600, SERIAL = 16, PATH = 4096 };

/* Clocks of peers may be a little behind. */
enum { SKEW = 300 };

static bool failed(struct platform_message *why, const char *path)
{
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot make the certificate %s.pem", path);
	unsigned long e = ERR_peek_last_error();
	const char *reason = e ? ERR_reason_error_string(e) : NULL;
	platform_message_why(why, "OpenSSL: %s",
			     reason ? reason : "it gives no P-256 or no memory");
	ERR_clear_error();
	return false;
}

bool pki_host_valid(const char *host)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-";
	unsigned char ip[16];
	size_t n = strlen(host);

	if (inet_pton(AF_INET, host, ip) == 1 || inet_pton(AF_INET6, host, ip) == 1)
		return true;
	return n > 0 && n <= 253 && host[0] != '-' && host[0] != '.' &&
	       strspn(host, letters) == n;
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	bool good = e && X509_add_ext(cert, e, -1) == 1;
	X509_EXTENSION_free(e);
	return good;
}

static bool set_serial(X509 *cert)
{
	unsigned char bytes[SERIAL];

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return false;
	bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40); /* positive, of full length */
	BIGNUM *n = BN_bin2bn(bytes, sizeof bytes, NULL);
	bool good = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));
	BN_free(n);
	return good;
}

static bool set_name(X509_NAME *to, const char *unit, const char *name)
{
	return (!unit ||
		X509_NAME_add_entry_by_txt(to, "OU", MBSTRING_UTF8, (const unsigned char *)unit,
					   -1, -1, 0) == 1) &&
	       X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_UTF8, (const unsigned char *)name,
					  -1, -1, 0) == 1;
}

/* Everything but extensions and the signature. */
static X509 *begin(EVP_PKEY *key, X509 *issuer, const char *unit, const char *name,
		   unsigned days)
{
	X509 *cert = X509_new();

	if (cert && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), -SKEW) &&
	    X509_gmtime_adj(X509_getm_notAfter(cert), (long)days * DAY) &&
	    set_name(X509_get_subject_name(cert), unit, name) &&
	    X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert)) == 1 &&
	    X509_set_pubkey(cert, key) == 1)
		return cert;
	X509_free(cert);
	return NULL;
}

static bool write_bio(const char *path, const char *ending, BIO *bio, mode_t mode,
		      struct platform_message *why)
{
	char full[PATH], *bytes = NULL;
	long n = BIO_get_mem_data(bio, &bytes);

	if (n <= 0 || (size_t)snprintf(full, sizeof full, "%s%s", path, ending) >= sizeof full)
		return failed(why, path);
	return platform_file_write_atomic(
		full, (struct assay_slice){ (const uint8_t *)bytes, (size_t)n }, mode, why);
}

static bool write_pair(const char *path, EVP_PKEY *key, X509 *cert,
		       struct platform_message *why)
{
	BIO *secret = BIO_new(BIO_s_secmem()), *public = BIO_new(BIO_s_mem());
	bool good =
		secret && public &&
		PEM_write_bio_PKCS8PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL) == 1 &&
		PEM_write_bio_X509(public, cert) == 1;

	good = good ? write_bio(path, ".key", secret, 0400, why) &&
			       write_bio(path, ".pem", public, 0444, why)
		    : failed(why, path);
	BIO_free(secret);
	BIO_free(public);
	return good;
}

bool pki_make_ca(const char *path, const char *name, struct platform_message *why)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = key ? begin(key, NULL, NULL, name, PKI_CA_DAYS) : NULL;
	bool made = cert &&
		    add_extension(cert, cert, NID_basic_constraints,
				  "critical,CA:TRUE,pathlen:0") &&
		    add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
		    add_extension(cert, cert, NID_subject_key_identifier, "hash") &&
		    X509_sign(cert, key, EVP_sha256()) > 0;
	bool good = made ? write_pair(path, key, cert, why) : failed(why, path);

	X509_free(cert);
	EVP_PKEY_free(key);
	return good;
}

/* A CA's file, named path + ending, opened for reading. */
static BIO *open_file(const char *path, const char *ending, struct platform_message *why)
{
	char full[PATH];

	snprintf(full, sizeof full, "%s%s", path, ending);
	BIO *bio = BIO_new_file(full, "r");
	if (!bio) {
		*why = (struct platform_message){ 0 };
		platform_message_what(why, "cannot read %s", full);
		platform_message_errno(why, errno);
		ERR_clear_error();
	}
	return bio;
}

static X509 *read_cert(const char *path, struct platform_message *why)
{
	BIO *bio = open_file(path, ".pem", why);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	if (bio && !cert)
		(void)failed(why, path);
	BIO_free(bio);
	return cert;
}

static EVP_PKEY *read_key(const char *path, struct platform_message *why)
{
	BIO *bio = open_file(path, ".key", why);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;

	if (bio && !key)
		(void)failed(why, path);
	BIO_free(bio);
	return key;
}

static bool add_hosts(X509 *cert, const struct cli_list *hosts)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	bool good = names != NULL;

	for (size_t i = 0; good && i < hosts->n; i++) {
		GENERAL_NAME *name = GENERAL_NAME_new();
		ASN1_OCTET_STRING *ip = a2i_IPADDRESS(hosts->item[i]);
		ASN1_IA5STRING *dns = ip ? NULL : ASN1_IA5STRING_new();
		good = name && (ip || (dns && ASN1_STRING_set(dns, hosts->item[i], -1) == 1));
		if (good)
			GENERAL_NAME_set0_value(name, ip ? GEN_IPADD : GEN_DNS,
						ip ? (void *)ip : (void *)dns);
		good = good && sk_GENERAL_NAME_push(names, name) > 0;
		if (!good)
			GENERAL_NAME_free(name);
	}
	ERR_clear_error(); /* a name that is no address is no error */
	good = good &&
	       X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT);
	GENERAL_NAMES_free(names);
	return good;
}

/* The names that the certificate at path has now. */
static bool copy_hosts(X509 *cert, const char *path, struct platform_message *why)
{
	X509 *old = read_cert(path, why);
	int at = old ? X509_get_ext_by_NID(old, NID_subject_alt_name, -1) : -1;
	bool good = at >= 0 && X509_add_ext(cert, X509_get_ext(old, at), -1) == 1;

	if (old && !good)
		(void)failed(why, path);
	X509_free(old);
	return good;
}

static bool add_use(X509 *cert, X509 *issuer, const struct pki_wanted *w)
{
	return add_extension(cert, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(cert, issuer, NID_key_usage, "critical,digitalSignature") &&
	       add_extension(cert, issuer, NID_ext_key_usage,
			     w->unit ? "clientAuth" : "serverAuth") &&
	       add_extension(cert, issuer, NID_subject_key_identifier, "hash") &&
	       add_extension(cert, issuer, NID_authority_key_identifier, "keyid");
}

bool pki_make(const char *ca, const char *path, const struct pki_wanted *w,
	      struct platform_message *why)
{
	X509 *issuer = read_cert(ca, why);
	EVP_PKEY *signer = issuer ? read_key(ca, why) : NULL;
	EVP_PKEY *key = signer ? EVP_EC_gen("P-256") : NULL;
	X509 *cert = key ? begin(key, issuer, w->unit, w->name, w->days) : NULL;
	bool good = signer != NULL;

	if (good && !(cert && add_use(cert, issuer, w)))
		good = failed(why, path);
	if (good && !w->unit && w->hosts->n == 0)
		good = copy_hosts(cert, path, why);
	else if (good && !w->unit)
		good = add_hosts(cert, w->hosts) || failed(why, path);
	if (good && X509_sign(cert, signer, EVP_sha256()) <= 0)
		good = failed(why, path);
	good = good && write_pair(path, key, cert, why);
	X509_free(cert);
	X509_free(issuer);
	EVP_PKEY_free(key);
	EVP_PKEY_free(signer);
	return good;
}
