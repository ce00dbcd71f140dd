/* SPDX-License-Identifier: Apache-2.0
 * A quote over another bank than the one that the logs, the references or the policy speak of.
 */
#include "tests/forge.h"

int main(void)
{
	struct forge *f = forge_new("clean-a");

	f->bank = ASSAY_SHA1;
	forge_refuses(f, "quote.bank-weak", "SHA-1, of which the log has no digest");
	f->bank = ASSAY_SHA384;
	forge_refuses(f, "reference.bank-missing", "SHA-384, of which the log has no digest");
	f->bank = ASSAY_SM3_256;
	forge_write(f);
	forge_judge_again(f);
	tap_ok(!forge_affirms(f), "SM3, which is not computed");
	f->bank = ASSAY_SHA256;
	f->policy.banks[0] = ASSAY_SHA384;
	f->policy.nbanks = 1;
	forge_refuses(f, "quote.bank-weak", "SHA-256 where the policy wants SHA-384");
	forge_free(f);
	return tap_done();
}
