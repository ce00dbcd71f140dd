/* SPDX-License-Identifier: Apache-2.0
 * A policy that does not compare PCR 8 (boot loader commands differ from node to node) but
 * forbids words in it. Who writes the log leaves a command's text out, so that there is
 * nothing to look at; or boots with a text that is none (a control character), in another
 * encoding, or with quotes that the kernel takes off again. */
#include "tests/forge.h"

static struct forge *lenient(void)
{
	struct forge *f = forge_new("clean-a");

	f->policy.pcrs_judged &= ~(1u << 8 | 1u << 12);
	f->policy.present &= ~(1u << ASSAY_REF_COMMAND_LINE);
	return f;
}

static void command(const char *text, size_t n, const char *word, const char *what)
{
	static const char prefix[] = "kernel_cmdline: ";
	struct forge *f = lenient();
	char data[256];
	size_t p = sizeof prefix - 1;

	memcpy(data, prefix, p);
	memcpy(data + p, text, n);
	struct forged_event *e = forge_insert(f, f->nevents, 8, ASSAY_EV_IPL, data, p + n + 1);
	e->data[p + n] = 0;
	forge_digest(f, e, text, n);
	if (strcmp(word, "boot.event-unproven") == 0) {
		e->type = ASSAY_EV_COMPACT_HASH;
		e->n = 0;
	}
	forge_refuses(f, word, what);
	forge_free(f);
}

#define TEXT(s) s, sizeof s - 1

int main(void)
{
	static const char wide[] = "i\0n\0i\0t\0=\0/\0b\0i\0n\0/\0s\0h\0\0";
	struct forge *f = lenient();

	forge_judge(f);
	if (!tap_ok(forge_affirms(f), "an honest log under such a policy"))
		forge_explain(f);
	forge_free(f);

	command(TEXT("/vmlinuz init=/bin/sh"), "boot.command-line-forbidden", "as it stands");
	command(TEXT("/vmlinuz init=/bin/sh"), "boot.event-unproven", "its text left out");
	command(TEXT("/vmlinuz \vinit=/bin/sh"), "boot.command-line-forbidden",
		"behind a space that is a control character");
	command(TEXT("/vmlinuz \x01 init=/bin/sh"), "boot.command-line-forbidden",
		"beside a control character");
	command(TEXT("/vmlinuz \"init=/bin/sh\""), "boot.command-line-forbidden", "in quotes");
	command(TEXT("/vmlinuz systemd.debug_shell"), "boot.command-line-forbidden",
		"'_' for '-'");

	f = lenient();
	f->pcrs |= 1u << 12;
	forge_insert(f, f->nevents, 12, ASSAY_EV_IPL, wide, sizeof wide);
	forge_refuses(f, "boot.command-line-forbidden", "in UTF-16, as systemd-stub measures");
	forge_free(f);
	return tap_done();
}
