/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/codec/json.h"
#include "tests/tap.h"

#define S(s)                                                                                   \
	{                                                                                      \
		(const uint8_t *)(s), sizeof(s) - 1                                            \
	}

static const struct {
	const char *name;
	struct assay_slice in;
	const char *want;
} strings[] = {
	{ "plain", S("a b/'<"), "\"a b/'<\"" },
	{ "nothing", S(""), "\"\"" },
	{ "quote and backslash", S("\"\\"), "\"\\\"\\\\\"" },
	{ "NUL, newline, escape, DEL", S("\0\n\x1b\x7f"), "\"\\u0000\\u000a\\u001b\\u007f\"" },
	{ "C1", S("\xc2\x80\xc2\x9f"), "\"\\u0080\\u009f\"" },
	{ "line separators", S("\xe2\x80\xa8\xe2\x80\xa9"), "\"\\u2028\\u2029\"" },
	{ "UTF-8", S("\xc2\xa0\xe2\x82\xac\xf0\x9f\x98\x80"),
	  "\"\xc2\xa0\xe2\x82\xac\xf0\x9f\x98\x80\"" },
	{ "no UTF-8", S("a\xff\xc0\xaf"), "\"a\\\\xff\\\\xc0\\\\xaf\"" },
	{ "character cut", S("\xe2\x82"), "\"\\\\xe2\\\\x82\"" },
	{ "surrogate", S("\xed\xa0\x80"), "\"\\\\xed\\\\xa0\\\\x80\"" },
};

static void test_strings(void)
{
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
		char buf[64];
		struct text t = text_over(buf, sizeof buf);
		struct json j = codec_json_over(&t);

		codec_json_string(&j, strings[i].in);
		tap_ok(codec_json_done(&j) && !strcmp(buf, strings[i].want), "string: %s",
		       strings[i].name);
	}
}

static void test_nesting(void)
{
	char buf[256];
	struct text t = text_over(buf, sizeof buf);
	struct json j = codec_json_over(&t);
	static const char *const want =
		"{\"a\":1,\"b\":[-1,true,null,{},[],\"x\"],\"c\":{\"d\":false,\"e\":null},"
		"\"f\":\"AQI\",\"g\":\"0102\",\"h\\u000a\":0}";

	codec_json_object(&j);
	codec_json_key(&j, "a"), codec_json_u64(&j, 1);
	codec_json_key(&j, "b"), codec_json_array(&j);
	codec_json_i64(&j, -1), codec_json_bool(&j, true), codec_json_null(&j);
	codec_json_object(&j), codec_json_close(&j);
	codec_json_array(&j), codec_json_close(&j);
	codec_json_str(&j, "x"), codec_json_close(&j);
	codec_json_key(&j, "c"), codec_json_object(&j);
	codec_json_key(&j, "d"), codec_json_bool(&j, false);
	codec_json_key(&j, "e"), codec_json_str(&j, NULL);
	codec_json_close(&j);
	codec_json_key(&j, "f"), codec_json_base64url(&j, (struct assay_slice)S("\1\2"));
	codec_json_key(&j, "g"), codec_json_hex(&j, (struct assay_slice)S("\1\2"));
	codec_json_key(&j, "h\n"), codec_json_u64(&j, 0);
	tap_ok(!codec_json_done(&j), "not done while open");
	codec_json_close(&j);
	if (!tap_ok(codec_json_done(&j) && !strcmp(buf, want), "nesting and commas"))
		printf("# got %s\n", buf);

	struct json line = codec_json_over(&t);

	tap_ok(!codec_json_done(&line), "nothing written is no value");
	codec_json_u64(&line, 7);
	tap_ok(codec_json_done(&line), "a second value after the first, by its own json");
}

/* Each row is a bug of a caller: letters in the order of the calls. */
static void test_misuse(void)
{
	static const struct {
		const char *name, *calls;
	} rows[] = {
		{ "value in an object without a key", "{1}" },
		{ "key in an array", "[k1]" },
		{ "key outside", "k1" },
		{ "two keys", "{kk1}" },
		{ "key without a value", "{k}" },
		{ "closed too often", "{}}" },
		{ "two values", "11" },
		{ "value after the end", "[]1" },
		{ "too deep", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[" },
		{ "never closed", "[[]" },
		{ "nothing", "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char buf[64];
		struct text t = text_over(buf, sizeof buf);
		struct json j = codec_json_over(&t);

		for (const char *p = rows[i].calls; *p; p++) {
			if (*p == '{')
				codec_json_object(&j);
			else if (*p == '[')
				codec_json_array(&j);
			else if (*p == 'k')
				codec_json_key(&j, "k");
			else if (*p == '1')
				codec_json_u64(&j, 1);
			else
				codec_json_close(&j);
		}
		for (unsigned open = j.depth; !strcmp(rows[i].name, "too deep") && open > 0;
		     open--)
			codec_json_close(&j);
		tap_ok(!codec_json_done(&j), "misuse: %s", rows[i].name);
	}
}

static void test_depth(void)
{
	char buf[2 * JSON_DEPTH_MAX + 1];
	struct text t = text_over(buf, sizeof buf);
	struct json j = codec_json_over(&t);

	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		codec_json_array(&j);
	for (int i = 0; i < JSON_DEPTH_MAX; i++)
		codec_json_close(&j);
	tap_ok(codec_json_done(&j), "as deep as may be, in just enough room");

	t = text_over(buf, 8);
	j = codec_json_over(&t);
	codec_json_str(&j, "abcdefg");
	tap_ok(!codec_json_done(&j), "no room");
}

int main(void)
{
	test_strings();
	test_nesting();
	test_misuse();
	test_depth();
	return tap_done();
}
