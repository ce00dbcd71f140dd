/* SPDX-License-Identifier: Apache-2.0 */
#include "core/evidence/ima/fields.h"

/* enum hash_algo of include/uapi/linux/hash_info.h; 0: no TPM_ALG_ID in assay. */
static const uint16_t hash_algos[] = {
	[2] = ASSAY_SHA1,      [4] = ASSAY_SHA256,    [5] = ASSAY_SHA384,
	[6] = ASSAY_SHA512,    [17] = ASSAY_SM3_256,  [20] = ASSAY_SHA3_256,
	[21] = ASSAY_SHA3_384, [22] = ASSAY_SHA3_512,
};

bool assay_ima_sig_read(struct assay_slice in, struct assay_ima_sig *out, struct assay_err *err)
{
	struct cur c = cur_over(in, err);
	struct assay_ima_sig s = { .type = (uint8_t)cur_le(&c, 1, "type") };

	if (s.type != 3 && s.type != 5 && s.type != 6)
		cur_fail(&c, ASSAY_F_UNSUPPORTED, "type");
	s.version = (uint8_t)cur_le(&c, 1, "version");
	if (s.version != 2 && s.version != 3)
		cur_fail(&c, ASSAY_F_UNSUPPORTED, "version");
	s.hash_algo = (uint8_t)cur_le(&c, 1, "hash_algo");
	if (s.hash_algo >= sizeof hash_algos / sizeof *hash_algos)
		cur_fail(&c, ASSAY_F_RANGE, "hash_algo");
	else
		s.hash = hash_algos[s.hash_algo];
	s.keyid = (uint32_t)cur_be(&c, 4, "keyid");
	size_t n = cur_be(&c, 2, "sig_size");
	if (n == 0)
		cur_fail(&c, ASSAY_F_RANGE, "sig_size");
	s.sig = cur_bytes(&c, n, "sig");
	if (!cur_done(&c, "sig"))
		return false;
	*out = s;
	return true;
}
