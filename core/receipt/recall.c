/* SPDX-License-Identifier: Apache-2.0 */
#include <assay/receipt.h>

static const struct {
	const char *word, *text;
} recalls[] = {
#define X(code, word, text) { word, text },
	ASSAY_RECALLS(X)
#undef X
};

const char *assay_recall_word(enum assay_recall recall)
{
	return (size_t)recall < ASSAY_RECALLS_N ? recalls[recall].word : "unknown";
}

const char *assay_recall_text(enum assay_recall recall)
{
	return (size_t)recall < ASSAY_RECALLS_N ? recalls[recall].text : "unknown";
}
