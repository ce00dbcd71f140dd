/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show.h"
#include "cli/verify.h"
#include "platform/json.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *colour(enum assay_tier tier)
{
	if (!isatty(STDOUT_FILENO))
		return "";
	switch (tier) {
	case ASSAY_AFFIRMING:
		return "\033[32m";
	case ASSAY_WARNING:
		return "\033[33m";
	case ASSAY_CONTRAINDICATED:
		return "\033[31m";
	default:
		return "\033[1m";
	}
}

static const char *plain(void)
{
	return isatty(STDOUT_FILENO) ? "\033[0m" : "";
}

/* Steps over one DER element, or into it. False when there is none. */
static bool der_step(const unsigned char **p, const unsigned char *end, bool into)
{
	long n;
	int tag, class;

	if (*p >= end || ASN1_get_object(p, &n, &tag, &class, end - *p) & 0x80)
		return false;
	if (!into)
		*p += n;
	return true;
}

/* The subject of a certificate, without decoding its key, which costs as much as a verdict. */
static X509_NAME *subject_of(const unsigned char *p, size_t n)
{
	const unsigned char *end = p + n;

	/* Certificate, TBSCertificate */
	for (int i = 0; i < 2; i++)
		if (!der_step(&p, end, true))
			return NULL;
	/* version (optional), serialNumber, signature, issuer, validity (RFC 5280, 4.1) */
	for (int i = p < end && *p == 0xa0 ? 0 : 1; i < 5; i++)
		if (!der_step(&p, end, false))
			return NULL;
	return d2i_X509_NAME(NULL, &p, end - p);
}

/* Who a certificate in db or MokListRT belongs to; the bytes are proven, the
 * words in them are the certificate's own. */
static void show_subject(struct assay_slice data)
{
	for (size_t skip = 0; skip <= 16 && skip < data.n; skip += 16) {
		X509_NAME *name = subject_of(data.p + skip, data.n - skip);
		if (!name)
			continue;
		char cn[128] = "";
		X509_NAME_get_text_by_NID(name, NID_commonName, cn, sizeof cn);
		for (char *c = cn; *c; c++)
			if (*c < ' ' || *c > '~')
				*c = '?';
		printf("  %s", cn);
		X509_NAME_free(name);
		return;
	}
}

static const char *match_word(const struct assay_component *c)
{
	switch (c->match) {
	case ASSAY_MATCH_GOOD:
		return "known";
	case ASSAY_MATCH_REVOKED:
		return "REVOKED";
	default:
		return "unknown";
	}
}

static void show_component(const struct assay_component *c)
{
	printf("  %-13s %-16s PCR %-2u %-7s ", assay_stage_word(assay_kind_stage(c->kind)),
	       assay_kind_word(c->kind), c->pcr, match_word(c));
	for (size_t i = 0; i < 6 && i < c->digest.n; i++)
		printf("%02x", c->digest.p[i]);
	printf("..  %s%s", c->name, c->proven ? "" : " (name not proven)");
	if (c->signer)
		printf("  signed by %s", c->signer);
	if (c->authority)
		printf("  vouched for by %s", c->authority);
	if (c->data.n > 0)
		show_subject(c->data);
	putchar('\n');
}

/* A boot loader runs dozens of commands: a person wants the chain. */
static bool in_chain(const struct assay_component *c)
{
	switch (c->kind) {
	case ASSAY_REF_FIRMWARE:
	case ASSAY_REF_BOOT_LOADER:
	case ASSAY_REF_HYPERVISOR:
	case ASSAY_REF_KERNEL:
	case ASSAY_REF_INITRD:
	case ASSAY_REF_COMMAND_LINE:
	case ASSAY_REF_AUTHORITY:
		return true;
	default:
		return c->match != ASSAY_MATCH_GOOD && c->kind != ASSAY_REF_FIRMWARE_CONFIG;
	}
}

static void show_chain(const struct assay_appraisal *a)
{
	size_t hidden = 0;

	for (int stage = 0; stage < ASSAY_STAGES_N; stage++)
		for (size_t i = 0; i < a->nchain; i++) {
			if ((int)assay_kind_stage(a->chain[i].kind) != stage)
				continue;
			if (in_chain(&a->chain[i]))
				show_component(&a->chain[i]);
			else
				hidden++;
		}
	if (hidden)
		printf("  and %zu more (variables, commands, files)\n", hidden);
}

static const char *on_off(enum assay_switch s)
{
	return s == ASSAY_ON ? "on" : s == ASSAY_OFF ? "off" : "unknown";
}

/* What a reason is, once; then each place where it was found. */
static void show_heading(const struct assay_reason *r)
{
	const struct assay_reason_info *info = assay_reason_info(r->code);
	enum assay_tier tier = r->severity == ASSAY_SEVERITY_CONTRAINDICATED
				       ? ASSAY_CONTRAINDICATED
			       : r->severity == ASSAY_SEVERITY_WARNING ? ASSAY_WARNING
								       : ASSAY_NONE;

	printf("\n%s%s%s  %s\n", colour(tier), assay_severity_name(r->severity), plain(),
	       info->word);
	printf("  %s\n  to do: %s\n", info->text, r->hint);
}

static void show_reasons(const struct assay_verdict *v)
{
	enum { SHOWN = 12 }; /* of one kind; --json has them all */
	size_t alike = 0;

	for (size_t i = 0; i < v->nreasons; i++) {
		const struct assay_reason *r = &v->reasons[i];
		bool last = i + 1 == v->nreasons || v->reasons[i + 1].code != r->code;
		alike = i > 0 && v->reasons[i - 1].code == r->code ? alike + 1 : 0;
		if (alike == 0)
			show_heading(r);
		if (alike < SHOWN) {
			printf("  - %s\n", r->where);
			if (r->found)
				printf("    found     %s\n", r->found);
			if (r->expected)
				printf("    expected  %s\n", r->expected);
		} else if (last) {
			printf("  and %zu more, see --json\n", alike + 1 - SHOWN);
		}
	}
	if (v->omitted)
		printf("\nand %zu more reasons that were only counted\n", v->omitted);
}

void verify_show(const struct verified *v)
{
	const struct assay_appraisal *a = &v->appraisal;
	const struct assay_quote *q = &v->claims->quote;

	show_safe(stdout, (struct assay_slice){ (const uint8_t *)v->path, strlen(v->path) },
		  4096);
	printf(": %s%s%s\n", colour(a->verdict.status), assay_tier_name(a->verdict.status),
	       plain());
	printf("  quote         signature %s, bank %s, clock %llu ms, reset %u, restart %u\n",
	       a->signature_ok ? "good" : "BAD",
	       a->bank ? assay_alg_name(a->bank) : "none accepted",
	       (unsigned long long)q->clock, q->resetCount, q->restartCount);
	if (a->bank)
		printf("  Secure Boot   %s, setup mode %s, SBAT level %s\n",
		       on_off(a->secure_boot), on_off(a->setup_mode),
		       a->sbat_level ? a->sbat_level : "not measured");
	show_chain(a);
	if (v->claims->ima.present)
		printf("  runtime       %zu entries measured by IMA, %zu under the quote, %zu "
		       "known\n",
		       v->claims->ima.entries, v->claims->ima.quoted, a->ima_good);
	show_reasons(&a->verdict);
}

/* Text of which nobody knows that it is UTF-8: what is not is replaced. */
static json_t *text_json(const char *text)
{
	json_t *s = json_string(text);
	char *copy = s ? NULL : strdup(text);

	for (char *c = copy; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	if (copy)
		s = json_string(copy);
	free(copy);
	return s;
}

struct json_t *verify_error_json(const struct verified *v)
{
	const struct load_error *e = &v->error;
	json_t *o = json_pack("{s:o, s:o, s:o, s:o, s:i}", "bundle", text_json(v->path), "what",
			      text_json(e->why.what), "why", text_json(e->why.why), "hint",
			      text_json(e->why.hint), "exit", e->status);

	if (o && e->err.fault != ASSAY_F_OK) {
		json_object_set_new(o, "artefact",
				    e->err.artefact ? json_string(e->err.artefact)
						    : json_null());
		json_object_set_new(o, "fault", json_string(assay_fault_word(e->err.fault)));
		json_object_set_new(o, "field", json_string(e->err.field ? e->err.field : ""));
		json_object_set_new(o, "offset", json_integer((json_int_t)e->err.offset));
	}
	return o;
}
