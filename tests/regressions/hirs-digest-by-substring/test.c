/* SPDX-License-Identifier: Apache-2.0
 * HIRS (PcrValidator.validateQuote): the expected digest was searched for in the hex of the
 * whole quote. Whoever may choose the nonce, or any name that a quote carries, puts it
 * there. Only pcrDigest, by its place, is the digest. */
#include "tests/regressions/tpm.h"

static void put_forged(struct bytes *msg, const char *where, const uint8_t *expected)
{
	static const uint8_t actual[32] = { 0xbd };

	put_quote(msg, GENERATED, QUOTE,
		  strcmp(where, "extraData") == 0 ? (struct assay_slice){ expected, 32 }
						  : slice_str("fresh"),
		  ASSAY_SHA256, 0xff, (struct assay_slice){ actual, 32 });
	if (strcmp(where, "qualifiedSigner") == 0) {
		struct bytes rest = { .n = 0 };
		put(&rest, msg->b + 8, msg->n - 8);
		msg->n = 6;
		put_be(msg, 34, 2);
		put_be(msg, ASSAY_SHA256, 2);
		put(msg, expected, 32);
		put(msg, rest.b, rest.n);
	}
}

static void test_hidden(struct assay_crypto *crypto, EVP_PKEY *pkey, const char *where)
{
	static struct bytes msg;
	struct assay_bank bank;
	const struct assay_bank *banks[] = { &bank };
	struct assay_pcr_selection sel = { 1, { { ASSAY_SHA256, 0xff } } };
	struct assay_digest expected;
	struct assay_quote q;
	struct assay_err err;

	if (!assay_bank_reset(&bank, ASSAY_SHA256) ||
	    !assay_quote_composite(crypto, &sel, banks, 1, ASSAY_SHA256, &expected))
		abort();
	msg.n = 0;
	put_forged(&msg, where, expected.b);
	bool found = memmem(msg.b, msg.n, expected.b, 32) != NULL;
	bool ok = test_accepts(crypto, pkey, test_slice(&msg), &q, &err);
	tap_ok(found && ok, "the digest lies in %s, the signature holds", where);
	tap_ok(ok && !slice_eq(q.pcrDigest, (struct assay_slice){ expected.b, 32 }) &&
		       q.pcrDigest.p == msg.b + msg.n - 32,
	       "and is not the quote's, in %s", where);
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	EVP_PKEY *pkey = test_ec("P-256");

	test_hidden(crypto, pkey, "extraData");
	test_hidden(crypto, pkey, "qualifiedSigner");
	EVP_PKEY_free(pkey);
	assay_crypto_free(crypto);
	return tap_done();
}
