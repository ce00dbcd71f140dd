/* SPDX-License-Identifier: Apache-2.0
 * GRUB hashes what follows "grub_cmd: " and "kernel_cmdline: ", not the prefix.
 * Who swaps the prefixes in the log moves a text from one rule to another:
 * the kernel's command line of a real boot is called a command, and back. The
 * values stay as quoted, and so does what is proven. */
#include "tests/file.h"
#include "tests/tap.h"
#include <assay/evidence/eventlog.h>
#include <string.h>

static const char cmd[] = "grub_cmd: ", line[] = "kernel_cmdline: ";

static bool starts(struct assay_slice s, const char *word)
{
	return s.n >= strlen(word) && memcmp(s.p, word, strlen(word)) == 0;
}

/* The event with the other prefix, in out; false when it has neither. */
static bool swapped(const struct assay_event *ev, struct assay_event *lie, uint8_t *out,
		    size_t cap)
{
	const char *from = starts(ev->data, cmd) ? cmd : line, *to = from == cmd ? line : cmd;
	size_t cut = strlen(from), add = strlen(to);

	if (!starts(ev->data, from) || ev->data.n - cut + add > cap)
		return false;
	memcpy(out, to, add);
	memcpy(out + add, ev->data.p + cut, ev->data.n - cut);
	*lie = *ev;
	lie->data = (struct assay_slice){ out, ev->data.n - cut + add };
	return true;
}

int main(void)
{
	struct assay_crypto *crypto = assay_crypto_new(NULL, NULL);
	struct assay_slice in = test_file("tests/evidence/clean-a/binary_bios_measurements");
	struct assay_eventlog log;
	struct assay_event ev, lie;
	struct assay_event_facts a, b;
	struct assay_err err;
	uint8_t buf[4096];
	size_t n = 0, same = 0;

	bool ok = assay_eventlog_open(&log, in, &err);
	while (ok && assay_eventlog_next(&log, &ev)) {
		if (!swapped(&ev, &lie, buf, sizeof buf))
			continue;
		ok = assay_event_prove(crypto, &ev, ASSAY_SHA256, &a) &&
		     assay_event_prove(crypto, &lie, ASSAY_SHA256, &b);
		n++;
		same += a.kind == ASSAY_KIND_COMMAND && b.kind == a.kind &&
			b.binding == a.binding && a.text.n == b.text.n &&
			memcmp(a.text.p, b.text.p, a.text.n) == 0 && a.agrees && b.agrees;
	}
	tap_ok(ok && n == 11 && same == n, "%zu of %zu texts are the same under either prefix",
	       same, n);
	free((void *)(uintptr_t)in.p);
	assay_crypto_free(crypto);
	return tap_done();
}
