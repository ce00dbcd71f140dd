/* SPDX-License-Identifier: Apache-2.0
 * One row per rule of enrol.h, with EKs and AKs in software and a store that the test holds. */
#include "tests/activate.h"
#include "tests/certs.h"
#include "tests/tap.h"
#include "verifier/enrol/cookie.h"
#include "verifier/enrol/enrol.h"

/* ---- The store: one token, at most one node ---- */

static struct store_token token;
static struct store_node node;
static bool have_token, have_node, down;
static struct platform_message down_why = { .what = "store", .why = "down" };
static unsigned enrolled;

enum store_status store_token_get(struct store *s, const uint8_t hash[32],
				  struct store_token *out)
{
	(void)s;
	if (down)
		return STORE_DOWN;
	if (!have_token || memcmp(hash, token.hash, 32) != 0)
		return STORE_ABSENT;
	*out = token;
	return STORE_DONE;
}

enum store_status store_node_get(struct store *s, struct assay_slice id, struct store_node *out)
{
	(void)s;
	if (down)
		return STORE_DOWN;
	if (!have_node || strlen(node.id) != id.n || memcmp(node.id, id.p, id.n) != 0)
		return STORE_ABSENT;
	*out = node;
	return STORE_DONE;
}

enum store_status store_node_enrol(struct store *s, const uint8_t hash[32],
				   const struct store_node *in, uint64_t now)
{
	(void)s;
	if (down)
		return STORE_DOWN;
	if (!have_token || memcmp(hash, token.hash, 32) != 0 || now >= token.ends)
		return STORE_CONFLICT;
	if (have_node &&
	    (in->ak_name_n != node.ak_name_n ||
	     memcmp(in->ak_name, node.ak_name, node.ak_name_n) != 0 || strcmp(in->id, node.id)))
		return STORE_CONFLICT;
	if (!have_node && token.used)
		return STORE_CONFLICT;
	node = *in;
	have_node = true;
	token.used = now;
	enrolled++;
	return STORE_DONE;
}

const struct platform_message *store_why(const struct store *s)
{
	(void)s;
	return &down_why;
}

/* ---- What a node is ---- */

enum { NOW_S = TEST_NOW };
static const uint64_t NOW = (uint64_t)NOW_S * 1000;

static struct assay_crypto *crypto;
static struct assay_anchors *anchors;
static EVP_PKEY *root_key, *ek_key, *ek_rsa, *other_ek, *ak_key;
static struct bytes ek_pub, ek_cert, ak_pub, other_cert, wild_cert;
static char token_text[ENROL_TOKEN_TEXT + 1];
static struct assay_secret secrets[2] = { { .id = 7, .b = { 1 } }, { .id = 8, .b = { 2 } } };
static struct enrol_config config;
static struct enrol_answer answer;
static bool no_challenge;

static bool challenge(void *ctx, struct assay_slice ak_name, uint64_t now, uint8_t *out)
{
	(void)ctx;
	memset(out, 0x5a, ASSAY_CHALLENGE_SIZE);
	return !no_challenge && ak_name.n == 34 && now > 0;
}

static void put_tpm2b(struct bytes *out, const struct bytes *in)
{
	out->n = 0;
	put_2b(out, in->b, in->n);
}

static void ek_public(struct bytes *out, EVP_PKEY *key, bool ec)
{
	static struct bytes tpmt;

	tpmt.n = 0;
	put_ek(&tpmt, key, ec ? ASSAY_P256 : 0, ASSAY_SHA256, 128);
	put_tpm2b(out, &tpmt);
}

static void ak_public(struct bytes *out, EVP_PKEY *key)
{
	static struct bytes tpmt;

	tpmt.n = 0;
	put_public(&tpmt, key, ASSAY_P256, ASSAY_ECDSA, ASSAY_SHA256);
	put_tpm2b(out, &tpmt);
}

static void reset(void)
{
	have_token = true;
	have_node = down = no_challenge = false;
	enrolled = 0;
	memset(&token, 0, sizeof token);
	memset(&node, 0, sizeof node);
	strcpy(token.node, "node-1");
	token.ends = NOW + 3600 * 1000;
	(void)!enrol_token_hash(crypto,
				(struct assay_slice){ (uint8_t *)token_text, ENROL_TOKEN_TEXT },
				token.hash);
}

static struct assay_slice str(const char *s)
{
	return (struct assay_slice){ (const uint8_t *)s, strlen(s) };
}

static struct assay_enrol_request good(void)
{
	return (struct assay_enrol_request){ .node = str("node-1"),
					     .token = str(token_text),
					     .ek_cert = test_slice(&ek_cert),
					     .ek_pub = test_slice(&ek_pub),
					     .ak_pub = test_slice(&ak_pub) };
}

static enum enrol_said send_at(const struct assay_enrol_request *m, uint64_t now)
{
	static uint8_t body[64 * 1024];
	size_t n = assay_enrol_request_write(m, body, sizeof body);

	return enrol_handle(&config, (struct assay_slice){ body, n }, now, challenge, NULL,
			    &answer);
}

static enum enrol_said send_begin(struct assay_enrol_request m)
{
	return send_at(&m, NOW);
}

/* A begin, activated by the EK: the finish that follows; false when there was no credential. */
static uint8_t kept_cookie[ASSAY_COOKIE_MAX], kept_secret[64];

static bool activated(EVP_PKEY *ek, struct assay_enrol_request m,
		      struct assay_enrol_request *out)
{
	struct assay_enrol_answer a;
	struct assay_err err;
	struct activate t = { ek, ASSAY_SHA256, 16 };
	struct assay_public pub;
	uint8_t name[66];

	if (send_at(&m, NOW) != ENROL_ANSWER || answer.done ||
	    !assay_enrol_answer_read((struct assay_slice){ answer.body, answer.body_n }, &a,
				     &err) ||
	    !assay_public_read(m.ak_pub, &pub, &err))
		return false;
	size_t n = assay_public_name(crypto, &pub, name);
	size_t got = activate(&t, (struct assay_slice){ name, n }, a.id_object, a.secret,
			      kept_secret);
	memcpy(kept_cookie, a.cookie.p, a.cookie.n);
	*out = (struct assay_enrol_request){ .finish = true,
					     .cookie = { kept_cookie, a.cookie.n },
					     .secret = { kept_secret, got } };
	return got == ENROL_SECRET;
}

/* ---- Rows ---- */

static void good_rows(void)
{
	struct assay_enrol_request m;
	struct assay_enrol_answer a;
	struct assay_err err;

	reset();
	tap_ok(activated(ek_key, good(), &m) && !token.used && !have_node,
	       "begin: a credential that the EK opens; nothing is stored");
	tap_ok(send_at(&m, NOW + 1000) == ENROL_ANSWER && answer.done && have_node &&
		       token.used && strcmp(node.id, "node-1") == 0 &&
		       node.ak_pub.n == ak_pub.n && node.ek_cert.n == ek_cert.n &&
		       node.ak_name_n == 34 && strcmp(answer.node, "node-1") == 0,
	       "finish: the node is stored");
	tap_ok(assay_enrol_answer_read((struct assay_slice){ answer.body, answer.body_n }, &a,
				       &err) &&
		       a.done && a.challenge.n == ASSAY_CHALLENGE_SIZE &&
		       a.challenge.p[0] == 0x5a,
	       "finish: done has node and challenge");
	tap_ok(send_at(&m, NOW + 2000) == ENROL_ANSWER && answer.done, "finish: again, done");
	tap_ok(send_begin(good()) == ENROL_ANSWER && !answer.done,
	       "begin: a used token is good for the node that it made");
	m = good();
	static struct bytes other_ak;
	EVP_PKEY *key = test_ec("P-256");
	ak_public(&other_ak, key);
	EVP_PKEY_free(key);
	m.ak_pub = test_slice(&other_ak);
	tap_ok(send_begin(m) == ENROL_REFUSED && !answer.tell,
	       "begin: a used token is not good for another AK");

	static struct bytes other_pub;
	ek_public(&other_pub, other_ek, true);
	m = good();
	m.ek_pub = test_slice(&other_pub);
	m.ek_cert = test_slice(&other_cert);
	tap_ok(send_begin(m) == ENROL_REFUSED && !answer.tell,
	       "begin: a used token is not good for another EK");

	reset();
	static struct bytes rsa_pub, rsa_cert;
	ek_public(&rsa_pub, ek_rsa, false);
	put_cert(&rsa_cert, &(struct cert_spec){ 0 }, ek_rsa, "root", root_key);
	m = good();
	m.ek_pub = test_slice(&rsa_pub);
	m.ek_cert = test_slice(&rsa_cert);
	tap_ok(activated(ek_rsa, m, &m) && send_at(&m, NOW) == ENROL_ANSWER && answer.done,
	       "an RSA EK");
}

static void registered_rows(void)
{
	struct assay_enrol_request m = good(), f;
	uint8_t digest[64];

	reset();
	token.has_ek = true;
	if (!assay_hash1(crypto, ASSAY_SHA256,
			 (struct assay_slice){ ek_pub.b + 2, ek_pub.n - 2 }, digest))
		abort();
	memcpy(token.ek_digest, digest, 32);
	m.ek_cert = (struct assay_slice){ 0 };
	tap_ok(activated(ek_key, m, &f) && send_at(&f, NOW) == ENROL_ANSWER &&
		       memcmp(node.ek_digest, digest, 32) == 0,
	       "registered EK: no certificate is asked for");
	reset();
	token.has_ek = true;
	memcpy(token.ek_digest, digest, 32);
	m.ek_cert = test_slice(&wild_cert);
	tap_ok(activated(ek_key, m, &f) && send_at(&f, NOW) == ENROL_ANSWER &&
		       node.ek_cert.n == 0,
	       "registered EK: a certificate without a chain is not kept");
	token.used = 0;
	have_node = false;
	token.ek_digest[0] ^= 1;
	tap_ok(send_begin(good()) == ENROL_REFUSED && !answer.tell,
	       "registered EK: another EK is refused, although its chain is good");
}

/* clang-format off */
enum change {
	NO_TOKEN, TOKEN_FORM, TOKEN_UNKNOWN, TOKEN_ENDED, TOKEN_NODE, TOKEN_USED, NO_CERT,
	CERT_ROOT, CERT_OTHER, EK_NOT, AK_LEAVES, AK_DECRYPTS, AK_FREE, AK_POINT, EK_UNSIZED,
	AK_UNSIZED, EK_CUT, CERT_CUT, STORE_IS_DOWN,
};

static const struct {
	const char *name;
	enum change change;
	enum enrol_said want;
	bool tell;
	const char *artefact;
} rows[] = {
	{ "token: empty", NO_TOKEN, ENROL_MALFORMED, false, NULL },
	{ "token: not of its form", TOKEN_FORM, ENROL_REFUSED, false, NULL },
	{ "token: unknown", TOKEN_UNKNOWN, ENROL_REFUSED, false, NULL },
	{ "token: at its end", TOKEN_ENDED, ENROL_REFUSED, false, NULL },
	{ "token: another node's", TOKEN_NODE, ENROL_REFUSED, false, NULL },
	{ "token: used, and the node is gone", TOKEN_USED, ENROL_REFUSED, false, NULL },
	{ "EK: no certificate", NO_CERT, ENROL_REFUSED, true, NULL },
	{ "EK: no chain to a root", CERT_ROOT, ENROL_REFUSED, true, NULL },
	{ "EK: the certificate of another EK", CERT_OTHER, ENROL_REFUSED, true, NULL },
	{ "EK: a public area that is no EK's", EK_NOT, ENROL_REFUSED, true, NULL },
	{ "AK: may leave its TPM", AK_LEAVES, ENROL_REFUSED, true, NULL },
	{ "AK: decrypts as well", AK_DECRYPTS, ENROL_REFUSED, true, NULL },
	{ "AK: signs what it is told", AK_FREE, ENROL_REFUSED, true, NULL },
	{ "AK: a point that is on no curve", AK_POINT, ENROL_REFUSED, true, NULL },
	{ "EK: TPMT_PUBLIC without a size", EK_UNSIZED, ENROL_MALFORMED, false, "ek-pub" },
	{ "AK: TPMT_PUBLIC without a size", AK_UNSIZED, ENROL_MALFORMED, false, "ak-pub" },
	{ "EK: cut short", EK_CUT, ENROL_MALFORMED, false, "ek-pub" },
	{ "EK certificate: cut short", CERT_CUT, ENROL_MALFORMED, true, "ek-cert" },
	{ "store: down", STORE_IS_DOWN, ENROL_DOWN, false, NULL },
};
/* clang-format on */

/* TPMA_OBJECT of a TPM2B_PUBLIC stands at offset 6. */
static void ak_attributes(struct bytes *b, uint32_t attributes)
{
	for (int i = 0; i < 4; i++)
		b->b[6 + i] = (uint8_t)(attributes >> (24 - 8 * i));
}

static void apply(enum change change, struct assay_enrol_request *m)
{
	static struct bytes ak, ek;
	static char text[ENROL_TOKEN_TEXT + 1];

	ak = ak_pub;
	ek = ek_pub;
	memcpy(text, token_text, sizeof text);
	m->ak_pub = test_slice(&ak);
	m->ek_pub = test_slice(&ek);
	m->token = str(text);
	switch (change) {
	case NO_TOKEN:
		m->token.n = 0;
		break;
	case TOKEN_FORM:
		text[3] = 'X';
		break;
	case TOKEN_UNKNOWN:
		text[20] = text[20] == 'A' ? 'B' : 'A';
		break;
	case TOKEN_ENDED:
		token.ends = NOW;
		break;
	case TOKEN_NODE:
		strcpy(token.node, "node-2");
		break;
	case TOKEN_USED:
		token.used = NOW - 1;
		break;
	case NO_CERT:
		m->ek_cert.n = 0;
		break;
	case CERT_ROOT:
		m->ek_cert = test_slice(&wild_cert);
		break;
	case CERT_OTHER:
		m->ek_cert = test_slice(&other_cert);
		break;
	case EK_NOT:
		ak_attributes(&ek, ASSAY_OBJECT_ATTESTATION);
		break;
	case AK_LEAVES:
		ak_attributes(&ak, ASSAY_OBJECT_ATTESTATION & ~(uint32_t)ASSAY_OBJECT_fixedTPM);
		break;
	case AK_DECRYPTS:
		ak_attributes(&ak, ASSAY_OBJECT_ATTESTATION | ASSAY_OBJECT_decrypt);
		break;
	case AK_FREE:
		ak_attributes(&ak,
			      ASSAY_OBJECT_ATTESTATION & ~(uint32_t)ASSAY_OBJECT_restricted);
		break;
	case AK_POINT:
		ak.b[ak.n - 1] ^= 1;
		break;
	case EK_UNSIZED:
		m->ek_pub = (struct assay_slice){ ek.b + 2, ek.n - 2 };
		break;
	case AK_UNSIZED:
		m->ak_pub = (struct assay_slice){ ak.b + 2, ak.n - 2 };
		break;
	case EK_CUT:
		m->ek_pub.n--;
		break;
	case CERT_CUT:
		m->ek_cert.n--;
		break;
	case STORE_IS_DOWN:
		down = true;
		break;
	}
}

static void refused_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_enrol_request m = good();
		static uint8_t raw[64 * 1024];

		reset();
		apply(rows[i].change, &m);
		size_t n = assay_enrol_request_write(&m, raw, sizeof raw);
		enum enrol_said said = enrol_handle(&config, (struct assay_slice){ raw, n },
						    NOW, challenge, NULL, &answer);
		bool same =
			!rows[i].artefact ||
			(answer.err.artefact && !strcmp(answer.err.artefact, rows[i].artefact));
		if (!tap_ok(said == rows[i].want && answer.tell == rows[i].tell && same &&
				    answer.body_n == 0 && enrolled == 0,
			    "%s", rows[i].name))
			printf("# said %d tell %d: %s\n", said, answer.tell, answer.why.why);
	}
}

static void finish_rows(void)
{
	struct assay_enrol_request m, bad;
	static uint8_t cookie[ASSAY_COOKIE_MAX];

	reset();
	if (!tap_ok(activated(ek_key, good(), &m), "a finish to break"))
		return;
	tap_ok(send_at(&m, NOW + ENROL_COOKIE_LIFE) == ENROL_REFUSED && answer.tell,
	       "finish: after two minutes");
	tap_ok(send_at(&m, NOW - ASSAY_CLOCK_SKEW - 1) == ENROL_REFUSED,
	       "finish: a cookie from the future");
	kept_secret[31] ^= 1;
	tap_ok(send_at(&m, NOW) == ENROL_REFUSED && answer.tell && !have_node,
	       "finish: another secret");
	kept_secret[31] ^= 1;
	bad = m;
	bad.secret.n = 31;
	tap_ok(send_at(&bad, NOW) == ENROL_REFUSED && !have_node, "finish: a shorter secret");
	size_t wrong = 0;
	for (size_t i = 0; i < m.cookie.n; i++) {
		memcpy(cookie, m.cookie.p, m.cookie.n);
		cookie[i] ^= 1;
		bad = m;
		bad.cookie.p = cookie;
		wrong += send_at(&bad, NOW) != ENROL_REFUSED || answer.tell;
	}
	tap_ok(wrong == 0 && !have_node, "finish: no bit of the cookie can be changed");
	config.nsecrets = 1;
	config.secrets = secrets + 1;
	tap_ok(send_at(&m, NOW) == ENROL_REFUSED && !answer.tell, "finish: key dropped");
	config.nsecrets = 2;
	config.secrets = (struct assay_secret[]){ secrets[1], secrets[0] };
	tap_ok(send_at(&m, NOW) == ENROL_ANSWER && answer.done, "finish: under the older key");
	config.secrets = secrets;
	reset();
	down = true;
	tap_ok(send_at(&m, NOW) == ENROL_DOWN && !strcmp(answer.why.why, "down"),
	       "finish: the store is down");
	reset();
	have_token = false;
	tap_ok(send_at(&m, NOW) == ENROL_REFUSED, "finish: the token was taken back");
	reset();
	no_challenge = true;
	tap_ok(send_at(&m, NOW) == ENROL_FAILED && answer.body_n == 0, "finish: no challenge");
}

static void setup(void)
{
	struct cert_spec ca = { .subject = "root", .ca = true };
	static struct bytes root;
	struct assay_err err;
	uint8_t hash[32];

	crypto = assay_crypto_new(NULL, NULL);
	root_key = test_ec("P-256");
	ek_key = test_ec("P-256");
	other_ek = test_ec("P-256");
	ek_rsa = test_rsa(2048);
	ak_key = test_ec("P-256");
	ek_public(&ek_pub, ek_key, true);
	ak_public(&ak_pub, ak_key);
	ca.from = TEST_FROM - 100;
	ca.to = TEST_TO + 100;
	put_cert(&root, &ca, root_key, "root", root_key);
	put_cert(&ek_cert, &(struct cert_spec){ 0 }, ek_key, "root", root_key);
	put_cert(&other_cert, &(struct cert_spec){ 0 }, other_ek, "root", root_key);
	put_cert(&wild_cert, &(struct cert_spec){ 0 }, ek_key, "wild", other_ek);
	anchors = assay_anchors_new(crypto);
	if (!anchors ||
	    !assay_anchors_add(anchors, ASSAY_ANCHOR_ROOT, test_slice(&root), &err) ||
	    !enrol_token_make(crypto, token_text, hash))
		abort();
	config = (struct enrol_config){
		.crypto = crypto, .anchors = anchors, .secrets = secrets, .nsecrets = 2
	};
}

int main(void)
{
	setup();
	good_rows();
	registered_rows();
	refused_rows();
	finish_rows();
	assay_anchors_free(anchors);
	EVP_PKEY *const keys[] = { root_key, ek_key, other_ek, ek_rsa, ak_key };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		EVP_PKEY_free(keys[i]);
	assay_crypto_free(crypto);
	return tap_done();
}
