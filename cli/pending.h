/* SPDX-License-Identifier: Apache-2.0
 * pending - records that were logged and never extended, because their writer
 * died in between. */
#pragma once
#include "verifier/load/userlog.h"

/* How many of the log's last records for pcr are not in its current value.
 * start, current: values of PCR pcr in bank alg, assay_alg_size(alg) bytes, before the first
 * record and now. False when no number explains the value: something extended it that is not in
 * the log, or the library fails. */
ASSAY_MUST_USE bool pending_count(struct assay_crypto *crypto, const struct userlog *log,
				  uint32_t pcr, uint16_t alg, const uint8_t *start,
				  const uint8_t *current, size_t *count);
