/* SPDX-License-Identifier: Apache-2.0
 *
 * aks - attestation keys that a thread has built, by their Name: building one costs more than a
 * verification. A Name is a hash of the whole public area, so what has this Name is this key,
 * wherever its bytes came from.
 *
 *   threads   one
 */
#pragma once
#include <assay/evidence/claims.h>

struct aks;

struct aks *aks_new(size_t max);
void aks_free(struct aks *a);
/* The key of this Name; pub (TPM2B_PUBLIC or TPMT_PUBLIC), which has this Name, is read when it
 * is not there. NULL with *err when it cannot be read. The key is the cache's until the next
 * call. */
const struct assay_ak *aks_get(struct aks *a, struct assay_crypto *crypto,
			       struct assay_slice name, struct assay_slice pub,
			       struct assay_err *err);
