/* SPDX-License-Identifier: Apache-2.0 */
#include <assay/base.h>

static const struct {
	const char *word, *text;
} faults[] = {
#define X(code, word, text) { word, text },
	ASSAY_FAULTS(X)
#undef X
};

const char *assay_fault_word(enum assay_fault fault)
{
	return (size_t)fault < ASSAY_FAULTS_N ? faults[fault].word : "unknown";
}

const char *assay_fault_text(enum assay_fault fault)
{
	return (size_t)fault < ASSAY_FAULTS_N ? faults[fault].text : "unknown fault";
}
