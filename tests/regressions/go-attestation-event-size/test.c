/* SPDX-License-Identifier: Apache-2.0
 * go-attestation, TestParseEventLogEventSizeTooLarge: an event said to be of
 * 0xbdbfef47 (or more) bytes made the parser allocate gigabytes. */
#include "tests/eventlog_build.h"
#include "tests/tap.h"

static bool refused(struct build *l, size_t at, const char *field)
{
	struct assay_bank bank = { .alg = ASSAY_SHA256 };
	struct assay_err err;

	return !assay_eventlog_replay(l->crypto, build_log(l), &bank, 1, NULL, &err) &&
	       err.fault == ASSAY_F_LIMIT && strcmp(err.field, field) == 0 && err.offset == at;
}

int main(void)
{
	static const char sizes[2][4] = { { '\xbd', '\xbf', '\xef', '\x47' },
					  { '\xff', '\xff', '\xff', '\xff' } };
	static struct build l;

	l.crypto = assay_crypto_new(NULL, NULL);
	for (size_t i = 0; i < 2; i++) {
		l.n = 0;
		build_header(&l);
		build_event(&l, 0, (uint32_t)ASSAY_EV_S_CRTM_VERSION, text_of("1"),
			    text_of("1"));
		memcpy(l.b + 69 + 68, sizes[i], 4);
		tap_ok(refused(&l, 69 + 68, "eventSize"), "size %zu in TCG_PCR_EVENT2", i);
		memcpy(l.b + 28, sizes[i], 4);
		tap_ok(refused(&l, 28, "eventDataSize"), "size %zu in TCG_PCR_EVENT", i);
	}
	assay_crypto_free(l.crypto);
	return tap_done();
}
