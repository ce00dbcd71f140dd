/* SPDX-License-Identifier: Apache-2.0
 * A key without restrictions signs whatever it is given, and so whatever an
 * attacker writes into a TPMS_ATTEST: what the regressions of this kind start from. */
#pragma once
#include "core/base/slice.h"
#include "tests/keys.h"
#include "tests/tap.h"

static const uint32_t GENERATED = UINT32_C(0xff544347);

enum { QUOTE = 0x8018 };

/* The quote in msg, signed; true when it reads and its signature holds. */
static inline bool test_accepts(struct assay_crypto *crypto, EVP_PKEY *pkey,
				struct assay_slice msg, struct assay_quote *q,
				struct assay_err *err)
{
	static struct bytes pub, sig;
	struct assay_public ak;
	struct assay_signature s;
	struct assay_err none;
	bool ok = false;

	pub.n = sig.n = 0;
	put_public(&pub, pkey, ASSAY_P256, ASSAY_ECDSA, ASSAY_SHA256);
	put_signature(&sig, pkey, ASSAY_ECDSA, ASSAY_SHA256, msg);
	if (!assay_public_read(test_slice(&pub), &ak, &none) ||
	    !assay_signature_read(test_slice(&sig), &s, &none))
		abort();

	struct assay_key *key = assay_public_key(crypto, &ak);
	/* the signature over these bytes is good, whatever they say */
	*q = (struct assay_quote){ .message = msg };
	if (!key || !assay_quote_verify(crypto, key, &ak, q, &s))
		abort();
	ok = assay_quote_read(msg, q, err) && assay_quote_verify(crypto, key, &ak, q, &s);
	assay_key_free(key);
	return ok;
}
