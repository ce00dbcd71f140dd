/* SPDX-License-Identifier: Apache-2.0
 * Quotes of real TPMs: each bundle of tests/evidence reads and verifies, no
 * truncation reads, and no flipped bit verifies. */
#include "core/base/slice.h"
#include "tests/file.h"
#include "tests/tap.h"
#include <assay/evidence/tpm.h>

static const char *const bundles[] = {
	"ak-owner-hierarchy",
	"ak-rsa-sha384",
	"ak-rsapss",
	"bank-sha1",
	"bank-sha384",
	"clean-a",
	"clean-a-ecc",
	"clean-a-empty-log",
	"cmdline-changed",
	"grub-binary-changed",
	"ima-disabled",
	"ima-violation-before",
	"incremental-1",
	"incremental-2",
	"incremental-3",
	"incremental-4",
	"incremental-5",
	"incremental-6",
	"incremental-7",
	"incremental-8",
	"initrd-changed",
	"kernel-changed",
	"other-tpm",
	"reboot-1",
	"reboot-2",
	"reboot-3",
	"runtime-tamper",
	"sealed",
	"secureboot-off",
	"secureboot-off-no-log",
	"systemd",
	"template-ima-buf",
	"template-ima-ng",
	"template-ima-sigv2",
	"vm-shape",
	"xen",
};

struct bundle {
	struct assay_slice msg, sig, pub;
	struct assay_quote q;
	struct assay_signature s;
	struct assay_public ak;
	struct assay_key *key;
};

static struct assay_slice part(const char *bundle, const char *file)
{
	char path[256];

	snprintf(path, sizeof path, "tests/evidence/%s/%s", bundle, file);
	return test_file(path);
}

static bool load(struct assay_crypto *crypto, const char *name, struct bundle *b)
{
	struct assay_err err;

	*b = (struct bundle){ .msg = part(name, "quote.msg"),
			      .sig = part(name, "quote.sig"),
			      .pub = part(name, "ak.pub") };
	if (!assay_quote_read(b->msg, &b->q, &err) ||
	    !assay_signature_read(b->sig, &b->s, &err) ||
	    !assay_public_read(b->pub, &b->ak, &err))
		return false;
	b->key = assay_public_key(crypto, &b->ak);
	return b->key != NULL;
}

static void drop(struct bundle *b)
{
	free((void *)(uintptr_t)b->msg.p);
	free((void *)(uintptr_t)b->sig.p);
	free((void *)(uintptr_t)b->pub.p);
	assay_key_free(b->key);
}

static bool nonce_is(const struct bundle *b, const char *name)
{
	struct assay_slice hex = part(name, "nonce");
	char want[2 * ASSAY_DIGEST_MAX + 1] = "", *p = want;

	for (size_t i = 0; i < b->q.extraData.n && i < ASSAY_DIGEST_MAX; i++)
		p += sprintf(p, "%02x", b->q.extraData.p[i]);
	bool same = slice_starts(hex, want) && hex.n - strlen(want) <= 1;
	free((void *)(uintptr_t)hex.p);
	return same;
}

enum what { QUOTE, SIGNATURE, PUBLIC };

static bool reads(enum what what, struct assay_slice in, struct assay_err *err)
{
	struct assay_quote q;
	struct assay_signature s;
	struct assay_public pub;

	switch (what) {
	case QUOTE:
		return assay_quote_read(in, &q, err);
	case SIGNATURE:
		return assay_signature_read(in, &s, err);
	case PUBLIC:
		return assay_public_read(in, &pub, err);
	}
	return true;
}

/* Each truncation is refused at a place inside it. */
static bool truncations(enum what what, struct assay_slice in)
{
	for (size_t n = 0; n < in.n; n++) {
		struct assay_err err;
		uint8_t *copy = malloc(n + 1);
		bool bad = !copy;
		if (copy) {
			memcpy(copy, in.p, n);
			bad = reads(what, (struct assay_slice){ copy, n }, &err) ||
			      err.fault == ASSAY_F_OK || !err.field || err.offset > n;
		}
		free(copy);
		if (bad)
			return false;
	}
	return true;
}

/* Each single bit flipped makes reading or verifying fail. */
static bool flips(struct assay_crypto *crypto, const struct bundle *b, struct assay_slice in,
		  bool message)
{
	uint8_t buf[1024];
	struct assay_slice changed = { buf, in.n };

	memcpy(buf, in.p, in.n);
	for (size_t bit = 0; bit < 8 * in.n; bit++) {
		struct assay_err err;
		struct assay_quote q = b->q;
		struct assay_signature s = b->s;
		buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		bool good = (message ? assay_quote_read(changed, &q, &err)
				     : assay_signature_read(changed, &s, &err)) &&
			    assay_quote_verify(crypto, b->key, &b->ak, &q, &s);
		buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (good) {
			printf("# bit %zu of byte %zu\n", bit % 8, bit / 8);
			return false;
		}
	}
	return true;
}

static void test_bundles(struct assay_crypto *crypto)
{
	for (size_t i = 0; i < sizeof bundles / sizeof *bundles; i++) {
		struct bundle b;
		bool ok = load(crypto, bundles[i], &b);
		tap_ok(ok, "%s reads", bundles[i]);
		if (ok) {
			tap_ok(assay_quote_verify(crypto, b.key, &b.ak, &b.q, &b.s),
			       "%s verifies", bundles[i]);
			tap_ok(nonce_is(&b, bundles[i]), "%s holds its nonce", bundles[i]);
			tap_ok((b.ak.objectAttributes &
				(ASSAY_OBJECT_ATTESTATION | ASSAY_OBJECT_NOT_ATTESTATION)) ==
				       ASSAY_OBJECT_ATTESTATION,
			       "%s is signed by an attestation key", bundles[i]);
			tap_ok(truncations(QUOTE, b.msg) && truncations(SIGNATURE, b.sig) &&
				       truncations(PUBLIC, b.pub),
			       "%s: no truncation reads", bundles[i]);
			tap_ok(truncations(PUBLIC, b.ak.tpmt),
			       "%s: no truncation of TPMT_PUBLIC", bundles[i]);
		}
		drop(&b);
	}
}

static void test_flips(struct assay_crypto *crypto)
{
	static const char *const names[] = { "clean-a", "clean-a-ecc", "ak-rsapss",
					     "ak-rsa-sha384" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct bundle b;
		bool ok = load(crypto, names[i], &b);
		tap_ok(ok && flips(crypto, &b, b.msg, true), "%s: each bit of quote.msg counts",
		       names[i]);
		tap_ok(ok && flips(crypto, &b, b.sig, false),
		       "%s: each bit of quote.sig counts", names[i]);
		drop(&b);
	}
}

/* ak_*.name is what the TPM itself said; clean-a's key lies under this EK. */
static void test_names(struct assay_crypto *crypto)
{
	static const struct {
		const char *pub, *name, *ek, *bundle;
	} rows[] = {
		{ "ak_rsa.tpm2b_public", "ak_rsa.name", "ek_rsa.tpm2b_public", "clean-a" },
		{ "ak_ecc.tpm2b_public", "ak_ecc.name", "ek_rsa.tpm2b_public", "clean-a-ecc" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_slice pub = part("credential-activation", rows[i].pub);
		struct assay_slice want = part("credential-activation", rows[i].name);
		struct assay_slice ek = part("credential-activation", rows[i].ek);
		struct assay_public ak, parent;
		struct assay_err err;
		uint8_t name[2 + ASSAY_DIGEST_MAX], qn[2 + ASSAY_DIGEST_MAX];

		bool ok = assay_public_read(pub, &ak, &err) &&
			  assay_public_read(ek, &parent, &err);
		size_t n = ok ? assay_public_name(crypto, &ak, name) : 0;
		tap_ok(slice_eq((struct assay_slice){ name, n }, want), "Name of %s",
		       rows[i].pub);

		struct bundle b;
		ok = load(crypto, rows[i].bundle, &b);
		n = ok ? assay_public_qualified_name(crypto, &parent, ASSAY_RH_ENDORSEMENT, qn)
		       : 0;
		n = assay_public_qualified_name_under(crypto, &b.ak,
						      (struct assay_slice){ qn, n }, name);
		tap_ok(n > 0 && slice_eq((struct assay_slice){ name, n }, b.q.qualifiedSigner),
		       "%s: qualifiedSigner is EK, endorsement hierarchy", rows[i].bundle);
		drop(&b);
		free((void *)(uintptr_t)pub.p);
		free((void *)(uintptr_t)want.p);
		free((void *)(uintptr_t)ek.p);
	}
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);

	if (!crypto)
		return 1;
	test_bundles(crypto);
	test_flips(crypto);
	test_names(crypto);
	assay_crypto_free(crypto);
	return tap_done();
}
