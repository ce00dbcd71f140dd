/* SPDX-License-Identifier: Apache-2.0
 * Every log of tests/evidence replays to what tpm2_pcrread said on that machine, in all banks,
 * and no event there disagrees with its digest. */
#include "tests/file.h"
#include "tests/stated_pcrs.h"
#include "tests/tap.h"
#include <dirent.h>

/* PCR 0-9 and 14: what firmware, shim and GRUB extend there. */
enum { EXPLAINED = 0x43ff };

static size_t disagreements(struct assay_crypto *crypto, struct assay_slice in, uint16_t alg)
{
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_event_facts facts;
	struct assay_err err;
	size_t n = 0;

	if (!assay_eventlog_open(&log, in, &err))
		return SIZE_MAX;
	while (assay_eventlog_next(&log, &ev)) {
		if (!assay_event_prove(crypto, &ev, alg, &facts))
			return SIZE_MAX;
		if (facts.must_bind && !facts.agrees)
			printf("# event %zu disagrees with its digest\n", ev.index);
		n += facts.must_bind && !facts.agrees;
	}
	return n;
}

static void check_bundle(struct assay_crypto *crypto, const char *name)
{
	char path[512];
	struct assay_bank banks[] = { { .alg = ASSAY_SHA1 },
				      { .alg = ASSAY_SHA256 },
				      { .alg = ASSAY_SHA384 } };
	struct assay_startup startup;
	struct assay_err err;

	snprintf(path, sizeof path, "tests/evidence/%s/binary_bios_measurements", name);
	struct assay_slice log = test_file(path);
	snprintf(path, sizeof path, "tests/evidence/%s/pcrs.txt", name);
	struct assay_slice pcrs = test_file(path);

	if (log.p && pcrs.p && log.n == 0) {
		tap_ok(!assay_eventlog_replay(crypto, log, banks, 3, &startup, &err) &&
			       err.fault == ASSAY_F_MISSING,
		       "%s: an empty log", name);
	} else if (log.p && pcrs.p) {
		bool ok = assay_eventlog_replay(crypto, log, banks, 3, &startup, &err);
		struct stated s = { 0 };
		if (ok)
			s = stated_compare(pcrs, banks, 3, EXPLAINED);
		/* a bundle states the banks of its quote at least: 11 PCRs each */
		tap_ok(ok && s.differ == 0 && s.same >= 11 && s.same % 11 == 0,
		       "%s: %zu PCRs as read from the TPM", name, s.same);
		for (size_t b = 0; b < 3; b++)
			tap_ok(disagreements(crypto, log, banks[b].alg) == 0,
			       "%s: data and digests agree, %s", name,
			       assay_alg_name(banks[b].alg));
	}
	free((void *)(uintptr_t)log.p);
	free((void *)(uintptr_t)pcrs.p);
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	DIR *d = opendir("tests/evidence");
	const struct dirent *e;

	while (d && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			check_bundle(crypto, e->d_name);
	tap_ok(tap_n > 60, "there was evidence to look at");
	if (d)
		closedir(d);
	assay_crypto_free(crypto);
	return tap_done();
}
