/* SPDX-License-Identifier: Apache-2.0
 * Receipts: what opens and what does not, one row per rule; every bit and every length; going
 * on from one. */
#include "core/base/slice.h"
#include "core/crypto/internal.h"
#include "tests/receipt_sample.h"
#include "tests/tap.h"
#include <stdlib.h>

static struct assay_crypto *crypto;
static const uint8_t salt[ASSAY_RECEIPT_SALT] = "32 bytes that are not random at ";
static uint8_t sealed[ASSAY_RECEIPT_MAX], plain[ASSAY_RECEIPT_MAX + 1];
static size_t nsealed;

/* SHA-256 of the sample sealed, contents, HKDF and GCM as Python's `cryptography` has them */
static const uint8_t known[32] = { 0xb1, 0xc7, 0x2c, 0xe5, 0x7a, 0x25, 0x84, 0x44,
				   0x52, 0x89, 0xd2, 0x88, 0xa9, 0x99, 0x8a, 0xdf,
				   0x1c, 0xf9, 0xd9, 0xf1, 0x6f, 0x84, 0x6a, 0x73,
				   0xcc, 0x2c, 0x08, 0x3b, 0xc6, 0xed, 0x22, 0xff };

static enum assay_recall open_with(const struct assay_receipt_want *want, size_t nsecrets,
				   struct assay_slice in, bool *untouched)
{
	static struct assay_receipt r;

	memset(&r, 0x55, sizeof r);
	memset(plain, 0x55, sizeof plain);
	enum assay_recall got =
		assay_receipt_open(crypto, sample_secrets, nsecrets, want, in, plain, &r);
	*untouched = slice_all((struct assay_slice){ (const uint8_t *)&r, sizeof r }, 0x55) &&
		     (in.n == 0 || slice_all((struct assay_slice){ plain, in.n }, 0)) &&
		     plain[in.n] == 0x55;
	return got;
}

static const struct {
	const char *name, *node;
	size_t ak; /* where it begins in sample_bytes */
	size_t secrets;
	uint64_t now, generation, revoked;
	enum assay_recall want;
} rows[] = {
#define NODE "node-17"
#define T0 SAMPLE_NOW
#define T_STALE (SAMPLE_NOW + 3000 * 1000)
#define T_ENDS (SAMPLE_NOW + 3600 * 1000)
	{ "at once", NODE, 30, 2, T0, 41, 12, ASSAY_RECALL_GOOD },
	{ "the last moment", NODE, 30, 2, T_STALE - 1, 41, 12, ASSAY_RECALL_GOOD },
	{ "what it covers ceased to be good", NODE, 30, 2, T_STALE, 41, 12,
	  ASSAY_RECALL_STALE },
	{ "ended", NODE, 30, 2, T_ENDS, 41, 12, ASSAY_RECALL_ENDED },
	{ "a clock 2 s behind", NODE, 30, 2, T0 - 2000, 41, 12, ASSAY_RECALL_GOOD },
	{ "a clock 2.001 s behind", NODE, 30, 2, T0 - 2001, 41, 12, ASSAY_RECALL_FUTURE },
	{ "a newer generation than ours", NODE, 30, 2, T0, 40, 12, ASSAY_RECALL_BEHIND },
	{ "a newer generation, though ended", NODE, 30, 2, T_ENDS, 40, 13,
	  ASSAY_RECALL_BEHIND },
	{ "an older generation than ours", NODE, 30, 2, T0, 42, 12, ASSAY_RECALL_GOOD },
	{ "from before a revocation", NODE, 30, 2, T0, 41, 13, ASSAY_RECALL_REVOKED },
	{ "no revocation", NODE, 30, 2, T0, 41, 0, ASSAY_RECALL_GOOD },
	{ "another node", "node-18", 30, 2, T0, 41, 12, ASSAY_RECALL_FORGED },
	{ "a node with a longer name", "node-171", 30, 2, T0, 41, 12, ASSAY_RECALL_FORGED },
	{ "no node", "", 30, 2, T0, 41, 12, ASSAY_RECALL_FORGED },
	{ "another AK", NODE, 31, 2, T0, 41, 12, ASSAY_RECALL_FORGED },
	{ "a key that is not held", NODE, 30, 0, T0, 41, 12, ASSAY_RECALL_KEY_UNKNOWN },
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_receipt_want want = { sample_text(rows[i].node),
						   sample_slice(rows[i].ak, 34), rows[i].now,
						   rows[i].generation, rows[i].revoked };
		bool untouched;
		enum assay_recall got =
			open_with(&want, rows[i].secrets,
				  (struct assay_slice){ sealed, nsealed }, &untouched);

		if (!tap_ok(got == rows[i].want && untouched == (got != ASSAY_RECALL_GOOD),
			    "%s", rows[i].name))
			printf("# got %s\n", assay_recall_word(got));
	}
}

static void test_open(void)
{
	static struct assay_receipt r, want;
	struct assay_receipt_want w = sample_want();
	static uint8_t again[ASSAY_RECEIPT_MAX];

	sample_receipt(&want);
	tap_ok(assay_receipt_open(crypto, sample_secrets, 2, &w,
				  (struct assay_slice){ sealed, nsealed }, plain,
				  &r) == ASSAY_RECALL_GOOD &&
		       slice_eq(r.node, want.node) && slice_eq(r.ak_name, want.ak_name) &&
		       r.generation == 41 && r.ndeviations == 2 &&
		       slice_eq(r.deviation[0].digest, want.deviation[0].digest) &&
		       assay_receipt_seal(crypto, &sample_secrets[0], salt, &r, again,
					  sizeof again) == nsealed &&
		       memcmp(again, sealed, nsealed) == 0,
	       "what opens is what was sealed");
	tap_ok(!memmem(sealed, nsealed, "ima.file-unknown", 16) &&
		       !memmem(sealed, nsealed, "node-17", 7),
	       "nothing of it is in clear");

	uint8_t digest[ASSAY_DIGEST_MAX];
	tap_ok(assay_hash1(crypto, ASSAY_SHA256, (struct assay_slice){ sealed, nsealed },
			   digest) &&
		       memcmp(digest, known, sizeof known) == 0,
	       "a sealed receipt is what Python's cryptography makes of the same");
}

static void test_bytes(void)
{
	struct assay_receipt_want want = sample_want();
	struct assay_slice in = { sealed, nsealed };
	bool flips = true, lengths = true, untouched;

	for (size_t bit = 0; bit < 8 * nsealed; bit++) {
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		enum assay_recall got = open_with(&want, 2, in, &untouched);
		flips = flips && untouched &&
			got == (bit / 8 == 0   ? ASSAY_RECALL_MALFORMED
				: bit / 8 == 1 ? ASSAY_RECALL_KEY_UNKNOWN
					       : ASSAY_RECALL_FORGED);
		sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t n = 0; n < nsealed; n++) {
		enum assay_recall got =
			open_with(&want, 2, (struct assay_slice){ sealed, n }, &untouched);
		lengths = lengths && untouched &&
			  got == (n <= 2 + 32 + 16 ? ASSAY_RECALL_MALFORMED
						   : ASSAY_RECALL_FORGED);
	}
	tap_ok(flips, "every bit flipped is refused (%zu bytes)", nsealed);
	tap_ok(lengths, "every truncation is refused");
	lengths = open_with(&want, 2, (struct assay_slice){ sealed, nsealed + 1 },
			    &untouched) == ASSAY_RECALL_FORGED;
	static uint8_t much[ASSAY_RECEIPT_MAX + 1], room[ASSAY_RECEIPT_MAX + 1];
	static struct assay_receipt r;
	memcpy(much, sealed, nsealed);
	tap_ok(lengths && assay_receipt_open(crypto, sample_secrets, 2, &want,
					     (struct assay_slice){ much, sizeof much }, room,
					     &r) == ASSAY_RECALL_MALFORMED,
	       "a byte more is refused, and what is above the limit is not looked at");
}

/* The other secret under the same id; contents that no version has written. */
static void test_inside(void)
{
	struct assay_secret other = sample_secrets[0];
	struct assay_receipt_want want = sample_want();
	static struct assay_receipt r;
	uint8_t ad[64] = "\x84\x6f"
			 "assay-receipt-1"
			 "\x03\x47"
			 "node-17"
			 "\x58\x22";
	uint8_t derived[44], box[2 + 32 + 1 + 16] = { 1, 3 };
	size_t nad = 1 + 16 + 1 + 8 + 2 + 34;

	other.b[0] ^= 1;
	tap_ok(assay_receipt_open(crypto, &other, 1, &want,
				  (struct assay_slice){ sealed, nsealed }, plain,
				  &r) == ASSAY_RECALL_FORGED,
	       "the id finds the key, the key decides");

	memcpy(ad + nad - 34, sample_ak_name().p, 34);
	memcpy(box + 2, salt, sizeof salt);
	if (!assay_hkdf(crypto, (struct assay_slice){ sample_secrets[0].b, 32 },
			(struct assay_slice){ salt, 32 }, (struct assay_slice){ ad, nad },
			derived, sizeof derived) ||
	    !assay_aead_seal(crypto, derived, derived + 32, (struct assay_slice){ ad, nad },
			     (struct assay_slice){ (const uint8_t *)"\x8b", 1 }, box + 34))
		exit(1);
	bool untouched;
	tap_ok(open_with(&want, 2, (struct assay_slice){ box, sizeof box }, &untouched) ==
			       ASSAY_RECALL_UNREADABLE &&
		       untouched,
	       "authentic, but nothing that we can read");
}

static void test_seal(void)
{
	static struct assay_receipt r;
	static uint8_t out[ASSAY_RECEIPT_MAX + 1];
	const uint8_t zeros[ASSAY_RECEIPT_SALT] = { 0 };
	static const struct {
		const char *name;
		size_t n; /* bytes of room */
		int what;
	} bad[] = {
		{ "no node", sizeof out, 1 },
		{ "a node id of 129 bytes", sizeof out, 2 },
		{ "no AK", sizeof out, 3 },
		{ "an AK name of 67 bytes", sizeof out, 4 },
		{ "a salt of zeros", sizeof out, 5 },
		{ "a life of more than a day", sizeof out, 6 },
		{ "five banks", sizeof out, 7 },
		{ "257 deviations", sizeof out, 8 },
		{ "PCR 10 among the PCRs", sizeof out, 9 },
		{ "no room at all", 0, 0 },
		{ "room for no contents", 2 + 32 + 15, 0 },
		{ "a byte too little", 0, 10 },
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		size_t cap = bad[i].what == 10 ? nsealed - 1 : bad[i].n;
		static const uint8_t id[129] = { 'n' };

		sample_receipt(&r);
		switch (bad[i].what) {
		case 1:
			r.node.n = 0;
			break;
		case 2:
			r.node = (struct assay_slice){ id, sizeof id };
			break;
		case 3:
			r.ak_name.n = 0;
			break;
		case 4:
			r.ak_name = sample_slice(0, 67);
			break;
		case 6:
			r.ends = r.issued + ASSAY_RECEIPT_LIFE_MAX + 1;
			break;
		case 7:
			r.nbanks = 5;
			break;
		case 8:
			r.ndeviations = 257;
			break;
		case 9:
			r.pcr_mask = 1u << 0 | 1u << 10;
			break;
		default:
			break;
		}
		memset(out, 0x55, sizeof out);
		size_t n = assay_receipt_seal(crypto, &sample_secrets[0],
					      bad[i].what == 5 ? zeros : salt, &r, out, cap);
		tap_ok(n == 0 && (cap == 0 || slice_all((struct assay_slice){ out, cap }, 0)) &&
			       (cap == sizeof out || out[cap] == 0x55),
		       "not sealed, nothing left behind: %s", bad[i].name);
	}
	sample_receipt(&r);
	tap_ok(assay_receipt_seal(crypto, &sample_secrets[0], salt, &r, out, nsealed) ==
		       nsealed,
	       "room to the byte is enough");
}

/* As much as there can be, every digest the longest. */
static void test_largest(void)
{
	static struct assay_receipt r, again;
	static uint8_t out[ASSAY_RECEIPT_MAX];
	static uint8_t values[23 * 64];
	static const uint16_t algs[] = { ASSAY_SHA384, ASSAY_SHA512, ASSAY_SHA3_384,
					 ASSAY_SHA3_512 };
	struct assay_receipt_want want = sample_want();
	struct assay_slice word =
		sample_text("a.longest-word-that-a-reason-may-be-made-of-4567");

	sample_receipt(&r);
	r.ndeviations = 0;
	r.pcr_alg = ASSAY_SHA512;
	r.pcr_mask = 0xffffffu & ~(1u << 10);
	r.pcrs = (struct assay_slice){ values, sizeof values };
	r.good_until = ASSAY_RECEIPT_NEVER;
	r.nbanks = 4;
	for (size_t i = 0; i < 4; i++) {
		r.bank[i].alg = algs[i];
		r.bank[i].index = UINT64_MAX - i;
		r.bank[i].pcr10 = (struct assay_slice){ values, assay_alg_size(r.bank[i].alg) };
	}
	struct assay_deviation d = { word, UINT64_MAX, ASSAY_SHA3_512, { values, 64 } };
	bool all = word.n == ASSAY_REASON_WORD_MAX;
	for (size_t i = 0; i < ASSAY_DEVIATIONS_MAX; i++, d.index--)
		all = all && assay_receipt_deviate(&r, &d);
	tap_ok(all && !assay_receipt_deviate(&r, &d), "256 deviations and not one more");
	d.index++;
	tap_ok(assay_receipt_deviate(&r, &d) && r.ndeviations == 256,
	       "one that is there is there");

	size_t n = assay_receipt_seal(crypto, &sample_secrets[0], salt, &r, out, sizeof out);
	tap_ok(n > 0 &&
		       assay_receipt_open(crypto, sample_secrets, 2, &want,
					  (struct assay_slice){ out, n }, plain,
					  &again) == ASSAY_RECALL_GOOD &&
		       again.ndeviations == 256,
	       "the largest receipt fits (%zu bytes)", n);
}

static void test_merge(void)
{
	static struct assay_receipt last, next;
	static const struct {
		const char *name;
		int what;
		bool ok;
	} rows_of_merge[] = {
		{ "the same again", 0, true },
		{ "another node", 1, false },
		{ "another AK", 2, false },
		{ "another boot", 3, false },
		{ "a clock that goes back", 4, false },
		{ "a generation that goes back", 5, false },
		{ "other PCR values", 6, false },
		{ "other PCRs quoted", 7, false },
		{ "another bank judged", 8, false },
		{ "an index that goes back", 9, false },
		{ "one index, two values", 10, false },
		{ "a bank that is gone", 11, false },
		{ "a bank more", 12, true },
		{ "a verifier that heard less", 13, true },
		{ "issued when the last has ended", 14, false },
		{ "issued just before", 15, true },
		{ "too many deviations", 16, false },
		{ "as many as there may be", 17, true },
	};

	for (size_t i = 0; i < sizeof rows_of_merge / sizeof *rows_of_merge; i++) {
		sample_receipt(&last);
		sample_receipt(&next);
		switch (rows_of_merge[i].what) {
		case 1:
			next.node = sample_text("node-18");
			break;
		case 2:
			next.ak_name.n--;
			break;
		case 3:
			next.resetCount++;
			break;
		case 4:
			next.clock--;
			break;
		case 5:
			next.generation--;
			break;
		case 6:
			next.pcrs = sample_slice(1, 64);
			break;
		case 7:
			next.pcr_mask = 1u << 0 | 1u << 8;
			break;
		case 8:
			next.pcr_alg = ASSAY_SHA3_256;
			break;
		case 9:
			next.bank[1].index--;
			break;
		case 10:
			next.bank[1].pcr10 = sample_slice(9, 32);
			break;
		case 11:
			next.nbanks = 1;
			break;
		case 12:
			last.nbanks = 1;
			break;
		case 13:
			next.heard--;
			break;
		case 14:
			next.issued = last.ends;
			break;
		case 15:
			next.issued = last.ends - 1;
			break;
		case 16:
		case 17:
			next.ndeviations = 0;
			for (size_t k = 0;
			     k < ASSAY_DEVIATIONS_MAX - (rows_of_merge[i].what == 17 ? 2 : 1);
			     k++) {
				struct assay_deviation d = last.deviation[0];
				d.index = 1000 + k;
				if (!assay_receipt_deviate(&next, &d))
					exit(1);
			}
			break;
		default:
			break;
		}
		tap_ok(assay_receipt_merge(&next, &last) == rows_of_merge[i].ok, "going on: %s",
		       rows_of_merge[i].name);
	}
}

static void test_never_better(void)
{
	static struct assay_receipt last, next;
	struct assay_deviation own = { sample_text("ima.file-modified"), 1100, ASSAY_SHA256,
				       sample_slice(7, 32) };

	sample_receipt(&last);
	sample_receipt(&next);
	next.ndeviations = 1;
	next.deviation[0] = own;
	next.clock += 5;
	next.bank[1].index += 5;
	next.bank[1].pcr10 = sample_slice(8, 32);
	next.issued += 1000;
	next.ends += 1000;
	next.good_until = ASSAY_RECEIPT_NEVER;
	tap_ok(assay_receipt_merge(&next, &last) && next.ndeviations == 3 &&
		       next.deviation[0].index == 1100 && next.deviation[1].index == 17 &&
		       next.deviation[2].index == 5,
	       "deviations are carried on");
	tap_ok(next.good_until == last.good_until && next.ends == last.ends,
	       "lives are not renewed");

	next.good_until = last.good_until - 1;
	next.ends = last.ends - 1;
	tap_ok(assay_receipt_merge(&next, &last) && next.ndeviations == 3 &&
		       next.good_until == last.good_until - 1 && next.ends == last.ends - 1,
	       "an earlier end stays; nothing is there twice");
}

/* Our own failure is not the node's forgery. */
static void test_error(void)
{
	struct assay_crypto *lacking = assay_crypto_new(NULL, NULL);
	struct assay_receipt_want want = sample_want();
	static struct assay_receipt r;
	static uint8_t out[ASSAY_RECEIPT_MAX];

	if (!lacking)
		exit(1);
	EVP_MD_CTX_free(lacking->ctx[SLOT_SHA256]);
	lacking->ctx[SLOT_SHA256] = NULL; /* not to be had */
	tap_ok(assay_receipt_open(lacking, sample_secrets, 2, &want,
				  (struct assay_slice){ sealed, nsealed }, plain,
				  &r) == ASSAY_RECALL_ERROR,
	       "a library that fails is an error, not a forgery");
	sample_receipt(&r);
	tap_ok(assay_receipt_seal(lacking, &sample_secrets[0], salt, &r, out, sizeof out) ==
			       0 &&
		       slice_all((struct assay_slice){ out, sizeof out }, 0),
	       "and what it should have sealed is not left in clear");
	assay_crypto_free(lacking);
}

int main(void)
{
	static struct assay_receipt r;

	crypto = assay_crypto_new(NULL, NULL);
	sample_receipt(&r);
	if (crypto)
		nsealed = assay_receipt_seal(crypto, &sample_secrets[0], salt, &r, sealed,
					     sizeof sealed);
	if (nsealed == 0)
		return 1;
	test_rows();
	test_open();
	test_bytes();
	test_inside();
	test_seal();
	test_largest();
	test_merge();
	test_never_better();
	test_error();
	assay_crypto_free(crypto);
	return tap_done();
}
