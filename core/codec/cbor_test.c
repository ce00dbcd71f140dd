/* SPDX-License-Identifier: Apache-2.0
 * One row per rule of cbor.h; the letters say what is read: u uint, b bytes,
 * t text, a array, m map, k key. */
#include "core/base/slice.h"
#include "core/codec/cbor.h"
#include "tests/tap.h"

#define IN(s)                                                                                  \
	{                                                                                      \
		(const uint8_t *)(s), sizeof(s) - 1                                            \
	}

static const struct {
	const char *name, *read;
	struct assay_slice in;
	enum assay_fault want;
	size_t offset;
	uint64_t value; /* number, count or length read last */
} rows[] = {
	{ "0", "u", IN("\x00"), ASSAY_F_OK, 0, 0 },
	{ "23", "u", IN("\x17"), ASSAY_F_OK, 0, 23 },
	{ "24", "u", IN("\x18\x18"), ASSAY_F_OK, 0, 24 },
	{ "23 in two bytes", "u", IN("\x18\x17"), ASSAY_F_CANONICAL, 0, 0 },
	{ "255", "u", IN("\x18\xff"), ASSAY_F_OK, 0, 255 },
	{ "256", "u", IN("\x19\x01\x00"), ASSAY_F_OK, 0, 256 },
	{ "255 in three bytes", "u", IN("\x19\x00\xff"), ASSAY_F_CANONICAL, 0, 0 },
	{ "65536", "u", IN("\x1a\x00\x01\x00\x00"), ASSAY_F_OK, 0, 65536 },
	{ "65535 in five bytes", "u", IN("\x1a\x00\x00\xff\xff"), ASSAY_F_CANONICAL, 0, 0 },
	{ "2^32", "u", IN("\x1b\0\0\0\1\0\0\0\0"), ASSAY_F_OK, 0, (uint64_t)1 << 32 },
	{ "2^32-1 in nine bytes", "u", IN("\x1b\0\0\0\0\xff\xff\xff\xff"), ASSAY_F_CANONICAL, 0,
	  0 },
	{ "2^64-1", "u", IN("\x1b\xff\xff\xff\xff\xff\xff\xff\xff"), ASSAY_F_OK, 0,
	  UINT64_MAX },
	{ "nothing", "u", IN(""), ASSAY_F_TRUNCATED, 0, 0 },
	{ "argument cut", "uu", IN("\x01\x19\x01"), ASSAY_F_TRUNCATED, 1, 0 },
	{ "reserved 28", "uu", IN("\x01\x1c"), ASSAY_F_RANGE, 1, 0 },
	{ "reserved 30", "u", IN("\x1e"), ASSAY_F_RANGE, 0, 0 },
	{ "indefinite integer", "u", IN("\x1f"), ASSAY_F_RANGE, 0, 0 },
	{ "negative", "u", IN("\x20"), ASSAY_F_UNSUPPORTED, 0, 0 },
	{ "text for an integer", "uu", IN("\x01\x61z"), ASSAY_F_UNSUPPORTED, 1, 0 },
	{ "bytes", "b", IN("\x42\xff\x00"), ASSAY_F_OK, 0, 2 },
	{ "no bytes", "b", IN("\x40"), ASSAY_F_OK, 0, 0 },
	{ "bytes cut", "ub", IN("\x01\x42z"), ASSAY_F_TRUNCATED, 1, 0 },
	{ "more bytes than memory", "b", IN("\x5b\xff\xff\xff\xff\xff\xff\xff\xffz"),
	  ASSAY_F_TRUNCATED, 0, 0 },
	{ "length not shortest", "ub", IN("\x01\x58\x01z"), ASSAY_F_CANONICAL, 1, 0 },
	{ "indefinite bytes", "b", IN("\x5f\x41z\xff"), ASSAY_F_CANONICAL, 0, 0 },
	{ "text for bytes", "b", IN("\x61z"), ASSAY_F_UNSUPPORTED, 0, 0 },
	{ "text", "t", IN("\x62\xc3\xa4"), ASSAY_F_OK, 0, 2 },
	{ "text is not UTF-8", "ut", IN("\x01\x62z\xff"), ASSAY_F_ENCODING, 1, 0 },
	{ "character cut by the end of the text", "t", IN("\x61\xc3\xa4"), ASSAY_F_ENCODING, 0,
	  0 },
	{ "bytes for text", "t", IN("\x41z"), ASSAY_F_UNSUPPORTED, 0, 0 },
	{ "indefinite text", "t", IN("\x7f\x61z\xff"), ASSAY_F_CANONICAL, 0, 0 },
	{ "array at the limit", "a", IN("\x83"), ASSAY_F_OK, 0, 3 },
	{ "array above the limit", "ua", IN("\x01\x84"), ASSAY_F_LIMIT, 1, 0 },
	{ "array of 2^64-1", "a", IN("\x9b\xff\xff\xff\xff\xff\xff\xff\xff"), ASSAY_F_LIMIT, 0,
	  0 },
	{ "indefinite array", "a", IN("\x9f\xff"), ASSAY_F_CANONICAL, 0, 0 },
	{ "tag for an array", "a", IN("\xc1\x80"), ASSAY_F_UNSUPPORTED, 0, 0 },
	{ "map at the limit", "m", IN("\xa3"), ASSAY_F_OK, 0, 3 },
	{ "map above the limit", "m", IN("\xa4"), ASSAY_F_LIMIT, 0, 0 },
	{ "indefinite map", "m", IN("\xbf\xff"), ASSAY_F_CANONICAL, 0, 0 },
	{ "null for a map", "m", IN("\xf6"), ASSAY_F_UNSUPPORTED, 0, 0 },
	{ "float", "u", IN("\xf9\x3c\x00"), ASSAY_F_UNSUPPORTED, 0, 0 },
	{ "keys in order", "mkuku",
	  IN("\xa2\x61z\x00\x62"
	     "aa\x01"),
	  ASSAY_F_OK, 0, 1 },
	{ "keys in order, same length", "mkuku", IN("\xa2\x61y\x00\x61z\x01"), ASSAY_F_OK, 0,
	  1 },
	{ "empty key first", "mkuku", IN("\xa2\x60\x00\x61z\x01"), ASSAY_F_OK, 0, 1 },
	{ "keys out of order", "mkuku", IN("\xa2\x61z\x00\x61y\x01"), ASSAY_F_CANONICAL, 4, 0 },
	{ "keys in dictionary order", "mkuku",
	  IN("\xa2\x62"
	     "aa\x00\x61z\x01"),
	  ASSAY_F_CANONICAL, 5, 0 },
	{ "key twice", "mkuku", IN("\xa2\x61z\x00\x61z\x01"), ASSAY_F_DUPLICATE, 4, 0 },
	{ "empty key twice", "mkuku", IN("\xa2\x60\x00\x60\x01"), ASSAY_F_DUPLICATE, 3, 0 },
	{ "key is a number", "mk", IN("\xa1\x01"), ASSAY_F_UNSUPPORTED, 1, 0 },
};

static uint64_t read_all(struct cur *c, const char *what)
{
	struct cbor_map map = { 0 };
	uint64_t v = 0;

	for (; *what; what++) {
		switch (*what) {
		case 'u':
			v = cbor_uint(c, "u");
			break;
		case 'b':
			v = cbor_bytes(c, "b").n;
			break;
		case 't':
			v = cbor_text(c, "t").n;
			break;
		case 'a':
			v = cbor_array(c, 3, "a");
			break;
		case 'm':
			map = cbor_map(c, 3, "m");
			v = map.n;
			break;
		case 'k':
			v = cbor_key(c, &map, "k").n;
			break;
		}
	}
	return v;
}

static void test_write(void)
{
	static const uint64_t values[] = { 0,     23,    24,         255,        256,
					   65535, 65536, UINT32_MAX, 1ull << 32, UINT64_MAX };
	uint8_t buf[16], exact[16];

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct cbor_out o = { buf, 0, sizeof buf, false }, measured = { 0 };
		struct assay_err err;

		cbor_put_head(&o, CBOR_UINT, values[i]);
		cbor_put_head(&measured, CBOR_UINT, values[i]);

		struct cur c = cur_over((struct assay_slice){ buf, o.n }, &err);
		uint64_t v = cbor_uint(&c, "u");

		tap_ok(cur_done(&c, "end") && v == values[i] && !o.full && measured.n == o.n,
		       "there and back: %llu", (unsigned long long)values[i]);

		struct cbor_out fit = { exact, 0, o.n, false },
				cut = { exact, 0, o.n - 1, false };

		cbor_put_head(&fit, CBOR_UINT, values[i]);
		cbor_put_head(&cut, CBOR_UINT, values[i]);
		tap_ok(!fit.full && cut.full && cut.n == o.n, "exact fit, one byte less");
	}

	struct cbor_out o = { buf, 0, 5, false };

	cbor_put_text(&o, slice_str("ab"));
	cbor_put_bytes(&o, slice_str("c"));
	tap_ok(!o.full && o.n == 5 &&
		       !memcmp(buf,
			       "\x62"
			       "ab\x41"
			       "c",
			       5),
	       "text and bytes");
	buf[4] = 'x';
	o = (struct cbor_out){ buf, 0, 4, false };
	cbor_put_text(&o, slice_str("abcd"));
	cbor_put_bytes(&o, slice_str(""));
	tap_ok(o.full && o.n == 6 && buf[4] == 'x',
	       "full: nothing beyond cap, and nothing after");
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_err err;
		struct cur c = cur_over(rows[i].in, &err);
		uint64_t v = read_all(&c, rows[i].read);
		size_t n = strlen(rows[i].read);
		bool pass = err.fault == rows[i].want;

		if (pass && err.fault == ASSAY_F_OK)
			pass = v == rows[i].value;
		else if (pass)
			pass = err.offset == rows[i].offset &&
			       strchr(rows[i].read, err.field[0]) && v == 0 && n > 0;
		if (!tap_ok(pass, "%s", rows[i].name))
			printf("# got %s %s at %zu, value %llu\n", assay_fault_word(err.fault),
			       err.field ? err.field : "-", err.offset, (unsigned long long)v);
	}
	test_write();
	return tap_done();
}
