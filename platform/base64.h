/* SPDX-License-Identifier: Apache-2.0
 * base64 - base64 and base64url text (RFC 4648) that others wrote. */
#pragma once
#include <assay/base.h>

enum platform_base64 {
	PLATFORM_BASE64,    /* "+/", padded; white space between characters is skipped */
	PLATFORM_BASE64URL, /* "-_", no padding and no white space */
};

/* Decodes the whole of text into at most cap bytes; the unused bits of the last
 * character must be zero. False with *n untouched otherwise. */
ASSAY_MUST_USE bool platform_base64_read(enum platform_base64 kind, struct assay_slice text,
					 uint8_t *out, size_t cap, size_t *n);

/* Writes the text and a NUL: at most 4 * ((bytes.n + 2) / 3) + 1 characters; out has room. */
void platform_base64_write(enum platform_base64 kind, struct assay_slice bytes, char *out);
