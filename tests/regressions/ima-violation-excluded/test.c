/* SPDX-License-Identifier: Apache-2.0
 * A violation's digest is zeros and its name is proven by nothing: verifiers that
 * look at the name first find it excluded, or find zeros "known", and go on.
 * Here it is a violation whatever it says, and what it says is told as unbound. */
#include "tests/regressions/ima.h"

int main(void)
{
	static const uint8_t zeros[32];
	static struct list data, list;
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct assay_slice d = ima_data(&data, "sha256", (struct assay_slice){ zeros, 32 },
					"/tmp/excluded", (struct assay_slice){ 0 });
	struct assay_range unbound[2];
	struct assay_ima_entry e;
	struct assay_ima ima;
	struct assay_err err;
	uint8_t value[ASSAY_DIGEST_MAX];

	list_record(&list, crypto, "ima-ng", d, true);
	struct assay_slice in = list_slice(&list);
	tap_ok(assay_ima_open(&ima, in, &err) && assay_ima_next(&ima, &e) && e.violation,
	       "a template hash of zeros is a violation, under any name");
	tap_ok(assay_ima_check(crypto, &e, NULL), "a violation has nothing to check");
	tap_ok(assay_ima_extend_value(crypto, &e, ASSAY_SHA256, ASSAY_IMA_NATIVE, NULL,
				      value) &&
		       slice_all((struct assay_slice){ value, 32 }, 0xff),
	       "it extends 0xff, not the hash of its data");
	tap_ok(assay_ima_extend_value(crypto, &e, ASSAY_SHA384, ASSAY_IMA_PADDED, NULL,
				      value) &&
		       slice_all((struct assay_slice){ value, 48 }, 0xff),
	       "it extends 0xff over the whole bank where a kernel pads");
	tap_ok(assay_ima_unbound(in, unbound, 2, &err) == 2 && unbound[1].n == d.n &&
		       unbound[1].offset + d.n == in.n,
	       "its digest and its name are listed as covered by nothing");

	/* the same data with its true hash is an entry of zeros, which is no violation */
	list.n = 0;
	list_record(&list, crypto, "ima-ng", d, false);
	tap_ok(assay_ima_open(&ima, list_slice(&list), &err) && assay_ima_next(&ima, &e) &&
		       !e.violation && slice_all(e.digest, 0) &&
		       assay_ima_check(crypto, &e, NULL),
	       "a digest of zeros under a true template hash is not a violation");
	assay_crypto_free(crypto);
	return tap_done();
}
