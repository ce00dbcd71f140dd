/* SPDX-License-Identifier: Apache-2.0
 * EK certificates of real TPMs, and of the recorded boots in tests/evidence. */
#include "tests/tap.h"
#include "tests/vectors.h"
#include <assay/endorsement.h>
#include <dirent.h>
#include <openssl/err.h>
#include <openssl/pem.h>

static struct assay_crypto *crypto;

/* swtpm's certificates start when the boots were recorded. */
enum { EVIDENCE_TIME = 1800000000 };

/* Verifies der and gives what came of it; fault words as negative trust. */
static struct assay_ek run(const struct assay_anchors *a, struct assay_slice in,
			   struct assay_err *err)
{
	struct assay_ek ek = { .trust = ASSAY_EK_TRUSTS_N };

	(void)!assay_ek_verify(crypto, a, in, EVIDENCE_TIME, &ek, err);
	assay_key_free(ek.key);
	return ek;
}

static void faulty(const struct assay_anchors *a, struct assay_slice in, enum assay_fault want,
		   const char *field, size_t offset, const char *name)
{
	struct assay_err err = { 0 };
	struct assay_ek ek = run(a, in, &err);

	if (!tap_ok(ek.trust == ASSAY_EK_TRUSTS_N && err.fault == want &&
			    !strcmp(err.field, field) && err.offset == offset,
		    "fault: %s", name))
		printf("# got %s %s at %zu\n", assay_fault_word(err.fault), err.field,
		       err.offset);
}

/* The n-th certificate of a PEM file, as DER; NULL behind the last. */
static X509 *pem_at(struct assay_slice pem, size_t n)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509 *x509 = NULL;

	ERR_set_mark(); /* the end of the file is an error to libcrypto */
	for (size_t i = 0; i <= n; i++) {
		X509_free(x509);
		x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
		if (!x509)
			break;
	}
	BIO_free(bio);
	ERR_pop_to_mark();
	return x509;
}

/* Of a file with both: those signed by themselves, or all, are roots. Returns how many were
 * added. */
static size_t add_pem(struct assay_anchors *a, struct assay_slice pem, bool all_roots)
{
	size_t n = 0;
	X509 *x509 = NULL;

	for (; pem.p && (x509 = pem_at(pem, n)); n++) {
		uint8_t *der = NULL;
		int len = i2d_X509(x509, &der);
		struct assay_err err;
		bool self = all_roots || X509_self_signed(x509, 0) == 1;
		if (!assay_anchors_add(a, self ? ASSAY_ANCHOR_ROOT : ASSAY_ANCHOR_INTERMEDIATE,
				       (struct assay_slice){ der, (size_t)len }, &err))
			printf("# certificate %zu: %s\n", n, assay_fault_word(err.fault));
		OPENSSL_free(der);
		X509_free(x509);
	}
	return n;
}

static struct assay_slice part_file(const char *dir, const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "tests/evidence/%s/%s", dir, name);
	return test_file(path);
}

static void drop(struct assay_slice s)
{
	free((void *)(uintptr_t)s.p);
}

static void test_evidence(void)
{
	DIR *dir = opendir("tests/evidence");
	size_t good = 0, all = 0;

	for (struct dirent *e; dir && (e = readdir(dir));) {
		struct assay_slice crt = part_file(e->d_name, "ek.crt");
		struct assay_slice ca = part_file(e->d_name, "ek-ca.pem");
		struct assay_anchors *a = assay_anchors_new(crypto);
		struct assay_ek ek = { 0 };
		struct assay_err err = { 0 };

		if (crt.p && ca.p && add_pem(a, ca, false) > 0) {
			all++;
			if (assay_ek_verify(crypto, a, crt, EVIDENCE_TIME, &ek, &err) &&
			    ek.trust == ASSAY_EK_TRUSTED && ek.key &&
			    !strcmp(ek.manufacturer, "id:00001014") &&
			    !strcmp(ek.model, "swtpm"))
				good++;
			else
				printf("# %s: %s %s\n", e->d_name,
				       assay_ek_trust_word(ek.trust),
				       err.field ? err.field : "");
			assay_ek_clear(&ek);
		}
		assay_anchors_free(a);
		drop(crt);
		drop(ca);
	}
	if (dir)
		closedir(dir);
	tap_ok(all >= 36 && good == all, "%zu of %zu recorded boots", good, all);
}

/* A vector as it is, or the first certificate of a PEM. */
static struct assay_slice vector_der(const char *name)
{
	struct assay_slice s = test_vector(name);
	uint8_t *der = NULL;

	if (!s.p || s.p[0] != '-')
		return s;
	X509 *x509 = pem_at(s, 0);
	int n = i2d_X509(x509, &der);
	uint8_t *copy = malloc((size_t)n + 1);
	memcpy(copy, der, (size_t)n);
	OPENSSL_free(der);
	X509_free(x509);
	drop(s);
	return (struct assay_slice){ copy, (size_t)n };
}

/* clang-format off */
static const struct {
	const char *name;
	enum assay_ek_trust want;
	size_t padding;
	const char *manufacturer, *model, *version;
} vectors[] = {
 { "ekca/keylime-st_sha256_with_rsa_der.der", ASSAY_EK_TRUSTED, 431, "id:53544D20", "ST33HTPHAHB4", "id:00490004" },
 { "ekca/kunpengsecl-RSA_EK_cert.bin", ASSAY_EK_TRUSTED, 503, "id:4E545A00", "Z32H330TC", "id:0751" },
 /* certificates of CAs and of nobody */
 { "ekca/hirs-fakeSelfSigned.cer", ASSAY_EK_UNTRUSTED, 0, "", "", "" },
 { "ekca/hirs-fakestmtpmekint02.pem", ASSAY_EK_UNTRUSTED, 0, "", "", "" },
 { "ekca/hirs-stMicroCaCerts-stmtpmekint02.crt", ASSAY_EK_USAGE, 0, "", "", "" },
 { "ekca/keylime-nuvoton_ecdsa_sha256_der.der", ASSAY_EK_UNTRUSTED, 0, "", "", "" },
};

static const char *const vector_anchors[] = {
	"loicsikidi-tpm-ca-roots.pem", "loicsikidi-tpm-ca-intermediates.pem", "keylime-store-STM_RSA_05I.pem",
	"keylime-store-STM_RSA_02I.pem", "keylime-store-STM_RSA_RT.pem", "keylime-store-GS_TPM_RT.pem",
	"keylime-store-Nationz_TPM_EK.pem", "keylime-store-NTC2.pem",
	"keylime-store-NUVO_0100.pem", "keylime-store-NUVO_1111.pem", "keylime-store-NUVO_2111.pem",
};
/* clang-format on */

static struct assay_anchors *vector_store(void)
{
	struct assay_anchors *a = assay_anchors_new(crypto);
	size_t n = 0;

	for (size_t i = 0; i < sizeof vector_anchors / sizeof *vector_anchors; i++) {
		char path[256];
		snprintf(path, sizeof path, "ekca/%s", vector_anchors[i]);
		struct assay_slice pem = test_vector(path);
		n += pem.p ? add_pem(a, pem, strstr(path, "Nationz")) : 0;
		drop(pem);
	}
	static const char *const der[] = { "gstpmroot", "stmtpmekroot", "stmtpmekint02" };
	for (size_t i = 0; i < 3; i++) {
		char path[256];
		struct assay_err err;
		snprintf(path, sizeof path, "ekca/hirs-stMicroCaCerts-%s.crt", der[i]);
		struct assay_slice s = test_vector(path);
		n += s.p &&
		     assay_anchors_add(a, i ? ASSAY_ANCHOR_INTERMEDIATE : ASSAY_ANCHOR_ROOT, s,
				       &err);
		drop(s);
	}
	printf("# %zu certificates of makers\n", n);
	return a;
}

static void test_vectors(void)
{
	struct assay_anchors *a = vector_store();

	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		struct assay_slice in = vector_der(vectors[i].name);
		struct assay_ek ek = { 0 };
		struct assay_err err = { 0 };

		if (!in.p) {
			tap_skip(vectors[i].name, NO_VECTORS);
			continue;
		}
		bool ok = assay_ek_verify(crypto, a, in, 1700000000, &ek, &err);
		if (!tap_ok(ok && ek.trust == vectors[i].want &&
				    ek.padding == vectors[i].padding &&
				    !strcmp(ek.manufacturer, vectors[i].manufacturer) &&
				    !strcmp(ek.model, vectors[i].model) &&
				    !strcmp(ek.version, vectors[i].version),
			    "%s: %s", vectors[i].name, assay_ek_trust_word(vectors[i].want)))
			printf("# got %s depth %zu padding %zu %s %s %s; %s %s\n",
			       assay_ek_trust_word(ek.trust), ek.depth, ek.padding,
			       ek.manufacturer, ek.model, ek.version,
			       assay_fault_word(err.fault), err.field ? err.field : "");
		assay_ek_clear(&ek);
		drop(in);
	}
	assay_anchors_free(a);
}

/* Certificates that strict readers of DER refuse, and those of TPM 1.2. */
static void test_odd_vectors(void)
{
	static const char *const old[] = { "ekca/hirs-ek_cert_with_padded_bytes.cer",
					   "ekca/hirs-ab21ccf2-tpmcert.pem",
					   "ekca/hirs-nuc-2-tpmcert.pem" };
	struct assay_anchors *a = assay_anchors_new(crypto);
	struct assay_slice nuvoton = vector_der("ekca/keylime-nuvoton_ecdsa_sha256_der.der");
	struct assay_err err;

	if (nuvoton.p) {
		tap_ok(assay_anchors_add(a, ASSAY_ANCHOR_ROOT, nuvoton, &err),
		       "Nuvoton's unsorted SET: a root");
		tap_ok(run(a, nuvoton, &err).trust == ASSAY_EK_USAGE, "and no EK");
	} else {
		tap_skip("Nuvoton's unsorted SET", NO_VECTORS);
	}
	drop(nuvoton);
	for (size_t i = 0; i < 3; i++) {
		struct assay_slice in = vector_der(old[i]);
		if (in.p)
			faulty(a, in, ASSAY_F_UNSUPPORTED, "subjectPublicKeyInfo", 0, old[i]);
		else
			tap_skip(old[i], NO_VECTORS);
		drop(in);
	}
	assay_anchors_free(a);
}

int main(void)
{
	crypto = assay_crypto_new(NULL, NULL);
	test_evidence();
	test_vectors();
	test_odd_vectors();
	tap_ok(ERR_peek_error() == 0, "libcrypto's error queue is as it was");
	assay_crypto_free(crypto);
	return tap_done();
}
