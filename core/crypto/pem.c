/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that people hand in. A public key is taken to its numbers and built
 * again from them, so that it is judged as any other. */
#include "core/base/slice.h"
#include "core/crypto/internal.h"
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

enum { PEM_MAX = 64 * 1024 };

struct assay_key *crypto_key_rebuild(struct assay_crypto *crypto, EVP_PKEY *pkey)
{
	uint8_t a[NUMBER_MAX], b[NUMBER_MAX];
	struct assay_slice sa = { a, 0 }, sb = { b, 0 };
	struct assay_key *raw = crypto_key_wrap(pkey), *key = NULL;
	uint64_t exponent = 0;

	if (!raw || !assay_key_numbers(raw, a, &sa.n, b, &sb.n))
		goto out;
	switch (raw->type) {
	case ASSAY_KEY_RSA:
		for (size_t i = 0; i < sb.n; i++)
			exponent = exponent << 8 | b[i];
		key = sb.n <= sizeof exponent ? assay_key_rsa(crypto, sa, exponent) : NULL;
		break;
	case ASSAY_KEY_EC:
		key = assay_key_ec(crypto, raw->curve, sa, sb);
		break;
	case ASSAY_KEY_ED25519:
		key = assay_key_ed25519(crypto, sa);
		break;
	}
out:
	assay_key_free(raw);
	return key;
}

/* Takes cert over; what failed to read leaves NULL or an empty one behind. */
static struct assay_key *cert_key(struct assay_crypto *crypto, X509 *cert, bool read)
{
	struct assay_key *key = crypto_key_rebuild(crypto, read ? X509_get_pubkey(cert) : NULL);

	X509_free(cert);
	return key;
}

struct assay_key *assay_key_cert(struct assay_crypto *crypto, struct assay_slice der)
{
	const unsigned char *p = der.p;

	if (der.n == 0 || der.n > PEM_MAX)
		return NULL;
	crypto_quiet();
	X509 *cert = X509_new_ex(crypto->libctx, crypto->properties);
	bool ok = cert && d2i_X509(&cert, &p, (long)der.n);
	struct assay_key *key = cert_key(crypto, cert, ok);
	crypto_loud();
	return key;
}

/* The label of the one object; empty when there is none or more than one. The
 * curve that old tools write in front of an EC key is no object of its own. */
static struct assay_slice label_of(struct assay_slice pem)
{
	static const char begin[] = "-----BEGIN ";
	struct assay_slice label = { 0 };

	for (size_t at = 0; at < pem.n; at++) {
		struct assay_slice rest = slice_part(pem, at, pem.n);
		size_t n = 0;
		if (!slice_starts(rest, begin))
			continue;
		rest = slice_part(rest, sizeof begin - 1, rest.n);
		while (n < rest.n && rest.p[n] != '-' && rest.p[n] != '\n')
			n++;
		rest = slice_part(rest, 0, n);
		if (slice_is(rest, "EC PARAMETERS"))
			continue;
		if (label.n > 0 || n == 0)
			return (struct assay_slice){ 0 };
		label = rest;
	}
	return label;
}

/* Without this libcrypto would ask at the terminal. */
static int no_passphrase(char *buf, int size, int rwflag, void *user)
{
	(void)buf, (void)size, (void)rwflag, (void)user;
	return -1;
}

static struct assay_key *read_pem(struct assay_crypto *crypto, BIO *bio,
				  struct assay_slice label, bool want_private)
{
	if (want_private)
		return crypto_key_wrap(PEM_read_bio_PrivateKey_ex(
			bio, NULL, no_passphrase, NULL, crypto->libctx, crypto->properties));
	if (slice_is(label, "PUBLIC KEY"))
		return crypto_key_rebuild(
			crypto, PEM_read_bio_PUBKEY_ex(bio, NULL, no_passphrase, NULL,
						       crypto->libctx, crypto->properties));
	if (!slice_is(label, "CERTIFICATE"))
		return NULL;

	X509 *cert = X509_new_ex(crypto->libctx, crypto->properties);
	bool ok = cert && PEM_read_bio_X509(bio, &cert, no_passphrase, NULL);
	return cert_key(crypto, cert, ok);
}

struct assay_key *assay_key_pem(struct assay_crypto *crypto, struct assay_slice pem,
				bool want_private)
{
	struct assay_slice label = label_of(pem);
	struct assay_key *key = NULL;

	if (label.n == 0 || pem.n > PEM_MAX)
		return NULL;
	crypto_quiet();
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	if (bio)
		key = read_pem(crypto, bio, label, want_private);
	BIO_free(bio);
	crypto_loud();
	return key;
}
