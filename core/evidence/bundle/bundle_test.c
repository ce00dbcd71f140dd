/* SPDX-License-Identifier: Apache-2.0
 * One row per rule of docs/formats/bundle.md; then a bundle made from a real boot, cut and
 * flipped at every byte. */
#include "core/base/slice.h"
#include "tests/file.h"
#include "tests/tap.h"
#include <assay/evidence/bundle.h>

#define TYPE "\x68__cmwc_t\x78\x1ftag:assay.invalid,2026:bundle-1"
#define NONCE_TYPE                                                                             \
	"\x78\x1b"                                                                             \
	"application/vnd.assay.nonce"
#define NONCE "\x65nonce\x82" NONCE_TYPE "\x42hi"
#define EK_CRT                                                                                 \
	"\x66"                                                                                 \
	"ek.crt\x82\x75"                                                                       \
	"application/pkix-cert\x40"
#define IN(s)                                                                                  \
	{                                                                                      \
		(const uint8_t *)(s), sizeof(s) - 1                                            \
	}

static const struct {
	const char *name;
	struct assay_slice in;
	enum assay_fault want;
	const char *field;
	size_t offset;
} rows[] = {
	{ "one part", IN("\xa2" NONCE TYPE), ASSAY_F_OK, 0, 0 },
	{ "two parts, one of them empty", IN("\xa3" NONCE EK_CRT TYPE), ASSAY_F_OK, 0, 0 },
	{ "nothing at all", IN(""), ASSAY_F_TRUNCATED, "collection", 0 },
	{ "a record, no collection", IN("\x82" NONCE_TYPE "\x42hi"), ASSAY_F_UNSUPPORTED,
	  "collection", 0 },
	{ "JSON", IN("{}"), ASSAY_F_UNSUPPORTED, "collection", 0 },
	{ "indefinite collection", IN("\xbf" NONCE TYPE "\xff"), ASSAY_F_CANONICAL,
	  "collection", 0 },
	{ "count not shortest", IN("\xb8\x02" NONCE TYPE), ASSAY_F_CANONICAL, "collection", 0 },
	{ "33 entries", IN("\xb8\x21" NONCE), ASSAY_F_LIMIT, "collection", 0 },
	{ "no entries", IN("\xa0"), ASSAY_F_MISSING, "__cmwc_t", 0 },
	{ "type alone", IN("\xa1" TYPE), ASSAY_F_MISSING, "label", 0 },
	{ "no type", IN("\xa1" NONCE), ASSAY_F_MISSING, "__cmwc_t", 0 },
	{ "no type, two parts", IN("\xa2" NONCE EK_CRT), ASSAY_F_MISSING, "__cmwc_t", 0 },
	{ "another type", IN("\xa2" NONCE "\x68__cmwc_t\x63tag"), ASSAY_F_UNSUPPORTED,
	  "__cmwc_t", 49 },
	{ "type is bytes", IN("\xa2" NONCE "\x68__cmwc_t\x43tag"), ASSAY_F_UNSUPPORTED,
	  "__cmwc_t", 49 },
	{ "unknown label", IN("\xa2\x65nancy\x82" NONCE_TYPE "\x42hi" TYPE),
	  ASSAY_F_UNSUPPORTED, "label", 1 },
	{ "empty label", IN("\xa2\x60\x82" NONCE_TYPE "\x42hi" TYPE), ASSAY_F_UNSUPPORTED,
	  "label", 1 },
	{ "label is a number", IN("\xa2\x01\x82" NONCE_TYPE "\x42hi" TYPE), ASSAY_F_UNSUPPORTED,
	  "label", 1 },
	{ "label begins like a known one", IN("\xa2\x64nonc\x82" NONCE_TYPE "\x42hi" TYPE),
	  ASSAY_F_UNSUPPORTED, "label", 1 },
	{ "label twice", IN("\xa3" NONCE NONCE TYPE), ASSAY_F_DUPLICATE, "label", 40 },
	{ "labels out of order", IN("\xa2" TYPE NONCE), ASSAY_F_CANONICAL, "label", 43 },
	{ "nested collection", IN("\xa2\x65nonce\xa1" NONCE TYPE), ASSAY_F_UNSUPPORTED,
	  "record", 7 },
	{ "tag", IN("\xa2\x65nonce\xda\x63\x74\x01\x01\x42hi" TYPE), ASSAY_F_UNSUPPORTED,
	  "record", 7 },
	{ "record of one", IN("\xa2\x65nonce\x81" NONCE_TYPE TYPE), ASSAY_F_UNSUPPORTED,
	  "record", 7 },
	{ "record with ind", IN("\xa2\x65nonce\x83" NONCE_TYPE "\x42hi\x04" TYPE),
	  ASSAY_F_UNSUPPORTED, "record", 7 },
	{ "record of four", IN("\xa2\x65nonce\x84" NONCE_TYPE "\x42hi\x04\x04" TYPE),
	  ASSAY_F_LIMIT, "record", 7 },
	{ "content format for a media type", IN("\xa2\x65nonce\x82\x18\x3c\x42hi" TYPE),
	  ASSAY_F_UNSUPPORTED, "type", 8 },
	{ "media type of another part",
	  IN("\xa2\x65nonce\x82\x75"
	     "application/pkix-cert\x42hi" TYPE),
	  ASSAY_F_UNSUPPORTED, "type", 8 },
	{ "value is text", IN("\xa2\x65nonce\x82" NONCE_TYPE "\x62hi" TYPE),
	  ASSAY_F_UNSUPPORTED, "value", 37 },
	{ "value longer than the input", IN("\xa2\x65nonce\x82" NONCE_TYPE "\x42h"),
	  ASSAY_F_TRUNCATED, "value", 37 },
	{ "value's length not shortest", IN("\xa2\x65nonce\x82" NONCE_TYPE "\x58\x02hi" TYPE),
	  ASSAY_F_CANONICAL, "value", 37 },
	{ "fewer entries than said", IN("\xa3" NONCE TYPE), ASSAY_F_TRUNCATED, "label", 82 },
	{ "bytes after the collection", IN("\xa2" NONCE TYPE "x"), ASSAY_F_TRAILING,
	  "collection", 82 },
};

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_err err;
		struct assay_bundle b = { .present = { true } };
		bool ok = assay_bundle_read(rows[i].in, &b, &err);
		bool pass = ok == (rows[i].want == ASSAY_F_OK) && err.fault == rows[i].want;

		if (pass && ok)
			pass = b.present[ASSAY_PART_NONCE] &&
			       !b.present[ASSAY_PART_QUOTE_MSG] &&
			       slice_is(b.part[ASSAY_PART_NONCE], "hi");
		else if (pass)
			pass = b.present[0] && !strcmp(err.field, rows[i].field) &&
			       err.offset == rows[i].offset;
		if (!tap_ok(pass, "%s", rows[i].name))
			printf("# got %s %s at %zu\n", assay_fault_word(err.fault),
			       err.field ? err.field : "-", err.offset);
	}
}

static bool same(const struct assay_bundle *a, const struct assay_bundle *b)
{
	for (size_t i = 0; i < ASSAY_PARTS_N; i++)
		if (a->present[i] != b->present[i] || !slice_eq(a->part[i], b->part[i]))
			return false;
	return true;
}

static void test_write(void)
{
	struct assay_bundle b = { 0 };
	uint8_t out[128];

	tap_ok(assay_bundle_write(&b, NULL, 0) == 0, "no parts make no bundle");
	b.present[ASSAY_PART_NONCE] = b.present[ASSAY_PART_EK_CRT] = true;
	b.part[ASSAY_PART_NONCE] = slice_str("hi");
	b.part[ASSAY_PART_QUOTE_MSG] = slice_str("not present");

	static const char want[] = "\xa3" NONCE EK_CRT TYPE;
	const size_t n = sizeof want - 1;

	tap_ok(assay_bundle_write(&b, NULL, 0) == n, "measured");
	tap_ok(assay_bundle_write(&b, NULL, 3) == n, "measured, whatever cap says");
	tap_ok(assay_bundle_write(&b, out, n) == n && !memcmp(out, want, n), "known answer");
	tap_ok(assay_bundle_write(&b, out, n - 1) == 0, "one byte too few");
	tap_ok(!strcmp(assay_part_name(ASSAY_PART_QUOTE_MSG), "quote.msg") &&
		       !strcmp(assay_part_name(ASSAY_PARTS_N), "unknown"),
	       "names");
	tap_ok(!strcmp(assay_part_media_type(ASSAY_PART_EK_CRT), "application/pkix-cert") &&
		       !strcmp(assay_part_media_type(ASSAY_PARTS_N), "unknown"),
	       "media types");

	/* every set of parts: what is written is read back, so the order is the right one */
	bool back = true;

	for (unsigned set = 1; set < 1u << ASSAY_PARTS_N; set++) {
		uint8_t buf[1024];
		struct assay_bundle some = { 0 }, read;
		struct assay_err err;

		for (size_t i = 0; i < ASSAY_PARTS_N; i++) {
			some.present[i] = set >> i & 1;
			if (some.present[i])
				some.part[i] = slice_str(assay_part_name((enum assay_part)i));
		}
		size_t written = assay_bundle_write(&some, buf, sizeof buf);

		back = back && written > 0 &&
		       assay_bundle_read((struct assay_slice){ buf, written }, &read, &err) &&
		       same(&some, &read);
	}
	tap_ok(back, "every set of parts there and back");
}

static void real_boot(struct assay_bundle *b)
{
	*b = (struct assay_bundle){ 0 };
	for (int i = 0; i < ASSAY_PARTS_N; i++) {
		char path[256];

		snprintf(path, sizeof path, "tests/evidence/clean-a/%s",
			 assay_part_name((enum assay_part)i));
		b->part[i] = test_file(path);
		b->present[i] = b->part[i].p != NULL;
	}
}

static void test_real(void)
{
	struct assay_bundle b, read = { 0 };
	struct assay_err err;

	real_boot(&b);

	size_t n = assay_bundle_write(&b, NULL, 0);
	uint8_t *p = malloc(n);

	if (!tap_ok(b.present[ASSAY_PART_QUOTE_MSG] && p && assay_bundle_write(&b, p, n) == n &&
			    assay_bundle_read((struct assay_slice){ p, n }, &read, &err) &&
			    same(&b, &read),
		    "clean-a there and back, %zu bytes", n)) {
		free(p);
		return;
	}

	bool located = true;

	for (size_t cut = 0; cut < n; cut++)
		located = located &&
			  !assay_bundle_read((struct assay_slice){ p, cut }, &read, &err) &&
			  err.fault == ASSAY_F_TRUNCATED && err.field && err.offset <= cut;
	tap_ok(located, "every truncation is a located fault");

	bool noticed = true;
	size_t faults = 0;

	for (size_t i = 0; i < n; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			p[i] ^= (uint8_t)(1u << bit);
			if (assay_bundle_read((struct assay_slice){ p, n }, &read, &err))
				noticed = noticed && !same(&b, &read);
			else
				faults++;
			p[i] ^= (uint8_t)(1u << bit);
		}
	}
	tap_ok(noticed && faults > 0, "no flipped bit goes unnoticed (%zu end in a fault)",
	       faults);
	for (size_t i = 0; i < ASSAY_PARTS_N; i++)
		free((void *)(uintptr_t)b.part[i].p);
	free(p);
}

int main(void)
{
	test_rows();
	test_write();
	test_real();
	return tap_done();
}
