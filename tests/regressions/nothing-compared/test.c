/* SPDX-License-Identifier: Apache-2.0
 * "Known" needs something to know it by, and "what ran is known" something that ran: no
 * reference at all under a policy that looks at IMA alone, and a list that IMA's lack of a
 * policy left at its boot_aggregate. */
#include "tests/forge.h"

int main(void)
{
	struct forge *f = forge_new("clean-a");

	f->nrest = 0;
	forge_refuses(f, "ima.log-missing", "boot_aggregate alone");
	forge_free(f);

	f = forge_new("clean-a");
	f->policy.secure_boot = false;
	f->policy.present = f->policy.pcrs_judged = 0;
	f->policy.pcrs_quoted = f->pcrs = 1u << 10;
	f->policy.severity[ASSAY_R_IMA_BOOT_AGGREGATE] = ASSAY_SEVERITY_INFO;
	f->no_log = true;
	forge_judge(f);
	if (!tap_ok(forge_affirms(f), "IMA alone, with references"))
		forge_explain(f);
	f->refs.n = f->refs.buckets = 0;
	forge_refuses(f, "reference.none", "IMA alone, without references");
	forge_free(f);
	return tap_done();
}
