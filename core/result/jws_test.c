/* SPDX-License-Identifier: Apache-2.0
 * Compact JWS: the rules of reading, the examples of RFC 7515 and RFC 8037, tokens of other
 * implementations, and what we sign ourselves. */
#include "core/base/slice.h"
#include "core/codec/base64.h"
#include "core/codec/hex.h"
#include "tests/file.h"
#include "tests/tap.h"
#include <assay/result.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

static struct assay_crypto *crypto;

static const struct {
	const char *name, *token;
	enum assay_fault want;
	const char *field;
	size_t offset;
} rows[] = {
	{ "three parts", "e30.aGk.c2ln", ASSAY_F_OK, 0, 0 },
	{ "empty payload", "e30..c2ln", ASSAY_F_OK, 0, 0 },
	{ "nothing", "", ASSAY_F_TRUNCATED, "header", 0 },
	{ "one part", "e30", ASSAY_F_TRUNCATED, "header", 0 },
	{ "two parts", "e30.aGk", ASSAY_F_TRUNCATED, "payload", 4 },
	{ "four parts", "e30.aGk.c2ln.", ASSAY_F_TRAILING, "token", 12 },
	{ "five parts (a JWE)", "e30.aGk.c2ln.e30.e30", ASSAY_F_TRAILING, "token", 12 },
	{ "no header", ".aGk.c2ln", ASSAY_F_MISSING, "header", 0 },
	{ "no signature", "e30.aGk.", ASSAY_F_MISSING, "signature", 8 },
	{ "header padded", "e30=.aGk.c2ln", ASSAY_F_ENCODING, "header", 0 },
	{ "payload of the other alphabet", "e30.+/+/.c2ln", ASSAY_F_ENCODING, "payload", 4 },
	{ "header not canonical", "e31.aGk.c2ln", ASSAY_F_CANONICAL, "header", 0 },
	{ "payload not canonical", "e30.aGl.c2ln", ASSAY_F_CANONICAL, "payload", 4 },
	{ "signature not canonical", "e30.aGk.c2l", ASSAY_F_CANONICAL, "signature", 8 },
	{ "signature of one character", "e30.aGk.c", ASSAY_F_ENCODING, "signature", 8 },
	{ "newline at the end", "e30.aGk.c2ln\n", ASSAY_F_ENCODING, "signature", 8 },
	{ "space before", " e30.aGk.c2ln", ASSAY_F_ENCODING, "header", 0 },
};

static void test_rows(void)
{
	static uint8_t mem[256], big[ASSAY_JWS_MAX + 1];
	struct assay_err err;
	struct assay_jws jws;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_arena arena = { mem, sizeof mem, 0 };

		jws = (struct assay_jws){ .header.n = 77 };
		bool ok = assay_jws_read(slice_str(rows[i].token), &arena, &jws, &err);
		bool pass = ok == (rows[i].want == ASSAY_F_OK) && err.fault == rows[i].want;

		if (pass && !ok)
			pass = jws.header.n == 77 && !strcmp(err.field, rows[i].field) &&
			       err.offset == rows[i].offset;
		if (pass && ok)
			pass = slice_is(jws.header, "{}") && slice_is(jws.signature, "sig") &&
			       jws.signing_input.n == strlen(rows[i].token) - 5;
		if (!tap_ok(pass, "read: %s", rows[i].name))
			printf("# got %s %s at %zu\n", assay_fault_word(err.fault),
			       err.field ? err.field : "-", err.offset);
	}

	struct assay_arena none = { mem, 0, 0 };

	tap_ok(!assay_jws_read(slice_str("e30.aGk.c2ln"), &none, &jws, &err) &&
		       err.fault == ASSAY_F_MEMORY && !strcmp(err.field, "header"),
	       "read: no memory");
	memset(big, 'A', sizeof big);
	tap_ok(!assay_jws_read((struct assay_slice){ big, sizeof big }, &none, &jws, &err) &&
		       err.fault == ASSAY_F_LIMIT && err.offset == 0,
	       "read: above the limit");
	tap_ok(!assay_jws_read((struct assay_slice){ big, sizeof big - 1 }, &none, &jws,
			       &err) &&
		       err.fault == ASSAY_F_TRUNCATED,
	       "read: at the limit");
}

/* Reads and verifies; *read tells which of the two failed. */
static bool verify(struct assay_key *key, struct assay_slice token, bool *read)
{
	static uint8_t mem[8192];
	struct assay_arena arena = { mem, sizeof mem, 0 };
	struct assay_jws jws;
	struct assay_err err;

	*read = assay_jws_read(token, &arena, &jws, &err);
	return *read && assay_jws_verify(crypto, key, &jws);
}

static struct assay_key *key_p256(const char *x, const char *y)
{
	uint8_t bx[32], by[32];

	if (base64url_read(slice_str(x), bx) || base64url_read(slice_str(y), by))
		return NULL;
	return assay_key_ec(crypto, ASSAY_P256, (struct assay_slice){ bx, 32 },
			    (struct assay_slice){ by, 32 });
}

/* Whatever bit of the token is changed, it does not verify any more. */
static bool every_bit_counts(struct assay_key *key, char *token)
{
	size_t n = strlen(token);
	bool read;

	for (size_t i = 0; i < n; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			token[i] = (char)(token[i] ^ 1 << bit);
			bool verifies =
				verify(key, (struct assay_slice){ (uint8_t *)token, n }, &read);
			token[i] = (char)(token[i] ^ 1 << bit);
			if (verifies)
				return false;
		}
	}
	return true;
}

static void test_rfc7515(void)
{
	char token[] = "eyJhbGciOiJFUzI1NiJ9."
		       "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
		       "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
		       "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
		       "pmWQxfKTUJqPP3-Kg6NU1Q";
	struct assay_key *key = key_p256("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
					 "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
	bool read;

	tap_ok(key && verify(key, slice_str(token), &read), "RFC 7515, A.3: ES256 verifies");
	tap_ok(key && every_bit_counts(key, token), "RFC 7515, A.3: no bit may change");
	assay_key_free(key);
}

/* A private key as PEM text from PKCS#8; the caller frees. */
static char *pem_of(EVP_PKEY *pkey)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *pem = NULL;

	if (bio && pkey && PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL)) {
		long n = BIO_get_mem_data(bio, &data);

		pem = strndup(data, (size_t)n);
	}
	BIO_free(bio);
	EVP_PKEY_free(pkey);
	return pem;
}

static struct assay_key *private_key(EVP_PKEY *pkey)
{
	char *pem = pem_of(pkey);
	struct assay_key *key = pem ? assay_key_pem(crypto, slice_str(pem), true) : NULL;

	free(pem);
	return key;
}

/* The key of RFC 8037, appendix A, which is the first of RFC 8032, 7.1. */
static struct assay_key *ed25519(void)
{
	uint8_t seed[32];

	if (!hex_read(slice_str("9d61b19deffd5a60ba844af492ec2cc4"
				"4449c5697b326919703bac031cae7f60"),
		      seed))
		return NULL;
	return private_key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32));
}

static void test_rfc8037(void)
{
	static const char input[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
	static const char sig64[] =
		"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5B"
		"hVsPt9g7sVvpAr_MuM0KAg";
	struct assay_key *key = ed25519();
	uint8_t sig[132], want[64];
	size_t n = 0;
	bool read;
	char token[256];

	tap_ok(key && base64url_read(slice_str(sig64), want) == ASSAY_F_OK &&
		       assay_key_jose_sign(crypto, key, slice_str(input), sig, &n) && n == 64 &&
		       !memcmp(sig, want, 64),
	       "RFC 8037, A.4: Ed25519 signs the same");
	snprintf(token, sizeof token, "%s.%s", input, sig64);
	tap_ok(key && verify(key, slice_str(token), &read), "RFC 8037, A.5: Ed25519 verifies");
	assay_key_free(key);
}

static void test_sign(const char *name, struct assay_key *key, const char *header)
{
	static char token[4096], again[4096];
	static uint8_t mem[4096];
	struct assay_arena arena = { mem, sizeof mem, 0 };
	struct assay_slice payload = slice_str("{\"iat\":1}");
	struct assay_jws jws;
	struct assay_err err;
	bool read;

	if (!tap_ok(key != NULL, "%s: key", name))
		return;

	size_t n = assay_jws_sign(crypto, key, "k\"1", payload, token, sizeof token);

	tap_ok(n > 0 && n == strlen(token) && verify(key, slice_str(token), &read),
	       "%s: what is signed verifies", name);
	tap_ok(n > 0 && assay_jws_read(slice_str(token), &arena, &jws, &err) &&
		       slice_is(jws.header, header) && slice_eq(jws.payload, payload),
	       "%s: header and payload", name);
	tap_ok(every_bit_counts(key, token), "%s: no bit may change", name);

	/* ECDSA signatures differ each time, their length does not */
	bool refused = assay_jws_sign(crypto, key, "k\"1", payload, again, n + 1) == n;

	for (size_t cap = 0; cap <= n; cap += cap + 3 < n ? 3 : 1)
		refused = refused &&
			  assay_jws_sign(crypto, key, "k\"1", payload, again, cap) == 0;
	tap_ok(refused, "%s: too little room signs nothing", name);
	assay_key_free(key);
}

static void test_signing(void)
{
	char kid[2048], out[8192];

	test_sign("Ed25519", ed25519(),
		  "{\"alg\":\"EdDSA\",\"typ\":\"JWT\",\"kid\":\"k\\\"1\"}");
	test_sign("P-256", private_key(EVP_EC_gen("P-256")),
		  "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"k\\\"1\"}");
	test_sign("P-384", private_key(EVP_EC_gen("P-384")),
		  "{\"alg\":\"ES384\",\"typ\":\"JWT\",\"kid\":\"k\\\"1\"}");

	struct assay_key *rsa = private_key(EVP_RSA_gen(2048)), *ed = ed25519();
	struct assay_key *public = key_p256("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
					    "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");

	tap_ok(rsa && assay_jws_sign(crypto, rsa, NULL, slice_str("{}"), out, sizeof out) == 0,
	       "a key without an algorithm does not sign");
	tap_ok(public && assay_jws_sign(crypto, public, NULL, slice_str("{}"), out,
					sizeof out) == 0,
	       "a public key does not sign");
	memset(kid, 'k', sizeof kid);
	kid[sizeof kid - 1] = '\0';
	tap_ok(ed && assay_jws_sign(crypto, ed, kid, slice_str("{}"), out, sizeof out) == 0,
	       "a kid that is too long");
	tap_ok(ed && assay_jws_sign(crypto, ed, NULL, slice_str("{}"), out, sizeof out) > 0 &&
		       !strncmp(out, "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.e30.", 41),
	       "no kid");
	assay_key_free(rsa);
	assay_key_free(ed);
	assay_key_free(public);
}

/* Tokens of other implementations; the files end in a newline or not. */
static void test_vectors(void)
{
	static const struct {
		const char *file;
		bool read, verifies;
	} vectors[] = {
		{ "arc-testJWT.jwt", true, true },     { "cear-ear.jwt", true, true },
		{ "ear-valid-0.jwt", true, true },     { "ear-invalid-0.jwt", true, false },
		{ "ear-invalid-1.jwt", false, false }, { "ear-invalid-3.jwt", true, true },
	};
	const char *dir = getenv("ASSAY_VECTORS");
	struct assay_key *key = key_p256("usWxHK2PmfnHKwXPS54m0kTcGJ90UiglWiGahtagnv8",
					 "IBOL-C3BttVivg-lSreASjpkttcsz-1rb7btKLv8EX4");

	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		char path[512];
		bool read;

		snprintf(path, sizeof path, "%s/ear/%s", dir ? dir : "../shared/vectors",
			 vectors[i].file);
		struct assay_slice token = test_file(path);

		if (!token.p) {
			tap_skip(vectors[i].file, "the vectors are not here");
			continue;
		}
		void *p = (void *)(uintptr_t)token.p;

		if (token.n > 0 && token.p[token.n - 1] == '\n')
			token.n--;
		bool verifies = key && verify(key, token, &read);

		tap_ok(verifies == vectors[i].verifies && read == vectors[i].read, "%s",
		       vectors[i].file);
		free(p);
	}
	assay_key_free(key);
}

int main(void)
{
	crypto = assay_crypto_new(NULL, NULL);
	if (!crypto)
		return 1;
	test_rows();
	test_rfc7515();
	test_rfc8037();
	test_signing();
	test_vectors();
	assay_crypto_free(crypto);
	return tap_done();
}
