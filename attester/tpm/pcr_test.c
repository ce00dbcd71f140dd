/* SPDX-License-Identifier: Apache-2.0
 * What needs no TPM: when PCR values are the same, and how they are printed. */
#include "attester/tpm/tpm.h"
#include "platform/file.h"
#include "tests/tap.h"

#include <string.h>

int main(void)
{
	static struct attester_pcrs both[2];
	struct attester_pcrs *a = &both[0], *b = &both[1];
	struct assay_slice text = { 0 };

	a->nbanks = 1;
	a->bank[0].alg = ASSAY_SHA1;
	a->bank[0].size = 20;
	a->bank[0].known = 1u << 0 | 1u << 23;
	a->bank[0].value[23][19] = 0xab;
	memcpy(b, a, sizeof *b);
	tap_ok(attester_pcrs_equal(a, b), "the same");
	b->counter++;
	tap_ok(!attester_pcrs_equal(a, b), "the counter moved");
	b->counter--;
	b->bank[0].value[23][0] = 1;
	tap_ok(!attester_pcrs_equal(a, b), "a PCR moved that the counter does not count");
	b->bank[0].value[23][0] = 0;
	b->nbanks = 0;
	tap_ok(!attester_pcrs_equal(a, b), "a bank is gone");
	tap_ok(attester_pcrs_write(a, &text) &&
		       strcmp((const char *)text.p,
			      "  sha1:\n"
			      "    0 : 0x0000000000000000000000000000000000000000\n"
			      "    23: 0x00000000000000000000000000000000000000AB\n") == 0,
	       "printed as tpm2_pcrread does");
	platform_file_drop(&text);
	return tap_done();
}
