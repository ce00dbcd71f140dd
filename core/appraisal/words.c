/* SPDX-License-Identifier: Apache-2.0 */
#include "core/appraisal/words.h"

static uint8_t plain(uint8_t c)
{
	return c == '-' ? '_' : c;
}

/* A word of the policy that ends in "=" forbids every value. */
static bool word_is(struct assay_slice word, size_t step, struct assay_slice bad)
{
	size_t k = 0;

	for (size_t i = 0; i < word.n; i += step) {
		if (word.p[i] == '"')
			continue;
		if (k == bad.n)
			return k > 0 && bad.p[k - 1] == '=';
		if (plain(word.p[i]) != plain(bad.p[k++]) || (step == 2 && word.p[i + 1] != 0))
			return false;
	}
	return k == bad.n && k > 0;
}

/* The kernel's isspace(), and NUL. */
static bool is_space(const uint8_t *p, size_t step)
{
	return ((*p >= '\t' && *p <= '\r') || *p == ' ' || *p == 0xa0 || *p == 0) &&
	       (step == 1 || p[1] == 0);
}

static bool is_forbidden(const struct assay_policy *policy, struct assay_slice word,
			 size_t step)
{
	for (size_t i = 0; i < policy->nforbidden; i++)
		if (word_is(word, step, policy->forbidden[i]))
			return true;
	return false;
}

struct assay_slice forbidden_word(const struct assay_policy *policy, struct assay_slice text,
				  size_t step, size_t *at)
{
	size_t n = text.n - text.n % step;

	while (*at < n) {
		size_t from = *at, to = from;
		while (to < n && !is_space(text.p + to, step))
			to += step;
		*at = to + step;
		if (is_forbidden(policy, slice_part(text, from, to), step))
			return slice_part(text, from, to);
	}
	return (struct assay_slice){ 0 };
}
