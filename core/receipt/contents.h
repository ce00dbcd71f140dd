/* SPDX-License-Identifier: Apache-2.0
 *
 * receipt/contents - what is inside a receipt, as CBOR; the form stands in assay/receipt.h.
 *
 * Only a verifier's own bytes get here, after their seal was opened, yet they are read like
 * anybody's: a key that leaked shall not become an overrun.
 *
 *   lifetime  slices point into the input; node and ak_name are left empty */
#pragma once
#include "core/codec/cbor.h"
#include <assay/receipt.h>

ASSAY_MUST_USE bool receipt_read(struct assay_slice in, struct assay_receipt *out,
				 struct assay_err *err);
/* Of the deviations those that are there: all of them are 12 KiB. */
void receipt_copy(struct assay_receipt *out, const struct assay_receipt *r);
/* What breaks a rule is written too: who writes reads it back. */
void receipt_write(struct cbor_out *o, const struct assay_receipt *r);

/* The secret of this id, or NULL. */
const struct assay_secret *receipt_secret(const struct assay_secret *secrets, size_t n,
					  uint8_t id);
