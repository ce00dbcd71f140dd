/* SPDX-License-Identifier: Apache-2.0 */
#include "core/codec/base64.h"
#include "core/base/slice.h"

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* BOUNDS: (4 n + 2) / 3 characters. */
static void encode(struct assay_slice s, char *out)
{
	size_t i = 0;

	for (; i + 3 <= s.n; i += 3) {
		uint32_t bits = (uint32_t)s.p[i] << 16 | (uint32_t)s.p[i + 1] << 8 | s.p[i + 2];

		*out++ = alphabet[bits >> 18 & 63];
		*out++ = alphabet[bits >> 12 & 63];
		*out++ = alphabet[bits >> 6 & 63];
		*out++ = alphabet[bits & 63];
	}
	if (i == s.n)
		return;
	uint32_t bits = (uint32_t)s.p[i] << 16;
	if (i + 2 == s.n)
		bits |= (uint32_t)s.p[i + 1] << 8;
	*out++ = alphabet[bits >> 18 & 63];
	*out++ = alphabet[bits >> 12 & 63];
	if (i + 2 == s.n)
		*out = alphabet[bits >> 6 & 63];
}

void base64url_write(struct text *t, struct assay_slice s)
{
	size_t n = s.n / 3 * 4 + (s.n % 3 * 4 + 2) / 3;
	char *room = n > 0 ? text_room(t, n) : NULL;

	if (room)
		encode(s, room);
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
