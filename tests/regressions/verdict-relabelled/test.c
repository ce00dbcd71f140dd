/* SPDX-License-Identifier: Apache-2.0
 * go-attestation's disclosure, at the level of verdicts: an event's type is covered by nothing.
 * Every event of a boot with Secure Boot off is relabelled as every type there is: none makes
 * it affirming, none hides that Secure Boot is off. */
#include "tests/forge.h"

static const uint32_t types[] = {
#define X(code, value) value,
	ASSAY_EVENT_TYPES(X)
#undef X
		0x12345678,
};

int main(void)
{
	struct forge *f = forge_new("secureboot-off");
	size_t affirmed = 0, hidden = 0, n = 0;

	forge_judge(f);
	tap_ok(!forge_affirms(f) && forge_says(f, "boot.secure-boot-off"),
	       "Secure Boot is off");
	for (size_t i = 0; i < f->nevents; i++)
		for (size_t k = 0; k < sizeof types / sizeof *types; k++, n++) {
			uint32_t was = f->events[i].type;
			/* the quote is the machine's: made before the log was altered */
			forge_write(f);
			f->events[i].type = types[k];
			uint8_t msg[512], sig[128];
			size_t nmsg = f->nmsg, nsig = f->nsig;
			memcpy(msg, f->msg, nmsg);
			memcpy(sig, f->sig, nsig);
			forge_write(f);
			memcpy(f->msg, msg, f->nmsg = nmsg);
			memcpy(f->sig, sig, f->nsig = nsig);
			forge_judge_again(f);
			affirmed += forge_affirms(f);
			hidden += f->judged && f->claims.replayed &&
				  !forge_says(f, "boot.secure-boot-off");
			f->events[i].type = was;
		}
	tap_ok(affirmed == 0, "%zu labels: %zu affirm", n, affirmed);
	tap_ok(hidden == 0, "%zu labels: %zu hide that Secure Boot is off", n, hidden);
	forge_free(f);
	return tap_done();
}
