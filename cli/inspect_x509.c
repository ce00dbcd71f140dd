/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates, as an EK's lies in a file or in an NV index: DER with junk around
 * it, PEM, or a PEM bundle. Strict DER is not asked for: real EK certificates
 * are not. No chain is built and nothing is verified. */
#include "cli/inspect.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

static void show_bio(struct show *s, const char *key, BIO *bio)
{
	char *p = NULL;
	long n = BIO_get_mem_data(bio, &p);

	show_text(s, key, (struct assay_slice){ (const uint8_t *)p, n > 0 ? (size_t)n : 0 });
	(void)BIO_reset(bio);
}

static void show_name(struct show *s, const char *key, const X509_NAME *name, BIO *bio)
{
	X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
	show_bio(s, key, bio);
}

static void show_time(struct show *s, const char *key, const ASN1_TIME *t, BIO *bio)
{
	ASN1_TIME_print_ex(bio, t, ASN1_DTFLGS_ISO8601);
	show_bio(s, key, bio);
}

static void show_extensions(struct show *s, const X509 *x, BIO *bio)
{
	show_array(s, "extensions");
	for (int k = 0; k < X509_get_ext_count(x); k++) {
		X509_EXTENSION *ext = X509_get_ext(x, k);
		char oid[128] = "";

		OBJ_obj2txt(oid, sizeof oid, X509_EXTENSION_get_object(ext), 1);
		show_object(s, NULL);
		show_str(s, "oid", oid);
		show_bool(s, "critical", X509_EXTENSION_get_critical(ext) != 0);
		if (X509V3_EXT_print(bio, ext, X509V3_EXT_DEFAULT, 0))
			show_bio(s, "value", bio);
		(void)BIO_reset(bio);
		show_close(s);
	}
	show_close(s);
}

static void show_key(struct show *s, X509 *x)
{
	EVP_PKEY *key = X509_get0_pubkey(x);

	show_object(s, "public_key");
	show_str(s, "type", key ? EVP_PKEY_get0_type_name(key) : NULL);
	show_u64(s, "bits", key ? (uint64_t)EVP_PKEY_get_bits(key) : 0);
	show_close(s);
}

static void show_certificate(struct show *s, X509 *x, BIO *bio)
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x);

	show_name(s, "subject", X509_get_subject_name(x), bio);
	show_name(s, "issuer", X509_get_issuer_name(x), bio);
	show_hex(s, "serial",
		 (struct assay_slice){ ASN1_STRING_get0_data(serial),
				       (size_t)ASN1_STRING_length(serial) });
	show_time(s, "not_before", X509_get0_notBefore(x), bio);
	show_time(s, "not_after", X509_get0_notAfter(x), bio);
	show_key(s, x);
	if (X509_digest(x, EVP_sha256(), hash, &n))
		show_hex(s, "sha256", (struct assay_slice){ hash, n });
	show_extensions(s, x, bio);
}

/* BOUNDS: bytes of the DER TLV at at, 0 when it does not fit. */
static size_t tlv_size(struct assay_slice in, size_t at, size_t *head)
{
	if (in.n < at + 2)
		return 0;
	size_t n = in.p[at + 1], extra = 0;
	if (n >= 0x80) {
		extra = n & 0x7f;
		if (extra == 0 || extra > 3 || in.n < at + 2 + extra)
			return 0;
		n = 0;
		for (size_t k = 0; k < extra; k++)
			n = n << 8 | in.p[at + 2 + k];
	}
	*head = 2 + extra;
	return n > in.n - at - *head ? 0 : *head + n;
}

/* Where a certificate begins: at once, or behind an NV index' own head. */
static size_t find_der(struct assay_slice in)
{
	for (size_t at = 0; at <= 16 && at < in.n; at++) {
		size_t head = 0;
		if (in.p[at] == 0x30 && tlv_size(in, at, &head) > 0 && in.p[at + head] == 0x30)
			return at;
	}
	return 0;
}

/* A TCG platform certificate is an attribute certificate (RFC 5755): version, then its holder.
 */
static bool is_attribute_certificate(struct assay_slice in, size_t at)
{
	size_t outer = 0, inner = 0;

	if (!tlv_size(in, at, &outer) || !tlv_size(in, at + outer, &inner))
		return false;
	at += outer + inner;
	return at + 4 < in.n && in.p[at] == 0x02 && in.p[at + 1] == 1 && in.p[at + 2] == 1 &&
	       in.p[at + 3] == 0x30 && at + 7 < in.n && in.p[at + 5] >= 0xa0;
}

static void inspect_der(struct inspect *i, BIO *bio)
{
	size_t at = find_der(i->in), head = 0;
	size_t n = at < i->in.n ? tlv_size(i->in, at, &head) : 0;
	const unsigned char *p = i->in.p + at;

	if (n == 0) {
		inspect_fault(i, ASSAY_F_TRUNCATED, "Certificate", at);
		return;
	}
	X509 *x = d2i_X509(NULL, &p, (long)n);
	if (!x) {
		bool attribute = is_attribute_certificate(i->in, at);
		inspect_fault(i, attribute ? ASSAY_F_UNSUPPORTED : ASSAY_F_ENCODING,
			      attribute ? "AttributeCertificate" : "Certificate", at);
		return;
	}
	show_u64(&i->show, "der_offset", at);
	show_u64(&i->show, "der_size", n);
	show_certificate(&i->show, x, bio);
	if (at > 0)
		inspect_quirk(i, "bytes lie before the certificate (an NV index' own head)");
	if (at + n < i->in.n)
		inspect_quirk(i, "bytes lie behind the certificate (padding of an NV index)");
	X509_free(x);
}

static void inspect_pem(struct inspect *i, BIO *bio)
{
	static const char begin[] = "-----BEGIN ";
	size_t at = 0, n = 0;

	show_array(&i->show, "certificates");
	while (i->err.fault == ASSAY_F_OK) {
		const uint8_t *next =
			memmem(i->in.p + at, i->in.n - at, begin, sizeof begin - 1);
		if (!next)
			break;
		at = (size_t)(next - i->in.p);
		BIO *in = BIO_new_mem_buf(next, (int)(i->in.n - at));
		X509 *x = in ? PEM_read_bio_X509_AUX(in, NULL, NULL, NULL) : NULL;
		if (x) {
			show_object(&i->show, NULL);
			show_u64(&i->show, "offset", at);
			show_certificate(&i->show, x, bio);
			show_close(&i->show);
			n++;
		} else {
			bool other = i->in.n - at < 27 ||
				     memcmp(next, "-----BEGIN CERTIFICATE-----", 27) != 0;
			inspect_fault(i, other ? ASSAY_F_UNSUPPORTED : ASSAY_F_ENCODING,
				      other ? "PEM label" : "Certificate", at);
		}
		X509_free(x);
		BIO_free(in);
		at += sizeof begin - 1;
	}
	show_close(&i->show);
	show_u64(&i->show, "count", n);
}

void inspect_x509(struct inspect *i)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (!bio)
		inspect_fault(i, ASSAY_F_MEMORY, "Certificate", 0);
	else if (i->in.n < (1u << 30) && memmem(i->in.p, i->in.n, "-----BEGIN ", 11))
		inspect_pem(i, bio);
	else
		inspect_der(i, bio);
	BIO_free(bio);
}
