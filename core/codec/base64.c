/* SPDX-License-Identifier: Apache-2.0 */
#include "core/codec/base64.h"
#include "core/base/slice.h"

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_write(struct text *t, struct assay_slice s)
{
	for (size_t i = 0; i < s.n; i += 3) {
		struct assay_slice group = slice_part(s, i, i + 3);
		uint32_t bits = 0;
		uint8_t out[4];

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < group.n ? group.p[k] : 0);
		for (size_t k = 0; k < 4; k++)
			out[k] = (uint8_t)alphabet[bits >> (18 - 6 * k) & 63];
		text_raw(t, (struct assay_slice){ out, group.n + 1 });
	}
}

static int value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

enum assay_fault base64url_read(struct assay_slice s, uint8_t *out)
{
	uint32_t bits = 0;
	unsigned have = 0;

	if (s.n % 4 == 1)
		return ASSAY_F_ENCODING;
	for (size_t i = 0; i < s.n; i++) {
		int v = value(s.p[i]);

		if (v < 0)
			return ASSAY_F_ENCODING;
		bits = (bits << 6 | (uint32_t)v) & 0xffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			*out++ = (uint8_t)(bits >> have);
		}
	}
	if (bits & ((1u << have) - 1))
		return ASSAY_F_CANONICAL;
	return ASSAY_F_OK;
}
