/* SPDX-License-Identifier: Apache-2.0
 * Key derivation against known answers; credentials against tests/activate.h, which does what a
 * TPM does; and what is no EK or no AK. tests/e2e/c_activate.sh asks a TPM. */
#include "core/base/slice.h"
#include "core/crypto/encrypt.h"
#include "core/endorsement/ek/ek.h"
#include "tests/activate.h"
#include "tests/file.h"
#include "tests/tap.h"
#include <openssl/err.h>
#include <openssl/sha.h>

static struct assay_crypto *crypto;

#define S(text) ((struct assay_slice){ (const uint8_t *)(text), sizeof(text) - 1 })

static void test_kdfa(void)
{
	/* go-tpm, legacy/tpm2/test/kdf_test.go; the labels' NULs are part of them there */
	static const uint8_t want[] = { 0xd2, 0xd7, 0x2c, 0xc7, 0xa8, 0xa5, 0xeb, 0x09,
					0xe8, 0xc7, 0x90, 0x12, 0xe2, 0xda, 0x9f, 0x22 };
	/* Python: hmac over counter 1 and counter 2 */
	static const uint8_t longer[] = {
		0xbb, 0xea, 0x39, 0xda, 0xfb, 0x7e, 0x54, 0x80, 0xe7, 0x6a, 0x87, 0x02, 0x3f,
		0x6d, 0x49, 0xe0, 0x46, 0xff, 0x58, 0x5e, 0x01, 0xc2, 0x0f, 0xb2, 0x20, 0x29,
		0x00, 0xea, 0xd2, 0x65, 0x1a, 0x08, 0x9a, 0x28, 0xb8, 0x99, 0x04, 0x51, 0x17,
		0xc4, 0x1f, 0xd0, 0x05, 0x9e, 0x06, 0x2c, 0x4e, 0x77, 0x81, 0x36, 0xc4, 0xb9,
		0xa5, 0x98, 0x85, 0x46, 0x6a, 0x11, 0x1a, 0xbb, 0xc0, 0xfc, 0x38, 0xf4
	};
	uint8_t out[ASSAY_DIGEST_MAX + 1];

	tap_ok(ek_kdfa(crypto, ASSAY_SHA256, S("yolo\0"), "IDENTITY", S("kek\0"), S("yoyo\0"),
		       128, out) &&
		       !memcmp(out, want, sizeof want),
	       "KDFa: go-tpm's answer");
	out[64] = 0x77;
	tap_ok(ek_kdfa(crypto, ASSAY_SHA256, S("key"), "STORAGE", S("u"), S("v"), 512, out) &&
		       !memcmp(out, longer, 64) && out[64] == 0x77,
	       "KDFa: two blocks, and not a byte more");
	tap_ok(!ek_kdfa(crypto, ASSAY_SHA256, S("key"), "L", S(""), S(""), 520, out) &&
		       !ek_kdfa(crypto, ASSAY_SHA256, S("key"), "L", S(""), S(""), 0, out) &&
		       !ek_kdfa(crypto, ASSAY_SHA256, S("key"), "L", S(""), S(""), 127, out) &&
		       !ek_kdfa(crypto, ASSAY_SM3_256, S("key"), "L", S(""), S(""), 128, out) &&
		       !ek_kdfa(crypto, ASSAY_SHA256, S(""), "L", S(""), S(""), 128, out),
	       "KDFa: sizes, a hash and a key that are none");
}

static void test_kdfe(void)
{
	static const uint8_t want[] = { 0x73, 0x34, 0xb7, 0xab, 0x3e, 0xfb, 0x7b, 0xd0,
					0x78, 0x81, 0x11, 0xa5, 0x28, 0x5a, 0x29, 0xca,
					0xe8, 0x8c, 0xbf, 0x30, 0xc0, 0xc4, 0x0d, 0xd7,
					0x19, 0x2f, 0x55, 0x51, 0xf2, 0xe1, 0xfb, 0x55 },
			     longer[] = { 0x8f, 0x6c, 0x79, 0xd0, 0x80, 0x50, 0xc7, 0xce,
					  0xa9, 0x88, 0x4f, 0x99, 0x28, 0x9e, 0x31, 0xe7,
					  0x7d, 0x28, 0x32, 0x13, 0x34, 0x18, 0x73, 0x30,
					  0x4c, 0xbc, 0x4a, 0xd4, 0x26, 0x2a, 0x11, 0xb4,
					  0x83, 0x39, 0x3f, 0xf0, 0x56, 0xf0, 0x71, 0x54,
					  0xe1, 0xae, 0x9d, 0xec, 0x15, 0x53, 0x95, 0xee,
					  0x91, 0x3e, 0x9f, 0x2a, 0x81, 0xc2, 0x33, 0xe1,
					  0xd4, 0x28, 0xca, 0x2a, 0x65, 0xe6, 0x3c, 0x12 };
	uint8_t out[ASSAY_DIGEST_MAX + 1];

	tap_ok(ek_kdfe(crypto, ASSAY_SHA256, S("zzzz"), "IDENTITY", S("uuuu"), S("vvvv"), 256,
		       out) &&
		       !memcmp(out, want, 32),
	       "KDFe: one block");
	out[64] = 0x77;
	tap_ok(ek_kdfe(crypto, ASSAY_SHA384, S("zzzz"), "DUPLICATE", S("u"), S("v"), 512,
		       out) &&
		       !memcmp(out, longer, 64) && out[64] == 0x77,
	       "KDFe: two blocks, and not a byte more");
	tap_ok(!ek_kdfe(crypto, ASSAY_SHA256, S("z"), "L", S(""), S(""), 520, out) &&
		       !ek_kdfe(crypto, ASSAY_SHA256, S("z"), "L", S(""), S(""), 0, out) &&
		       !ek_kdfe(crypto, ASSAY_SHA256, S("z"), "L", S(""), S(""), 9, out) &&
		       !ek_kdfe(crypto, ASSAY_SM3_256, S("z"), "L", S(""), S(""), 128, out),
	       "KDFe: sizes and a hash that are none");
}

/* RFC 4231, test cases 1 and 2; NIST SP 800-38A, F.3.13 has an IV, so an all-zero one is
 * shown by what it hides: the first block is AES of zeros (FIPS 197 by OpenSSL's ECB). */
static void test_primitives(void)
{
	static const uint8_t rfc4231[] = { 0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e,
					   0x6a, 0x04, 0x24, 0x26, 0x08, 0x95, 0x75, 0xc7,
					   0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83,
					   0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43 };
	const struct assay_slice parts[] = { S("what do ya want "), S(""), S("for nothing?") };
	uint8_t out[64];

	tap_ok(crypto_hmac(crypto, ASSAY_SHA256, S("Jefe"), parts, 3, out) &&
		       !memcmp(out, rfc4231, 32),
	       "HMAC: RFC 4231, in parts");
	tap_ok(!crypto_aes_cfb(crypto, S("fifteen bytes.."), S("x"), out) &&
		       !crypto_aes_cfb(crypto, S(""), S("x"), out),
	       "a cipher key of another size");
}

static void read_public(const struct bytes *b, struct assay_public *out)
{
	struct assay_err err;

	if (!assay_public_read(test_slice(b), out, &err)) {
		printf("Bail out! %s %s\n", assay_fault_word(err.fault), err.field);
		exit(1);
	}
}

static struct bytes ak_bytes;
static struct assay_public ak;
static uint8_t ak_name[66];
static size_t ak_name_n;

/* random that is another one for each i, and the same in each run */
static void test_random(uint32_t i, uint8_t *out)
{
	uint8_t half[2][64];
	uint8_t in[2] = { (uint8_t)(i >> 8), (uint8_t)i };

	SHA512(in, 2, half[0]);
	SHA512(half[0], 64, half[1]);
	memcpy(out, half, ASSAY_CREDENTIAL_RANDOM);
}

static size_t open_it(const struct activate *tpm, const struct assay_credential *c,
		      struct assay_slice name, uint8_t *out)
{
	return activate(tpm, name, (struct assay_slice){ c->id_object, c->id_object_n },
			(struct assay_slice){ c->secret, c->secret_n }, out);
}

static void test_round(const char *name, EVP_PKEY *key, uint16_t curve, uint16_t hash,
		       uint16_t bits)
{
	static struct bytes b;
	struct assay_public ek;
	struct assay_credential c = { 0 };
	struct assay_err err;
	uint8_t random[ASSAY_CREDENTIAL_RANDOM], out[64], secret[64];
	struct activate tpm = { key, hash, bits / 8 };
	struct assay_slice n = { ak_name, ak_name_n };
	const char *field = NULL;

	b.n = 0;
	put_ek(&b, key, curve, hash, bits);
	read_public(&b, &ek);
	test_random(1, random);
	memset(secret, 0x5a, sizeof secret);
	size_t max = assay_alg_size(hash);
	tap_ok(assay_ek_template(&ek, &field), "%s: is an EK", name);
	for (size_t size = 1; size <= max; size += max - 1) {
		struct assay_slice s = { secret, size };
		tap_ok(assay_credential_make(crypto, &ek, &ak, s, random, &c, &err) &&
			       open_it(&tpm, &c, n, out) == size && !memcmp(out, secret, size),
		       "%s: %zu bytes come back", name, size);
	}
	uint8_t other[66];
	memcpy(other, ak_name, ak_name_n);
	other[ak_name_n - 1] ^= 1;
	tap_ok(open_it(&tpm, &c, (struct assay_slice){ other, ak_name_n }, out) == 0,
	       "%s: not for another Name", name);
	c.id_object[c.id_object_n - 1] ^= 1;
	tap_ok(open_it(&tpm, &c, n, out) == 0, "%s: not when changed", name);
	tap_ok(!assay_credential_make(crypto, &ek, &ak, (struct assay_slice){ secret, max + 1 },
				      random, &c, &err) &&
		       err.fault == ASSAY_F_LIMIT && !strcmp(err.field, "credential"),
	       "%s: a secret longer than nameAlg's digest", name);
	tap_ok(!assay_credential_make(crypto, &ek, &ak, (struct assay_slice){ 0 }, random, &c,
				      &err) &&
		       err.fault == ASSAY_F_LIMIT,
	       "%s: an empty one", name);
}

/* Coordinates that begin with zeros keep them; tpm2-tools' own do not. */
static void test_padding(EVP_PKEY *key)
{
	static struct bytes b;
	struct assay_public ek;
	struct activate tpm = { key, ASSAY_SHA256, 16 };
	struct assay_slice n = { ak_name, ak_name_n };
	unsigned x = 0, y = 0, good = 0, all = 300;

	b.n = 0;
	put_ek(&b, key, ASSAY_P256, ASSAY_SHA256, 128);
	read_public(&b, &ek);
	for (unsigned i = 0; i < all; i++) {
		uint8_t random[ASSAY_CREDENTIAL_RANDOM], out[64];
		struct assay_credential c;
		struct assay_err err;

		test_random(i, random);
		if (!assay_credential_make(crypto, &ek, &ak, S("secret"), random, &c, &err))
			break;
		good += open_it(&tpm, &c, n, out) == 6 && !memcmp(out, "secret", 6);
		x += c.secret[4] == 0;
		y += c.secret[4 + 32 + 2] == 0;
	}
	tap_ok(good == all, "ECC: %u of %u come back", good, all);
	tap_ok(x > 0 && y > 0, "with zeros in front of %u x and %u y", x, y);
}

/* The point is d * G for the d that the header says, and another for another. */
static void test_ephemeral(EVP_PKEY *key)
{
	static struct bytes b;
	struct assay_public ek;
	struct crypto_ecdh one, two;
	/* d = 0 + 1: the generator (SEC 2, 2.4.2) */
	static const uint8_t zero[CRYPTO_SCALAR_RANDOM],
		gx[] = { 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47 };
	/* order - 1 is 0 modulo itself, so the generator again */
	uint8_t order[CRYPTO_SCALAR_RANDOM] = { 0 };
	BIGNUM *n = NULL;

	b.n = 0;
	put_ek(&b, key, ASSAY_P256, ASSAY_SHA256, 128);
	read_public(&b, &ek);
	struct assay_key *k = assay_public_key(crypto, &ek);
	EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_ORDER, &n);
	BN_sub_word(n, 1);
	BN_bn2binpad(n, order, sizeof order);
	BN_free(n);
	tap_ok(crypto_ecdh(crypto, k, zero, &one) && one.n == 32 && !memcmp(one.x, gx, 8),
	       "random of zeros: the scalar is 1");
	tap_ok(crypto_ecdh(crypto, k, order, &two) && !memcmp(one.x, two.x, 32),
	       "of the order less one: 1 again");
	/* Z = 1 * EK */
	tap_ok(!memcmp(one.z, ek.unique_x.p, 32), "and the shared x is the EK's own");
	assay_key_free(k);
}

static void refused(const struct assay_public *ek, const struct assay_public *a,
		    const char *artefact, const char *field, const char *name)
{
	uint8_t random[ASSAY_CREDENTIAL_RANDOM] = { 1 };
	struct assay_credential c = { .id_object_n = 77 };
	struct assay_err err;

	if (!tap_ok(!assay_credential_make(crypto, ek, a, S("secret"), random, &c, &err) &&
			    err.fault == ASSAY_F_RANGE && !strcmp(err.field, field) &&
			    !strcmp(err.artefact, artefact) && c.id_object_n == 77,
		    "refused: %s", name))
		printf("# %s %s\n", assay_fault_word(err.fault), err.field);
}

static void test_refused(EVP_PKEY *rsa, EVP_PKEY *small)
{
	static struct bytes b, bs;
	struct assay_public good, p;

	put_ek(&b, rsa, 0, ASSAY_SHA256, 128);
	read_public(&b, &good);
	const struct {
		uint32_t bit;
		const char *name;
	} must[] = { { ASSAY_OBJECT_fixedTPM, "EK without fixedTPM" },
		     { ASSAY_OBJECT_fixedParent, "EK without fixedParent" },
		     { ASSAY_OBJECT_sensitiveDataOrigin, "EK without sensitiveDataOrigin" },
		     { ASSAY_OBJECT_restricted, "EK without restricted" },
		     { ASSAY_OBJECT_decrypt, "EK without decrypt" },
		     { ASSAY_OBJECT_sign, "EK that signs" },
		     { ASSAY_OBJECT_encryptedDuplication, "EK that may be duplicated" },
		     { ASSAY_OBJECT_x509sign, "EK that signs certificates" },
		     { ASSAY_OBJECT_stClear, "EK of one boot" } };
	for (size_t i = 0; i < sizeof must / sizeof *must; i++) {
		p = good;
		p.objectAttributes ^= must[i].bit;
		refused(&p, &ak, "ek", "objectAttributes", must[i].name);
	}
	p = good;
	p.objectAttributes |= ASSAY_OBJECT_userWithAuth | ASSAY_OBJECT_noDA;
	const char *field;
	tap_ok(assay_ek_template(&p, &field), "userWithAuth and noDA make no difference");
	p = good, p.nameAlg = ASSAY_SHA1;
	refused(&p, &ak, "ek", "nameAlg", "EK with nameAlg SHA-1");
	p = good, p.nameAlg = ASSAY_SM3_256;
	refused(&p, &ak, "ek", "nameAlg", "EK with a nameAlg that is not computed");
	p = good, p.symmetric = 0x0010;
	refused(&p, &ak, "ek", "symmetric", "EK that protects with nothing");
	p = good, p.symmetric = 0x0013;
	refused(&p, &ak, "ek", "symmetric", "EK that protects with SM4");
	p = good, p.symmetricMode = 0x0044;
	refused(&p, &ak, "ek", "symmetric.mode", "EK that protects with ECB");
	p = good, p.scheme = 0x0017;
	refused(&p, &ak, "ek", "scheme", "EK with a scheme");
	put_ek(&bs, small, 0, ASSAY_SHA256, 128);
	read_public(&bs, &p);
	refused(&p, &ak, "ek", "keyBits", "EK of 1024 bits");

	p = ak, p.nameAlg = ASSAY_SHA1;
	refused(&good, &p, "ak", "nameAlg", "AK whose Name is a SHA-1");
	p = ak, p.nameAlg = ASSAY_SM3_256;
	refused(&good, &p, "ak", "nameAlg", "AK whose Name is not computed");
	for (uint32_t bit = 1; bit; bit <<= 1) {
		p = ak;
		p.objectAttributes ^= bit;
		if (bit & (ASSAY_OBJECT_ATTESTATION | ASSAY_OBJECT_NOT_ATTESTATION))
			refused(&good, &p, "ak", "objectAttributes",
				"AK with another attribute");
	}
}

static struct assay_slice recorded(const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "tests/evidence/credential-activation/%s", name);
	return test_file(path);
}

/* As recorded: the EK's public area has the certificate's key, and the AK's Name is what
 * the TPM said. */
static void test_recorded(const char *kind, size_t blob)
{
	char name[64];
	struct assay_err err;
	struct assay_public ek = { 0 }, a = { 0 };
	const char *field = NULL;
	uint8_t got[66], random[ASSAY_CREDENTIAL_RANDOM] = { 7 };
	struct assay_credential c;

	snprintf(name, sizeof name, "ek_%s.tpm2b_public", kind);
	struct assay_slice in = recorded(name);
	snprintf(name, sizeof name, "ek_%s_cert.der", kind);
	struct assay_slice cert = recorded(name);
	snprintf(name, sizeof name, "ak_%s.tpm2b_public", kind);
	struct assay_slice akpub = recorded(name);
	snprintf(name, sizeof name, "ak_%s.name", kind);
	struct assay_slice want = recorded(name);

	tap_ok(assay_public_read(in, &ek, &err) && assay_ek_template(&ek, &field),
	       "%s: recorded EK has the template's essentials", kind);
	struct assay_key *key = assay_key_cert(crypto, cert);
	tap_ok(key && assay_ek_binds(crypto, key, &ek), "%s: and the certificate's key", kind);
	tap_ok(assay_public_read(akpub, &a, &err) && want.p &&
		       assay_public_name(crypto, &a, got) == want.n &&
		       !memcmp(got, want.p, want.n),
	       "%s: the AK's Name", kind);
	tap_ok(key && !assay_ek_binds(crypto, key, &a), "%s: the AK is not the EK", kind);
	tap_ok(assay_credential_make(crypto, &ek, &a, S("0123456789abcdef0123456789abcdef"),
				     random, &c, &err) &&
		       c.id_object_n + c.secret_n == blob,
	       "%s: a credential of the right size", kind);
	assay_key_free(key);
	free((void *)(uintptr_t)in.p);
	free((void *)(uintptr_t)cert.p);
	free((void *)(uintptr_t)akpub.p);
	free((void *)(uintptr_t)want.p);
}

int main(void)
{
	crypto = assay_crypto_new(NULL, NULL);
	EVP_PKEY *rsa = test_rsa(2048), *rsa3 = test_rsa(3072), *small = test_rsa(1024);
	EVP_PKEY *p256 = test_ec("P-256"), *p384 = test_ec("P-384"), *p521 = test_ec("P-521");

	put_public(&ak_bytes, p256, ASSAY_P256, ASSAY_ECDSA, ASSAY_SHA256);
	read_public(&ak_bytes, &ak);
	ak_name_n = assay_public_name(crypto, &ak, ak_name);

	test_kdfa();
	test_kdfe();
	test_primitives();
	test_round("RSA-2048", rsa, 0, ASSAY_SHA256, 128);
	test_round("RSA-3072", rsa3, 0, ASSAY_SHA384, 256);
	test_round("P-256", p256, ASSAY_P256, ASSAY_SHA256, 128);
	test_round("P-384", p384, ASSAY_P384, ASSAY_SHA384, 256);
	test_round("P-521", p521, ASSAY_P521, ASSAY_SHA512, 256);
	test_padding(p256);
	test_ephemeral(p256);
	test_refused(rsa, small);
	/* the TPM2B_ID_OBJECT of 32 bytes, and the secret */
	test_recorded("rsa", 2 + 2 + 32 + 2 + 32 + 2 + 256);
	test_recorded("ecc", 2 + 2 + 48 + 2 + 32 + 2 + 2 * (2 + 48));
	tap_ok(ERR_peek_error() == 0, "libcrypto's error queue is as it was");

	EVP_PKEY *const keys[] = { rsa, rsa3, small, p256, p384, p521 };
	for (size_t i = 0; i < 6; i++)
		EVP_PKEY_free(keys[i]);
	assay_crypto_free(crypto);
	return tap_done();
}
