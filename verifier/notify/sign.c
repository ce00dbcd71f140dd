/* SPDX-License-Identifier: Apache-2.0
 * The signature of Standard Webhooks. */
#include "platform/base64.h"
#include "verifier/notify/notify.h"

#include <assay/crypto.h>
#include <string.h>

#define PREFIX "whsec_"
enum { PREFIX_N = sizeof PREFIX - 1, SECRET_LEAST = 24, SECRET_MOST = 64 };

static struct assay_slice text(const char *s)
{
	return (struct assay_slice){ (const uint8_t *)s, strlen(s) };
}

/* "v1,BASE64" for one line. */
static bool sign_line(struct assay_crypto *crypto, struct assay_slice line,
		      const struct assay_slice *parts, size_t nparts, char out[64])
{
	uint8_t secret[SECRET_MOST], mac[ASSAY_MAC_SIZE];
	size_t n = 0;

	if (line.n <= PREFIX_N || memcmp(line.p, PREFIX, PREFIX_N) != 0 ||
	    !platform_base64_read(PLATFORM_BASE64,
				  (struct assay_slice){ line.p + PREFIX_N, line.n - PREFIX_N },
				  secret, sizeof secret, &n) ||
	    n < SECRET_LEAST)
		return false;
	bool ok = assay_hmac(crypto, (struct assay_slice){ secret, n }, parts, nparts, mac);
	assay_secret_wipe(secret, sizeof secret);
	memcpy(out, "v1,", 3);
	platform_base64_write(PLATFORM_BASE64, (struct assay_slice){ mac, sizeof mac },
			      out + 3);
	return ok;
}

bool notify_sign(struct assay_crypto *crypto, struct assay_slice secrets, const char *id,
		 const char *timestamp, struct assay_slice body, char *out, size_t cap)
{
	const struct assay_slice parts[] = { text(id), text("."), text(timestamp), text("."),
					     body };
	size_t at = 0, from = 0;
	char one[64];

	for (size_t i = 0; i <= secrets.n; i++) {
		if (i < secrets.n && secrets.p[i] != '\n')
			continue;
		struct assay_slice line = { secrets.p + from, i - from };
		from = i + 1;
		if (line.n == 0)
			continue;
		if (!sign_line(crypto, line, parts, 5, one))
			return false;
		size_t n = strlen(one);
		if (at + 1 + n + 1 > cap)
			return false;
		if (at > 0)
			out[at++] = ' ';
		memcpy(out + at, one, n + 1);
		at += n;
	}
	return at > 0;
}
