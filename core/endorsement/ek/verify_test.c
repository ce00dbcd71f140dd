/* SPDX-License-Identifier: Apache-2.0
 * One row per rule in verify.c and core/crypto/chain.c, on certificates made here. */
#include "core/base/slice.h"
#include "tests/certs.h"
#include "tests/tap.h"
#include <assay/endorsement.h>
#include <openssl/err.h>

static struct assay_crypto *crypto;
static EVP_PKEY *root_key, *mid_key, *other_key, *ek_rsa, *ek_ec, *ek_small;

enum issuer { BY_MID, BY_ROOT, BY_OTHER, BY_ITSELF, BY_FORGED };
enum key { K_RSA, K_EC, K_SMALL };

/* clang-format off */
static const struct {
	const char *name;
	struct cert_spec spec;
	enum issuer by;
	enum key key;
	int64_t time; /* 0: now */
	enum assay_ek_trust want;
} rows[] = {
 { "RSA",                        { 0 }, BY_MID, K_RSA, 0, ASSAY_EK_TRUSTED },
 { "ECC",                        { 0 }, BY_MID, K_EC, 0, ASSAY_EK_TRUSTED },
 { "by the root itself",         { 0 }, BY_ROOT, K_RSA, 0, ASSAY_EK_TRUSTED },
 { "one RDN for each attribute", { .names_apart = true }, BY_MID, K_RSA, 0, ASSAY_EK_TRUSTED },
 { "no subjectAltName",          { .no_san = true, .subject = "ek" }, BY_MID, K_RSA, 0, ASSAY_EK_TRUSTED },
 { "no keyUsage",                { .key_usage = "" }, BY_MID, K_RSA, 0, ASSAY_EK_TRUSTED },
 { "critical extKeyUsage",       { .usage = "critical,2.23.133.8.1" }, BY_MID, K_RSA, 0, ASSAY_EK_TRUSTED },
 { "one usage of two",           { .usage = "serverAuth,2.23.133.8.1" }, BY_MID, K_RSA, 0, ASSAY_EK_TRUSTED },
 { "critical directory attributes", { .critical = "2.5.29.9" }, BY_MID, K_RSA, 0, ASSAY_EK_TRUSTED },
 { "a second before its end",    { 0 }, BY_MID, K_RSA, TEST_TO - 1, ASSAY_EK_TRUSTED },
 { "from the second",            { 0 }, BY_MID, K_RSA, TEST_FROM, ASSAY_EK_TRUSTED },
 { "for ever (9999)",            { .to = 253402300799 }, BY_MID, K_RSA, 0, ASSAY_EK_TRUSTED },

 { "a CA that nobody named",     { 0 }, BY_OTHER, K_RSA, 0, ASSAY_EK_UNTRUSTED },
 { "signed by itself",           { .subject = "ek" }, BY_ITSELF, K_RSA, 0, ASSAY_EK_UNTRUSTED },
 { "the CA's name, another key", { 0 }, BY_FORGED, K_RSA, 0, ASSAY_EK_UNTRUSTED },
 { "untrusted and expired",      { .to = TEST_FROM + 1 }, BY_OTHER, K_RSA, 0, ASSAY_EK_UNTRUSTED },
 { "forged and expired",         { .to = TEST_FROM + 1 }, BY_FORGED, K_RSA, 0, ASSAY_EK_UNTRUSTED },
 { "forged, unknown critical",   { .critical = "1.2.3.4" }, BY_FORGED, K_RSA, 0, ASSAY_EK_UNTRUSTED },
 { "forged, wrong usage",        { .no_usage = true }, BY_FORGED, K_RSA, 0, ASSAY_EK_UNTRUSTED },
 { "unknown critical extension", { .critical = "1.2.3.4" }, BY_MID, K_RSA, 0, ASSAY_EK_CRITICAL },
 { "critical, near the accepted", { .critical = "2.5.29.8" }, BY_MID, K_RSA, 0, ASSAY_EK_CRITICAL },
 { "no extKeyUsage",             { .no_usage = true }, BY_MID, K_RSA, 0, ASSAY_EK_USAGE },
 { "of a TLS server",            { .usage = "serverAuth" }, BY_MID, K_RSA, 0, ASSAY_EK_USAGE },
 { "anyExtendedKeyUsage",        { .usage = "anyExtendedKeyUsage" }, BY_MID, K_RSA, 0, ASSAY_EK_USAGE },
 { "of a platform certificate",  { .usage = "2.23.133.8.2" }, BY_MID, K_RSA, 0, ASSAY_EK_USAGE },
 { "a key that signs",           { .key_usage = "digitalSignature" }, BY_MID, K_RSA, 0, ASSAY_EK_USAGE },
 { "a CA with an EK's usage",    { .ca = true, .usage = "2.23.133.8.1", .key_usage = "keyCertSign,keyEncipherment" }, BY_MID, K_RSA, 0, ASSAY_EK_USAGE },
 { "wrong usage and expired",    { .no_usage = true, .to = TEST_FROM + 1 }, BY_MID, K_RSA, 0, ASSAY_EK_USAGE },
 { "signed with SHA-1",          { .sha1 = true }, BY_MID, K_RSA, 0, ASSAY_EK_WEAK },
 { "RSA of 1024 bits",           { 0 }, BY_MID, K_SMALL, 0, ASSAY_EK_WEAK },
 { "weak and expired",           { .sha1 = true, .to = TEST_FROM + 1 }, BY_MID, K_RSA, 0, ASSAY_EK_WEAK },
 { "the second of its end",      { 0 }, BY_MID, K_RSA, TEST_TO, ASSAY_EK_EXPIRED },
 { "a second before its start",  { 0 }, BY_MID, K_RSA, TEST_FROM - 1, ASSAY_EK_NOT_YET_VALID },
 { "expired alone",              { .to = TEST_FROM + 1 }, BY_MID, K_RSA, 0, ASSAY_EK_EXPIRED },
 { "not yet valid alone",        { .from = TEST_NOW + 9 }, BY_MID, K_RSA, 0, ASSAY_EK_NOT_YET_VALID },
};
/* clang-format on */

static EVP_PKEY *key_of(enum key key)
{
	return key == K_RSA ? ek_rsa : key == K_EC ? ek_ec : ek_small;
}

static void put_row(struct bytes *out, size_t i)
{
	EVP_PKEY *key = key_of(rows[i].key);
	const char *const name[] = { "mid", "root", "other", "ek", "mid" };
	EVP_PKEY *const signer[] = { mid_key, root_key, other_key, key, other_key };

	put_cert(out, &rows[i].spec, key, name[rows[i].by], signer[rows[i].by]);
}

static void add(struct assay_anchors *a, enum assay_anchor kind, const char *subject,
		EVP_PKEY *key, const char *issuer, EVP_PKEY *signer)
{
	static struct bytes der;
	struct cert_spec spec = { .subject = subject, .ca = true };
	struct assay_err err;

	/* longer than what they sign, so that a row is about the EK's own time */
	spec.from = TEST_FROM - 100;
	spec.to = TEST_TO + 100;
	put_cert(&der, &spec, key, issuer, signer);
	if (!assay_anchors_add(a, kind, test_slice(&der), &err))
		abort();
}

static struct assay_anchors *anchors_make(void)
{
	struct assay_anchors *a = assay_anchors_new(crypto);

	add(a, ASSAY_ANCHOR_ROOT, "root", root_key, "root", root_key);
	add(a, ASSAY_ANCHOR_INTERMEDIATE, "mid", mid_key, "root", root_key);
	return a;
}

static void test_rows(const struct assay_anchors *anchors)
{
	static struct bytes der;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_ek ek = { 0 };
		struct assay_err err = { 0 };

		put_row(&der, i);
		bool ok = assay_ek_verify(crypto, anchors, test_slice(&der),
					  rows[i].time ? rows[i].time : TEST_NOW, &ek, &err);
		bool key = (ek.key != NULL) == (rows[i].want == ASSAY_EK_TRUSTED);
		if (!tap_ok(ok && ek.trust == rows[i].want && ek.depth == 0 && key, "%s: %s",
			    rows[i].name, assay_ek_trust_word(rows[i].want)))
			printf("# got %s (depth %zu) %s\n", assay_ek_trust_word(ek.trust),
			       ek.depth, err.field ? err.field : "");
		assay_ek_clear(&ek);
	}
}

/* Verifies der and gives what came of it; fault words as negative trust. */
static struct assay_ek run(const struct assay_anchors *a, struct assay_slice in,
			   struct assay_err *err)
{
	struct assay_ek ek = { .trust = ASSAY_EK_TRUSTS_N };

	(void)!assay_ek_verify(crypto, a, in, TEST_NOW, &ek, err);
	assay_key_free(ek.key);
	return ek;
}

static void test_fields(const struct assay_anchors *a)
{
	static struct bytes der, nv;
	struct assay_err err;
	struct cert_spec spec = { .model = "mo\033del", .critical = "2.5.29.9" };

	put_cert(&der, &spec, ek_rsa, "mid", mid_key);
	put(&nv, "\x10\x01\0\xff\xff\x10\x02", 7);
	put(&nv, der.b, der.n);
	put(&nv, "\xff\xff\0", 3);
	struct assay_ek ek = run(a, test_slice(&nv), &err);
	tap_ok(ek.trust == ASSAY_EK_TRUSTED && ek.header == 7 && ek.padding == 3 &&
		       slice_eq(ek.cert, test_slice(&der)) && ek.cert.p == nv.b + 7,
	       "what is around the certificate is told");
	tap_ok(ek.not_before == TEST_FROM && ek.not_after == TEST_TO, "its validity");
	tap_ok(!strcmp(ek.manufacturer, "id:41535359") && !strcmp(ek.version, "id:00010002"),
	       "manufacturer and version");
	tap_ok(!strcmp(ek.model, "mo\\x1bdel"), "a model safe to show: %s", ek.model);
	tap_ok(ek.ignored == ASSAY_EK_IGNORED_subjectDirectoryAttributes,
	       "the critical extension that was not judged");

	spec = (struct cert_spec){ .no_san = true, .subject = "ek" };
	put_cert(&der, &spec, ek_rsa, "mid", mid_key);
	ek = run(a, test_slice(&der), &err);
	tap_ok(!*ek.manufacturer && !*ek.model && !*ek.version && ek.ignored == 0,
	       "no names, nothing ignored");
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

static void test_faults(const struct assay_anchors *a)
{
	static struct bytes der, nv;
	struct cert_spec good = { 0 }, bad = { .bad = "2.5.29.15", .key_usage = "" };
	struct cert_spec twice = { .usage_twice = true };
	EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	put_cert(&der, &good, ek_rsa, "mid", mid_key);
	put(&nv, "\x10\x01\0\0\0\x10\x02", 7);
	put(&nv, der.b, der.n);
	nv.b[7 + 4] = 0x31;
	faulty(a, test_slice(&nv), ASSAY_F_ENCODING, "Certificate", 7, "no certificate in it");
	faulty(a, (struct assay_slice){ (const uint8_t *)"\x30\0", 2 }, ASSAY_F_ENCODING,
	       "Certificate", 0, "an empty SEQUENCE");
	faulty(a, (struct assay_slice){ der.b, der.n - 1 }, ASSAY_F_TRUNCATED, "Certificate", 4,
	       "cut short");
	put_cert(&der, &bad, ek_rsa, "mid", mid_key);
	faulty(a, test_slice(&der), ASSAY_F_ENCODING, "Certificate", 0,
	       "a keyUsage that is none");
	put_cert(&der, &twice, ek_rsa, "mid", mid_key);
	struct assay_err err = { 0 };
	struct assay_ek ek = run(a, test_slice(&der), &err);
	tap_ok(ek.trust != ASSAY_EK_TRUSTED, "an extension that stands there twice");
	/* Ed25519 signs and does not encrypt */
	put_cert(&der, &good, ed, "mid", mid_key);
	faulty(a, test_slice(&der), ASSAY_F_UNSUPPORTED, "subjectPublicKeyInfo", 0, "Ed25519");
	EVP_PKEY_free(ed);
}

static void test_anchors(void)
{
	static struct bytes der;
	struct cert_spec good = { 0 };
	struct assay_err err;
	struct assay_anchors *a = assay_anchors_new(crypto);

	put_cert(&der, &good, ek_rsa, "mid", mid_key);
	tap_ok(run(a, test_slice(&der), &err).trust == ASSAY_EK_UNTRUSTED, "no anchors at all");
	add(a, ASSAY_ANCHOR_INTERMEDIATE, "mid", mid_key, "root", root_key);
	tap_ok(run(a, test_slice(&der), &err).trust == ASSAY_EK_UNTRUSTED,
	       "an intermediate is no anchor");
	add(a, ASSAY_ANCHOR_INTERMEDIATE, "root", root_key, "root", root_key);
	tap_ok(run(a, test_slice(&der), &err).trust == ASSAY_EK_UNTRUSTED,
	       "nor is a self-signed one among them");
	assay_anchors_free(a);

	a = assay_anchors_new(crypto);
	add(a, ASSAY_ANCHOR_ROOT, "mid", mid_key, "root", root_key);
	tap_ok(run(a, test_slice(&der), &err).trust == ASSAY_EK_TRUSTED,
	       "a root need not be self-signed");
	add(a, ASSAY_ANCHOR_ROOT, "mid", mid_key, "root", root_key);
	tap_ok(run(a, test_slice(&der), &err).trust == ASSAY_EK_TRUSTED, "named twice");
	tap_ok(!assay_anchors_add(a, ASSAY_ANCHOR_ROOT, (struct assay_slice){ der.b, 20 },
				  &err) &&
		       err.fault == ASSAY_F_ENCODING && !strcmp(err.field, "Certificate"),
	       "a root that is none");
	der.b[der.n] = 0;
	tap_ok(!assay_anchors_add(a, ASSAY_ANCHOR_ROOT,
				  (struct assay_slice){ der.b, der.n + 1 }, &err) &&
		       err.fault == ASSAY_F_ENCODING,
	       "a root with a byte behind it");
	assay_anchors_free(a);

	a = assay_anchors_new(crypto);
	add(a, ASSAY_ANCHOR_ROOT, "root", root_key, "root", root_key);
	struct cert_spec expired = { .subject = "mid", .ca = true, .to = TEST_NOW - 1 };
	static struct bytes mid;
	put_cert(&mid, &expired, mid_key, "root", root_key);
	tap_ok(assay_anchors_add(a, ASSAY_ANCHOR_INTERMEDIATE, test_slice(&mid), &err),
	       "an expired intermediate may be named");
	struct assay_ek ek = run(a, test_slice(&der), &err);
	tap_ok(ek.trust == ASSAY_EK_EXPIRED && ek.depth == 1, "and the depth says that it is");
	assay_anchors_free(a);
}

int main(void)
{
	crypto = assay_crypto_new(NULL, NULL);
	root_key = test_ec("P-384");
	mid_key = test_rsa(2048);
	other_key = test_rsa(2048);
	ek_rsa = test_rsa(2048);
	ek_ec = test_ec("P-256");
	ek_small = test_rsa(1024);

	struct assay_anchors *anchors = anchors_make();
	test_rows(anchors);
	test_fields(anchors);
	test_faults(anchors);
	test_anchors();
	tap_ok(ERR_peek_error() == 0, "libcrypto's error queue is as it was");
	tap_ok(!assay_ek_trust_word(ASSAY_EK_TRUSTS_N) &&
		       !assay_ek_trust_text(ASSAY_EK_TRUSTS_N),
	       "a trust that is none has no word");
	assay_anchors_free(anchors);

	EVP_PKEY *const keys[] = { root_key, mid_key, other_key, ek_rsa, ek_ec, ek_small };
	for (size_t i = 0; i < 6; i++)
		EVP_PKEY_free(keys[i]);
	assay_crypto_free(crypto);
	return tap_done();
}
