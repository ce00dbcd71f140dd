/* SPDX-License-Identifier: Apache-2.0 */
#include "core/evidence/tpm/tpm.h"
#include <string.h>

struct assay_key *assay_public_key(struct assay_crypto *crypto, const struct assay_public *pub)
{
	struct assay_key *key = NULL;

	if (pub->type == TPM_ALG_ECC)
		return assay_key_ec(crypto, pub->curveID, pub->unique_x, pub->unique_y);
	if (pub->type == TPM_ALG_RSA)
		key = assay_key_rsa(crypto, pub->unique_n, pub->exponent);
	/* leading zero bits: a weaker key than it says it is */
	if (key && assay_key_bits(key) != pub->keyBits) {
		assay_key_free(key);
		return NULL;
	}
	return key;
}

/* The scheme that the key was made with decides; one made without leaves the
 * choice to the signature, among the schemes of its type. */
static bool scheme_suits(const struct assay_public *pub, const struct assay_signature *sig)
{
	if (pub->type != (sig->sigAlg == ASSAY_ECDSA ? TPM_ALG_ECC : TPM_ALG_RSA))
		return false;
	return pub->scheme == TPM_ALG_NULL ||
	       (pub->scheme == sig->sigAlg && pub->schemeHash == sig->hash);
}

/* TPMs write r and s with or without leading zeros. */
static bool ecdsa_verify(struct assay_crypto *crypto, struct assay_key *key,
			 const struct assay_quote *q, const struct assay_signature *sig)
{
	size_t size = tpm_curve_size(assay_key_curve(key));
	struct assay_slice r = sig->signatureR, s = sig->signatureS;
	uint8_t raw[2 * TPM_ECC_MAX] = { 0 };

	if (r.n == 0 || r.n > size || s.n == 0 || s.n > size)
		return false;
	memcpy(raw + size - r.n, r.p, r.n);
	memcpy(raw + 2 * size - s.n, s.p, s.n);
	return assay_key_verify(crypto, key, ASSAY_ECDSA, sig->hash, q->message,
				(struct assay_slice){ raw, 2 * size });
}

bool assay_quote_verify(struct assay_crypto *crypto, struct assay_key *key,
			const struct assay_public *pub, const struct assay_quote *q,
			const struct assay_signature *sig)
{
	if (pub && !scheme_suits(pub, sig))
		return false;
	switch (sig->sigAlg) {
	case ASSAY_RSASSA:
	case ASSAY_RSAPSS:
		return assay_key_verify(crypto, key, (enum assay_scheme)sig->sigAlg, sig->hash,
					q->message, sig->sig);
	case ASSAY_ECDSA:
		return ecdsa_verify(crypto, key, q, sig);
	default:
		return false;
	}
}

static const struct assay_bank *bank_of(const struct assay_bank *const *banks, size_t n,
					uint16_t alg)
{
	for (size_t i = 0; i < n; i++)
		if (banks[i]->alg == alg)
			return banks[i];
	return NULL;
}

bool assay_quote_composite(struct assay_crypto *crypto, const struct assay_pcr_selection *sel,
			   const struct assay_bank *const *banks, size_t nbanks, uint16_t hash,
			   struct assay_digest *out)
{
	struct assay_slice parts[ASSAY_PCR_BANKS_MAX * ASSAY_PCRS];
	size_t n = 0;

	if (sel->n > ASSAY_PCR_BANKS_MAX)
		return false;
	for (size_t i = 0; i < sel->n; i++) {
		const struct assay_bank *bank = bank_of(banks, nbanks, sel->bank[i].hash);
		/* a bank of which nothing is selected need not be there */
		if (!bank && sel->bank[i].mask != 0)
			return false;
		for (size_t pcr = 0; pcr < ASSAY_PCRS; pcr++)
			if (sel->bank[i].mask >> pcr & 1)
				parts[n++] =
					(struct assay_slice){ bank->value[pcr], bank->size };
	}
	return assay_hash(crypto, hash, parts, n, out);
}
