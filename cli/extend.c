/* SPDX-License-Identifier: Apache-2.0
 * assay extend - measures a file that firmware does not measure. */
#include "attester/extend/extend.h"

#include "attester/tpm/tpm.h"
#include "cli/exit.h"
#include "cli/helper.h"
#include "cli/pending.h"
#include "cli/usage.h"
#include "platform/file.h"
#include "verifier/load/userlog.h"

#include <assay/evidence/eventlog.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 0-7 are the firmware's, 10 is IMA's, 17-22 belong to a dynamic launch: an
 * event of ours there would be explained by none of their logs. */
#define PCRS_ALLOWED 0x81fb00u /* 8, 9, 11-16, 23 */

struct options {
	const char *file, *tcti, *root;
	uint32_t pcr;
	bool json;
};

static const char usage[] =
	"usage: assay extend --pcr N FILE [--tcti CONF] [--root DIR] [--json]\n\n"
	"  --pcr N      8, 9, 11 to 16 or 23\n"
	"  --tcti CONF  way to the TPM ($TPM2TOOLS_TCTI, else " ATTESTER_TPM_DEFAULT ")\n"
	"  --root DIR   look for /sys, /proc and /run below DIR\n"
	"  --json       errors as JSON\n\n"
	"example: assay extend --pcr 12 /etc/myservice/config\n";

static bool read_pcr(const char *text, uint32_t *pcr)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n >= ASSAY_PCRS || !(PCRS_ALLOWED >> n & 1))
		return false;
	*pcr = (uint32_t)n;
	return true;
}

/* What PCR pcr held when user space began: the firmware's and boot loader's
 * events, where their log is there; the reset value else. */
static void start_value(struct assay_crypto *crypto, const struct options *o,
			struct assay_bank *bank)
{
	struct platform_message ignored;
	struct assay_startup startup;
	struct assay_slice log;
	struct assay_err err;
	char path[4096];

	snprintf(path, sizeof path, "%s/sys/kernel/security/tpm0/binary_bios_measurements",
		 o->root);
	if (!platform_file_read(path, ASSAY_LOG_MAX, &log, &ignored))
		return;
	struct assay_bank fresh = *bank;
	if (!assay_eventlog_replay(crypto, log, bank, 1, &startup, &err))
		*bank = fresh;
	platform_file_drop(&log);
}

static void to_tpm(const struct assay_user_event *ev, TPML_DIGEST_VALUES *out)
{
	*out = (TPML_DIGEST_VALUES){ .count = (UINT32)ev->ndigests };
	for (size_t i = 0; i < ev->ndigests; i++) {
		out->digests[i].hashAlg = ev->digests[i].alg;
		memcpy(&out->digests[i].digest, ev->digests[i].b, ev->digests[i].n);
	}
}

/* Extends the last count records of our PCR, which a writer that died left behind. */
static bool extend_pending(struct attester_tpm *tpm, const struct options *o,
			   const struct userlog *log, size_t count,
			   struct platform_message *why)
{
	size_t mine = 0;

	for (size_t i = 0; i < log->n; i++)
		mine += log->events[i].pcr == o->pcr;
	for (size_t i = 0; i < log->n; i++) {
		TPML_DIGEST_VALUES digests;
		if (log->events[i].pcr != o->pcr || mine-- > count)
			continue;
		platform_note("assay extend",
			      "record %zu was logged and not extended: doing it now",
			      log->events[i].line);
		to_tpm(&log->events[i], &digests);
		if (!attester_pcr_extend(tpm, o->pcr, &digests, why))
			return false;
	}
	return true;
}

static bool complete(struct attester_tpm *tpm, const struct options *o,
		     const struct userlog *log, struct platform_message *why)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct attester_pcrs pcrs;
	const struct attester_pcr_bank *now = NULL;
	struct assay_bank bank;
	size_t count = 0;

	if (!crypto) {
		platform_message_what(why, "cannot look at PCR %u", o->pcr);
		platform_message_why(why, "OpenSSL gives no SHA-256");
	}
	bool good = crypto && attester_pcrs_read(tpm, &pcrs, why);
	for (size_t i = 0; good && i < pcrs.nbanks; i++)
		if (assay_alg_computable(pcrs.bank[i].alg) &&
		    (!now || now->alg != ASSAY_SHA256))
			now = &pcrs.bank[i];
	if (good && now && assay_bank_reset(&bank, now->alg)) {
		start_value(crypto, o, &bank);
		if (pending_count(crypto, log, o->pcr, now->alg, bank.value[o->pcr],
				  now->value[o->pcr], &count))
			good = extend_pending(tpm, o, log, count, why);
		else
			platform_note("assay extend",
				      "PCR %u already holds something that no log explains",
				      o->pcr);
	}
	assay_crypto_free(crypto);
	return good;
}

/* Under the log's lock: what was left over, the record, the PCR. */
static int measure(struct attester_tpm *tpm, const struct options *o, const char *path,
		   struct attester_userlog *log, struct platform_message *why)
{
	TPML_PCR_SELECTION banks;
	TPML_DIGEST_VALUES digests;
	struct userlog before;

	if (!userlog_read(log->bytes, &before, NULL, why))
		return EXIT_MALFORMED;
	bool good =
		attester_pcr_banks(tpm, &banks, why) &&
		attester_file_hash(path, &banks, &digests, why) &&
		complete(tpm, o, &before, why) &&
		attester_userlog_append(log, o->root, o->pcr, &digests, "file", path, why) &&
		attester_pcr_extend(tpm, o->pcr, &digests, why);
	userlog_drop(&before);
	return good ? EXIT_DONE : EXIT_ENVIRONMENT;
}

static int extend(const struct options *o)
{
	struct platform_message why = { 0 };
	struct attester_userlog log;
	struct attester_tpm tpm;
	int status = EXIT_ENVIRONMENT;
	char *path = realpath(o->file, NULL);

	if (!path) {
		platform_message_what(&why, "cannot measure %s", o->file);
		platform_message_errno(&why, errno);
	} else if (attester_tpm_open(&tpm, o->tcti, &why)) {
		if (attester_userlog_open(&log, o->root, &why)) {
			status = measure(&tpm, o, path, &log, &why);
			attester_userlog_close(&log);
		}
		attester_tpm_close(&tpm);
	}
	free(path);
	if (status != EXIT_DONE)
		platform_message_print("assay extend", &why, o->json);
	return status;
}

int cmd_extend(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "pcr", required_argument, NULL, 'p' },
		{ "tcti", required_argument, NULL, 't' },
		{ "root", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options o = { .root = "", .pcr = ASSAY_PCRS };
	int option;

	while ((option = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		switch (option) {
		case 'p':
			if (!read_pcr(optarg, &o.pcr))
				return cli_usage_error("extend",
						       "--pcr %s: 8, 9, 11 to 16 or 23; the "
						       "others belong to firmware, IMA and "
						       "dynamic launch",
						       optarg);
			break;
		case 't':
			o.tcti = optarg;
			break;
		case 'r':
			o.root = optarg;
			break;
		case 'j':
			o.json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		default:
			return cli_usage_error("extend",
					       option == ':' ? "%s needs a value"
							     : "%s: no such option",
					       argv[optind - 1]);
		}
	}
	if (o.pcr == ASSAY_PCRS)
		return cli_usage_error("extend", "--pcr N says where the measurement goes");
	if (argc - optind != 1)
		return cli_usage_error("extend", "it takes one file");
	o.file = argv[optind];
	return extend(&o);
}
