/* SPDX-License-Identifier: Apache-2.0
 * pcrs - what tpm2_pcrread wrote (pcrs.txt), for a test. */
#pragma once
#include <assay/crypto.h>
#include <string.h>

#include "tests/file.h"

/* The bank alg of the file; size 0 when it is not there. A value that is not
 * there stays zero and extended lacks its bit. */
static inline struct assay_bank test_pcrs(const char *path, uint16_t alg)
{
	struct assay_bank bank = { .alg = alg };
	const char *name = assay_alg_name(alg);
	FILE *f = name ? fopen(path, "r") : NULL;
	char line[256];
	bool here = false;

	while (f && fgets(line, sizeof line, f)) {
		char word[16], hex[2 * ASSAY_DIGEST_MAX + 1];
		unsigned pcr, b;
		int colon = 0;

		if (sscanf(line, " s%15[a-z0-9_]:%n", word, &colon) == 1 && colon > 0)
			here = name[0] == 's' && strcmp(word, name + 1) == 0;
		if (!here || sscanf(line, " %u : 0x%128[0-9A-Fa-f]", &pcr, hex) != 2 ||
		    pcr >= ASSAY_PCRS || strlen(hex) != 2 * assay_alg_size(alg))
			continue;
		bank.size = (uint16_t)assay_alg_size(alg);
		bank.extended |= 1u << pcr;
		for (size_t i = 0; i < bank.size && sscanf(hex + 2 * i, "%2x", &b) == 1; i++)
			bank.value[pcr][i] = (uint8_t)b;
	}
	if (f)
		fclose(f);
	return bank;
}
