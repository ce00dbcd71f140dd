/* SPDX-License-Identifier: Apache-2.0
 * The kernel hashes template data without the template's name, so an attacker may
 * write another name into a record and the list still replays. Whatever name a file's
 * record is given: it is refused, or it still shows the same digest and is no buffer. */
#include "tests/regressions/ima.h"

#define FMT3(f) f "|n-ng|sig", "d-ng|" f "|sig", "d-ng|n-ng|" f, "n-ng|" f "|d-ng"
#define FMT2(f) "d-ng|" f, f "|n-ng"

static const char *const names[] = {
	"ima",       "ima-ng",   "ima-sig",    "ima-ngv2",
	"ima-sigv2", "ima-buf",  "ima-modsig", "evm-sig",
#define EACH(F)                                                                                \
	F("d"), F("n"), F("d-ng"), F("n-ng"), F("d-ngv2"), F("sig"), F("buf"), F("d-modsig"),  \
		F("modsig"), F("evmsig"), F("iuid"), F("igid"), F("imode"), F("xattrnames"),   \
		F("xattrlengths"), F("xattrvalues")
	EACH(FMT2),  EACH(FMT3),
};

static size_t refused, shown, hidden;

static void relabel(struct assay_crypto *crypto, struct assay_slice data,
		    struct assay_slice digest, const char *name)
{
	static struct list list;
	struct assay_ima_entry e;
	struct assay_ima ima;
	struct assay_err err;

	list.n = 0;
	list_record(&list, crypto, name, data, false);
	if (!assay_ima_open(&ima, list_slice(&list), &err) || !assay_ima_next(&ima, &e) ||
	    !assay_ima_check(crypto, &e, NULL)) {
		refused++;
	} else if (e.has_digest && slice_eq(e.digest, digest) && e.digest_alg == ASSAY_SHA256 &&
		   slice_is(e.name, "/bin/evil") && !assay_ima_buf_check(crypto, &e)) {
		shown++;
	} else {
		hidden++;
		printf("# as %s it is hidden\n", name);
	}
}

int main(void)
{
	static const uint8_t bytes[32] = { 0xe1, 0x17 };
	static const struct assay_slice sigs[] = {
		{ 0 }, { (const uint8_t *)"", 0 }, { (const uint8_t *)"\3\2\4KEYI\0\2ss", 11 }
	};
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct assay_slice digest = { bytes, sizeof bytes };
	static struct list data;

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < sizeof names / sizeof *names; k++)
			relabel(crypto, ima_data(&data, "sha256", digest, "/bin/evil", sigs[i]),
				digest, names[k]);
	tap_ok(hidden == 0 && shown > 0,
	       "of %zu relabelled records %zu are refused, %zu show their digest",
	       3 * sizeof names / sizeof *names, refused, shown);
	assay_crypto_free(crypto);
	return tap_done();
}
