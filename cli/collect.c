/* SPDX-License-Identifier: Apache-2.0
 * assay collect - evidence of the machine that it runs on. */
#include "attester/collect/collect.h"

#include "cli/exit.h"
#include "cli/helper.h"
#include "cli/usage.h"
#include "platform/file.h"
#include "platform/hex.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { NONCE_MIN = 8, NONCE_MAX = 64, NONCE_DRAWN = 32 };

struct options {
	struct attester_request request;
	const char *out, *tcti, *ak_out;
	uint8_t nonce[NONCE_MAX];
	bool json;
};

static const char usage[] =
	"usage: assay collect -o BUNDLE [--nonce HEX] [--pcrs LIST] [--bank ALG]...\n"
	"                     [--ak HANDLE | --key-type ecc|rsa] [--ak-out FILE] [--ascii]\n"
	"                     [--tcti CONF] [--root DIR] [--json]\n\n"
	"  -o BUNDLE       a folder when it ends in / or is one, else one file; - is stdout\n"
	"  --nonce HEX     what the verifier asked (8 to 64 bytes)\n"
	"  --pcrs LIST     PCRs to quote (0-14)\n"
	"  --bank ALG      bank to quote (sha256); may be repeated\n"
	"  --ak HANDLE     a persistent attestation key, 0x81...\n"
	"  --key-type T    kind of assay's own attestation key: ecc or rsa (ecc)\n"
	"  --ak-out FILE   write the key's TPM2B_PUBLIC, to be enrolled\n"
	"  --ascii         take the ASCII IMA list along too\n"
	"  --tcti CONF     way to the TPM ($TPM2TOOLS_TCTI, else " ATTESTER_TPM_DEFAULT ")\n"
	"  --root DIR      look for /sys and /run below DIR\n"
	"  --json          errors as JSON\n\n"
	"example: assay collect -o bundle/ --nonce 8f1d2c3b4a596877\n";

static void tell(const char *text)
{
	platform_note("assay collect", "%s", text);
}

/* "0-10,14": decimal numbers and rising ranges below 24, each PCR once. */
static bool read_pcrs(const char *text, uint32_t *mask)
{
	uint32_t got = 0;

	for (;;) {
		char *end;
		if (*text < '0' || *text > '9')
			return false;
		unsigned long first = strtoul(text, &end, 10), last = first;
		if (*end == '-') {
			if (end[1] < '0' || end[1] > '9')
				return false;
			last = strtoul(end + 1, &end, 10);
		}
		if (first > last || last >= ASSAY_PCRS)
			return false;
		for (unsigned long pcr = first; pcr <= last; pcr++) {
			if (got >> pcr & 1)
				return false;
			got |= 1u << pcr;
		}
		if (!*end)
			break;
		if (*end != ',')
			return false;
		text = end + 1;
	}
	*mask = got;
	return true;
}

static int add_bank(struct attester_request *request, const char *name)
{
	uint16_t alg =
		assay_alg_by_name((struct assay_slice){ (const uint8_t *)name, strlen(name) });

	if (!assay_alg_computable(alg))
		return cli_usage_error("collect", "--bank %s: sha1, sha256, sha384 or sha512",
				       name);
	for (size_t i = 0; i < request->nbanks; i++)
		if (request->banks[i] == alg)
			return cli_usage_error("collect", "--bank %s is given twice", name);
	request->banks[request->nbanks++] = alg; /* four names, each once: always room */
	return EXIT_DONE;
}

static int set_nonce(struct options *o, const char *hex)
{
	size_t n = 0;
	struct assay_slice text = { (const uint8_t *)hex, strlen(hex) };

	if (!platform_hex_read(text, o->nonce, sizeof o->nonce, &n) || n < NONCE_MIN)
		return cli_usage_error("collect", "--nonce takes %d to %d bytes in hexadecimal",
				       NONCE_MIN, NONCE_MAX);
	o->request.nonce = (struct assay_slice){ o->nonce, n };
	return EXIT_DONE;
}

static int set_ak(struct options *o, const char *text)
{
	char *end;
	unsigned long handle = strtoul(text, &end, 16);

	if (*text == '\0' || *text == '-' || *end || handle >> 24 != 0x81 ||
	    handle > 0xffffffff)
		return cli_usage_error("collect", "--ak %s: a persistent handle, 0x81...",
				       text);
	o->request.ak = (TPM2_HANDLE)handle;
	return EXIT_DONE;
}

static int set_key_type(struct options *o, const char *text)
{
	if (strcmp(text, "rsa") == 0)
		o->request.key_type = ATTESTER_KEY_RSA;
	else if (strcmp(text, "ecc") != 0)
		return cli_usage_error("collect", "--key-type %s: ecc or rsa", text);
	return EXIT_DONE;
}

static int read_option(struct options *o, int option)
{
	switch (option) {
	case 'o':
		o->out = optarg;
		return EXIT_DONE;
	case 'n':
		return set_nonce(o, optarg);
	case 'p':
		return read_pcrs(optarg, &o->request.pcrs)
			       ? EXIT_DONE
			       : cli_usage_error("collect", "--pcrs %s: a list such as 0-10,14",
						 optarg);
	case 'b':
		return add_bank(&o->request, optarg);
	case 'k':
		return set_ak(o, optarg);
	case 'y':
		return set_key_type(o, optarg);
	case 'u':
		o->ak_out = optarg;
		return EXIT_DONE;
	case 'a':
		o->request.ascii = true;
		return EXIT_DONE;
	case 't':
		o->tcti = optarg;
		return EXIT_DONE;
	case 'r':
		o->request.root = optarg;
		return EXIT_DONE;
	case 'j':
		o->json = true;
		return EXIT_DONE;
	default:
		return cli_usage_error("collect", "no such option");
	}
}

static int draw_nonce(struct options *o)
{
	if (getrandom(o->nonce, NONCE_DRAWN, 0) != NONCE_DRAWN) {
		perror("assay collect: cannot draw a nonce");
		return EXIT_ENVIRONMENT;
	}
	o->request.nonce = (struct assay_slice){ o->nonce, NONCE_DRAWN };
	tell("no --nonce was given, so one was drawn here: it proves no freshness to anybody "
	     "else; a verifier should hand out the nonce");
	return EXIT_DONE;
}

static bool write_file(const char *path, const struct assay_bundle *bundle,
		       struct platform_message *why)
{
	size_t n = assay_bundle_write(bundle, NULL, 0);
	uint8_t *bytes = n > 0 ? malloc(n) : NULL;

	if (!bytes) {
		*why = (struct platform_message){ 0 };
		platform_message_what(why, "cannot write %s", path);
		platform_message_why(why, "out of memory (%zu bytes)", n);
		return false;
	}
	n = assay_bundle_write(bundle, bytes, n);
	bool good =
		platform_file_write_atomic(path, (struct assay_slice){ bytes, n }, 0644, why);
	free(bytes);
	return good;
}

static bool write_out(const struct options *o, const struct assay_bundle *bundle,
		      struct platform_message *why)
{
	size_t n = strlen(o->out);

	if (o->ak_out &&
	    !platform_file_write_atomic(o->ak_out, bundle->part[ASSAY_PART_AK_PUB], 0644, why))
		return false;
	if (strcmp(o->out, "-") != 0 && (o->out[n - 1] == '/' || platform_is_folder(o->out)))
		return attester_folder_write(o->out, bundle, why);
	return write_file(o->out, bundle, why);
}

static int collect(const struct options *o)
{
	struct platform_message why = { 0 };
	struct assay_bundle bundle = { 0 };
	struct attester_tpm tpm;

	bool good = attester_tpm_open(&tpm, o->tcti, &why);
	if (good) {
		good = attester_collect(&tpm, &o->request, &bundle, &why);
		attester_tpm_close(&tpm);
	}
	good = good && write_out(o, &bundle, &why);
	attester_evidence_drop(&bundle);
	if (good)
		return EXIT_DONE;
	platform_message_print("assay collect", &why, o->json);
	return EXIT_ENVIRONMENT;
}

int cmd_collect(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "nonce", required_argument, NULL, 'n' },
		{ "pcrs", required_argument, NULL, 'p' },
		{ "bank", required_argument, NULL, 'b' },
		{ "ak", required_argument, NULL, 'k' },
		{ "key-type", required_argument, NULL, 'y' },
		{ "ak-out", required_argument, NULL, 'u' },
		{ "ascii", no_argument, NULL, 'a' },
		{ "tcti", required_argument, NULL, 't' },
		{ "root", required_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct options o = {
		.request = { .root = "", .pcrs = ATTESTER_PCRS_DEFAULT, .note = tell }
	};
	int option, status = EXIT_DONE;

	while ((option = getopt_long(argc, argv, ":o:h", longs, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return EXIT_DONE;
		}
		if (option == ':')
			return cli_usage_error("collect", "%s needs a value", argv[optind - 1]);
		if (option == '?')
			return cli_usage_error("collect", "%s: no such option",
					       argv[optind - 1]);
		status = read_option(&o, option);
		if (status != EXIT_DONE)
			return status;
	}
	if (optind < argc)
		return cli_usage_error("collect", "'%s' is one argument too many",
				       argv[optind]);
	if (!o.out || !*o.out)
		return cli_usage_error("collect", "-o BUNDLE says where the evidence goes");
	if (o.request.ak && o.request.key_type != ATTESTER_KEY_ECC)
		return cli_usage_error("collect",
				       "--ak names the key, --key-type cannot change it");
	if (o.request.nonce.n == 0)
		status = draw_nonce(&o);
	return status == EXIT_DONE ? collect(&o) : status;
}
