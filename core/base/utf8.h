/* SPDX-License-Identifier: Apache-2.0
 *
 * utf8 - one character at a time (RFC 3629): no surrogates, nothing above
 * U+10FFFF, no encoding longer than needed. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at p[0 .. left), its number in *out; 0 when the
 * bytes there are not one (then *out is untouched). */
size_t utf8_read(const uint8_t *p, size_t left, uint32_t *out);

/* Writes a character that is neither a surrogate nor above U+10FFFF. */
size_t utf8_write(uint32_t c, uint8_t out[4]);
