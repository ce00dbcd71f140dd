/* SPDX-License-Identifier: Apache-2.0
 *
 * The essentials of the templates of TCG EK Credential Profile 2.5, annex B (L-1, L-2,
 * H-1 ...), without what makes no difference to who can open a credential:
 * authPolicy, userWithAuth, adminWithPolicy, noDA. */
#include "core/endorsement/ek/ek.h"

enum {
	TYPE_RSA = 0x0001,
	TYPE_ECC = 0x0023,
	ALG_AES = 0x0006,
	ALG_NULL = 0x0010,
	ALG_CFB = 0x0043,
	RSA_BITS_MIN = 2048,
};

static bool attributes(uint32_t v)
{
	return (v & ASSAY_OBJECT_ENDORSEMENT) == ASSAY_OBJECT_ENDORSEMENT &&
	       !(v & ASSAY_OBJECT_NOT_ENDORSEMENT);
}

bool assay_ek_template(const struct assay_public *pub, const char **field)
{
	const char *bad = NULL;

	if (pub->type == TYPE_RSA && pub->keyBits < RSA_BITS_MIN)
		bad = "keyBits";
	if (pub->scheme != ALG_NULL)
		bad = "scheme";
	if (pub->symmetric != ALG_AES)
		bad = "symmetric";
	else if (pub->symmetricMode != ALG_CFB)
		bad = "symmetric.mode";
	if (!attributes(pub->objectAttributes))
		bad = "objectAttributes";
	if (!assay_alg_computable(pub->nameAlg) || pub->nameAlg == ASSAY_SHA1)
		bad = "nameAlg";
	if (pub->type != TYPE_RSA && pub->type != TYPE_ECC)
		bad = "type";
	if (bad)
		*field = bad;
	return !bad;
}

bool assay_ek_binds(struct assay_crypto *crypto, const struct assay_key *key,
		    const struct assay_public *pub)
{
	struct assay_key *own = assay_public_key(crypto, pub);
	bool same = own && assay_key_equal(own, key);

	assay_key_free(own);
	return same;
}
