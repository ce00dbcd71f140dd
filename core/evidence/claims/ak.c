/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include <assay/evidence/claims.h>

bool assay_ak_read(struct assay_crypto *crypto, struct assay_slice in, struct assay_ak *out,
		   struct assay_err *err)
{
	struct assay_ak ak = { 0 };

	*err = (struct assay_err){ 0 };
	if (slice_starts(in, "-----BEGIN ")) {
		ak.key = assay_key_pem(crypto, in, false);
		if (!ak.key)
			*err = (struct assay_err){ ASSAY_F_ENCODING, "PEM", 0, NULL };
	} else {
		if (!assay_public_read(in, &ak.pub, err))
			return false;
		ak.has_public = true;
		ak.key = assay_public_key(crypto, &ak.pub);
		if (!ak.key)
			*err = (struct assay_err){ ASSAY_F_RANGE, "unique", 0, NULL };
		ak.owner_name_n = assay_public_qualified_name(crypto, &ak.pub, ASSAY_RH_OWNER,
							      ak.owner_name);
	}
	if (ak.key)
		*out = ak;
	return ak.key != NULL;
}
