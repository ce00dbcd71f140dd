/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/internal.h"
#include <openssl/crypto.h>
#include <string.h>

static bool fetch(struct assay_crypto *crypto, size_t slot)
{
	EVP_MD *md = EVP_MD_fetch(crypto->libctx, crypto_slot_name(slot), crypto->properties);
	EVP_MD_CTX *ctx = md ? EVP_MD_CTX_new() : NULL;

	/* BOUNDS: every digest goes to a buffer of the size that we know */
	if (!ctx || EVP_MD_get_size(md) != (int)crypto_slot_size(slot) ||
	    !EVP_DigestInit_ex2(ctx, md, NULL)) {
		EVP_MD_CTX_free(ctx);
		EVP_MD_free(md);
		return false;
	}
	crypto->md[slot] = md;
	crypto->ctx[slot] = ctx;
	return true;
}

struct assay_crypto *assay_crypto_new(void *libctx, const char *properties)
{
	struct assay_crypto *crypto = OPENSSL_zalloc(sizeof *crypto);
	size_t n = properties ? strlen(properties) + 1 : 0;

	if (!crypto)
		return NULL;
	crypto->libctx = libctx;
	if (n > 0)
		crypto->properties = OPENSSL_zalloc(n);
	if (n > 0 && crypto->properties)
		memcpy(crypto->properties, properties, n);

	crypto_quiet();
	for (size_t slot = 0; slot < SLOTS && (n == 0 || crypto->properties); slot++)
		/* what a provider lacks fails when it is asked for */
		(void)!fetch(crypto, slot);
	crypto_loud();

	if (!crypto->ctx[SLOT_SHA256]) {
		assay_crypto_free(crypto);
		return NULL;
	}
	return crypto;
}

void assay_crypto_free(struct assay_crypto *crypto)
{
	if (!crypto)
		return;
	for (size_t slot = 0; slot < SLOTS; slot++) {
		EVP_MD_CTX_free(crypto->ctx[slot]);
		EVP_MD_free(crypto->md[slot]);
	}
	crypto_secret_free(crypto);
	OPENSSL_free(crypto->properties);
	OPENSSL_free(crypto);
}

/* This is the innermost loop of every replay, hence no mark around it: what fails
 * here (it does not, once fetched) empties the queue. EVP_DigestFinal_ex
 * is what writes out, and the last thing to fail. */
static bool digest(struct assay_crypto *crypto, uint16_t alg, const struct assay_slice *parts,
		   size_t nparts, uint8_t *out)
{
	size_t slot = crypto_slot(alg);
	EVP_MD_CTX *ctx = slot < SLOTS ? crypto->ctx[slot] : NULL;

	if (!ctx)
		return false;
	bool ok = EVP_DigestInit_ex2(ctx, crypto->md[slot], NULL);
	for (size_t i = 0; ok && i < nparts; i++)
		ok = parts[i].n == 0 || EVP_DigestUpdate(ctx, parts[i].p, parts[i].n);
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL);
	if (!ok)
		crypto_loud();
	return ok;
}

bool assay_hash(struct assay_crypto *crypto, uint16_t alg, const struct assay_slice *parts,
		size_t nparts, struct assay_digest *out)
{
	if (!digest(crypto, alg, parts, nparts, out->b))
		return false;
	out->alg = alg;
	out->n = (uint16_t)assay_alg_size(alg);
	return true;
}

bool assay_hash1(struct assay_crypto *crypto, uint16_t alg, struct assay_slice in, uint8_t *out)
{
	return digest(crypto, alg, &in, 1, out);
}
