/* SPDX-License-Identifier: Apache-2.0
 * A d-ng of "sha256:" and no bytes: compared by prefix, or through a loop over
 * its length, it equals every reference. It must be read, be seen as empty, and
 * never be taken for a digest of its algorithm. The same for one cut short. */
#include "tests/regressions/ima.h"

int main(void)
{
	static const uint8_t bytes[32] = { 1, 2, 3 };
	static const char *const text[] = {
		"10 6868686868686868686868686868686868686868 ima-ng sha256: /bin/evil\n",
		"10 6868686868686868686868686868686868686868 ima-ng sha256:010203 /bin/evil\n",
	};
	static const size_t sizes[] = { 0, 3 };
	static uint8_t scratch[ASSAY_IMA_DATA_MAX];
	static struct list data, list;
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct assay_ima_entry e;
	struct assay_ima ima;
	struct assay_err err;

	for (size_t i = 0; i < 2; i++) {
		list.n = 0;
		list_record(&list, crypto, "ima-ng",
			    ima_data(&data, "sha256", (struct assay_slice){ bytes, sizes[i] },
				     "/bin/evil", (struct assay_slice){ 0 }),
			    false);
		tap_ok(assay_ima_open(&ima, list_slice(&list), &err) &&
			       assay_ima_next(&ima, &e) && e.has_digest &&
			       e.digest.n == sizes[i] &&
			       e.digest.n != assay_alg_size(e.digest_alg) &&
			       assay_ima_check(crypto, &e, NULL),
		       "binary: a digest of %zu bytes is seen as such", sizes[i]);
		tap_ok(assay_ima_open_ascii(&ima, slice_str(text[i]), scratch, sizeof scratch,
					    &err) &&
			       assay_ima_next(&ima, &e) && e.has_digest &&
			       e.digest.n == sizes[i],
		       "ascii: a digest of %zu bytes is seen as such", sizes[i]);

		struct assay_slice buf = { bytes, 3 };
		list.n = 0;
		list_record(&list, crypto, "ima-buf",
			    ima_data(&data, "sha256", (struct assay_slice){ bytes, sizes[i] },
				     ".ima", buf),
			    false);
		tap_ok(assay_ima_open(&ima, list_slice(&list), &err) &&
			       assay_ima_next(&ima, &e) && !assay_ima_buf_check(crypto, &e),
		       "a digest of %zu bytes is not that of a buffer", sizes[i]);
	}
	assay_crypto_free(crypto);
	return tap_done();
}
