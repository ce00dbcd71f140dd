/* SPDX-License-Identifier: Apache-2.0
 *
 * TPM2_MakeCredential: TPM 2.0 Library v1.84, Part 1, 24 (credential
 * protection), 22.4 (protected storage), B.10.3 and C.6.3 (the secret's
 * exchange for RSA and ECC); Part 2, TPM2B_ID_OBJECT, TPM2B_ENCRYPTED_SECRET.
 *
 *   TPM2B_ID_OBJECT                     TPM2B_ENCRYPTED_SECRET
 *     0    2  size                        0    2  size
 *     2  2+h  integrityHMAC               2    k  RSA: the OAEP of the seed, or
 *     .    n  encIdentity                      ECC: x and y, each 2 + field bytes
 *
 * encIdentity is a TPM2B_DIGEST in AES-CFB, without a size of its own. Coordinates are written
 * and hashed in the field's full size, as the TPM's reference does. */
#include "core/base/slice.h"
#include "core/crypto/encrypt.h"
#include "core/endorsement/ek/ek.h"
#include <stddef.h>

enum { TYPE_RSA = 0x0001, OAEP_MAX = 1024, NAME_MAX_BYTES = 2 + ASSAY_DIGEST_MAX };

static const char LABEL_IDENTITY[] = "IDENTITY"; /* its NUL counts */
static const struct assay_slice NOTHING = { 0 };

struct writer {
	uint8_t *p;
	size_t n;
};

/* BOUNDS: callers know that all of it fits. */
static void put(struct writer *w, struct assay_slice s)
{
	if (s.n > 0)
		memcpy(w->p + w->n, s.p, s.n);
	w->n += s.n;
}

static void put_u16(struct writer *w, size_t v)
{
	w->p[w->n++] = (uint8_t)(v >> 8);
	w->p[w->n++] = (uint8_t)v;
}

static void put_2b(struct writer *w, struct assay_slice s)
{
	put_u16(w, s.n);
	put(w, s);
}

/* The seed is the first bytes of random; the secret its OAEP. */
static bool seed_rsa(struct assay_crypto *crypto, const struct assay_key *key, uint16_t hash,
		     const uint8_t *random, uint8_t *seed, struct writer *secret)
{
	const struct assay_slice label = { (const uint8_t *)LABEL_IDENTITY,
					   sizeof LABEL_IDENTITY };
	uint8_t oaep[OAEP_MAX];
	struct assay_slice in = { random, assay_alg_size(hash) }, out = { oaep, 0 };

	if (!crypto_oaep(crypto, key, hash, label, in, oaep, &out.n))
		return false;
	memcpy(seed, in.p, in.n);
	put_2b(secret, out);
	return true;
}

static bool seed_ecc(struct assay_crypto *crypto, const struct assay_key *key, uint16_t hash,
		     const uint8_t *random, uint8_t *seed, struct writer *secret)
{
	struct crypto_ecdh dh;
	uint8_t x[1024], y[1024];
	size_t nx = 0, ny = 0;

	if (!assay_key_numbers(key, x, &nx, y, &ny) || !crypto_ecdh(crypto, key, random, &dh))
		return false;
	struct assay_slice z = { dh.z, dh.n }, own = { dh.x, dh.n }, peer = { x, nx };
	bool ok = ek_kdfe(crypto, hash, z, LABEL_IDENTITY, own, peer,
			  (uint32_t)assay_alg_size(hash) * 8, seed);
	assay_secret_wipe(&dh.z, sizeof dh.z);
	put_u16(secret, 2 * (2 + dh.n));
	put_2b(secret, own);
	put_2b(secret, (struct assay_slice){ dh.y, dh.n });
	return ok;
}

/* integrityHMAC and encIdentity from the seed. */
static bool protect(struct assay_crypto *crypto, const struct assay_public *ek,
		    struct assay_slice seed, struct assay_slice name, struct assay_slice secret,
		    struct writer *out)
{
	uint8_t key[ASSAY_DIGEST_MAX], hmac[ASSAY_DIGEST_MAX];
	uint8_t plain[2 + ASSAY_DIGEST_MAX], hidden[2 + ASSAY_DIGEST_MAX];
	struct writer identity = { plain, 0 };
	struct assay_slice storage = { key, ek->symmetricBits / 8 };
	struct assay_slice integrity = { key, seed.n };

	put_2b(&identity, secret);
	struct assay_slice covered[] = { { hidden, identity.n }, name };
	bool ok = ek_kdfa(crypto, ek->nameAlg, seed, "STORAGE", name, NOTHING,
			  ek->symmetricBits, key) &&
		  crypto_aes_cfb(crypto, storage, (struct assay_slice){ plain, identity.n },
				 hidden) &&
		  ek_kdfa(crypto, ek->nameAlg, seed, "INTEGRITY", NOTHING, NOTHING,
			  (uint32_t)seed.n * 8, key) &&
		  crypto_hmac(crypto, ek->nameAlg, integrity, covered, 2, hmac);

	assay_secret_wipe(key, sizeof key);
	assay_secret_wipe(plain, sizeof plain);
	if (!ok)
		return false;
	put_u16(out, 2 + seed.n + identity.n);
	put_2b(out, (struct assay_slice){ hmac, seed.n });
	put(out, covered[0]);
	return true;
}

bool ek_credential_protect(struct assay_crypto *crypto, const struct assay_public *ek,
			   struct assay_slice name, struct assay_slice secret,
			   const uint8_t *random, struct assay_credential *out)
{
	struct assay_credential made = { 0 };
	struct writer blob = { made.id_object, 0 }, sealed = { made.secret, 0 };
	uint8_t seed[ASSAY_DIGEST_MAX];
	struct assay_slice s = { seed, assay_alg_size(ek->nameAlg) };
	struct assay_key *key = assay_public_key(crypto, ek);

	if (!key)
		return false;
	bool ok = (ek->type == TYPE_RSA ? seed_rsa : seed_ecc)(crypto, key, ek->nameAlg, random,
							       seed, &sealed) &&
		  protect(crypto, ek, s, name, secret, &blob);
	assay_key_free(key);
	assay_secret_wipe(seed, sizeof seed);
	if (!ok)
		return false;
	made.id_object_n = blob.n;
	made.secret_n = sealed.n;
	*out = made;
	return true;
}

static bool refused(struct assay_err *err, enum assay_fault why, const char *field,
		    const char *artefact)
{
	*err = (struct assay_err){ why, field, 0, artefact };
	return false;
}

bool assay_credential_make(struct assay_crypto *crypto, const struct assay_public *ek,
			   const struct assay_public *ak, struct assay_slice secret,
			   const uint8_t *random, struct assay_credential *out,
			   struct assay_err *err)
{
	uint8_t name[NAME_MAX_BYTES];
	const char *field = NULL;

	*err = (struct assay_err){ 0 };
	if (!assay_ek_template(ek, &field))
		return refused(err, ASSAY_F_RANGE, field, "ek");
	if ((ak->objectAttributes & ASSAY_OBJECT_ATTESTATION) != ASSAY_OBJECT_ATTESTATION ||
	    ak->objectAttributes & ASSAY_OBJECT_NOT_ATTESTATION)
		return refused(err, ASSAY_F_RANGE, "objectAttributes", "ak");
	if (!assay_alg_computable(ak->nameAlg) || ak->nameAlg == ASSAY_SHA1)
		return refused(err, ASSAY_F_RANGE, "nameAlg", "ak");
	if (secret.n == 0 || secret.n > assay_alg_size(ek->nameAlg))
		return refused(err, ASSAY_F_LIMIT, "credential", NULL);

	size_t n = assay_public_name(crypto, ak, name);
	if (n == 0 || !ek_credential_protect(crypto, ek, (struct assay_slice){ name, n },
					     secret, random, out))
		return refused(err, ASSAY_F_CRYPTO, "credential", NULL);
	return true;
}
