/* SPDX-License-Identifier: Apache-2.0
 *
 * base64 - base64url without padding (RFC 4648, section 5; RFC 7515, 2).
 *
 * Stricter than the specification lets readers be: no padding, no white space,
 * and the unused bits of the last character are zero (CANONICAL), so that
 * bytes have one text. */
#pragma once
#include "core/base/text.h"

/* Characters of n bytes, bytes of n characters (an impossible n rounded down). */
#define BASE64URL_CHARS(n) ((n) / 3 * 4 + ((n) % 3 ? (n) % 3 + 1 : 0))
#define BASE64URL_BYTES(n) ((n) / 4 * 3 + ((n) % 4 ? (n) % 4 - 1 : 0))

void base64url_write(struct text *t, struct assay_slice s);

/* Writes BASE64URL_BYTES(s.n) bytes to out; what stands there after a fault
 * (ENCODING, CANONICAL) is worth nothing. */
ASSAY_MUST_USE enum assay_fault base64url_read(struct assay_slice s, uint8_t *out);
