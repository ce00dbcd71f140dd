/* SPDX-License-Identifier: Apache-2.0
 * The stateless challenge: one row per rule, every bit and every length, keys that rotate. */
#include "core/crypto/internal.h"
#include "tests/receipt_sample.h"
#include "tests/tap.h"
#include <stdlib.h>

enum { LIFE = 60000 };

static struct assay_crypto *crypto;
static uint8_t challenge[ASSAY_CHALLENGE_SIZE];

static const uint8_t known[ASSAY_CHALLENGE_SIZE] = { 0x00, 0x00, 0x00, 0x00, 0x65, 0x53, 0xf1,
						     0x00, 0x03, 0x97, 0x01, 0xa2, 0x9c, 0x6a,
						     0xe8, 0x13, 0x62, 0x08, 0x11, 0xdf, 0x32,
						     0x95, 0xf4, 0x92, 0x2e, 0x9d, 0x59, 0xc0,
						     0x72, 0x94, 0xcb, 0x3f };

static const struct {
	const char *name;
	size_t secrets; /* how many of the sample's are held, from the first */
	size_t from, n; /* AK name, in sample_bytes */
	enum assay_purpose purpose;
	int64_t later; /* than its issue */
	uint64_t life;
	enum assay_recall want;
} rows[] = {
#define AK 30, 34
#define EVIDENCE ASSAY_PURPOSE_EVIDENCE
	{ "at once", 2, AK, EVIDENCE, 0, LIFE, ASSAY_RECALL_GOOD },
	{ "at the last moment of its life", 2, AK, EVIDENCE, LIFE - 1, LIFE,
	  ASSAY_RECALL_GOOD },
	{ "when its life is over", 2, AK, EVIDENCE, LIFE, LIFE, ASSAY_RECALL_ENDED },
	{ "long after", 2, AK, EVIDENCE, (int64_t)1 << 60, LIFE, ASSAY_RECALL_ENDED },
	{ "a clock that is 2 s behind", 2, AK, EVIDENCE, -2000, LIFE, ASSAY_RECALL_GOOD },
	{ "a clock that is 2.001 s behind", 2, AK, EVIDENCE, -2001, LIFE, ASSAY_RECALL_FUTURE },
	{ "a clock at 1970", 2, AK, EVIDENCE, -SAMPLE_NOW, LIFE, ASSAY_RECALL_FUTURE },
	{ "no life at all", 2, AK, EVIDENCE, 0, 0, ASSAY_RECALL_ENDED },
	{ "no life, and a clock behind", 2, AK, EVIDENCE, -1, 0, ASSAY_RECALL_ENDED },
	{ "a life without end", 2, AK, EVIDENCE, LIFE, UINT64_MAX, ASSAY_RECALL_GOOD },
	{ "another AK", 2, 31, 34, EVIDENCE, 0, LIFE, ASSAY_RECALL_FORGED },
	{ "a part of the AK's name", 2, 30, 33, EVIDENCE, 0, LIFE, ASSAY_RECALL_FORGED },
	{ "no AK", 2, 30, 0, EVIDENCE, 0, LIFE, ASSAY_RECALL_FORGED },
	{ "an AK name of 67 bytes", 2, 0, 67, EVIDENCE, 0, LIFE, ASSAY_RECALL_FORGED },
	{ "another purpose", 2, AK, ASSAY_PURPOSE_ENROL, 0, LIFE, ASSAY_RECALL_FORGED },
	{ "forged and over: forged", 2, 31, 34, EVIDENCE, LIFE, LIFE, ASSAY_RECALL_FORGED },
	{ "a key that is not held", 0, AK, EVIDENCE, 0, LIFE, ASSAY_RECALL_KEY_UNKNOWN },
};

static enum assay_recall check(size_t n, uint64_t *issued)
{
	return assay_challenge_check(crypto, sample_secrets, 2, ASSAY_PURPOSE_EVIDENCE,
				     sample_ak_name(), SAMPLE_NOW, LIFE,
				     (struct assay_slice){ challenge, n }, issued);
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint64_t issued = 77;
		enum assay_recall got = assay_challenge_check(
			crypto, sample_secrets, rows[i].secrets, rows[i].purpose,
			sample_slice(rows[i].from, rows[i].n),
			(uint64_t)(SAMPLE_NOW + rows[i].later), rows[i].life,
			(struct assay_slice){ challenge, sizeof challenge }, &issued);
		bool good = rows[i].want == ASSAY_RECALL_GOOD;

		if (!tap_ok(got == rows[i].want && issued == (good ? SAMPLE_NOW : 77), "%s",
			    rows[i].name))
			printf("# got %s\n", assay_recall_word(got));
	}
}

static void test_bytes(void)
{
	uint64_t issued = 77;
	bool flips = true, lengths = true;
	uint8_t longer[ASSAY_CHALLENGE_SIZE + 1] = { 0 };

	for (size_t bit = 0; bit < 8 * sizeof challenge; bit++) {
		challenge[bit / 8] ^= (uint8_t)(1 << bit % 8);
		enum assay_recall got = check(sizeof challenge, &issued);
		/* byte 8 names the key: another name is of a key that is not held */
		flips = flips &&
			got == (bit / 8 == 8 ? ASSAY_RECALL_KEY_UNKNOWN : ASSAY_RECALL_FORGED);
		challenge[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t n = 0; n < sizeof challenge; n++)
		lengths = lengths && check(n, &issued) == ASSAY_RECALL_MALFORMED;
	memcpy(longer, challenge, sizeof challenge);
	lengths = lengths &&
		  assay_challenge_check(crypto, sample_secrets, 2, ASSAY_PURPOSE_EVIDENCE,
					sample_ak_name(), SAMPLE_NOW, LIFE,
					(struct assay_slice){ longer, sizeof longer },
					&issued) == ASSAY_RECALL_MALFORMED;
	tap_ok(flips && issued == 77, "every bit flipped is refused");
	tap_ok(lengths && issued == 77, "every other length is refused");
}

static void test_rotation(void)
{
	const struct assay_secret renamed[] = { { 9, { 0 } }, sample_secrets[0] };
	struct assay_secret other = sample_secrets[0];
	uint8_t newer[ASSAY_CHALLENGE_SIZE];
	struct assay_slice old = { challenge, sizeof challenge };
	struct assay_slice ak = sample_ak_name();
	uint64_t issued;

	other.b[31] ^= 1;
	tap_ok(assay_challenge_make(crypto, &sample_secrets[1], ASSAY_PURPOSE_EVIDENCE, ak,
				    SAMPLE_NOW, newer) &&
		       newer[8] == 9 && memcmp(newer, challenge, sizeof newer) != 0 &&
		       check(sizeof challenge, &issued) == ASSAY_RECALL_GOOD &&
		       assay_challenge_check(crypto, sample_secrets, 2, ASSAY_PURPOSE_EVIDENCE,
					     ak, SAMPLE_NOW, LIFE,
					     (struct assay_slice){ newer, sizeof newer },
					     &issued) == ASSAY_RECALL_GOOD,
	       "two keys are held: what either made is good");
	tap_ok(assay_challenge_check(crypto, sample_secrets + 1, 1, ASSAY_PURPOSE_EVIDENCE, ak,
				     SAMPLE_NOW, LIFE, old,
				     &issued) == ASSAY_RECALL_KEY_UNKNOWN,
	       "a key that was dropped makes nothing good");
	tap_ok(assay_challenge_check(crypto, renamed, 2, ASSAY_PURPOSE_EVIDENCE, ak, SAMPLE_NOW,
				     LIFE, old, &issued) == ASSAY_RECALL_GOOD &&
		       assay_challenge_check(crypto, &other, 1, ASSAY_PURPOSE_EVIDENCE, ak,
					     SAMPLE_NOW, LIFE, old,
					     &issued) == ASSAY_RECALL_FORGED,
	       "the id finds the key, the key decides");
}

static void test_make(void)
{
	uint8_t out[ASSAY_CHALLENGE_SIZE];

	memset(out, 0x55, sizeof out);
	tap_ok(!assay_challenge_make(crypto, sample_secrets, ASSAY_PURPOSE_EVIDENCE,
				     sample_slice(0, 0), SAMPLE_NOW, out) &&
		       !assay_challenge_make(crypto, sample_secrets, ASSAY_PURPOSE_EVIDENCE,
					     sample_slice(0, 67), SAMPLE_NOW, out) &&
		       out[0] == 0x55 && out[31] == 0x55,
	       "none is made for no AK, or one whose name is too long");
	tap_ok(assay_challenge_make(crypto, sample_secrets, ASSAY_PURPOSE_EVIDENCE,
				    sample_slice(0, 66), UINT64_MAX, out),
	       "the longest name and the last moment fit");
}

/* Our own failure is not the node's forgery. */
static void test_error(void)
{
	struct assay_crypto *lacking = assay_crypto_new(NULL, NULL);
	uint8_t out[ASSAY_CHALLENGE_SIZE];
	uint64_t issued = 77;

	if (!lacking)
		exit(1);
	EVP_MD_CTX_free(lacking->ctx[SLOT_SHA256]);
	lacking->ctx[SLOT_SHA256] = NULL; /* not to be had */
	tap_ok(assay_challenge_check(lacking, sample_secrets, 2, ASSAY_PURPOSE_EVIDENCE,
				     sample_ak_name(), SAMPLE_NOW, LIFE,
				     (struct assay_slice){ challenge, sizeof challenge },
				     &issued) == ASSAY_RECALL_ERROR &&
		       issued == 77 &&
		       !assay_challenge_make(lacking, sample_secrets, ASSAY_PURPOSE_EVIDENCE,
					     sample_ak_name(), SAMPLE_NOW, out),
	       "a library that fails is an error, not a forgery");
	assay_crypto_free(lacking);
}

static void test_words(void)
{
	bool words = true;

	for (unsigned i = 0; i < ASSAY_RECALLS_N; i++)
		for (unsigned k = 0; k < i; k++)
			words = words && strcmp(assay_recall_word(i), assay_recall_word(k)) &&
				strcmp(assay_recall_text(i), assay_recall_text(k));
	tap_ok(words && strcmp(assay_recall_word(ASSAY_RECALL_BEHIND), "behind") == 0 &&
		       strcmp(assay_recall_word(ASSAY_RECALLS_N), "unknown") == 0 &&
		       strcmp(assay_recall_text(ASSAY_RECALLS_N), "unknown") == 0,
	       "each has its word and its sentence");
}

int main(void)
{
	crypto = assay_crypto_new(NULL, NULL);
	if (!crypto || !assay_challenge_make(crypto, sample_secrets, ASSAY_PURPOSE_EVIDENCE,
					     sample_ak_name(), SAMPLE_NOW, challenge))
		return 1;
	tap_ok(memcmp(challenge, known, sizeof known) == 0,
	       "a challenge is what Python's hmac makes of the same");
	test_rows();
	test_bytes();
	test_rotation();
	test_make();
	test_error();
	test_words();
	assay_crypto_free(crypto);
	return tap_done();
}
