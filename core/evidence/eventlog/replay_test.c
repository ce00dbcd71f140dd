/* SPDX-License-Identifier: Apache-2.0
 * Replay: what PCR 0 starts at, and what is extended. One row per rule. */
#include "tests/eventlog_build.h"
#include "tests/tap.h"

/* A log in letters:
 *   3 0 4 1  StartupLocality of that locality      s  without the locality byte
 *   l        with a byte too many                  p  on PCR 1
 *   h        EV_EFI_HCRTM_EVENT                    c  EV_S_CRTM_VERSION, extends PCR 0
 *   n        EV_NO_ACTION with a digest            8  EV_IPL, extends PCR 8 */
static const struct {
	const char *name, *log;
	uint8_t locality;
	bool stated, hcrtm, quirk;
} rows[] = {
	{ "no StartupLocality", "c8", 0, false, false, false },
	{ "StartupLocality 3", "3c", 3, true, false, false },
	{ "StartupLocality 0", "0c", 0, true, false, false },
	{ "StartupLocality 4", "4hc", 4, true, true, false },
	{ "StartupLocality 1 is not honoured", "1c", 0, false, false, true },
	{ "StartupLocality after events of other PCRs", "8n3c", 3, true, false, false },
	{ "late StartupLocality is not honoured", "c3", 0, false, false, true },
	{ "repeated: the first counts", "34c", 3, true, false, true },
	{ "repeated late: the first counts", "3c4", 3, true, false, true },
	{ "without its locality byte", "sc", 0, false, false, true },
	{ "with a byte too many", "lc", 0, false, false, true },
	{ "on another PCR", "pc", 0, false, false, true },
	{ "H-CRTM event alone starts at 4", "hc", 4, false, true, false },
	{ "H-CRTM event later starts at 4", "chc", 4, false, true, false },
	{ "H-CRTM event against StartupLocality 3", "3hc", 3, true, true, true },
	{ "nothing extends PCR 0", "38", 3, true, false, false },
};

static struct assay_slice locality_event(char which)
{
	static uint8_t data[18] = "StartupLocality";

	data[16] = which == 'l' || which == 'p' ? 3 : (uint8_t)(which - '0');
	return (struct assay_slice){ data, which == 's' ? 16 : which == 'l' ? 18 : 17 };
}

static void build_letter(struct build *l, char which)
{
	const struct assay_slice none = { 0 };

	switch (which) {
	case 'h':
		build_event(l, 0, (uint32_t)ASSAY_EV_EFI_HCRTM_EVENT, text_of("HCRTM"),
			    text_of("HCRTM"));
		break;
	case 'c':
		build_event(l, 0, (uint32_t)ASSAY_EV_S_CRTM_VERSION, text_of("1"),
			    text_of("1"));
		break;
	case 'n':
		build_event(l, 0, (uint32_t)ASSAY_EV_NO_ACTION, text_of("n"), text_of("n"));
		break;
	case '8':
		build_event(l, 8, (uint32_t)ASSAY_EV_IPL, text_of("k"), text_of("k"));
		break;
	default:
		build_event(l, which == 'p', (uint32_t)ASSAY_EV_NO_ACTION,
			    locality_event(which), none);
	}
}

/* The same by hand: start value, then each H(pcr || H(data)). */
static void expect(struct build *l, const char *letters, uint8_t locality, uint16_t alg,
		   uint8_t *out)
{
	size_t n = assay_alg_size(alg);

	memset(out, 0, n);
	out[n - 1] = locality;
	for (; *letters; letters++) {
		uint8_t both[2 * ASSAY_DIGEST_MAX];
		const char *text = *letters == 'h' ? "HCRTM" : *letters == 'c' ? "1" : NULL;
		if (!text)
			continue;
		memcpy(both, out, n);
		if (!assay_hash1(l->crypto, alg, text_of(text), both + n) ||
		    !assay_hash1(l->crypto, alg, (struct assay_slice){ both, 2 * n }, out))
			abort();
	}
}

static void check_row(struct build *l, size_t i)
{
	struct assay_bank banks[3] = { { .alg = ASSAY_SHA256 },
				       { .alg = ASSAY_SHA384 },
				       { .alg = ASSAY_SHA1 } };
	struct assay_startup s = { .locality = 77 };
	struct assay_err err;
	uint8_t want[2][ASSAY_DIGEST_MAX];

	l->n = 0;
	build_header(l);
	for (const char *c = rows[i].log; *c; c++)
		build_letter(l, *c);
	expect(l, rows[i].log, rows[i].locality, ASSAY_SHA256, want[0]);
	expect(l, rows[i].log, rows[i].locality, ASSAY_SHA1, want[1]);

	uint32_t extended = (strpbrk(rows[i].log, "hc") ? 1u : 0u) |
			    (strchr(rows[i].log, '8') ? 1u << 8 : 0u);
	bool ok = assay_eventlog_replay(l->crypto, build_log(l), banks, 3, &s, &err);
	tap_ok(ok && s.locality == rows[i].locality && s.stated == rows[i].stated &&
		       s.hcrtm == rows[i].hcrtm && (s.quirk != NULL) == rows[i].quirk &&
		       memcmp(banks[0].value[0], want[0], 32) == 0 &&
		       memcmp(banks[2].value[0], want[1], 20) == 0 &&
		       banks[0].extended == extended && banks[1].extended == 0,
	       "%s", rows[i].name);
}

static void check_faults(struct build *l)
{
	struct assay_bank bank = { .alg = ASSAY_SM3_256 };
	struct assay_startup s = { .locality = 77 };
	struct assay_err err;

	l->n = 0;
	build_header(l);
	build_letter(l, 'c');
	tap_ok(!assay_eventlog_replay(l->crypto, build_log(l), &bank, 1, &s, &err) &&
		       err.fault == ASSAY_F_UNSUPPORTED && s.locality == 77,
	       "a bank that cannot be computed");
	bank.alg = ASSAY_SHA1;
	l->n--;
	tap_ok(!assay_eventlog_replay(l->crypto, build_log(l), &bank, 1, &s, &err) &&
		       err.fault == ASSAY_F_TRUNCATED && s.locality == 77,
	       "a log cut short");
	l->n++;
	tap_ok(assay_eventlog_replay(l->crypto, build_log(l), NULL, 0, NULL, &err),
	       "no bank, no startup asked for");
}

/* A bank that assay cannot compute is skipped by the size in the header. */
static void check_unknown_bank(struct build *l)
{
	struct assay_bank bank = { .alg = ASSAY_SHA1 };
	struct assay_err err;
	uint8_t want[ASSAY_DIGEST_MAX];

	l->n = 0;
	build_header(l);
	build_letter(l, 'c');
	l->b[64] = 0x12; /* SM3-256 for SHA-256 */
	l->b[69 + 34] = 0x12;
	expect(l, "c", 0, ASSAY_SHA1, want);
	tap_ok(assay_eventlog_replay(l->crypto, build_log(l), &bank, 1, NULL, &err) &&
		       memcmp(bank.value[0], want, 20) == 0,
	       "an SM3 bank is skipped");
}

int main(void)
{
	static struct build l;

	l.crypto = assay_crypto_new(NULL, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_row(&l, i);
	check_faults(&l);
	check_unknown_bank(&l);
	assay_crypto_free(l.crypto);
	return tap_done();
}
