/* SPDX-License-Identifier: Apache-2.0
 * assay policy - the policy that verify uses. */
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/usage.h"

#include <stdio.h>
#include <string.h>

static void print_pcrs(const char *key, uint32_t mask, const char *comment)
{
	const char *sep = "";

	printf("  %s: \"", key);
	for (int p = 0; p < ASSAY_PCRS; p++) {
		int to = p;
		if (!(mask & 1u << p))
			continue;
		while (to + 1 < ASSAY_PCRS && mask & 1u << (to + 1))
			to++;
		printf(to > p ? "%s%d-%d" : "%s%d", sep, p, to);
		sep = ",";
		p = to;
	}
	printf("\"%s\n", comment);
}

static void print_algs(const char *key, const uint16_t *algs, size_t n, const char *comment)
{
	printf("  %s: [", key);
	for (size_t i = 0; i < n; i++)
		printf("%s%s", i ? ", " : "", assay_alg_name(algs[i]));
	printf("]%s\n", comment);
}

static void print_severities(const struct assay_policy *p)
{
	printf("\n# How bad a reason is: info, warning or contraindicated. Those that are "
	       "missing here\n"
	       "# cannot be changed: what nobody signed, or what answers another challenge, is "
	       "never good.\n"
	       "severity:\n");
	for (int i = 0; i < ASSAY_REASON_CODES_N; i++) {
		const struct assay_reason_info *info =
			assay_reason_info((enum assay_reason_code)i);
		if (!info->fixed)
			printf("  %s: %s\n", info->word, assay_severity_name(p->severity[i]));
	}
}

void policy_print(const struct assay_policy *p)
{
	printf("# A policy of assay: what must hold, and how bad it is when it does not.\n"
	       "version: 1\nid: %s\n\nquote:\n",
	       p->id);
	print_algs("banks", p->banks, p->nbanks, "  # PCR banks that may affirm, best first");
	print_algs("hashes", p->hashes, p->nhashes, "  # of signatures and of measured files");
	print_pcrs("pcrs", p->pcrs_quoted, "  # must be quoted");
	printf("  min-rsa-bits: %u\n\nboot:\n", p->min_rsa_bits);
	print_pcrs("judged-pcrs", p->pcrs_judged,
		   "  # every event here must match a reference");
	printf("  present: [");
	for (int k = 0, n = 0; k < ASSAY_REF_KINDS_N; k++)
		if (p->present & 1u << k)
			printf("%s%s", n++ ? ", " : "", assay_kind_word((enum assay_kind)k));
	printf("]  # must have been measured\n  secure-boot: %s\n"
	       "  min-sbat-level: %u  # as 2025051000; 0: the references decide\n  "
	       "forbidden-words:  # in any boot command\n",
	       p->secure_boot ? "required" : "optional", p->min_sbat_level);
	for (size_t i = 0; i < p->nforbidden; i++)
		printf("    - \"%.*s\"\n", (int)p->forbidden[i].n,
		       (const char *)p->forbidden[i].p);
	printf("\nruntime:\n  ima: %s\n\nresult:\n  life: %u  # seconds\n",
	       p->ima ? "required" : "optional", p->result_life);
	print_severities(p);
}

static int usage(void)
{
	puts("usage: assay policy default\n"
	     "       assay policy show FILE\n\n"
	     "default prints the policy that `assay verify` uses when none is given; show "
	     "prints\n"
	     "a policy as it is understood, with every default filled in.\n\n"
	     "example: assay policy default >policy.yaml");
	return EXIT_DONE;
}

int cmd_policy(int argc, char **argv)
{
	struct loaded_policy p;
	struct load_error e;

	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return usage();
	bool is_default = argc == 2 && strcmp(argv[1], "default") == 0;
	if (!is_default && !(argc == 3 && strcmp(argv[1], "show") == 0))
		return cli_usage_error("policy", "expected `default` or `show FILE`");
	if (!load_policy(is_default ? NULL : argv[2], &p, &e)) {
		platform_message_print("assay policy", &e.why, false);
		return e.status;
	}
	policy_print(&p.policy);
	load_policy_drop(&p);
	return EXIT_DONE;
}
