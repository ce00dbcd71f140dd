/* SPDX-License-Identifier: Apache-2.0
 * Lists of other projects and machines: ASSAY_VECTORS, or ../shared/vectors.
 * What each must give is what its INDEX.md states; SHA-1 replays are those of
 * independent-replay.json. */
#include "tests/file.h"
#include "tests/ima_replay.h"
#include "tests/tap.h"

static struct assay_crypto *crypto;

static struct assay_slice vector(const char *name)
{
	const char *dir = getenv("ASSAY_VECTORS");
	char path[1024];

	snprintf(path, sizeof path, "%s/ima/%s", dir ? dir : "../shared/vectors", name);
	return test_file(path);
}

static void drop(struct assay_slice s)
{
	free((void *)(uintptr_t)s.p);
}

enum kind { BINARY, ASCII, BASE64 };

static const struct {
	const char *file;
	enum kind kind;
	size_t entries, violations, mismatches, mismatch;
	const char *pcr10; /* SHA-1, as independent-replay.json has it */
	enum assay_fault fault;
	const char *field;
	size_t offset;
} lists[] = {
	{ "hpe-perf-ima_log.txt", ASCII, 780, 0, 0, 0,
	  "f90a1289d55fdf21a5ae9fab203bf098f772f7f1", ASSAY_F_OK, 0, 0 },
	/* entry 1080 of those that count from 1 */
	{ "ibmacs-imasig.log", BINARY, 1083, 0, 1, 1079,
	  "f8e65e48a831bd650a348836486b8870d46fdf09", ASSAY_F_OK, 0, 0 },
	{ "imaevm-sample-ascii_runtime_measurements-pcrs-8-9", ASCII, 1, 0, 0, 0,
	  "eb309918579e848d89a02072592233220772fbe9", ASSAY_F_OK, 0, 0 },
	{ "keylime-bad-signatures.ascii", ASCII, 1, 0, 1, 0,
	  "cafff28e0f0267152826333aa9da15a766f88cfc", ASSAY_F_OK, 0, 0 },
	/* its only line has no newline: see last_line() */
	{ "keylime-keyrings.ascii", ASCII, 0, 0, 0, 0, NULL, ASSAY_F_TRUNCATED, "line", 0 },
	{ "keylime-measurements.ascii", ASCII, 3, 0, 0, 0,
	  "dff39e2db052e00d11f45770bb127c4053e14f32", ASSAY_F_OK, 0, 0 },
	{ "keylime-signatures.ascii", ASCII, 2, 0, 0, 0,
	  "5bfd7d5ca54868d443d09b9e3c4fca6d7d2c1d15", ASSAY_F_OK, 0, 0 },
	{ "keylimetests-ima-buf-11.ascii", ASCII, 11, 0, 0, 0,
	  "106157362c9e03ae405dae4cf7e9891127484853", ASSAY_F_OK, 0, 0 },
	{ "keylimetests-ima-sig-4.ascii", ASCII, 4, 0, 0, 0,
	  "eca6f286be7eea0f5b19215bb695f12485e3e2e2", ASSAY_F_OK, 0, 0 },
	{ "keylimetests-ima_log.txt", ASCII, 5, 0, 0, 0, NULL, ASSAY_F_OK, 0, 0 },
	{ "kunpengsecl-ascii-ima", ASCII, 5553, 0, 0, 0,
	  "fcc9cdaffc81f1726667298d5efd8e2b3b558f30", ASSAY_F_OK, 0, 0 },
	{ "kunpengsecl-ascii-ima-ng_sha256", ASCII, 2510, 0, 0, 0,
	  "77c77ae47e27835dd49ccd1a92fbb36d1d61b447", ASSAY_F_OK, 0, 0 },
	{ "rustkeylime-ima_log.txt", ASCII, 1, 0, 0, 0,
	  "703b9083e1f35ae2faf8aee75f0541c709c53c77", ASSAY_F_OK, 0, 0 },
	{ "rustkeylime-invalid_ima_log.txt", ASCII, 0, 0, 0, 0, NULL, ASSAY_F_ENCODING, "pcr",
	  0 },
	{ "keylime-create-ima-log-sha256", ASCII, 2, 0, 0, 0, NULL, ASSAY_F_OK, 0, 0 },
	{ "keylime-create-ima-log-sm3_256", ASCII, 2, 1, 1, 1, NULL, ASSAY_F_OK, 0, 0 },
	{ "keylime-create-ima-log-unknown", ASCII, 2, 1, 1, 1, NULL, ASSAY_F_OK, 0, 0 },
	/* a stray newline after the last record is a record that was cut off */
	{ "tpm2tss-sml-ima-ng-sha1.b64", BASE64, 6, 0, 0, 0, NULL, ASSAY_F_TRUNCATED, "pcr",
	  558 },
	/* its name lacks the NUL that its length counts */
	{ "tpm2tss-sml-ima-ng-sha1-invalidated.b64", BASE64, 0, 0, 0, 0, NULL,
	  ASSAY_F_TRUNCATED, "template_data", 38 },
	{ "tpm2tss-sml-ima-sha1-invalidated.b64", BASE64, 1, 1, 0, 0, NULL, ASSAY_F_OK, 0, 0 },
};

static struct assay_slice unbase64(struct assay_slice text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t *out = malloc(text.n + 1);
	uint32_t bits = 0;
	size_t n = 0, have = 0;

	for (size_t i = 0; out && i < text.n; i++) {
		const char *at = text.p[i] ? strchr(digits, text.p[i]) : NULL;

		if (!at)
			continue;
		bits = bits << 6 | (uint32_t)(at - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (uint8_t)(bits >> have);
		}
	}
	drop(text);
	return (struct assay_slice){ out, n };
}

static bool is_hex(const uint8_t *p, const char *hex)
{
	unsigned b;

	for (size_t i = 0; hex[2 * i]; i++)
		if (sscanf(hex + 2 * i, "%2x", &b) != 1 || b != p[i])
			return false;
	return true;
}

/* Replays the template hashes as they stand, as the independent replay did. */
static void as_stated(struct assay_slice in, bool ascii, struct assay_bank *bank)
{
	uint8_t ones[20];
	struct assay_ima_entry e;
	struct assay_ima ima;
	struct assay_err err;

	memset(ones, 0xff, sizeof ones);
	if (!assay_bank_reset(bank, ASSAY_SHA1) || !replay_open(&ima, in, ascii, &err))
		return;
	while (assay_ima_next(&ima, &e))
		if (!assay_bank_extend(crypto, bank, 10,
				       e.violation ? (struct assay_slice){ ones, 20 }
						   : e.template_hash))
			return;
}

static void list(size_t i)
{
	struct assay_slice in = vector(lists[i].file);
	bool ascii = lists[i].kind == ASCII;
	struct assay_bank bank;

	if (!in.p) {
		tap_skip(lists[i].file, "no vectors here (ASSAY_VECTORS)");
		return;
	}
	if (lists[i].kind == BASE64)
		in = unbase64(in);
	struct replay r = replay(crypto, in, ascii, ASSAY_SHA1, ASSAY_IMA_NATIVE, NULL);
	bool pass = r.entries == lists[i].entries && r.violations == lists[i].violations &&
		    r.mismatches == lists[i].mismatches && r.mismatch == lists[i].mismatch &&
		    r.err.fault == lists[i].fault &&
		    (r.err.fault == ASSAY_F_OK ||
		     (!strcmp(r.err.field, lists[i].field) && r.err.offset == lists[i].offset));

	if (lists[i].pcr10) {
		as_stated(in, ascii, &bank);
		pass = pass && is_hex(bank.value[10], lists[i].pcr10);
		pass = pass && (r.mismatches > 0 || is_hex(r.bank.value[10], lists[i].pcr10));
	}
	if (!tap_ok(pass, "%s: %zu entries, %zu violations, %zu mismatches", lists[i].file,
		    r.entries, r.violations, r.mismatches))
		printf("# last mismatch %zu; %s %s at %zu\n", r.mismatch,
		       assay_fault_word(r.err.fault), r.err.field ? r.err.field : "-",
		       r.err.offset);
	drop(in);
}

/* Each value of a flat JSON object of strings without escapes, as one line. */
static void ast_entries(const char *file, bool valid)
{
	struct assay_slice in = vector(file);
	const char *at = (const char *)in.p;
	size_t n = 0, good = 0;

	if (!in.p) {
		tap_skip(file, "no vectors here (ASSAY_VECTORS)");
		return;
	}
	((char *)(uintptr_t)in.p)[in.n] = '\0';
	while ((at = strstr(at, "\": \"")) != NULL) {
		char line[4096];
		size_t len = strcspn(at += 4, "\"");

		snprintf(line, sizeof line, "%.*s\n", (int)len, at);
		struct assay_slice s = { (const uint8_t *)line, strlen(line) };
		struct replay r = replay(crypto, s, true, ASSAY_SHA1, ASSAY_IMA_NATIVE, NULL);
		n++;
		good += r.err.fault == ASSAY_F_OK && r.entries == 1 && r.mismatches == 0;
	}
	tap_ok(n > 0 && good == (valid ? n : 0), "%s: %zu of %zu are entries", file, good, n);
	drop(in);
}

/* How the sig fields of a list read. */
static void signatures(const char *file, bool ascii, size_t good, size_t none, size_t bad)
{
	struct assay_slice in = vector(file);
	size_t n[3] = { 0 };
	struct assay_ima_entry e;
	struct assay_ima_sig sig;
	struct assay_ima ima;
	struct assay_err err, sig_err;

	if (!in.p || !replay_open(&ima, in, ascii, &err)) {
		tap_skip(file, "no vectors here (ASSAY_VECTORS)");
		return;
	}
	while (assay_ima_next(&ima, &e))
		n[e.sig.n == 0 ? 1 : assay_ima_sig_read(e.sig, &sig, &sig_err) ? 0 : 2]++;
	tap_ok(n[0] == good && n[1] == none && n[2] == bad,
	       "%s: %zu signatures, %zu without, %zu malformed", file, n[0], n[1], n[2]);
	drop(in);
}

/* keylime-keyrings.ascii with the newline that it lacks. */
static void last_line(void)
{
	struct assay_slice in = vector("keylime-keyrings.ascii");

	if (!in.p) {
		tap_skip("keylime-keyrings.ascii", "no vectors here (ASSAY_VECTORS)");
		return;
	}
	((uint8_t *)(uintptr_t)in.p)[in.n++] = '\n';
	struct replay r = replay(crypto, in, true, ASSAY_SHA1, ASSAY_IMA_NATIVE, NULL);
	tap_ok(r.entries == 1 && r.mismatches == 0 &&
		       is_hex(r.bank.value[10], "e654f343e8f86bd20bc8a0b4c3df3a86801a35ac"),
	       "keylime-keyrings.ascii: an entry, with its newline");
	drop(in);
}

int main(void)
{
	crypto = assay_crypto_new(NULL, NULL);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		list(i);
	last_line();
	ast_entries("keylime-ast-valid-entries.json", true);
	ast_entries("keylime-ast-invalid-entries.json", false);
	signatures("ibmacs-imasig.log", false, 899, 184, 0);
	signatures("keylime-signatures.ascii", true, 2, 0, 0);
	signatures("keylime-bad-signatures.ascii", true, 0, 0, 1);
	assay_crypto_free(crypto);
	return tap_done();
}
