/* SPDX-License-Identifier: Apache-2.0
 *
 * endorsement/ek - what the files of this room share. */
#pragma once
#include <assay/endorsement.h>

/* What an NV index holds; the format stands in front of its reader. */
struct ek_nv {
	struct assay_slice cert;
	size_t header, padding;
};

ASSAY_MUST_USE bool ek_nv_read(struct assay_slice in, struct ek_nv *out, struct assay_err *err);

/* KDFa (Part 1, 11.4.10.2): counter mode of SP 800-108 with HMAC. label without its
 * NUL, which is added. Writes bits / 8 bytes; bits is a multiple of 8, at most
 * 8 * ASSAY_DIGEST_MAX. */
ASSAY_MUST_USE bool ek_kdfa(struct assay_crypto *crypto, uint16_t hash, struct assay_slice key,
			    const char *label, struct assay_slice contextU,
			    struct assay_slice contextV, uint32_t bits, uint8_t *out);

/* KDFe (Part 1, 11.4.10.3): the concatenation KDF of SP 800-56A over Z and both x, each of the
 * field's size. The same of label and bits. */
ASSAY_MUST_USE bool ek_kdfe(struct assay_crypto *crypto, uint16_t hash, struct assay_slice z,
			    const char *label, struct assay_slice partyU,
			    struct assay_slice partyV, uint32_t bits, uint8_t *out);

/* The credential for any Name, without judging ek or the Name. */
ASSAY_MUST_USE bool ek_credential_protect(struct assay_crypto *crypto,
					  const struct assay_public *ek,
					  struct assay_slice name, struct assay_slice secret,
					  const uint8_t *random, struct assay_credential *out);
