/* SPDX-License-Identifier: Apache-2.0
 * One row per rule of text.h. */
#include "core/base/slice.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "tests/tap.h"
#include <stdalign.h>

#define S(s)                                                                                   \
	{                                                                                      \
		(const uint8_t *)(s), sizeof(s) - 1                                            \
	}

static const struct {
	const char *name;
	struct assay_slice in;
	size_t max;
	const char *want;
	bool utf16;
} safe[] = {
	{ "ASCII", S("a b~\\"), 99, "a b~\\", 0 },
	{ "terminal escape", S("\x1b[31m"), 99, "\\x1b[31m", 0 },
	{ "newline, tab, NUL, DEL", S("\n\t\0\x7f"), 99, "\\x0a\\x09\\x00\\x7f", 0 },
	{ "C1 control in UTF-8", S("\xc2\x9b"), 99, "\\xc2\\x9b", 0 },
	{ "no-break space", S("\xc2\xa0"), 99, "\\xc2\\xa0", 0 },
	{ "first that shows", S("\xc2\xa1"), 99, "\xc2\xa1", 0 },
	{ "two, three and four bytes", S("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), 99,
	  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 0 },
	{ "overlong", S("\xc0\xaf"), 99, "\\xc0\\xaf", 0 },
	{ "overlong, three bytes", S("\xe0\x9f\xbf"), 99, "\\xe0\\x9f\\xbf", 0 },
	{ "surrogate in UTF-8", S("\xed\xa0\x80"), 99, "\\xed\\xa0\\x80", 0 },
	{ "above U+10FFFF", S("\xf4\x90\x80\x80"), 99, "\\xf4\\x90\\x80\\x80", 0 },
	{ "five byte form", S("\xf8\x88\x80\x80\x80"), 99, "\\xf8\\x88\\x80\\x80\\x80", 0 },
	{ "lead byte of a five byte form", S("\xf9\x80\x80\x80"), 99, "\\xf9\\x80\\x80\\x80",
	  0 },
	{ "lone continuation", S("\x80z"), 99, "\\x80z", 0 },
	{ "cut character", S("\xe2\x82"), 99, "\\xe2\\x82", 0 },
	{ "broken continuation", S("\xe2(\xac"), 99, "\\xe2(\\xac", 0 },
	{ "direction override", S("\xe2\x80\xae"), 99, "\\xe2\\x80\\xae", 0 },
	{ "byte order mark", S("\xef\xbb\xbf"), 99, "\\xef\\xbb\\xbf", 0 },
	{ "U+FFFF", S("\xef\xbf\xbf"), 99, "\\xef\\xbf\\xbf", 0 },
	{ "exactly max", S("abc"), 3, "abc", 0 },
	{ "above max", S("abcd"), 3, "abc...", 0 },
	{ "max inside a character", S("ab\xe2\x82\xac"), 3, "ab...", 0 },
	{ "max inside nonsense", S("ab\xff\xff"), 3, "ab\\xff...", 0 },
	{ "max of zero", S("a"), 0, "...", 0 },
	{ "max of zero, nonsense", S("\xff"), 0, "...", 0 },
	{ "nothing", S(""), 0, "", 0 },
	{ "UTF-16", S("a\0\xac\x20"), 99, "a\xe2\x82\xac", 1 },
	{ "UTF-16 control", S("\x1b\0\n\0\0\0"), 99, "\\u001b\\u000a\\u0000", 1 },
	{ "UTF-16 surrogate pair", S("\x3d\xd8\0\xde"), 99, "\\ud83d\\ude00", 1 },
	{ "UTF-16 direction override", S("\x2e\x20"), 99, "\\u202e", 1 },
	{ "UTF-16 odd byte", S("a\0b"), 99, "a\\x62", 1 },
	{ "UTF-16 exactly max", S("a\0b\0"), 4, "ab", 1 },
	{ "UTF-16 above max", S("a\0b\0"), 2, "a...", 1 },
	{ "UTF-16 max inside a unit", S("a\0b\0"), 3, "a...", 1 },
	{ "UTF-16 odd byte above max", S("a\0b"), 2, "a...", 1 },
};

static void test_safe(void)
{
	for (size_t i = 0; i < sizeof safe / sizeof *safe; i++) {
		char buf[64];
		struct text t = text_over(buf, sizeof buf);

		(safe[i].utf16 ? text_safe_utf16 : text_safe)(&t, safe[i].in, safe[i].max);
		if (!tap_ok(!t.full && !strcmp(buf, safe[i].want) && t.n == strlen(buf),
			    "safe: %s", safe[i].name))
			printf("# got %s\n", buf);
	}
}

static void number(char *buf, int64_t i, uint64_t u, bool is_signed)
{
	struct text t = text_over(buf, 32);

	if (is_signed)
		text_i64(&t, i);
	else
		text_u64(&t, u);
}

static void test_numbers(void)
{
	char buf[32];
	struct text t = text_over(buf, sizeof buf);

	number(buf, 0, 0, false);
	tap_ok(!strcmp(buf, "0"), "u64: zero");
	number(buf, 0, UINT64_MAX, false);
	tap_ok(!strcmp(buf, "18446744073709551615"), "u64: largest");
	number(buf, INT64_MIN, 0, true);
	tap_ok(!strcmp(buf, "-9223372036854775808"), "i64: least");
	number(buf, INT64_MAX, 0, true);
	tap_ok(!strcmp(buf, "9223372036854775807"), "i64: largest");
	number(buf, -1, 0, true);
	tap_ok(!strcmp(buf, "-1"), "i64: minus one");

	text_hex(&t, (struct assay_slice)S("\x00\xaf\xff"));
	tap_ok(!strcmp(buf, "00afff"), "hex: lower case");
	t = text_over(buf, sizeof buf);
	text_hex_u64(&t, 0xab, 4);
	text_str(&t, " ");
	text_hex_u64(&t, 0xabcdef, 2);
	text_str(&t, " ");
	text_hex_u64(&t, 0, 0);
	tap_ok(!strcmp(buf, "00ab abcdef 0"), "hex: padded, never cut");
	t = text_over(buf, sizeof buf);
	text_hex_u64(&t, UINT64_MAX, 99);
	tap_ok(!strcmp(buf, "ffffffffffffffff"), "hex: at most 16 digits");
}

static void test_latch(void)
{
	char buf[8];
	struct text t = text_over(buf, 4);

	memset(buf, 'x', sizeof buf);
	t = text_over(buf, 4);
	text_str(&t, "abc");
	tap_ok(!t.full && t.n == 3 && !strcmp(buf, "abc") && buf[4] == 'x', "exact fit");
	text_str(&t, "");
	tap_ok(!t.full, "nothing always fits");
	text_str(&t, "d");
	tap_ok(t.full && !strcmp(buf, "abc") && buf[4] == 'x', "one byte too many");

	t = text_over(buf, 4);
	text_str(&t, "abcd");
	text_str(&t, "a");
	tap_ok(t.full && t.n == 0 && buf[0] == '\0', "left out whole, and then nothing more");
	t = text_over(NULL, 0);
	text_str(&t, "");
	tap_ok(!t.full, "no buffer, nothing added");
	text_u64(&t, 1);
	tap_ok(t.full && t.n == 0, "no buffer");
	t = text_over(buf, 4);
	text_i64(&t, -100);
	tap_ok(t.full && t.n == 0, "a number is never cut");
	t = text_over(buf, 4);
	text_safe(&t, (struct assay_slice)S("a\n"), 9);
	tap_ok(t.full && !strcmp(buf, "a"), "an escape is never cut");
}

static void test_in(void)
{
	alignas(16) uint8_t mem[64];
	char buf[4];
	struct assay_arena arena = { mem, sizeof mem, 0 };
	struct text t = text_over(buf, sizeof buf);

	text_str(&t, "abc");
	const char *s = text_in(&t, &arena);
	tap_ok(s && !strcmp(s, "abc"), "in: whole");
	text_str(&t, "d");
	s = text_in(&t, &arena);
	tap_ok(s && !strcmp(s, "abc..."), "in: marked when full");
	arena = (struct assay_arena){ mem, 3, 0 };
	tap_ok(!text_in(&t, &arena) && arena.at == 0, "in: no room");
}

/* Every character there and back; every other number of bytes is refused. */
static void test_utf8(void)
{
	bool same = true;

	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		uint8_t b[4];
		uint32_t back = 0;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		size_t n = utf8_write(c, b);
		same = same && utf8_read(b, n, &back) == n && back == c;
		same = same && utf8_read(b, n - 1, &back) == 0;
	}
	tap_ok(same, "utf8: every character there and back");
}

int main(void)
{
	test_safe();
	test_numbers();
	test_latch();
	test_in();
	test_utf8();
	return tap_done();
}
