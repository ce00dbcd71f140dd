/* SPDX-License-Identifier: Apache-2.0
 * veraison/services#447: the nonce inside TPMS_ATTEST was never compared. An extraData that
 * is empty, shorter, longer or only begins like the challenge is another challenge. */
#include "tests/forge.h"

static void row(struct forge *f, struct assay_slice nonce, const char *what)
{
	struct assay_ak ak;
	struct assay_err err;

	if (!assay_ak_read(f->crypto, (struct assay_slice){ f->ak, f->nak }, &ak, &err))
		return;
	struct assay_expectation x = { .ak = &ak, .nonce_given = true, .nonce = nonce };
	f->memory.at = 0;
	f->judged = assay_appraise(f->crypto, &f->claims, &x, &f->policy, &f->refs, &f->memory,
				   &f->out, &f->err);
	tap_ok(f->judged && !forge_affirms(f), "%s", what);
	assay_key_free(ak.key);
}

int main(void)
{
	struct forge *f = forge_new("clean-a");
	uint8_t longer[64];

	forge_judge(f);
	memset(longer, f->nonce[0], sizeof longer);
	row(f, (struct assay_slice){ longer, 33 }, "the challenge is longer than extraData");
	row(f, (struct assay_slice){ longer, 31 }, "extraData is longer than the challenge");
	row(f, (struct assay_slice){ longer, 0 }, "an empty challenge");
	f->claims.quote.extraData.n = 0;
	row(f, (struct assay_slice){ longer, 32 }, "an empty extraData");
	row(f, (struct assay_slice){ longer, 0 }, "both empty");
	forge_free(f);
	return tap_done();
}
