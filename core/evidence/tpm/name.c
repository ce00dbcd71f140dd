/* SPDX-License-Identifier: Apache-2.0
 *
 * Names (TPM 2.0 Library v1.84, Part 1, "Names" and "Qualified Names"): by
 * its Name a key is enrolled; by its Qualified Name a quote says which key
 * signed it and under which parents, up to the hierarchy, it lies. */
#include "core/evidence/tpm/tpm.h"
#include <string.h>

/* nameAlg || H_nameAlg(parts) */
static size_t name_write(struct assay_crypto *crypto, uint16_t nameAlg,
			 const struct assay_slice *parts, size_t nparts, uint8_t *out)
{
	struct assay_digest digest;

	if (!assay_hash(crypto, nameAlg, parts, nparts, &digest))
		return 0;
	out[0] = (uint8_t)(nameAlg >> 8);
	out[1] = (uint8_t)nameAlg;
	memcpy(out + 2, digest.b, digest.n);
	return 2 + (size_t)digest.n;
}

size_t assay_public_name(struct assay_crypto *crypto, const struct assay_public *pub,
			 uint8_t *out)
{
	return name_write(crypto, pub->nameAlg, &pub->tpmt, 1, out);
}

size_t assay_public_qualified_name_under(struct assay_crypto *crypto,
					 const struct assay_public *pub,
					 struct assay_slice parent, uint8_t *out)
{
	uint8_t name[TPM_NAME_MAX];
	size_t n = assay_public_name(crypto, pub, name);

	if (n == 0 || parent.n == 0)
		return 0;
	return name_write(crypto, pub->nameAlg, (struct assay_slice[]){ parent, { name, n } },
			  2, out);
}

size_t assay_public_qualified_name(struct assay_crypto *crypto, const struct assay_public *pub,
				   uint32_t hierarchy, uint8_t *out)
{
	const uint8_t handle[] = { (uint8_t)(hierarchy >> 24), (uint8_t)(hierarchy >> 16),
				   (uint8_t)(hierarchy >> 8), (uint8_t)hierarchy };

	return assay_public_qualified_name_under(
		crypto, pub, (struct assay_slice){ handle, sizeof handle }, out);
}

/* Where in TPMT_PUBLIC; see public.c. */
enum { AT_NAMEALG = 2, AT_ATTRIBUTES = 4, AT_AUTHPOLICY = 8 };

size_t assay_public_unbound(const struct assay_public *pub, struct assay_range *out, size_t max)
{
	size_t base = pub->sized ? 2 : 0, n = 0;
	const struct assay_range ranges[] = {
		{ base + AT_NAMEALG + 1, 1 },
		/* bits 15-8: noDA, the limits; 7-0: userWithAuth, adminWithPolicy, stClear */
		{ base + AT_ATTRIBUTES + 2, 2 },
		{ base + AT_AUTHPOLICY + 2, pub->authPolicy.n },
	};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		if (ranges[i].n == 0)
			continue;
		if (n < max)
			out[n] = ranges[i];
		n++;
	}
	return n;
}
