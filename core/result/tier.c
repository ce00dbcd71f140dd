/* SPDX-License-Identifier: Apache-2.0 */
#include <assay/result.h>

const char *assay_tier_name(enum assay_tier tier)
{
	switch (tier) {
	case ASSAY_NONE:
		return "none";
	case ASSAY_AFFIRMING:
		return "affirming";
	case ASSAY_WARNING:
		return "warning";
	case ASSAY_CONTRAINDICATED:
		return "contraindicated";
	}
	return "unknown";
}

/* draft-ietf-rats-ar4si-09, 2.3.2: the negative ranges are not the positive
 * ones mirrored, and -1, 0 and 1 are no tier of trust at all. */
enum assay_tier assay_tier_of(int8_t value)
{
	if (value >= 96 || value <= -97)
		return ASSAY_CONTRAINDICATED;
	if (value >= 32 || value <= -33)
		return ASSAY_WARNING;
	if (value >= 2 || value <= -2)
		return ASSAY_AFFIRMING;
	return ASSAY_NONE;
}

/* What is no tier ranks as the worst: a bug never improves a verdict. */
static int rank(enum assay_tier tier)
{
	switch (tier) {
	case ASSAY_AFFIRMING:
		return 0;
	case ASSAY_NONE:
		return 1;
	case ASSAY_WARNING:
		return 2;
	case ASSAY_CONTRAINDICATED:
		return 3;
	}
	return 4;
}

enum assay_tier assay_tier_worse(enum assay_tier a, enum assay_tier b)
{
	return rank(a) >= rank(b) ? a : b;
}

const char *assay_claim_name(enum assay_claim claim)
{
	static const char *const names[] = {
#define X(code, word) word,
		ASSAY_CLAIMS(X)
#undef X
	};

	return (size_t)claim < ASSAY_CLAIMS_N ? names[claim] : "unknown";
}
