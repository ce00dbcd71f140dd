/* SPDX-License-Identifier: Apache-2.0
 *
 * hex - pairs of hexadecimal digits, either case, nothing between them. */
#pragma once
#include <assay/base.h>

/* Writes s.n / 2 bytes; false (out then worth nothing) for an odd number of
 * digits or anything that is not a digit. */
ASSAY_MUST_USE bool hex_read(struct assay_slice s, uint8_t *out);
