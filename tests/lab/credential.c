/* SPDX-License-Identifier: Apache-2.0
 * assay-lab-credential - what enrolling a node asks of the core, on files.
 *
 *   assay-lab-credential EKCERT ROOTS.pem EK.pub AK.pub SECRET OUT
 *     verifies the EK certificate to one of the roots, now; that EK.pub is an EK with its key;
 *     and writes a credential for AK.pub that hides SECRET, as tpm2_activatecredential
 *     reads it.
 *
 * Exits with 1 and says why when any of these does not hold. */
#include "tests/file.h"

#include <assay/endorsement.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <string.h>
#include <time.h>

/* tpm2-tools: lib/files.c, the header of a credential's file */
static const uint8_t MAGIC[] = { 0xba, 0xdc, 0xc0, 0xde, 0, 0, 0, 1 };

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "assay-lab-credential: %s: %s\n", what, why ? why : "?");
	return 1;
}

static int fault(const char *what, const struct assay_err *err)
{
	fprintf(stderr, "assay-lab-credential: %s: %s %s at %zu\n",
		err->artefact ? err->artefact : what, err->field, assay_fault_word(err->fault),
		err->offset);
	return 1;
}

static bool add_roots(struct assay_anchors *anchors, const char *path)
{
	FILE *f = fopen(path, "r");
	size_t n = 0;

	for (X509 *x509; f && (x509 = PEM_read_X509(f, NULL, NULL, NULL)); n++) {
		uint8_t *der = NULL;
		int len = i2d_X509(x509, &der);
		struct assay_err err;
		bool ok = len > 0 &&
			  assay_anchors_add(anchors, ASSAY_ANCHOR_ROOT,
					    (struct assay_slice){ der, (size_t)len }, &err);
		OPENSSL_free(der);
		X509_free(x509);
		if (!ok)
			return false;
	}
	if (f)
		fclose(f);
	return n > 0;
}

static bool write_out(const char *path, const struct assay_credential *c)
{
	FILE *f = fopen(path, "wb");

	if (!f)
		return false;
	bool ok = fwrite(MAGIC, sizeof MAGIC, 1, f) == 1 &&
		  fwrite(c->id_object, c->id_object_n, 1, f) == 1 &&
		  fwrite(c->secret, c->secret_n, 1, f) == 1;
	return fclose(f) == 0 && ok;
}

/* A file that is needed to the end: kept where the leak checker sees it. */
static struct assay_slice kept(const char *path)
{
	static struct assay_slice files[8];
	static size_t n;

	if (n == sizeof files / sizeof *files)
		return (struct assay_slice){ 0 };
	files[n] = test_file(path);
	return files[n++];
}

static int enrol(struct assay_crypto *crypto, struct assay_anchors *anchors, char **arg)
{
	struct assay_err err;
	static struct assay_ek cert;
	struct assay_public ek, ak;
	struct assay_credential c;
	const char *field = NULL;
	uint8_t random[ASSAY_CREDENTIAL_RANDOM];

	if (!add_roots(anchors, arg[2]))
		return fail(arg[2], "no roots");
	if (!assay_ek_verify(crypto, anchors, kept(arg[1]), time(NULL), &cert, &err))
		return fault(arg[1], &err);
	if (cert.trust != ASSAY_EK_TRUSTED)
		return fail(arg[1], assay_ek_trust_text(cert.trust));
	printf("%s %s %s\n", cert.manufacturer, cert.model, cert.version);
	if (!assay_public_read(kept(arg[3]), &ek, &err))
		return fault(arg[3], &err);
	if (!assay_public_read(kept(arg[4]), &ak, &err))
		return fault(arg[4], &err);
	if (!assay_ek_template(&ek, &field))
		return fail(arg[3], field);
	if (!assay_ek_binds(crypto, cert.key, &ek))
		return fail(arg[3], "not the certificate's key");
	assay_ek_clear(&cert);
	if (RAND_bytes(random, sizeof random) != 1 ||
	    !assay_credential_make(crypto, &ek, &ak, kept(arg[5]), random, &c, &err))
		return fault("credential", &err);
	return write_out(arg[6], &c) ? 0 : fail(arg[6], "cannot be written");
}

int main(int argc, char **argv)
{
	if (argc != 7)
		return fail("usage", "EKCERT ROOTS.pem EK.pub AK.pub SECRET OUT");
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct assay_anchors *anchors = crypto ? assay_anchors_new(crypto) : NULL;
	int status =
		anchors ? enrol(crypto, anchors, argv) : fail("libcrypto", "does not start");

	assay_anchors_free(anchors);
	assay_crypto_free(crypto);
	return status;
}
