/* SPDX-License-Identifier: Apache-2.0
 * The tables of tiers, claims and reasons. */
#include "core/base/slice.h"
#include "tests/tap.h"
#include <assay/result.h>

static void test_tiers(void)
{
	static const struct {
		int from, to;
		enum assay_tier want;
	} ranges[] = {
		{ -128, -97, ASSAY_CONTRAINDICATED }, { -96, -33, ASSAY_WARNING },
		{ -32, -2, ASSAY_AFFIRMING },         { -1, 1, ASSAY_NONE },
		{ 2, 31, ASSAY_AFFIRMING },           { 32, 95, ASSAY_WARNING },
		{ 96, 127, ASSAY_CONTRAINDICATED },
	};
	int next = -128;

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		bool same = ranges[i].from == next;

		for (int v = ranges[i].from; v <= ranges[i].to; v++)
			same = same && assay_tier_of((int8_t)v) == ranges[i].want;
		next = ranges[i].to + 1;
		tap_ok(same, "values %d to %d are %s", ranges[i].from, ranges[i].to,
		       assay_tier_name(ranges[i].want));
	}
	tap_ok(next == 128, "every value has a tier");
}

static void test_worse(void)
{
	static const enum assay_tier order[] = { ASSAY_AFFIRMING, ASSAY_NONE, ASSAY_WARNING,
						 ASSAY_CONTRAINDICATED, (enum assay_tier)3 };

	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < 5; k++)
			tap_ok(assay_tier_worse(order[i], order[k]) == order[i > k ? i : k],
			       "the worse of %s and %s", assay_tier_name(order[i]),
			       assay_tier_name(order[k]));
}

static void test_names(void)
{
	tap_ok(!strcmp(assay_tier_name(ASSAY_NONE), "none"), "tier none");
	tap_ok(!strcmp(assay_tier_name(ASSAY_AFFIRMING), "affirming"), "tier affirming");
	tap_ok(!strcmp(assay_tier_name(ASSAY_WARNING), "warning"), "tier warning");
	tap_ok(!strcmp(assay_tier_name(ASSAY_CONTRAINDICATED), "contraindicated"),
	       "tier contraindicated");
	tap_ok(!strcmp(assay_tier_name((enum assay_tier)1), "unknown"), "no tier");
	tap_ok(!strcmp(assay_claim_name(ASSAY_CLAIM_INSTANCE_IDENTITY), "instance-identity"),
	       "first claim");
	tap_ok(!strcmp(assay_claim_name(ASSAY_CLAIM_SOURCED_DATA), "sourced-data"),
	       "last claim");
	tap_ok(!strcmp(assay_claim_name(ASSAY_CLAIMS_N), "unknown"), "no claim");
	tap_ok(!strcmp(assay_severity_name(ASSAY_SEVERITY_INFO), "info"), "severity info");
	tap_ok(!strcmp(assay_severity_name(ASSAY_SEVERITY_WARNING), "warning"),
	       "severity warning");
	tap_ok(!strcmp(assay_severity_name(ASSAY_SEVERITY_CONTRAINDICATED), "contraindicated"),
	       "severity contraindicated");
	tap_ok(!strcmp(assay_severity_name((enum assay_severity)3), "unknown"), "no severity");
}

/* A value is 0 (the reason weakens no claim) or of its own tier. */
static bool sound(const struct assay_reason_info *r)
{
	return strchr(r->word, '.') && r->text[0] && r->hint[0] &&
	       (size_t)r->claim < ASSAY_CLAIMS_N &&
	       (r->warning == 0 || assay_tier_of(r->warning) == ASSAY_WARNING) &&
	       (r->contraindicated == 0 ||
		assay_tier_of(r->contraindicated) == ASSAY_CONTRAINDICATED) &&
	       (r->severity != ASSAY_SEVERITY_CONTRAINDICATED || r->contraindicated != 0);
}

static void test_reasons(void)
{
	for (int i = 0; i < ASSAY_REASON_CODES_N; i++) {
		const struct assay_reason_info *r =
			assay_reason_info((enum assay_reason_code)i);

		tap_ok(r && sound(r) && assay_reason_by_word(slice_str(r->word)) == i, "%s",
		       r ? r->word : "?");
	}
	tap_ok(!assay_reason_info(ASSAY_REASON_CODES_N), "no reason");
	tap_ok(assay_reason_by_word(slice_str("quote.nonce")) == -1, "a word's beginning");
	tap_ok(assay_reason_by_word(slice_str("")) == -1, "no word");

	const struct assay_reason_info *r = assay_reason_info(ASSAY_R_QUOTE_BANK_WEAK);
	tap_ok(!strcmp(r->word, "quote.bank-weak") && !r->fixed &&
		       r->claim == ASSAY_CLAIM_CONFIGURATION && r->warning == 36 &&
		       r->contraindicated == 96,
	       "the columns are in their places");
}

int main(void)
{
	test_tiers();
	test_worse();
	test_names();
	test_reasons();
	return tap_done();
}
