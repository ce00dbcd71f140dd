/* SPDX-License-Identifier: Apache-2.0
 * Logs of one boot with the quote of another, in both directions: the good boot's logs do not
 * explain a bad boot, and yesterday's good quote answers yesterday's challenge. */
#include "tests/forge.h"

int main(void)
{
	struct forge *f = forge_new("clean-a");
	static const uint8_t evil[32] = { 0xee };
	uint8_t msg[512], sig[128];
	size_t nmsg, nsig, nima;

	/* today something ran; the list is cut back to yesterday's */
	forge_write(f);
	nima = f->nima;
	forge_ima(f, "/usr/bin/evil", evil, 32, false);
	forge_write(f);
	f->nima = nima;
	forge_judge_again(f);
	tap_ok(!forge_affirms(f), "the list without what ran, under today's quote");
	f->with_values = true;
	forge_judge_again(f);
	tap_ok(!forge_affirms(f) && forge_says(f, "ima.not-proven"), "the same, values stated");

	/* yesterday's quote and list, today's challenge */
	struct forge *y = forge_new("clean-a");
	forge_write(y);
	memcpy(msg, y->msg, nmsg = y->nmsg);
	memcpy(sig, y->sig, nsig = y->nsig);
	memset(y->nonce, 0x77, sizeof y->nonce);
	forge_write(y);
	memcpy(y->msg, msg, y->nmsg = nmsg);
	memcpy(y->sig, sig, y->nsig = nsig);
	forge_judge_again(y);
	tap_ok(!forge_affirms(y) && forge_says(y, "quote.nonce-mismatch"),
	       "yesterday's quote, today's challenge");

	/* another boot's list whose boot_aggregate is another boot's */
	forge_free(y);
	y = forge_new("clean-a");
	y->stale_aggregate = true;
	forge_refuses(y, "ima.boot-aggregate-mismatch", "a list that began in another boot");
	forge_free(y);
	forge_free(f);
	return tap_done();
}
