/* SPDX-License-Identifier: Apache-2.0
 * A PCR that was extended and not logged: in every quoted register, with and without
 * stated values, and in one that is at its reset value in the log's world. */
#include "tests/forge.h"

int main(void)
{
	struct forge *f = forge_new("clean-a");
	static const uint8_t digest[32] = { 0xaa };

	for (int values = 0; values < 2; values++)
		for (uint32_t p = 0; p < 15; p++) {
			f->extra.alg = 0;
			f->pcrs = 0x7fff;
			f->with_values = values;
			forge_judge(f);
			f->extra = f->claims.value[1];
			if (!assay_bank_extend(f->crypto, &f->extra, p,
					       (struct assay_slice){ digest, 32 }))
				return 1;
			forge_refuses(
				f,
				values ? (p == 10 ? "ima.not-proven" : "boot.pcr-unexplained")
				       : "quote.digest-mismatch",
				"one extend that no log shows");
		}
	forge_free(f);
	return tap_done();
}
