/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/codec/base64.h"
#include "tests/tap.h"

/* RFC 4648, section 10, in the alphabet of section 5 without padding; RFC 7515, appendix C. */
static const struct {
	const char *bytes, *text;
} known[] = {
	{ "", "" },
	{ "f", "Zg" },
	{ "fo", "Zm8" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg" },
	{ "fooba", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy" },
	{ "\x03\xec\xff\xe0\xc1", "A-z_4ME" },
};

static const struct {
	const char *name, *text;
	enum assay_fault want;
} wrong[] = {
	{ "length 1", "Z", ASSAY_F_ENCODING },
	{ "length 5", "Zm9vY", ASSAY_F_ENCODING },
	{ "padding", "Zg==", ASSAY_F_ENCODING },
	{ "alphabet of section 4, plus", "A+z_", ASSAY_F_ENCODING },
	{ "alphabet of section 4, slash", "A-z/", ASSAY_F_ENCODING },
	{ "white space", "Zm 9v", ASSAY_F_ENCODING },
	{ "newline", "Zm9\n", ASSAY_F_ENCODING },
	{ "before A", "@@@@", ASSAY_F_ENCODING },
	{ "after Z", "[[[[", ASSAY_F_ENCODING },
	{ "before a", "````", ASSAY_F_ENCODING },
	{ "after z", "{{{{", ASSAY_F_ENCODING },
	{ "after 9", "::::", ASSAY_F_ENCODING },
	{ "above ASCII", "Zm9\xc3", ASSAY_F_ENCODING },
	{ "unused bits of two", "Zh", ASSAY_F_CANONICAL },
	{ "unused bits of two, the highest", "Zo", ASSAY_F_CANONICAL },
	{ "unused bits of three", "Zm9", ASSAY_F_CANONICAL },
	{ "unused bits of three, the highest", "Zm-", ASSAY_F_CANONICAL },
};

static void test_known(void)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		char buf[16];
		uint8_t bytes[16] = { 0 };
		struct text t = text_over(buf, sizeof buf);
		struct assay_slice s = slice_str(known[i].bytes);

		base64url_write(&t, s);
		tap_ok(!strcmp(buf, known[i].text) && t.n == BASE64URL_CHARS(s.n), "write %s",
		       known[i].text);
		tap_ok(base64url_read(slice_str(known[i].text), bytes) == ASSAY_F_OK &&
			       !memcmp(bytes, s.p, s.n) && BASE64URL_BYTES(t.n) == s.n,
		       "read %s", known[i].text);
	}
}

/* Each byte value at each place of a group, and nothing written beyond. */
static void test_every_byte(void)
{
	bool same = true;

	for (unsigned v = 0; v < 256; v++) {
		for (size_t n = 1; n <= 4; n++) {
			uint8_t in[4] = { 1, 2, 3, 4 }, out[5] = { 0, 0, 0, 0, 0 };
			char buf[16];
			struct text t = text_over(buf, sizeof buf);

			in[n - 1] = (uint8_t)v;
			out[n] = 0xa5;
			base64url_write(&t, (struct assay_slice){ in, n });
			same = same && base64url_read(slice_str(buf), out) == ASSAY_F_OK &&
			       !memcmp(in, out, n) && out[n] == 0xa5;
		}
	}
	tap_ok(same, "every byte there and back");
}

int main(void)
{
	uint8_t out[16];

	test_known();
	test_every_byte();
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		tap_ok(base64url_read(slice_str(wrong[i].text), out) == wrong[i].want, "%s",
		       wrong[i].name);
	return tap_done();
}
