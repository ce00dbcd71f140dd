/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include <assay/appraisal.h>

/* Ways around the measured system that no production command line holds. */
static const char *const forbidden[] = { "init=/bin/sh", "init=/bin/bash", "rd.break",
					 "systemd.debug-shell", "ima_appraise=off" };

void assay_policy_default(struct assay_policy *policy)
{
	*policy = (struct assay_policy){
		.id = "assay:default:1",
		.banks = { ASSAY_SHA256, ASSAY_SHA384, ASSAY_SHA512 },
		.nbanks = 3,
		.hashes = { ASSAY_SHA256, ASSAY_SHA384, ASSAY_SHA512 },
		.nhashes = 3,
		.min_rsa_bits = 2048,
		.pcrs_quoted = 0x47ff, /* 0-10 and 14 */
		.pcrs_judged = 1u << 0 | 1u << 2 | 1u << 4 | 1u << 7 | 1u << 8 | 1u << 9 |
			       1u << 11 | 1u << 12 | 1u << 13 | 1u << 14 | 1u << 15,
		.present = 1u << ASSAY_REF_FIRMWARE | 1u << ASSAY_REF_BOOT_LOADER |
			   1u << ASSAY_REF_KERNEL | 1u << ASSAY_REF_COMMAND_LINE,
		.secure_boot = true,
		.nforbidden = sizeof forbidden / sizeof *forbidden,
		.ima = true,
		.result_life = 300,
	};
	for (size_t i = 0; i < policy->nforbidden; i++)
		policy->forbidden[i] = slice_str(forbidden[i]);
	for (int i = 0; i < ASSAY_REASON_CODES_N; i++)
		policy->severity[i] = assay_reason_info((enum assay_reason_code)i)->severity;
}
