/* SPDX-License-Identifier: Apache-2.0
 * What is pending when the writer of a log died between two records. */
#include "cli/pending.h"
#include "tests/tap.h"

#include <string.h>

#define RS "\x1e"
#define H256 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define D256 "{\"hashAlg\":\"sha256\",\"digest\":\"" H256 "\"}"
#define REC(pcr, digests, rest) RS "{\"pcr\":" pcr ",\"digests\":[" digests "]" rest "}\n"

/* A PCR that holds the first k of three records: 3 - k are pending. */
static void run_pending(void)
{
	static const char in[] =
		REC("12", D256, "") REC("11", D256, "") REC("12", D256, "") REC("12", D256, "");
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	const uint8_t start[32] = { 0 };
	struct platform_message why;
	struct assay_bank bank;
	struct userlog log = { 0 };
	size_t count = 77;

	if (!tap_ok(crypto && assay_bank_reset(&bank, ASSAY_SHA256) &&
			    userlog_read(
				    (struct assay_slice){ (const uint8_t *)in, sizeof in - 1 },
				    &log, NULL, &why),
		    "a log with three records of PCR 12"))
		return;
	if (!log.events)
		return;
	struct assay_slice digest = { log.events[0].digests[0].b, 32 };
	for (size_t k = 0; k <= 3; k++) {
		bool known = pending_count(crypto, &log, 12, ASSAY_SHA256, start,
					   bank.value[12], &count);
		tap_ok(known && count == 3 - k, "%zu extended, %zu pending", k, 3 - k);
		if (!assay_bank_extend(crypto, &bank, 12, digest))
			tap_ok(false, "extend");
	}
	tap_ok(!pending_count(crypto, &log, 12, ASSAY_SHA256, start, bank.value[12], &count),
	       "an extend that no record explains");
	tap_ok(!pending_count(crypto, &log, 12, ASSAY_SHA1, start, bank.value[12], &count),
	       "a bank that the records lack");
	userlog_drop(&log);
	assay_crypto_free(crypto);
}

int main(void)
{
	run_pending();
	return tap_done();
}
