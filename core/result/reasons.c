/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include <assay/result.h>

static const struct assay_reason_info infos[] = {
#define X(code, word, severity, fixed, claim, warn, contra, text, hint)                          \
	{                                                                                        \
		word, ASSAY_SEVERITY_##severity, fixed, ASSAY_CLAIM_##claim, warn, contra, text, \
		hint                                                                             \
	},
	ASSAY_REASONS(X)
#undef X
};

const struct assay_reason_info *assay_reason_info(enum assay_reason_code code)
{
	return (size_t)code < ASSAY_REASON_CODES_N ? &infos[code] : NULL;
}

int assay_reason_by_word(struct assay_slice word)
{
	for (int i = 0; i < ASSAY_REASON_CODES_N; i++)
		if (slice_is(word, infos[i].word))
			return i;
	return -1;
}

const char *assay_severity_name(enum assay_severity severity)
{
	static const char *const names[] = { "info", "warning", "contraindicated" };

	return (size_t)severity < sizeof names / sizeof *names ? names[severity] : "unknown";
}
