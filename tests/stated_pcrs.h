/* SPDX-License-Identifier: Apache-2.0
 * stated_pcrs - PCR values that somebody stated in a text, for tests. Made for every text in
 * the vectors at once: a word that names a bank, then numbers, each followed by a digest in hex
 * of that bank's size. "rtmr0" is register 1 of SHA-384. */
#pragma once
#include <assay/evidence/eventlog.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stated {
	size_t same, differ;
};

static inline bool stated_word(const char **at, const char *end, char *word, size_t cap)
{
	size_t n = 0;
	const char *p = *at;

	while (p < end && !((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') ||
			    (*p >= 'A' && *p <= 'Z')))
		p++;
	for (; p < end && ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') ||
			   (*p >= 'A' && *p <= 'Z'));
	     p++)
		if (n + 1 < cap)
			word[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
	word[n] = '\0';
	*at = p;
	return n > 0;
}

static inline void stated_hex(const struct assay_bank *bank, uint32_t pcr, char *hex)
{
	for (size_t i = 0; i < bank->size; i++)
		snprintf(hex + 2 * i, 3, "%02x", bank->value[pcr][i]);
}

/* mask: the PCRs that the log is to explain. */
static inline struct stated stated_compare(struct assay_slice text,
					   const struct assay_bank *banks, size_t nbanks,
					   uint32_t mask)
{
	const char *at = (const char *)text.p, *end = at + text.n;
	const struct assay_bank *bank = NULL;
	struct stated s = { 0 };
	long pcr = -1;
	char word[160], hex[2 * ASSAY_DIGEST_MAX + 1];

	while (stated_word(&at, end, word, sizeof word)) {
		const char *digits = strncmp(word, "0x", 2) == 0 ? word + 2 : word;
		uint16_t alg = assay_alg_by_name(
			(struct assay_slice){ (const uint8_t *)word, strlen(word) });
		bool rtmr = strncmp(word, "rtmr", 4) == 0 && strlen(word) == 5;

		if (alg != 0 || rtmr) {
			bank = NULL;
			for (size_t b = 0; b < nbanks; b++)
				if (banks[b].alg == (rtmr ? ASSAY_SHA384 : alg))
					bank = &banks[b];
			pcr = rtmr ? word[4] - '0' + 1 : -1;
		} else if (strlen(word) <= 2) {
			pcr = strtol(word, NULL, 10);
		} else if (bank && pcr >= 0 && pcr < ASSAY_PCRS && mask & 1u << pcr &&
			   strlen(digits) == 2u * bank->size) {
			stated_hex(bank, (uint32_t)pcr, hex);
			bool same = strcmp(hex, digits) == 0;
			if (!same)
				printf("# PCR %ld is %s, stated %s\n", pcr, hex, digits);
			s.same += same;
			s.differ += !same;
			pcr = -1;
		}
	}
	return s;
}
