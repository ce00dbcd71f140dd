/* SPDX-License-Identifier: Apache-2.0
 * The kernel writes a newline in a file's name into the ASCII list as it is: a
 * file called "x\n10 <hash> ima-ng sha256:... /bin/good" hides what it is and adds
 * a line. The line that was broken in two no longer hashes to its template hash,
 * and in the binary list there is one entry with its true name. */
#include "tests/regressions/ima.h"

#define EVIL "/tmp/x\n10 6868686868686868686868686868686868686868 ima-ng sha256:00 /bin/good"

static void put_hex(char *to, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		snprintf(to + 2 * i, 3, "%02x", p[i]);
}

int main(void)
{
	static const uint8_t digest[32] = { 0xe1 };
	static uint8_t scratch[ASSAY_IMA_DATA_MAX];
	static struct list data, list;
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct assay_slice d = ima_data(&data, "sha256", (struct assay_slice){ digest, 32 },
					EVIL, (struct assay_slice){ 0 });
	char text[512], hash[41] = "", hex[65] = "";
	struct assay_ima_entry e;
	struct assay_ima ima;
	struct assay_err err;

	list_record(&list, crypto, "ima-ng", d, false);
	tap_ok(assay_ima_open(&ima, list_slice(&list), &err) && assay_ima_next(&ima, &e) &&
		       slice_is(e.name, EVIL) && assay_ima_check(crypto, &e, NULL) &&
		       !assay_ima_next(&ima, &e) && err.fault == ASSAY_F_OK,
	       "binary: one entry, the newline in its name");

	put_hex(hash, list.p + 4, 20);
	put_hex(hex, digest, 32);
	snprintf(text, sizeof text, "10 %s ima-ng sha256:%s %s\n", hash, hex, EVIL);
	tap_ok(assay_ima_open_ascii(&ima, slice_str(text), scratch, sizeof scratch, &err) &&
		       assay_ima_next(&ima, &e) && slice_is(e.name, "/tmp/x") &&
		       !assay_ima_check(crypto, &e, NULL),
	       "ascii: the line that was broken does not hash to its template hash");
	assay_crypto_free(crypto);
	return tap_done();
}
