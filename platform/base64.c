/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/base64.h"

static int value(enum platform_base64 kind, uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == (kind == PLATFORM_BASE64 ? '+' : '-'))
		return 62;
	if (c == (kind == PLATFORM_BASE64 ? '/' : '_'))
		return 63;
	return -1;
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool platform_base64_read(enum platform_base64 kind, struct assay_slice text, uint8_t *out,
			  size_t cap, size_t *n)
{
	size_t at = 0, chars = 0, pads = 0;
	uint32_t bits = 0;

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];
		if (kind == PLATFORM_BASE64 && is_space(c))
			continue;
		if (kind == PLATFORM_BASE64 && c == '=' && chars > 0) {
			pads++;
			continue;
		}
		int v = value(kind, c);
		if (v < 0 || pads > 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		if (++chars % 4 == 1)
			continue;
		if (at == cap)
			return false;
		/* 6, 4 or 2 bits wait for the next character */
		out[at++] = (uint8_t)(bits >> (chars % 4 == 0 ? 0 : 8 - 2 * (chars % 4)));
	}
	if (chars % 4 == 1)
		return false;
	uint32_t unused = chars % 4 == 2 ? 0xf : chars % 4 == 3 ? 0x3 : 0;
	size_t want = kind == PLATFORM_BASE64 && chars % 4 ? 4 - chars % 4 : 0;
	if ((bits & unused) != 0 || pads != want)
		return false;
	*n = at;
	return true;
}

void platform_base64_write(enum platform_base64 kind, struct assay_slice bytes, char *out)
{
	const char *digits = kind == PLATFORM_BASE64 ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
						       "nopqrstuvwxyz0123456789+/"
						     : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
						       "nopqrstuvwxyz0123456789-_";

	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t have = bytes.n - i < 3 ? bytes.n - i : 3;
		uint32_t bits = 0;

		for (size_t j = 0; j < 3; j++)
			bits = bits << 8 | (j < have ? bytes.p[i + j] : 0U);
		for (size_t j = 0; j <= have; j++)
			*out++ = digits[bits >> (18 - 6 * j) & 63];
		for (size_t j = have; j < 3 && kind == PLATFORM_BASE64; j++)
			*out++ = '=';
	}
	*out = 0;
}
