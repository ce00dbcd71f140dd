/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/cursor.h"
#include "core/base/slice.h"
#include "core/receipt/contents.h"

enum {
	MAC_KEPT = ASSAY_CHALLENGE_SIZE - 8 - 1,
	MESSAGE_MAX = 1 + 18 + 2 + 1 + 2 + ASSAY_AK_NAME_MAX + 9,
};

/* The first MAC_KEPT bytes count. */
static bool mac_of(struct assay_crypto *crypto, const struct assay_secret *secret,
		   enum assay_purpose purpose, struct assay_slice ak_name, uint64_t issued,
		   uint8_t *mac)
{
	uint8_t message[MESSAGE_MAX];
	struct cbor_out o = { .p = message, .cap = sizeof message };

	cbor_put_head(&o, CBOR_ARRAY, 5);
	cbor_put_text(&o, slice_str("assay-challenge-1"));
	cbor_put_head(&o, CBOR_UINT, secret->id);
	cbor_put_head(&o, CBOR_UINT, (uint64_t)purpose);
	cbor_put_bytes(&o, ak_name);
	cbor_put_head(&o, CBOR_UINT, issued);
	return !o.full &&
	       assay_hmac(crypto, (struct assay_slice){ secret->b, sizeof secret->b },
			  &(struct assay_slice){ message, o.n }, 1, mac);
}

static bool named(struct assay_slice ak_name)
{
	return ak_name.n > 0 && ak_name.n <= ASSAY_AK_NAME_MAX;
}

bool assay_challenge_make(struct assay_crypto *crypto, const struct assay_secret *secret,
			  enum assay_purpose purpose, struct assay_slice ak_name, uint64_t now,
			  uint8_t *out)
{
	uint8_t mac[ASSAY_MAC_SIZE];

	if (!named(ak_name) || !mac_of(crypto, secret, purpose, ak_name, now, mac))
		return false;
	for (size_t i = 0; i < 8; i++)
		out[i] = (uint8_t)(now >> 8 * (7 - i));
	out[8] = secret->id;
	memcpy(out + 9, mac, MAC_KEPT);
	return true;
}

enum assay_recall assay_challenge_check(struct assay_crypto *crypto,
					const struct assay_secret *secrets, size_t nsecrets,
					enum assay_purpose purpose, struct assay_slice ak_name,
					uint64_t now, uint64_t life,
					struct assay_slice challenge, uint64_t *issued)
{
	struct assay_err err;
	struct cur c = cur_over(challenge, &err);
	uint64_t made = cur_be(&c, 8, "issued");
	uint8_t id = (uint8_t)cur_be(&c, 1, "id"), mac[ASSAY_MAC_SIZE];
	struct assay_slice got = cur_bytes(&c, MAC_KEPT, "mac");

	if (!cur_done(&c, "challenge"))
		return ASSAY_RECALL_MALFORMED;

	const struct assay_secret *secret = receipt_secret(secrets, nsecrets, id);
	if (!secret)
		return ASSAY_RECALL_KEY_UNKNOWN;
	if (!named(ak_name))
		return ASSAY_RECALL_FORGED; /* made for no key: there is no such challenge */
	if (!mac_of(crypto, secret, purpose, ak_name, made, mac))
		return ASSAY_RECALL_ERROR;
	if (!assay_secret_equal(got, (struct assay_slice){ mac, MAC_KEPT }))
		return ASSAY_RECALL_FORGED;

	/* what says when it was made is authentic from here on */
	if (made > now && made - now > ASSAY_CLOCK_SKEW)
		return ASSAY_RECALL_FUTURE;
	if (life == 0 || (now > made && now - made >= life))
		return ASSAY_RECALL_ENDED;
	*issued = made;
	return ASSAY_RECALL_GOOD;
}
