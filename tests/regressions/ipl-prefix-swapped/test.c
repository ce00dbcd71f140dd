/* SPDX-License-Identifier: Apache-2.0
 * In IPL events the prefix is covered by nothing: no rule may judge one and ignore the other.
 */
#include "tests/forge.h"

int main(void)
{
	static const char *const prefixes[] = { "grub_cmd: ", "kernel_cmdline: ",
						"module_cmdline: ", "x: ", "" };
	static const char text[] = "linux /vmlinuz root=/dev/sda2 init=/bin/sh";

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
		struct forge *f = forge_new("clean-a");
		char data[128];
		int n = snprintf(data, sizeof data, "%s%s", prefixes[i], text);
		struct forged_event *e =
			forge_insert(f, f->nevents, 8, ASSAY_EV_IPL, data, (size_t)n + 1);
		forge_digest(f, e, text, sizeof text - 1);
		forge_refuses(f, "boot.command-line-unknown",
			      *prefixes[i] ? prefixes[i] : "no prefix");
		tap_ok(forge_says(f, "boot.command-line-forbidden"),
		       "and its forbidden word is found");
		forge_free(f);
	}
	return tap_done();
}
