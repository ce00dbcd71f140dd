/* SPDX-License-Identifier: Apache-2.0
 * How many entries a quote covers, on a list of a real boot. */
#include "attester/agent/follow.h"
#include "platform/file.h"
#include "tests/tap.h"

#include <assay/evidence/ima.h>
#include <stdlib.h>
#include <string.h>

enum { MAX = 4096 };

static struct assay_crypto *crypto;
static struct assay_slice list;
static size_t ends[MAX + 1], n;             /* ends[i]: bytes of the first i entries */
static struct assay_bank banks[2][MAX + 1]; /* natively and padded, after i entries */
static struct assay_digest digest;

static bool replay(uint16_t alg)
{
	struct assay_ima_entry e;
	struct assay_err err = { 0 };
	struct assay_ima ima;

	for (int mode = 0; mode < 2; mode++) {
		struct assay_bank b;
		if (!assay_bank_reset(&b, alg) || !assay_ima_open(&ima, list, &err))
			return false;
		memset(b.value[3], 0x33, sizeof b.value[3]);
		banks[mode][0] = b;
		for (n = 0; n < MAX && assay_ima_next(&ima, &e); n++) {
			uint8_t sha1[20] = { 0 }, v[ASSAY_DIGEST_MAX];
			(void)!assay_ima_check(crypto, &e, sha1);
			if (!assay_ima_extend_value(crypto, &e, alg,
						    mode ? ASSAY_IMA_PADDED : ASSAY_IMA_NATIVE,
						    sha1, v) ||
			    !assay_bank_extend(crypto, &b, e.pcr,
					       (struct assay_slice){ v, b.size }))
				return false;
			banks[mode][n + 1] = b;
			ends[n + 1] = e.offset + e.size;
		}
	}
	return n > 10;
}

static struct assay_quote quote_at(int mode, size_t entries)
{
	const struct assay_bank *b = &banks[mode][entries];
	struct assay_quote q = { .resetCount = 7,
				 .pcrSelect = { .n = 1, .bank[0] = { b->alg, 0x7fff } } };

	if (!assay_quote_composite(crypto, &q.pcrSelect, &b, 1, ASSAY_SHA256, &digest))
		abort();
	q.pcrDigest = (struct assay_slice){ digest.b, digest.n };
	return q;
}

static struct assay_slice bytes(size_t from, size_t to)
{
	return (struct assay_slice){ list.p + from, to - from };
}

static struct agent_follow begin(int mode)
{
	struct agent_follow f = { .crypto = crypto };

	agent_follow_start(&f, &banks[mode][n], 7);
	return f;
}

static void test_whole(int mode, const char *name)
{
	struct agent_follow f;
	struct assay_quote q;
	size_t covered = 0;

	f = begin(mode);
	q = quote_at(mode, n);
	tap_ok(agent_follow(&f, bytes(0, list.n), &q, ASSAY_SHA256, banks[mode][n].value[10],
			    &covered) == AGENT_FOLLOWED &&
		       f.entries == n && covered == ends[n],
	       "%s: all of it", name);
	f = begin(mode);
	q = quote_at(mode, n - 3);
	tap_ok(agent_follow(&f, bytes(0, list.n), &q, ASSAY_SHA256,
			    banks[mode][n - 5].value[10], &covered) == AGENT_FOLLOWED &&
		       f.entries == n - 3 && covered == ends[n - 3],
	       "%s: the list is ahead of the quote, and the quote of the PCR that was read",
	       name);
	q = quote_at(mode, n);
	tap_ok(agent_follow(&f, bytes(ends[n - 3], list.n), &q, ASSAY_SHA256, NULL, &covered) ==
			       AGENT_FOLLOWED &&
		       f.entries == n && covered == ends[n] - ends[n - 3],
	       "%s: on from there", name);
	tap_ok(agent_follow(&f, bytes(0, 0), &q, ASSAY_SHA256, NULL, &covered) ==
			       AGENT_FOLLOWED &&
		       covered == 0 && f.entries == n,
	       "%s: nothing new", name);
}

static void test_torn(void)
{
	struct agent_follow f = begin(0);
	struct assay_quote q = quote_at(0, n - 2);
	size_t covered = 0;

	tap_ok(agent_follow(&f, bytes(0, ends[n - 1] + 30), &q, ASSAY_SHA256, NULL, &covered) ==
			       AGENT_FOLLOWED &&
		       f.entries == n - 2,
	       "a last record that is cut short does not matter when the quote lies before it");
	q = quote_at(0, n);
	tap_ok(agent_follow(&f, bytes(ends[n - 2], list.n - 1), &q, ASSAY_SHA256, NULL,
			    &covered) == AGENT_LOST &&
		       f.entries == n - 2,
	       "when it lies behind it nothing is known, and nothing was forgotten");
	tap_ok(agent_follow(&f, bytes(ends[n - 2], list.n), &q, ASSAY_SHA256, NULL, &covered) ==
			       AGENT_FOLLOWED &&
		       f.entries == n,
	       "and once it is whole, it goes on");
}

static void test_lost(void)
{
	struct agent_follow f = { .crypto = crypto };
	struct assay_quote q = quote_at(0, n);
	size_t covered = 77;

	tap_ok(agent_follow(&f, bytes(0, list.n), &q, ASSAY_SHA256, NULL, &covered) ==
		       AGENT_LOST,
	       "what was not started is lost");
	f = begin(0);
	q.resetCount = 8;
	tap_ok(agent_follow(&f, bytes(0, list.n), &q, ASSAY_SHA256, NULL, &covered) ==
		       AGENT_LOST,
	       "another boot");
	q.resetCount = 7;
	f.bank[0].value[3][0] ^= 1;
	f.bank[1].value[3][0] ^= 1;
	tap_ok(agent_follow(&f, bytes(0, list.n), &q, ASSAY_SHA256, NULL, &covered) ==
		       AGENT_LOST,
	       "another PCR moved");
	f = begin(0);
	tap_ok(agent_follow(&f, bytes(ends[1], list.n), &q, ASSAY_SHA256, NULL, &covered) ==
		       AGENT_LOST,
	       "an entry that is missing");
	tap_ok(f.entries == 0 && covered == 77, "none of it leaves a trace");
}

int main(void)
{
	struct platform_message why;

	crypto = assay_crypto_new(NULL, NULL);
	if (!crypto || !platform_file_read("tests/evidence/clean-a/binary_runtime_measurements",
					   1 << 24, &list, &why))
		return 1;
	tap_ok(replay(ASSAY_SHA256), "the list of clean-a");
	test_whole(0, "sha256");
	test_whole(1, "sha256 padded");
	test_torn();
	test_lost();
	tap_ok(replay(ASSAY_SHA384), "in SHA-384");
	test_whole(1, "sha384 padded");
	platform_file_drop(&list);
	assay_crypto_free(crypto);
	return tap_done();
}
