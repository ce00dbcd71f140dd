/* SPDX-License-Identifier: Apache-2.0
 * assay-lab-replay - puts a captured boot into a software TPM.
 *
 *   assay-lab-replay [--tcti CONF] [--native-sha384] BUNDLE
 *     extends every PCR of every active bank with what the folder's event log
 *     and IMA list say, in their order, and checks the result against pcrs.txt.
 *   assay-lab-replay [--tcti CONF] [--native-sha384] --run NAME FILE LIST
 *     what IMA does when FILE is executed under NAME: an entry at the end of
 *     LIST (a binary list), then PCR 10.
 *
 * The SHA-384 bank gets IMA's SHA-1 padded with zeros, as Debian's Linux 6.1
 * does it, unless --native-sha384. Never run it on a machine's real TPM: it
 * makes its PCRs useless until the next reboot. */
#include "attester/tpm/tpm.h"
#include "platform/file.h"

#include <assay/evidence/bundle.h>
#include <assay/evidence/eventlog.h>
#include <assay/evidence/ima.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lab {
	struct attester_tpm tpm;
	struct assay_crypto *crypto;
	TPML_PCR_SELECTION active;
	bool native_sha384;
	struct assay_bank mirror[TPM2_NUM_PCR_BANKS]; /* what the TPM's banks must become */
	size_t nbanks;
	struct platform_message why;
};

static bool fail(struct lab *lab, const char *what, const char *why)
{
	lab->why = (struct platform_message){ 0 };
	platform_message_what(&lab->why, "%s", what);
	platform_message_why(&lab->why, "%s", why);
	return false;
}

static bool open_lab(struct lab *lab, const char *tcti)
{
	lab->crypto = assay_crypto_new(NULL, NULL);
	if (!lab->crypto)
		return fail(lab, "libcrypto", "does not start");
	if (!attester_tpm_open(&lab->tpm, tcti, &lab->why) ||
	    !attester_pcr_banks(&lab->tpm, &lab->active, &lab->why))
		return false;
	for (size_t i = 0; i < lab->active.count; i++)
		if (assay_bank_reset(&lab->mirror[lab->nbanks],
				     lab->active.pcrSelections[i].hash))
			lab->nbanks++;
	return true;
}

static void put(TPML_DIGEST_VALUES *values, uint16_t alg, const uint8_t *digest)
{
	TPMT_HA *ha = &values->digests[values->count++];

	ha->hashAlg = alg;
	memcpy(&ha->digest, digest, assay_alg_size(alg));
}

static bool extend(struct lab *lab, uint32_t pcr, const TPML_DIGEST_VALUES *values)
{
	for (size_t i = 0; i < values->count; i++)
		for (size_t k = 0; k < lab->nbanks; k++) {
			const TPMT_HA *ha = &values->digests[i];
			struct assay_slice digest = { (const uint8_t *)&ha->digest,
						      assay_alg_size(ha->hashAlg) };
			if (lab->mirror[k].alg == ha->hashAlg &&
			    !assay_bank_extend(lab->crypto, &lab->mirror[k], pcr, digest))
				return fail(lab, "replay", "a digest has the wrong size");
		}
	return attester_pcr_extend(&lab->tpm, pcr, values, &lab->why);
}

static bool replay_eventlog(struct lab *lab, struct assay_slice file)
{
	struct assay_startup startup;
	struct assay_eventlog log;
	struct assay_event ev;
	struct assay_bank probe;
	struct assay_err err = { 0 };

	if (!assay_bank_reset(&probe, ASSAY_SHA256) ||
	    !assay_eventlog_replay(lab->crypto, file, &probe, 1, &startup, &err) ||
	    !assay_eventlog_open(&log, file, &err))
		return fail(lab, "binary_bios_measurements", assay_fault_text(err.fault));
	if (startup.locality != 0)
		return fail(lab, "binary_bios_measurements",
			    "PCR 0 did not start at 0, which software cannot redo");
	while (assay_eventlog_next(&log, &ev)) {
		TPML_DIGEST_VALUES values = { 0 };
		if (ev.eventType == ASSAY_EV_NO_ACTION)
			continue;
		for (size_t k = 0; k < lab->nbanks; k++) {
			struct assay_slice d = assay_event_digest(&ev, lab->mirror[k].alg);
			if (d.n > 0)
				put(&values, lab->mirror[k].alg, d.p);
		}
		if (values.count > 0 && !extend(lab, ev.pcrIndex, &values))
			return false;
	}
	return err.fault == ASSAY_F_OK ||
	       fail(lab, "binary_bios_measurements", assay_fault_text(err.fault));
}

static bool extend_ima(struct lab *lab, const struct assay_ima_entry *e)
{
	TPML_DIGEST_VALUES values = { 0 };
	uint8_t sha1[20], out[ASSAY_DIGEST_MAX];

	if (!assay_ima_check(lab->crypto, e, sha1))
		return fail(lab, "binary_runtime_measurements", "an entry has the wrong hash");
	for (size_t k = 0; k < lab->nbanks; k++) {
		uint16_t alg = lab->mirror[k].alg;
		bool padded = alg == ASSAY_SHA384 && !lab->native_sha384;
		if (!assay_ima_extend_value(lab->crypto, e, alg,
					    padded ? ASSAY_IMA_PADDED : ASSAY_IMA_NATIVE, sha1,
					    out))
			return fail(lab, "binary_runtime_measurements", "cannot be hashed");
		put(&values, alg, out);
	}
	return extend(lab, e->pcr, &values);
}

/* IMA's list is read after the PCRs, so it may hold more than they do: one of
 * its prefixes must give the PCR 10 that was captured. */
static bool at_capture(const struct lab *lab, const struct assay_bank *captured, size_t n,
		       uint32_t pcr)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < lab->nbanks; k++)
			if (lab->mirror[k].alg == captured[i].alg &&
			    memcmp(lab->mirror[k].value[pcr], captured[i].value[pcr],
				   captured[i].size) != 0)
				return false;
	return true;
}

static bool replay_ima(struct lab *lab, struct assay_slice file,
		       const struct assay_bank *captured, size_t n)
{
	struct assay_ima_entry e;
	struct assay_ima ima;
	struct assay_err err = { 0 };
	bool open = assay_ima_open(&ima, file, &err), met = at_capture(lab, captured, n, 10);

	while (open && assay_ima_next(&ima, &e)) {
		if (!extend_ima(lab, &e))
			return false;
		met |= at_capture(lab, captured, n, 10);
	}
	if (err.fault != ASSAY_F_OK)
		return fail(lab, "binary_runtime_measurements", assay_fault_text(err.fault));
	return met || fail(lab, "PCR 10", "no prefix of the list gives the captured value");
}

static bool check_tpm(struct lab *lab, const struct assay_bank *captured, const uint32_t *known,
		      size_t n)
{
	struct attester_pcrs now;
	char text[64];

	if (!attester_pcrs_read(&lab->tpm, &now, &lab->why))
		return false;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < now.nbanks; k++)
			for (unsigned pcr = 0; pcr < ASSAY_PCRS; pcr++) {
				if (captured[i].alg != now.bank[k].alg || pcr == 10 ||
				    !(known[i] >> pcr & 1) ||
				    memcmp(now.bank[k].value[pcr], captured[i].value[pcr],
					   captured[i].size) == 0)
					continue;
				snprintf(text, sizeof text, "%s PCR %u",
					 assay_alg_name(captured[i].alg), pcr);
				return fail(lab, text, "differs from pcrs.txt");
			}
	for (size_t k = 0; k < now.nbanks; k++)
		for (size_t i = 0; i < lab->nbanks; i++)
			if (now.bank[k].alg == lab->mirror[i].alg &&
			    memcmp(now.bank[k].value[10], lab->mirror[i].value[10],
				   now.bank[k].size) != 0)
				return fail(lab, "PCR 10", "is not what was extended");
	return true;
}

static bool read_part(struct lab *lab, const char *folder, enum assay_part part, size_t limit,
		      struct assay_slice *out)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", folder, assay_part_name(part));
	return platform_file_read(path, limit, out, &lab->why);
}

static bool replay(struct lab *lab, const char *folder)
{
	struct assay_slice text = { 0 }, log = { 0 }, list = { 0 };
	struct assay_bank *captured = calloc(TPM2_NUM_PCR_BANKS, sizeof *captured);
	uint32_t known[TPM2_NUM_PCR_BANKS] = { 0 };
	struct assay_err err = { 0 };
	size_t n = 0;

	bool good = captured && read_part(lab, folder, ASSAY_PART_PCRS, 1 << 20, &text) &&
		    read_part(lab, folder, ASSAY_PART_EVENTLOG, ASSAY_LOG_MAX, &log) &&
		    read_part(lab, folder, ASSAY_PART_IMA_BINARY, ASSAY_IMA_MAX, &list);
	if (good && !assay_pcrs_read(text, captured, known, TPM2_NUM_PCR_BANKS, &n, &err))
		good = fail(lab, "pcrs.txt", assay_fault_text(err.fault));
	good = good && replay_eventlog(lab, log) && replay_ima(lab, list, captured, n) &&
	       check_tpm(lab, captured, known, n);
	free(captured);
	platform_file_drop(&text);
	platform_file_drop(&log);
	platform_file_drop(&list);
	return good;
}

static size_t le32(uint8_t *p, size_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
	return 4;
}

/* One ima-sig record without a signature. Returns its size. */
static size_t ima_record(struct lab *lab, const char *name, struct assay_slice content,
			 uint8_t *out)
{
	static const char template[] = "ima-sig", alg[] = "sha256:";
	size_t name_n = strlen(name) + 1, head = 4 + 20 + 4 + sizeof template - 1;
	size_t data_n = 4 + sizeof alg + 32 + 4 + name_n + 4;
	uint8_t digest[ASSAY_DIGEST_MAX], *data = out + head + 4, *p = data;

	if (!assay_hash1(lab->crypto, ASSAY_SHA256, content, digest))
		return 0;
	p += le32(p, sizeof alg + 32);
	p = (uint8_t *)memcpy(p, alg, sizeof alg) + sizeof alg;
	p = (uint8_t *)memcpy(p, digest, 32) + 32;
	p += le32(p, name_n);
	p = (uint8_t *)memcpy(p, name, name_n) + name_n;
	le32(p, 0);

	le32(out, 10);
	if (!assay_hash1(lab->crypto, ASSAY_SHA1, (struct assay_slice){ data, data_n }, digest))
		return 0;
	memcpy(out + 4, digest, 20);
	le32(out + 24, sizeof template - 1);
	memcpy(out + 28, template, sizeof template - 1);
	le32(out + head, data_n);
	return head + 4 + data_n;
}

/* The record to the end of the list, and one more to IMA's count beside it, both in place as
 * the kernel's are. */
static bool add_record(struct lab *lab, const char *list_path, const uint8_t *record, size_t n)
{
	char count_path[4096];
	const char *slash = strrchr(list_path, '/');
	unsigned long long count = 0;
	FILE *f = fopen(list_path, "ab");

	bool good = f && fwrite(record, 1, n, f) == n;
	if (f && fclose(f) != 0)
		good = false;
	if (!good)
		return fail(lab, list_path, "cannot be written");
	snprintf(count_path, sizeof count_path, "%.*sruntime_measurements_count",
		 slash ? (int)(slash - list_path) + 1 : 0, list_path);
	f = fopen(count_path, "r+");
	if (!f)
		return true; /* whoever made the list made no count */
	good = fscanf(f, "%llu", &count) == 1 && fseek(f, 0, SEEK_SET) == 0 &&
	       fprintf(f, "%llu\n", count + 1) > 0;
	return fclose(f) == 0 && good ? true : fail(lab, count_path, "cannot be counted up");
}

static bool run_program(struct lab *lab, const char *name, const char *path,
			const char *list_path)
{
	struct assay_slice content = { 0 };
	struct assay_ima_entry e;
	struct assay_ima ima;
	struct assay_err err = { 0 };
	uint8_t record[1024];
	size_t n = 0;

	bool good = strlen(name) <= ASSAY_IMA_NAME_MAX &&
		    platform_file_read(path, 1 << 30, &content, &lab->why);
	if (good) {
		n = ima_record(lab, name, content, record);
		good = n > 0;
	}
	if (good && (!assay_ima_open(&ima, (struct assay_slice){ record, n }, &err) ||
		     !assay_ima_next(&ima, &e)))
		good = fail(lab, "the entry", assay_fault_text(err.fault));
	good = good && add_record(lab, list_path, record, n) && extend_ima(lab, &e);
	platform_file_drop(&content);
	return good;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "tcti", required_argument, NULL, 't' },
		{ "native-sha384", no_argument, NULL, 'n' },
		{ "run", no_argument, NULL, 'r' },
		{ 0 },
	};
	static struct lab the_lab;
	struct lab *lab = &the_lab;
	const char *tcti = NULL;
	bool run = false;
	int option;

	while ((option = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (option == 't')
			tcti = optarg;
		else if (option == 'n')
			lab->native_sha384 = true;
		else if (option == 'r')
			run = true;
		else
			return 2;
	}
	if (argc - optind != (run ? 3 : 1)) {
		fputs("usage: assay-lab-replay [--tcti CONF] [--native-sha384] BUNDLE\n"
		      "       assay-lab-replay [--tcti CONF] [--native-sha384] --run NAME FILE "
		      "LIST\n",
		      stderr);
		return 2;
	}
	/* the default would be the machine's own TPM */
	if (!tcti && !getenv("TPM2TOOLS_TCTI")) {
		fputs("assay-lab-replay: --tcti or TPM2TOOLS_TCTI must name the TPM\n", stderr);
		return 2;
	}
	bool good = open_lab(lab, tcti) &&
		    (run ? run_program(lab, argv[optind], argv[optind + 1], argv[optind + 2])
			 : replay(lab, argv[optind]));
	if (!good)
		platform_message_print("assay-lab-replay", &lab->why, false);
	attester_tpm_close(&lab->tpm);
	assay_crypto_free(lab->crypto);
	return good ? 0 : 5;
}
