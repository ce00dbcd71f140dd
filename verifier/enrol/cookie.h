/* SPDX-License-Identifier: Apache-2.0
 *
 * cookie - what a verifier must know when the second message of an enrolment comes, sealed and
 * kept by the node, so that any verifier with the keys goes on and none keeps anything.
 *
 *   offset  size  field
 *        0     1  version     1
 *        1     1  id          of the secret
 *        2    32  salt        random, never twice
 *       34     n  contents    encrypted
 *     34+n    16  tag
 *
 * AES-256-GCM; key and nonce are HKDF-SHA-256 of the secret, salted with salt, and used once.
 * info and associated data are "assay-enrol-cookie-1" and id. Contents:
 *
 *        0     8  issued      milliseconds since 1970, big-endian
 *        8    32  token       its SHA-256
 *       40    32  secret      what the credential protects
 *       72    32  ek digest   SHA-256 of the EK's TPMT_PUBLIC
 *      104   3x2  sizes of node, ak pub and ek cert, big-endian; then these three
 */
#pragma once
#include <assay/message.h>
#include <assay/receipt.h>

enum { ENROL_SALT = 32, ENROL_SECRET = 32 };

struct enrol_state {
	uint64_t issued;
	uint8_t token[32], secret[ENROL_SECRET], ek_digest[32];
	struct assay_slice node, ak_pub, ek_cert;
};

/* Writes at most ASSAY_COOKIE_MAX bytes to out; 0 when it does not fit or the library fails.
 * salt: ENROL_SALT bytes, fresh for each cookie; all zeros are refused. */
size_t enrol_cookie_seal(struct assay_crypto *crypto, const struct assay_secret *secret,
			 const uint8_t *salt, const struct enrol_state *state, uint8_t *out);

/* True when one of the secrets sealed it. Slices of *out lie in plain[ASSAY_COOKIE_MAX], which
 * the caller wipes. Its age is for the caller to check. */
ASSAY_MUST_USE bool enrol_cookie_open(struct assay_crypto *crypto,
				      const struct assay_secret *secrets, size_t nsecrets,
				      struct assay_slice cookie, uint8_t *plain,
				      struct enrol_state *out);
