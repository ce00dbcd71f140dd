/* SPDX-License-Identifier: Apache-2.0
 * What an operator hands in: tokens and roots. */
#include "tests/certs.h"
#include "tests/tap.h"
#include "verifier/enrol/enrol.h"

#include <sys/stat.h>
#include <unistd.h>

static struct assay_crypto *crypto;
static EVP_PKEY *root_key;

static struct assay_slice str(const char *s)
{
	return (struct assay_slice){ (const uint8_t *)s, strlen(s) };
}

static void token_rows(void)
{
	char a[ENROL_TOKEN_TEXT + 1], b[ENROL_TOKEN_TEXT + 1];
	uint8_t ha[32], hb[32];

	tap_ok(enrol_token_make(crypto, a, ha) && enrol_token_make(crypto, b, hb) &&
		       strcmp(a, b) && memcmp(ha, hb, 32) && strlen(a) == ENROL_TOKEN_TEXT,
	       "tokens differ");
	tap_ok(enrol_token_hash(crypto, str(a), hb) && memcmp(ha, hb, 32) == 0,
	       "a token's hash is that of its text");
	a[ENROL_TOKEN_TEXT - 1] = '-'; /* unused bits that are not zero */
	tap_ok(!enrol_token_hash(crypto, str(a), hb), "not canonical");
}

static void save(const char *folder, const char *name, const void *p, size_t n)
{
	char path[300];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	if (!f || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		abort();
}

static void anchor_rows(void)
{
	char folder[] = "/tmp/assay-enrol-XXXXXX", command[300], inner[300];
	static struct bytes a;
	static char pem[8192];
	struct platform_message why = { 0 };
	struct cert_spec ca = { .subject = "root", .ca = true };
	size_t n = 99;

	if (!mkdtemp(folder))
		abort();
	snprintf(inner, sizeof inner, "%s/intermediates", folder);
	struct assay_anchors *got = enrol_anchors_load(crypto, NULL, &n, &why);
	tap_ok(got && n == 0, "roots: no folder");
	assay_anchors_free(got);
	put_cert(&a, &ca, root_key, "root", root_key);
	save(folder, "a.der", a.b, a.n);
	save(folder, ".hidden", "x", 1);
	EVP_EncodeBlock((uint8_t *)pem + 28, a.b, (int)a.n);
	memcpy(pem, "-----BEGIN CERTIFICATE-----\n", 28);
	strcat(pem, "\n-----END CERTIFICATE-----\n");
	size_t one = strlen(pem);
	memcpy(pem + one, pem, one);
	if (mkdir(inner, 0700) != 0)
		abort();
	save(inner, "two.pem", pem, 2 * one);
	got = enrol_anchors_load(crypto, folder, &n, &why);
	tap_ok(got && n == 3, "roots: DER, PEM of two, a hidden file: %zu", n);
	assay_anchors_free(got);
	pem[one + 40] = '!';
	save(inner, "two.pem", pem, 2 * one);
	got = enrol_anchors_load(crypto, folder, &n, &why);
	tap_ok(!got && strstr(why.what, "two.pem"), "roots: broken PEM is named");
	save(inner, "two.pem", "hello", 5);
	tap_ok(!enrol_anchors_load(crypto, folder, &n, &why), "roots: no certificate");
	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (system(command) != 0)
		abort();
	tap_ok(!enrol_anchors_load(crypto, folder, &n, &why), "roots: the folder is missing");
}

int main(void)
{
	crypto = assay_crypto_new(NULL, NULL);
	root_key = test_ec("P-256");
	token_rows();
	anchor_rows();
	EVP_PKEY_free(root_key);
	assay_crypto_free(crypto);
	return tap_done();
}
