/* SPDX-License-Identifier: Apache-2.0
 * keylime#585: the kernel adds to the list before it extends, and measures while a
 * quote is taken; a verifier that replays the whole list then fails a good node.
 * The quote explains a prefix: an early quote of one boot (incremental-1, 97
 * entries) with the list as it was much later (incremental-8, 378 entries). */
#include "tests/pcrs.h"
#include "tests/regressions/ima.h"

/* pcrDigest: the last 32 bytes of the quote; SHA-256 over PCR 0-10 and 14. */
static bool quoted(struct assay_crypto *crypto, const struct assay_bank *boot,
		   const uint8_t *pcr10, struct assay_slice quote)
{
	struct assay_slice parts[12];
	struct assay_digest d;

	for (size_t i = 0; i < 12; i++)
		parts[i] = (struct assay_slice){ boot->value[i < 11 ? i : 14], 32 };
	parts[10].p = pcr10;
	return quote.n > 32 && assay_hash(crypto, ASSAY_SHA256, parts, 12, &d) &&
	       memcmp(d.b, quote.p + quote.n - 32, 32) == 0;
}

int main(void)
{
	struct assay_slice list =
		test_file("tests/evidence/incremental-8/binary_runtime_measurements");
	struct assay_slice quote = test_file("tests/evidence/incremental-1/quote.msg");
	struct assay_bank boot =
		test_pcrs("tests/evidence/incremental-8/pcrs.txt", ASSAY_SHA256);
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	uint8_t value[ASSAY_DIGEST_MAX];
	struct assay_bank bank;
	struct assay_ima_entry e;
	struct assay_ima ima;
	struct assay_err err;
	size_t prefix = 0;

	bool ok = assay_bank_reset(&bank, ASSAY_SHA256) && assay_ima_open(&ima, list, &err);
	while (ok && assay_ima_next(&ima, &e)) {
		ok = assay_ima_check(crypto, &e, NULL) &&
		     assay_ima_extend_value(crypto, &e, ASSAY_SHA256, ASSAY_IMA_NATIVE, NULL,
					    value) &&
		     assay_bank_extend(crypto, &bank, e.pcr, (struct assay_slice){ value, 32 });
		if (ok && prefix == 0 && quoted(crypto, &boot, bank.value[10], quote))
			prefix = e.index + 1;
	}
	tap_ok(ok && err.fault == ASSAY_F_OK && ima.index == 378,
	       "the later list is read to its end");
	tap_ok(prefix == 97, "the early quote is explained by the first %zu entries", prefix);
	tap_ok(!quoted(crypto, &boot, bank.value[10], quote), "and not by the whole list");
	assay_crypto_free(crypto);
	free((void *)(uintptr_t)list.p);
	free((void *)(uintptr_t)quote.p);
	return tap_done();
}
