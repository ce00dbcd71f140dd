/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/hex.h"

static int nibble(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool platform_hex_read(struct assay_slice text, uint8_t *out, size_t cap, size_t *n)
{
	if (text.n % 2 != 0 || text.n / 2 > cap)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (nibble(text.p[i]) < 0)
			return false;
	for (size_t i = 0; i < text.n / 2; i++)
		out[i] = (uint8_t)((unsigned)nibble(text.p[2 * i]) << 4 |
				   (unsigned)nibble(text.p[2 * i + 1]));
	*n = text.n / 2;
	return true;
}

void platform_hex_write(struct assay_slice bytes, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < bytes.n; i++) {
		*out++ = digits[bytes.p[i] >> 4];
		*out++ = digits[bytes.p[i] & 15];
	}
	*out = '\0';
}
