/* SPDX-License-Identifier: Apache-2.0
 * assay inspect - what is this file? */
#include "cli/inspect.h"
#include "cli/commands.h"
#include "cli/usage.h"
#include "platform/base64.h"
#include "platform/file.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word;
	void (*show)(struct inspect *);
} formats[] = {
#define X(code, word, function) { word, inspect_##function },
	INSPECT_FORMATS(X)
#undef X
};

const char *inspect_word(enum inspect_format f)
{
	return formats[f].word;
}

enum inspect_format inspect_by_word(const char *word)
{
	for (int f = INSPECT_UNKNOWN + 1; f < INSPECT_FORMATS_N; f++)
		if (strcmp(formats[f].word, word) == 0)
			return (enum inspect_format)f;
	return INSPECT_UNKNOWN;
}

void inspect_quirk(struct inspect *i, const char *text)
{
	if (text && i->nquirks < sizeof i->quirks / sizeof *i->quirks)
		i->quirks[i->nquirks++] = text;
}

void inspect_fault(struct inspect *i, enum assay_fault fault, const char *field, size_t offset)
{
	if (i->err.fault == ASSAY_F_OK)
		i->err = (struct assay_err){ fault, field, offset, NULL };
}

void inspect_ranges(struct inspect *i, const struct assay_range *ranges, size_t n)
{
	size_t bytes = 0;

	for (size_t k = 0; k < n; k++)
		bytes += ranges[k].n;
	if (!i->show.json) {
		show_format(&i->show, "unbound", "%zu of %zu bytes, in %zu ranges", bytes,
			    i->in.n, n);
		return;
	}
	show_array(&i->show, "unbound");
	for (size_t k = 0; k < n; k++) {
		show_object(&i->show, NULL);
		show_u64(&i->show, "offset", ranges[k].offset);
		show_u64(&i->show, "size", ranges[k].n);
		show_close(&i->show);
	}
	show_close(&i->show);
	show_u64(&i->show, "unbound_bytes", bytes);
}

void inspect_banks(struct inspect *i, const struct assay_bank *banks, size_t n)
{
	show_object(&i->show, "pcrs");
	for (size_t b = 0; b < n; b++) {
		if (banks[b].extended == 0)
			continue;
		show_object(&i->show, assay_alg_name(banks[b].alg));
		for (unsigned p = 0; p < ASSAY_PCRS; p++) {
			char index[4];
			if (!(banks[b].extended >> p & 1))
				continue;
			snprintf(index, sizeof index, "%u", p);
			show_hex(&i->show, index,
				 (struct assay_slice){ banks[b].value[p], banks[b].size });
		}
		show_close(&i->show);
	}
	show_close(&i->show);
}

void inspect_unknown(struct inspect *i)
{
	inspect_fault(i, ASSAY_F_MAGIC, "format", 0);
}

static void show_error(struct inspect *i)
{
	const struct assay_err *e = &i->err;

	if (!i->show.json) {
		fflush(i->show.out);
		fprintf(stderr, "assay inspect: %s%s%s: %s (%s at offset %zu)\n",
			e->artefact ? e->artefact : "", e->artefact ? ": " : "",
			assay_fault_word(e->fault), assay_fault_text(e->fault),
			e->field ? e->field : "?", e->offset);
		return;
	}
	show_object(&i->show, "error");
	show_str(&i->show, "fault", assay_fault_word(e->fault));
	show_str(&i->show, "field", e->field);
	show_u64(&i->show, "offset", e->offset);
	show_str(&i->show, "artefact", e->artefact);
	show_str(&i->show, "text", assay_fault_text(e->fault));
	show_close(&i->show);
}

static void show_all(struct inspect *i, enum inspect_format f, const char *why)
{
	struct show *s = &i->show;

	if (s->json)
		show_object(s, NULL);
	show_str(s, "format", formats[f].word);
	show_str(s, "decided_by", why);
	if (f != INSPECT_FOLDER)
		show_u64(s, "size", i->in.n);
	formats[f].show(i);
	if (s->json || i->nquirks > 0) {
		show_array(s, "quirks");
		for (size_t q = 0; q < i->nquirks; q++)
			show_str(s, NULL, i->quirks[q]);
		show_close(s);
	}
	if (i->err.fault != ASSAY_F_OK)
		show_error(i);
	if (s->json)
		show_close(s);
}

/* Text in base64 stands for its bytes; said as a quirk. The caller frees *out. */
static bool decode(struct inspect *i, uint8_t **out)
{
	const char *why;
	size_t n = 0;

	*out = inspect_is_base64(i->in) ? malloc(i->in.n) : NULL;
	if (!*out || !platform_base64_read(PLATFORM_BASE64, i->in, *out, i->in.n, &n) ||
	    inspect_sniff((struct assay_slice){ *out, n }, &why) == INSPECT_UNKNOWN)
		return false;
	i->in = (struct assay_slice){ *out, n };
	inspect_quirk(i,
		      "the file is base64 text: offsets count in the bytes that it stands for");
	return true;
}

struct options {
	const char *path, *as;
	bool json;
	uint16_t bank;
};

static int inspect_path(const struct options *o, struct inspect *i)
{
	struct platform_message message;
	struct assay_slice file = { 0 };
	uint8_t *decoded = NULL;
	enum inspect_format f = o->as ? inspect_by_word(o->as) : INSPECT_UNKNOWN;
	const char *why = "--as says so";

	if (platform_is_folder(o->path)) {
		show_all(i, INSPECT_FOLDER, "a folder");
		if (i->unreadable)
			return EXIT_ENVIRONMENT;
		return i->err.fault == ASSAY_F_OK ? EXIT_DONE : EXIT_MALFORMED;
	}
	if (!platform_file_read(o->path, (size_t)ASSAY_IMA_MAX * 2, &file, &message)) {
		platform_message_print("assay inspect", &message, o->json);
		return message.errnum == EFBIG ? EXIT_MALFORMED : EXIT_ENVIRONMENT;
	}
	i->in = file;
	if (f == INSPECT_UNKNOWN)
		f = inspect_sniff(i->in, &why);
	if (f == INSPECT_UNKNOWN && decode(i, &decoded))
		f = inspect_sniff(i->in, &why);
	if (i->in.n == 0 && f == INSPECT_UNKNOWN) {
		inspect_fault(i, ASSAY_F_MISSING, "format", 0);
		why = "the file is empty";
	}
	show_all(i, f, why);
	free(decoded);
	platform_file_drop(&file);
	return i->err.fault == ASSAY_F_OK ? EXIT_DONE : EXIT_MALFORMED;
}

static int usage(void)
{
	puts("usage: assay inspect FILE [--json] [--bank ALG] [--as FORMAT]\n\n"
	     "Says what any single artefact is: a quote, a signature, a key, a certificate, an "
	     "event\n"
	     "log, an IMA list, a bundle, a result. Nothing is appraised. A folder is a "
	     "bundle.\n\n"
	     "  --json       everything, as one JSON object\n"
	     "  --bank ALG   sha1, sha256, sha384 or sha512: what counts as quoted for "
	     "\"unbound\"\n"
	     "  --as FORMAT  do not decide by the first bytes; one of");
	for (int f = INSPECT_UNKNOWN + 1; f < INSPECT_FORMATS_N; f++)
		if (f != INSPECT_FOLDER)
			printf("                 %s\n", formats[f].word);
	puts("\nexit status: 0 read, 2 usage, 3 malformed or unknown, 5 environment\n\n"
	     "example: assay inspect /sys/kernel/security/tpm0/binary_bios_measurements");
	return EXIT_DONE;
}

static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "bank", required_argument, NULL, 'b' },
		{ "as", required_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			o->json = true;
			break;
		case 'b':
			o->bank = assay_alg_by_name((struct assay_slice){
				(const uint8_t *)optarg, strlen(optarg) });
			if (!assay_alg_computable(o->bank))
				return cli_usage_error(
					"inspect",
					"--bank must be sha1, sha256, sha384 or sha512");
			break;
		case 'a':
			o->as = optarg;
			if (inspect_by_word(optarg) == INSPECT_UNKNOWN ||
			    inspect_by_word(optarg) == INSPECT_FOLDER)
				return cli_usage_error("inspect", "--as knows no format '%s'",
						       optarg);
			break;
		case 'h':
			usage();
			return -1;
		default:
			return EXIT_USAGE;
		}
	}
	if (argc - optind != 1)
		return cli_usage_error("inspect", "expected one file");
	o->path = argv[optind];
	return EXIT_DONE;
}

int cmd_inspect(int argc, char **argv)
{
	struct options o = { 0 };
	int status = read_options(argc, argv, &o);

	if (status != EXIT_DONE)
		return status < 0 ? EXIT_DONE : status;

	struct inspect i = { .show = { .out = stdout, .json = o.json },
			     .path = o.path,
			     .bank = o.bank,
			     .crypto = assay_crypto_new(NULL, NULL) };
	if (!i.crypto) {
		fputs("assay inspect: OpenSSL gives no SHA-256; check its configuration\n",
		      stderr);
		return EXIT_ENVIRONMENT;
	}
	status = inspect_path(&o, &i);
	assay_crypto_free(i.crypto);
	return status;
}
