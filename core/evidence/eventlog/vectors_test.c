/* SPDX-License-Identifier: Apache-2.0
 * Logs of other projects, which are not ours to commit: read from $ASSAY_VECTORS or
 * ../shared/vectors, skipped where that is not there. Each replays to the values that its
 * project states, or to those of an independent replay. */
#include "tests/file.h"
#include "tests/stated_pcrs.h"
#include "tests/tap.h"

/* What a log's project says about it. */
enum outcome { VALID, INVALID };

static const struct {
	const char *log, *stated; /* NULL: the independent replay of its folder */
	enum outcome want;
	const char *from; /* where in `stated` the values begin */
	size_t disagree;  /* events whose data is not what their digest says */
} rows[] = {
	{ "eventlog/goattest-sb_cert_eventlog", "eventlog/goattest-sb_cert_eventlog.pcrs.json",
	  VALID, NULL, 0 },
	{ "eventlog/gotpmtools-cos-85-amd-sev.bin",
	  "eventlog/gotpmtools-cos-85-amd-sev.bin.pcrs.json", VALID, NULL, 0 },
	{ "eventlog/gotpmtools-debian-10.bin", "eventlog/gotpmtools-debian-10.bin.pcrs.json",
	  VALID, NULL, 0 },
	{ "eventlog/gotpmtools-gdc-host.bin", "eventlog/gotpmtools-gdc-host.bin.pcrs.json",
	  VALID, NULL, 0 },
	{ "eventlog/gotpmtools-glinux-alex.bin",
	  "eventlog/gotpmtools-glinux-alex.bin.pcrs.json", VALID, NULL, 0 },
	{ "eventlog/gotpmtools-rhel8-uefi.bin", "eventlog/gotpmtools-rhel8-uefi.bin.pcrs.json",
	  VALID, NULL, 0 },
	{ "eventlog/gotpmtools-ubuntu-1804-amd-sev.bin",
	  "eventlog/gotpmtools-ubuntu-1804-amd-sev.bin.pcrs.json", VALID, NULL, 0 },
	{ "eventlog/gotpmtools-ubuntu-2104-no-dbx.bin",
	  "eventlog/gotpmtools-ubuntu-2104-no-dbx.bin.pcrs.json", VALID, NULL, 0 },
	{ "eventlog/tpm2tools-event-bootorder.bin",
	  "eventlog/tpm2tools-event-bootorder.bin.pretty.yaml", VALID, "\npcrs:", 0 },
	{ "eventlog/tpm2tools-event-gce-ubuntu-2104-log.bin",
	  "eventlog/tpm2tools-event-gce-ubuntu-2104-log.bin.pretty.yaml", VALID, "\npcrs:", 0 },
	{ "eventlog/tpm2tools-event-sd-boot-fedora37.bin",
	  "eventlog/tpm2tools-event-sd-boot-fedora37.bin.pretty.yaml", VALID, "\npcrs:", 0 },
	{ "eventlog/tpm2tools-event-uefi-sha1-log.bin",
	  "eventlog/tpm2tools-event-uefi-sha1-log.bin.pretty.yaml", VALID, "\npcrs:", 0 },
	{ "eventlog/tpm2tools-event-uefivar.bin",
	  "eventlog/tpm2tools-event-uefivar.bin.pretty.yaml", VALID, "\npcrs:", 0 },
	{ "eventlog/tpm2tools-event.bin", "eventlog/tpm2tools-event.bin.yaml", VALID,
	  "\npcrs:", 0 },
	{ "eventlog/hirs-TpmLog.bin", "eventlog/hirs-TpmLogExpectedPcrs.txt", VALID, "", 0 },
	{ "ccel/coco-CCEL_data", "ccel/coco-CCEL_data.rtmr.json", VALID, NULL, 0 },
	{ "ccel/coco-CCEL_data_grub", "ccel/coco-CCEL_data_grub.rtmr.json", VALID, NULL, 0 },
	{ "ccel/coco-CCEL_data_ovmf", "ccel/coco-CCEL_data_ovmf.rtmr.json", VALID, NULL, 0 },
	{ "ccel/goeventlog-cos-113-intel-tdx.bin",
	  "ccel/goeventlog-cos-113-intel-tdx.rtmr.json", VALID, NULL, 0 },
	{ "ccel/gotdx-ccel_data.dat", "ccel/goeventlog-cos-113-intel-tdx.rtmr.json", VALID,
	  NULL, 0 },
	{ "ima/imaevm-sample-binary_bios_measurements-pcrs-8-9",
	  "ima/imaevm-sample-tpm-2.0-pcrs-8-9", VALID, NULL, 0 },
	{ "ccel/goeventlog-CCEL_unpadded.data.bin", NULL, VALID, NULL, 0 },
	{ "eventlog/goattest-coreos_36_shielded_vm_no_secure_boot_eventlog", NULL, VALID, NULL,
	  0 },
	{ "eventlog/goattest-crypto_agile_eventlog", NULL, VALID, NULL, 0 },
	{ "eventlog/goattest-ebs_event_missing_eventlog", NULL, VALID, NULL, 0 },
	{ "eventlog/guardoss-binary_bios_measurements_15", NULL, VALID, NULL, 0 },
	{ "eventlog/guardoss-tpm12_windows_lenovo_x1carbonv3", NULL, VALID, NULL, 0 },
	{ "eventlog/guardoss-windows_event_log", NULL, VALID, NULL, 0 },
	{ "eventlog/hirs-TPMLog_Altered.bin", NULL, VALID, NULL, 1 },
	{ "eventlog/hirs-laptop_default_binary_bios_measurements", NULL, VALID, NULL, 0 },
	{ "eventlog/ibmacs-tpmbios.log", NULL, VALID, NULL, 0 },
	{ "eventlog/keylime-binary_bios_measurements-secureboot", NULL, VALID, NULL, 0 },
	{ "eventlog/keylimetests-mb_log.bin", NULL, VALID, NULL, 0 },
	{ "eventlog/keylimetests-mb_log_secureboot.bin", NULL, VALID, NULL, 0 },
	{ "eventlog/kunpengsecl-binary_bios_measurements", NULL, VALID, NULL, 0 },
	{ "eventlog/pyuefi-ideapad.bin", NULL, VALID, NULL, 0 },
	{ "eventlog/pyuefi-inspur.bin", NULL, VALID, NULL, 0 },
	{ "eventlog/pyuefi-rhel.bin", NULL, VALID, NULL, 0 },
	{ "eventlog/pyuefi-supermicro.bin", NULL, VALID, NULL, 0 },
	{ "eventlog/pyuefi-thinkpad.bin", NULL, VALID, NULL, 0 },
	{ "eventlog/tcglogparser-binary_bios_measurements", NULL, VALID, NULL, 0 },
	{ "eventlog/goattest-short_no_action_eventlog", NULL, VALID, NULL, 0 },
	{ "eventlog/tpm2tools-specid-vendordata.bin", NULL, VALID, NULL, 0 },
	{ "eventlog/goattest-event-size-too-large.bin", NULL, INVALID, NULL, 0 },
	{ "eventlog/goattest-specid-malicious_number_of_algs.bin", NULL, INVALID, NULL, 0 },
	{ "eventlog/keylime-binary_bios_measurements-bogus", NULL, INVALID, NULL, 0 },
	{ "ccel/goeventlog-CCEL.bin", NULL, INVALID, NULL, 0 },
};

static const char *root;

static struct assay_slice vector(const char *name)
{
	char path[1024];

	snprintf(path, sizeof path, "%s/%s", root, name);
	return test_file(path);
}

/* Where word is in text; the text's end when it is not there. */
static size_t find(struct assay_slice text, size_t from, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = from; i + n <= text.n; i++)
		if (memcmp(text.p + i, word, n) == 0)
			return i;
	return text.n;
}

/* HIRS states 24 SHA-256 values, one per line. */
static struct stated compare_lines(struct assay_slice text, const struct assay_bank *bank)
{
	const char *at = (const char *)text.p, *end = at + text.n;
	char word[160], hex[2 * ASSAY_DIGEST_MAX + 1];
	struct stated s = { 0 };

	for (uint32_t pcr = 0; pcr < ASSAY_PCRS && stated_word(&at, end, word, sizeof word);
	     pcr++) {
		stated_hex(bank, pcr, hex);
		s.same += strcmp(hex, word) == 0;
		s.differ += strcmp(hex, word) != 0;
	}
	return s;
}

static struct stated compare(size_t i, const struct assay_bank *banks, size_t nbanks)
{
	/* IMA's PCR 10, and PCR 16 and 23 that anybody resets, are not the log's */
	uint32_t mask = 0;
	for (size_t b = 0; b < nbanks; b++)
		mask |= banks[b].extended;

	struct assay_slice text =
		vector(rows[i].stated ? rows[i].stated : "eventlog/independent-replay.json");
	struct assay_slice part = text;
	if (rows[i].from && !rows[i].from[0]) {
		struct stated lines = compare_lines(text, &banks[1]);
		free((void *)(uintptr_t)text.p);
		return lines;
	}
	size_t from = rows[i].from ? find(text, 0, rows[i].from) : 0, to = text.n;
	if (!rows[i].stated) {
		char key[256];
		snprintf(key, sizeof key, "\"%s\":", rows[i].log);
		from = find(text, 0, key);
		from = find(text, from, "\"pcrs\"");
		to = find(text, from, "\"format\"");
	}
	part.p = text.p + from;
	part.n = to - from;
	struct stated s = stated_compare(part, banks, nbanks, mask);
	free((void *)(uintptr_t)text.p);
	return s;
}

static size_t disagreements(struct assay_crypto *crypto, struct assay_slice in)
{
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_event_facts facts;
	struct assay_err err;
	size_t n = 0;

	if (!assay_eventlog_open(&log, in, &err))
		return SIZE_MAX;
	/* Windows booted with SHA-256 alone: SHA-1 is not in all of its events */
	uint16_t alg = log.algs[0].algorithmId;
	for (size_t i = 0; i < log.nalgs; i++)
		if (log.algs[i].algorithmId == ASSAY_SHA256)
			alg = ASSAY_SHA256;
	while (assay_eventlog_next(&log, &ev)) {
		if (!assay_event_prove(crypto, &ev, alg, &facts))
			return SIZE_MAX;
		n += facts.must_bind && !facts.agrees;
	}
	return n;
}

static void check_row(struct assay_crypto *crypto, size_t i)
{
	struct assay_bank banks[] = { { .alg = ASSAY_SHA1 },
				      { .alg = ASSAY_SHA256 },
				      { .alg = ASSAY_SHA384 },
				      { .alg = ASSAY_SHA512 } };
	struct assay_startup startup;
	struct assay_err err;
	struct assay_slice in = vector(rows[i].log);

	if (!in.p) {
		tap_skip(rows[i].log, "not among the vectors");
		return;
	}
	bool ok = assay_eventlog_replay(crypto, in, banks, 4, &startup, &err);
	if (!ok || rows[i].want == INVALID) {
		tap_ok(!ok && rows[i].want == INVALID, "%s: %s", rows[i].log,
		       rows[i].want == INVALID ? "refused" : assay_fault_word(err.fault));
	} else {
		struct stated s = compare(i, banks, 4);
		uint32_t extended = banks[0].extended | banks[1].extended | banks[2].extended;
		tap_ok(s.differ == 0 && (s.same > 0 || extended == 0), "%s: %zu stated values",
		       rows[i].log, s.same);
		tap_ok(disagreements(crypto, in) == rows[i].disagree,
		       "%s: %zu events disagree with their digest", rows[i].log,
		       rows[i].disagree);
	}
	free((void *)(uintptr_t)in.p);
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct assay_slice index;

	root = getenv("ASSAY_VECTORS");
	if (!root)
		root = "../shared/vectors";
	index = vector("INDEX.md");
	if (!index.p) {
		tap_skip("event logs of other projects", "no vectors: set ASSAY_VECTORS");
	} else {
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
			check_row(crypto, i);
	}
	free((void *)(uintptr_t)index.p);
	assay_crypto_free(crypto);
	return tap_done();
}
