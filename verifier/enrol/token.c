/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/base64.h"
#include "platform/random.h"
#include "verifier/enrol/enrol.h"

#include <string.h>

#define PREFIX "assay-enrol-1."
enum { PREFIX_N = sizeof PREFIX - 1, RANDOM = 32 };
_Static_assert(ENROL_TOKEN_TEXT == PREFIX_N + 43, "32 bytes are 43 characters");

bool enrol_token_hash(struct assay_crypto *crypto, struct assay_slice text, uint8_t hash[32])
{
	uint8_t random[RANDOM], digest[ASSAY_DIGEST_MAX];
	size_t n = 0;

	if (text.n != ENROL_TOKEN_TEXT || memcmp(text.p, PREFIX, PREFIX_N) != 0)
		return false;
	struct assay_slice tail = { text.p + PREFIX_N, text.n - PREFIX_N };
	bool ok = platform_base64_read(PLATFORM_BASE64URL, tail, random, sizeof random, &n) &&
		  n == RANDOM && assay_hash1(crypto, ASSAY_SHA256, text, digest);
	if (ok)
		memcpy(hash, digest, 32);
	assay_secret_wipe(random, sizeof random);
	return ok;
}

bool enrol_token_make(struct assay_crypto *crypto, char text[ENROL_TOKEN_TEXT + 1],
		      uint8_t hash[32])
{
	uint8_t random[RANDOM];

	platform_random(random, sizeof random);
	memcpy(text, PREFIX, PREFIX_N);
	platform_base64_write(PLATFORM_BASE64URL, (struct assay_slice){ random, sizeof random },
			      text + PREFIX_N);
	assay_secret_wipe(random, sizeof random);
	return enrol_token_hash(
		crypto, (struct assay_slice){ (const uint8_t *)text, ENROL_TOKEN_TEXT }, hash);
}
