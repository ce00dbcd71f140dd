/* SPDX-License-Identifier: Apache-2.0
 * hex - strict hexadecimal text. Both cases are read, lower case is written. */
#pragma once
#include <assay/base.h>

/* Decodes the whole of text, an even number of digits and nothing else, into
 * at most cap bytes. False with *n untouched otherwise. An empty text is 0 bytes. */
ASSAY_MUST_USE bool platform_hex_read(struct assay_slice text, uint8_t *out, size_t cap,
				      size_t *n);

/* Writes 2 * bytes.n digits and a NUL; out has room for them. */
void platform_hex_write(struct assay_slice bytes, char *out);
