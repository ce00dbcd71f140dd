/* SPDX-License-Identifier: Apache-2.0
 *
 * The chain from a certificate to a root. What the operator called a root is
 * an anchor, signed by itself or not; intermediates help to get there and are
 * trusted for nothing else; no certificate comes from the one who is judged. */
#include "core/base/slice.h"
#include "core/crypto/x509.h"
#include <openssl/crypto.h>

struct assay_anchors {
	struct assay_crypto *crypto;
	X509_STORE *roots;
	STACK_OF(X509) * intermediates;
};

struct assay_anchors *assay_anchors_new(struct assay_crypto *crypto)
{
	struct assay_anchors *anchors = OPENSSL_zalloc(sizeof *anchors);

	if (!anchors)
		return NULL;
	crypto_quiet();
	anchors->crypto = crypto;
	anchors->roots = X509_STORE_new();
	anchors->intermediates = sk_X509_new_null();
	crypto_loud();
	if (anchors->roots && anchors->intermediates)
		return anchors;
	assay_anchors_free(anchors);
	return NULL;
}

void assay_anchors_free(struct assay_anchors *anchors)
{
	if (!anchors)
		return;
	X509_STORE_free(anchors->roots);
	for (int i = 0; anchors->intermediates && i < sk_X509_num(anchors->intermediates); i++)
		X509_free(sk_X509_value(anchors->intermediates, i));
	sk_X509_free(anchors->intermediates);
	OPENSSL_free(anchors);
}

bool assay_anchors_add(struct assay_anchors *anchors, enum assay_anchor kind,
		       struct assay_slice der, struct assay_err *err)
{
	bool ok = false;

	*err = (struct assay_err){ 0 };
	crypto_quiet();
	X509 *x509 = crypto_x509_read(anchors->crypto, der);
	if (x509 && kind == ASSAY_ANCHOR_ROOT)
		ok = X509_STORE_add_cert(anchors->roots, x509); /* takes a reference */
	else if (x509)
		ok = sk_X509_push(anchors->intermediates, x509) > 0 && X509_up_ref(x509);
	if (!ok)
		*err = (struct assay_err){ x509 ? ASSAY_F_CRYPTO : ASSAY_F_ENCODING,
					   "Certificate", 0, NULL };
	X509_free(x509);
	crypto_loud();
	return ok;
}

/* What the callback works on; reached from the context's own data. */
struct walk {
	const struct assay_slice *accept;
	size_t naccept;
	struct crypto_chain chain;
};

static void note(struct walk *w, X509_STORE_CTX *ctx, uint32_t wrong)
{
	int depth = X509_STORE_CTX_get_error_depth(ctx);

	if (w->chain.wrong == 0)
		w->chain.depth = depth > 0 ? (size_t)depth : 0;
	w->chain.wrong |= wrong;
}

/* True when every critical extension that libcrypto does not know is accepted. */
static bool criticals_accepted(struct walk *w, const X509 *x509)
{
	for (int i = 0; i < X509_get_ext_count(x509); i++) {
		X509_EXTENSION *ext = X509_get_ext(x509, i);
		size_t k = 0;

		if (!X509_EXTENSION_get_critical(ext) || X509_supported_extension(ext))
			continue;
		while (k < w->naccept &&
		       !crypto_oid_is(X509_EXTENSION_get_object(ext), w->accept[k]))
			k++;
		if (k == w->naccept)
			return false;
		w->chain.ignored |= UINT32_C(1) << k;
	}
	return true;
}

/* libcrypto calls it with ok == 0 for each thing that it does not like, and goes on
 * when the answer is 1. Whatever is not named here stays a chain that does not hold. */
static int judge(int ok, X509_STORE_CTX *ctx)
{
	struct walk *w = X509_STORE_CTX_get_app_data(ctx);
	X509 *x509 = X509_STORE_CTX_get_current_cert(ctx);

	if (ok)
		return 1;
	switch (X509_STORE_CTX_get_error(ctx)) {
	case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
		if (!x509 || !criticals_accepted(w, x509))
			note(w, ctx, CRYPTO_CHAIN_CRITICAL);
		return 1;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		note(w, ctx, CRYPTO_CHAIN_EXPIRED);
		return 1;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		note(w, ctx, CRYPTO_CHAIN_NOT_YET_VALID);
		return 1;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		note(w, ctx, CRYPTO_CHAIN_WEAK);
		return 1;
	default:
		note(w, ctx, CRYPTO_CHAIN_UNTRUSTED);
		return 0;
	}
}

enum { AUTH_LEVEL = 2 }; /* 112 bits: SHA-1 and RSA below 2048 are out */

static bool prepare(X509_STORE_CTX *ctx, const struct assay_anchors *anchors,
		    const struct crypto_cert *cert, int64_t time, struct walk *w)
{
	X509 *x509 = (X509 *)(uintptr_t)crypto_cert_x509(cert);

	if (X509_STORE_CTX_init(ctx, anchors->roots, x509, anchors->intermediates) != 1 ||
	    X509_STORE_CTX_set_app_data(ctx, w) != 1)
		return false;
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)time); /* else it would look at a clock */
	X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
	X509_STORE_CTX_set_verify_cb(ctx, judge);
	return X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN) == 1;
}

bool crypto_chain_verify(struct assay_crypto *crypto, const struct assay_anchors *anchors,
			 const struct crypto_cert *cert, int64_t time,
			 const struct assay_slice *accept, size_t naccept,
			 struct crypto_chain *out)
{
	struct walk w = { .accept = accept, .naccept = naccept <= 32 ? naccept : 32 };

	crypto_quiet();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new_ex(crypto->libctx, crypto->properties);
	bool ready = ctx && prepare(ctx, anchors, cert, time, &w);
	int held = ready ? X509_verify_cert(ctx) : -1;
	X509_STORE_CTX_free(ctx);
	crypto_loud();

	if (held < 0)
		return false;
	if (held == 0 && w.chain.wrong == 0)
		w.chain.wrong = CRYPTO_CHAIN_UNTRUSTED;
	*out = w.chain;
	return true;
}
