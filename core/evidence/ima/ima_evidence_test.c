/* SPDX-License-Identifier: Apache-2.0
 * The lists of real boots (tests/evidence): both forms agree, every entry
 * checks, the replay meets the TPM's PCR 10, and no cut or flip goes unseen. */
#include <dirent.h>

#include "tests/ima_replay.h"
#include "tests/pcrs.h"
#include "tests/tap.h"

static struct assay_crypto *crypto;

static struct assay_slice part(const char *bundle, const char *name)
{
	char path[512];

	snprintf(path, sizeof path, "tests/evidence/%s/%s", bundle, name);
	return test_file(path);
}

static bool same(const struct assay_ima_entry *a, const struct assay_ima_entry *b)
{
	return a->pcr == b->pcr && slice_eq(a->template_hash, b->template_hash) &&
	       slice_eq(a->template_name, b->template_name) && slice_eq(a->data, b->data) &&
	       slice_eq(a->digest, b->digest) && a->digest_alg == b->digest_alg &&
	       slice_eq(a->name, b->name) && slice_eq(a->sig, b->sig) &&
	       slice_eq(a->buf, b->buf) && a->has_buf == b->has_buf && a->verity == b->verity &&
	       a->legacy == b->legacy && a->violation == b->violation;
}

static void forms_agree(const char *bundle, struct assay_slice list)
{
	struct assay_slice text = part(bundle, "ascii_runtime_measurements");
	struct assay_ima_entry a, b;
	struct assay_ima binary, ascii;
	struct assay_err err_a, err_b;
	size_t n = 0;

	if (!text.p) {
		tap_skip(bundle, "it has no ASCII list");
		return;
	}
	bool ok = replay_open(&binary, list, false, &err_a) &&
		  replay_open(&ascii, text, true, &err_b);
	while (ok && assay_ima_next(&binary, &a))
		ok = assay_ima_next(&ascii, &b) && same(&a, &b) && ++n;
	ok = ok && !assay_ima_next(&ascii, &b) && err_a.fault == ASSAY_F_OK &&
	     err_b.fault == ASSAY_F_OK;
	tap_ok(ok, "%s: %zu entries, the same in both lists", bundle, n);
	if (!ok)
		printf("# entry %zu, %s at %zu, %s at %zu\n", n, assay_fault_word(err_a.fault),
		       err_a.offset, assay_fault_word(err_b.fault), err_b.offset);
	free((void *)(uintptr_t)text.p);
}

/* PCR 10 as quoted: what, put in the place of pcrs.txt's, gives the quote's
 * pcrDigest (its last 32 bytes; SHA-256 bank, PCR 0-10 and 14). */
static bool quoted(const char *bundle, struct assay_bank *pcrs, const uint8_t *pcr10)
{
	struct assay_slice quote = part(bundle, "quote.msg"), parts[12];
	struct assay_digest d = { .alg = 0 };

	for (size_t i = 0; i < 12; i++)
		parts[i] = (struct assay_slice){ pcrs->value[i < 11 ? i : 14], 32 };
	parts[10].p = pcr10;
	bool ok = quote.n > 32 && assay_hash(crypto, ASSAY_SHA256, parts, 12, &d) &&
		  memcmp(quote.p + quote.n - 32, d.b, 32) == 0;
	free((void *)(uintptr_t)quote.p);
	return ok;
}

/* incremental-1 to -7: pcrs.txt was read when the list had grown further. */
static void replays_to_quote(const char *bundle, struct assay_slice list)
{
	struct assay_bank pcrs = test_pcrs("tests/evidence/clean-a/pcrs.txt", ASSAY_SHA256);
	struct replay r = replay(crypto, list, false, ASSAY_SHA256, ASSAY_IMA_NATIVE, NULL);

	tap_ok(r.err.fault == ASSAY_F_OK && r.mismatches == 0 &&
		       quoted(bundle, &pcrs, r.bank.value[10]),
	       "%s: %zu entries give the quoted PCR 10", bundle, r.entries);
}

static void replays(const char *bundle, struct assay_slice list)
{
	static const uint16_t algs[] = { ASSAY_SHA1, ASSAY_SHA256, ASSAY_SHA384 };
	char path[512];

	snprintf(path, sizeof path, "tests/evidence/%s/pcrs.txt", bundle);
	for (size_t i = 0; i < sizeof algs / sizeof *algs; i++) {
		struct assay_bank want = test_pcrs(path, algs[i]);
		/* Debian's 6.1 cannot hash SHA-384 when IMA starts, and pads */
		enum assay_ima_mode mode =
			algs[i] == ASSAY_SHA384 ? ASSAY_IMA_PADDED : ASSAY_IMA_NATIVE;

		if (want.size == 0) {
			tap_skip(bundle, "pcrs.txt lacks the bank");
			continue;
		}
		struct replay r = replay(crypto, list, false, algs[i], mode, want.value[10]);
		tap_ok(r.err.fault == ASSAY_F_OK && r.mismatches == 0 && r.match > 0 &&
			       r.match == r.entries,
		       "%s: %s %s PCR 10 after %zu of %zu entries", bundle,
		       assay_alg_name(algs[i]), mode == ASSAY_IMA_PADDED ? "padded" : "native",
		       r.match, r.entries);

		struct replay other =
			replay(crypto, list, false, algs[i],
			       mode == ASSAY_IMA_PADDED ? ASSAY_IMA_NATIVE : ASSAY_IMA_PADDED,
			       want.value[10]);
		tap_ok((other.match > 0) == (algs[i] == ASSAY_SHA1), "%s: %s, the other mode",
		       bundle, assay_alg_name(algs[i]));
	}
}

static void boot_aggregate(const char *bundle, struct assay_slice list)
{
	struct assay_ima_entry e = { .index = 0 };
	struct assay_digest d = { .alg = 0 };
	struct assay_ima ima;
	struct assay_err err;
	char path[512];

	snprintf(path, sizeof path, "tests/evidence/%s/pcrs.txt", bundle);
	bool ok = replay_open(&ima, list, false, &err) && assay_ima_next(&ima, &e);
	struct assay_bank bank = test_pcrs(path, e.digest_alg);
	ok = ok && slice_is(e.name, "boot_aggregate") &&
	     assay_ima_boot_aggregate(crypto, &bank, &d) && d.alg == e.digest_alg &&
	     slice_eq(e.digest, (struct assay_slice){ d.b, d.n });
	tap_ok(ok, "%s: boot_aggregate over the %s bank", bundle, assay_alg_name(e.digest_alg));
}

/* Entries of list before any fault equal the first ones of whole. */
static bool is_prefix(struct assay_slice cut, struct assay_slice whole, bool ascii)
{
	static uint8_t scratch[4096];
	struct assay_ima_entry a, b;
	struct assay_ima x, y;
	struct assay_err ex, ey;
	size_t end = 0;

	if (!replay_open(&x, cut, ascii, &ex) ||
	    !(ascii ? assay_ima_open_ascii(&y, whole, scratch, sizeof scratch, &ey)
		    : assay_ima_open(&y, whole, &ey)))
		return false;
	while (assay_ima_next(&x, &a)) {
		if (!assay_ima_next(&y, &b) || !same(&a, &b))
			return false;
		end = a.offset + a.size;
	}
	/* no fault: the cut lies between two records */
	return ex.fault != ASSAY_F_OK ? ex.offset <= cut.n : end == cut.n;
}

static void truncations(const char *bundle, struct assay_slice list, bool ascii)
{
	size_t bad = 0;

	/* of a long list the last records only: what is before is the same code again */
	for (size_t n = list.n > 8192 ? list.n - 512 : 0; n < list.n; n++)
		bad += !is_prefix((struct assay_slice){ list.p, n }, list, ascii);
	tap_ok(bad == 0, "%s: every cut of the %s list is a fault or a shorter list", bundle,
	       ascii ? "ASCII" : "binary");
}

/* True when list reads, checks and replays (SHA-256) to pcr10: nothing was seen. */
static bool unseen(struct assay_slice list, bool ascii, const uint8_t *pcr10)
{
	uint8_t value[ASSAY_DIGEST_MAX];
	struct assay_ima_entry e;
	struct assay_bank bank;
	struct assay_ima ima;
	struct assay_err err;

	if (!assay_bank_reset(&bank, ASSAY_SHA256) || !replay_open(&ima, list, ascii, &err))
		return false;
	while (assay_ima_next(&ima, &e))
		if (!assay_ima_check(crypto, &e, NULL) ||
		    !assay_ima_extend_value(crypto, &e, ASSAY_SHA256, ASSAY_IMA_NATIVE, NULL,
					    value) ||
		    !assay_bank_extend(crypto, &bank, e.pcr, (struct assay_slice){ value, 32 }))
			return false;
	return err.fault == ASSAY_F_OK && memcmp(bank.value[10], pcr10, 32) == 0;
}

static void flips(const char *bundle, bool ascii)
{
	struct assay_slice list = part(bundle, ascii ? "ascii_runtime_measurements"
						     : "binary_runtime_measurements");
	uint8_t *p = (uint8_t *)(uintptr_t)list.p;
	struct replay want = replay(crypto, list, ascii, ASSAY_SHA256, ASSAY_IMA_NATIVE, NULL);
	static const uint8_t masks[] = { 0x01, 0x80 };
	size_t survivors = 0;

	tap_ok(unseen(list, ascii, want.bank.value[10]), "%s: unchanged, nothing is seen",
	       bundle);
	for (size_t i = 0; i < 2 * list.n; i++) {
		p[i / 2] ^= masks[i % 2];
		if (unseen(list, ascii, want.bank.value[10])) {
			printf("# byte %zu ^ %02x survives\n", i / 2, masks[i % 2]);
			survivors++;
		}
		p[i / 2] ^= masks[i % 2];
	}
	tap_ok(list.n > 0 && survivors == 0, "%s: every flipped byte of the %s list is seen",
	       bundle, ascii ? "ASCII" : "binary");
	free(p);
}

static void buffers(void)
{
	struct assay_slice list = part("template-ima-buf", "binary_runtime_measurements");
	struct assay_ima_entry e;
	struct assay_ima ima;
	struct assay_err err;
	size_t n = 0, good = 0, files = 0;

	if (!replay_open(&ima, list, false, &err))
		return;
	while (assay_ima_next(&ima, &e)) {
		n += e.has_buf;
		good += assay_ima_buf_check(crypto, &e);
		/* relabelled: the file's signature becomes a buffer */
		if (!e.has_buf) {
			e.has_buf = true;
			e.buf = e.sig;
			files += assay_ima_buf_check(crypto, &e);
		}
	}
	tap_ok(n > 0 && good == n && files == 0,
	       "template-ima-buf: %zu buffers hash to their digest", n);
	free((void *)(uintptr_t)list.p);
}

int main(void)
{
	DIR *d = opendir("tests/evidence");
	const struct dirent *f;
	size_t lists = 0;

	crypto = assay_crypto_new(NULL, NULL);
	while (d && (f = readdir(d)) != NULL) {
		struct assay_slice list = part(f->d_name, "binary_runtime_measurements");
		struct assay_slice text = part(f->d_name, "ascii_runtime_measurements");

		if (list.p) {
			lists++;
			forms_agree(f->d_name, list);
			if (!strncmp(f->d_name, "incremental-", 12))
				replays_to_quote(f->d_name, list);
			else
				replays(f->d_name, list);
			boot_aggregate(f->d_name, list);
			truncations(f->d_name, list, false);
		}
		if (text.p)
			truncations(f->d_name, text, true);
		free((void *)(uintptr_t)list.p);
		free((void *)(uintptr_t)text.p);
	}
	if (d)
		closedir(d);
	tap_ok(lists >= 30, "%zu lists of real boots", lists);
	flips("clean-a", false);
	flips("clean-a", true);
	buffers();
	assay_crypto_free(crypto);
	return tap_done();
}
