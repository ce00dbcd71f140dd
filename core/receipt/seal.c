/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slice.h"
#include "core/receipt/contents.h"

enum {
	VERSION = 1,
	AT_ID = 1,
	AT_SALT = 2,
	AT_CONTENTS = AT_SALT + ASSAY_RECEIPT_SALT,
	AD_MAX = 1 + 16 + 2 + 3 + ASSAY_NODE_ID_MAX + 3 + ASSAY_AK_NAME_MAX,
};

/* Everything that is made for one receipt alone. */
struct once {
	uint8_t key[ASSAY_AEAD_KEY], nonce[ASSAY_AEAD_NONCE];
	uint8_t ad[AD_MAX];
	size_t nad;
};

static bool once_make(struct assay_crypto *crypto, const struct assay_secret *secret,
		      const uint8_t *salt, struct assay_slice node, struct assay_slice ak_name,
		      struct once *once)
{
	uint8_t derived[ASSAY_AEAD_KEY + ASSAY_AEAD_NONCE];
	struct cbor_out ad = { .p = once->ad, .cap = sizeof once->ad };

	cbor_put_head(&ad, CBOR_ARRAY, 4);
	cbor_put_text(&ad, slice_str("assay-receipt-1"));
	cbor_put_head(&ad, CBOR_UINT, secret->id);
	cbor_put_bytes(&ad, node);
	cbor_put_bytes(&ad, ak_name);
	once->nad = ad.n;
	if (ad.full ||
	    !assay_hkdf(crypto, (struct assay_slice){ secret->b, sizeof secret->b },
			(struct assay_slice){ salt, ASSAY_RECEIPT_SALT },
			(struct assay_slice){ once->ad, once->nad }, derived, sizeof derived))
		return false;
	memcpy(once->key, derived, sizeof once->key);
	memcpy(once->nonce, derived + sizeof once->key, sizeof once->nonce);
	assay_secret_wipe(derived, sizeof derived);
	return true;
}

static bool named(struct assay_slice node, struct assay_slice ak_name)
{
	return node.n > 0 && node.n <= ASSAY_NODE_ID_MAX && ak_name.n > 0 &&
	       ak_name.n <= ASSAY_AK_NAME_MAX;
}

/* Contents in clear at their place in out; their length, or 0. What the reader would refuse is
 * never sealed, so no verifier makes what another cannot read. */
static size_t lay(const struct assay_receipt *r, uint8_t *out, size_t cap)
{
	struct assay_err err;
	struct assay_receipt again;
	struct cbor_out o = { 0 };

	if (cap > ASSAY_RECEIPT_MAX)
		cap = ASSAY_RECEIPT_MAX;
	if (cap < AT_CONTENTS + ASSAY_AEAD_TAG)
		return 0;
	o = (struct cbor_out){ .p = out + AT_CONTENTS,
			       .cap = cap - AT_CONTENTS - ASSAY_AEAD_TAG };
	receipt_write(&o, r);
	if (o.full || !receipt_read((struct assay_slice){ o.p, o.n }, &again, &err))
		return 0;
	return o.n;
}

size_t assay_receipt_seal(struct assay_crypto *crypto, const struct assay_secret *secret,
			  const uint8_t *salt, const struct assay_receipt *r, uint8_t *out,
			  size_t cap)
{
	struct once once = { 0 };
	struct assay_slice salted = { salt, ASSAY_RECEIPT_SALT };
	size_t n = named(r->node, r->ak_name) && !slice_all(salted, 0) ? lay(r, out, cap) : 0;
	bool ok = n > 0 && once_make(crypto, secret, salt, r->node, r->ak_name, &once);

	if (ok) {
		out[0] = VERSION;
		out[AT_ID] = secret->id;
		memcpy(out + AT_SALT, salt, ASSAY_RECEIPT_SALT);
		ok = assay_aead_seal(
			crypto, once.key, once.nonce, (struct assay_slice){ once.ad, once.nad },
			(struct assay_slice){ out + AT_CONTENTS, n }, out + AT_CONTENTS);
		assay_secret_wipe(&once, sizeof once);
	}
	if (!ok) {
		assay_secret_wipe(out, cap);
		return 0;
	}
	return AT_CONTENTS + n + ASSAY_AEAD_TAG;
}

const struct assay_secret *receipt_secret(const struct assay_secret *secrets, size_t n,
					  uint8_t id)
{
	for (size_t i = 0; i < n; i++)
		if (secrets[i].id == id)
			return &secrets[i];
	return NULL;
}

/* From sealed bytes to contents; GOOD says no more than that they are a verifier's own. */
static enum assay_recall unseal(struct assay_crypto *crypto, const struct assay_secret *secrets,
				size_t nsecrets, const struct assay_receipt_want *want,
				struct assay_slice sealed, uint8_t *plain,
				struct assay_receipt *out)
{
	struct assay_err err;
	struct once once = { 0 };

	if (sealed.n <= AT_CONTENTS + ASSAY_AEAD_TAG || sealed.n > ASSAY_RECEIPT_MAX ||
	    sealed.p[0] != VERSION)
		return ASSAY_RECALL_MALFORMED;

	const struct assay_secret *secret = receipt_secret(secrets, nsecrets, sealed.p[AT_ID]);
	if (!secret)
		return ASSAY_RECALL_KEY_UNKNOWN;
	if (!named(want->node, want->ak_name))
		return ASSAY_RECALL_FORGED; /* sealed for nobody: there is no such receipt */
	if (!once_make(crypto, secret, sealed.p + AT_SALT, want->node, want->ak_name, &once))
		return ASSAY_RECALL_ERROR;

	struct assay_slice box = slice_part(sealed, AT_CONTENTS, sealed.n);
	bool ok = assay_aead_open(crypto, once.key, once.nonce,
				  (struct assay_slice){ once.ad, once.nad }, box, plain);
	assay_secret_wipe(&once, sizeof once);
	if (!ok)
		return ASSAY_RECALL_FORGED;
	return receipt_read((struct assay_slice){ plain, box.n - ASSAY_AEAD_TAG }, out, &err)
		       ? ASSAY_RECALL_GOOD
		       : ASSAY_RECALL_UNREADABLE;
}

/* The first that does not hold. Being behind comes first: it is about this verifier,
 * whatever the receipt's age. */
static enum assay_recall judge(const struct assay_receipt *r,
			       const struct assay_receipt_want *want)
{
	if (r->generation > want->generation)
		return ASSAY_RECALL_BEHIND;
	if (r->heard < want->revoked)
		return ASSAY_RECALL_REVOKED;
	if (r->issued > want->now && r->issued - want->now > ASSAY_CLOCK_SKEW)
		return ASSAY_RECALL_FUTURE;
	if (want->now >= r->ends)
		return ASSAY_RECALL_ENDED;
	if (want->now >= r->good_until)
		return ASSAY_RECALL_STALE;
	return ASSAY_RECALL_GOOD;
}

enum assay_recall assay_receipt_open(struct assay_crypto *crypto,
				     const struct assay_secret *secrets, size_t nsecrets,
				     const struct assay_receipt_want *want,
				     struct assay_slice sealed, uint8_t *plain,
				     struct assay_receipt *out)
{
	struct assay_receipt r;
	enum assay_recall recall = unseal(crypto, secrets, nsecrets, want, sealed, plain, &r);

	if (recall == ASSAY_RECALL_GOOD)
		recall = judge(&r, want);
	if (recall != ASSAY_RECALL_GOOD) {
		assay_secret_wipe(plain, sealed.n);
		return recall;
	}
	r.node = want->node;
	r.ak_name = want->ak_name;
	receipt_copy(out, &r);
	return ASSAY_RECALL_GOOD;
}
