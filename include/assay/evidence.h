/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/evidence.h - what a machine says: what its TPM signed, the logs that explain it, the
 * bundle that it travels in, and the claims that a bundle proves. */
#ifndef ASSAY_EVIDENCE_H
#define ASSAY_EVIDENCE_H

#include <assay/evidence/bundle.h>
#include <assay/evidence/claims.h>
#include <assay/evidence/eventlog.h>
#include <assay/evidence/ima.h>
#include <assay/evidence/tpm.h>

#endif
