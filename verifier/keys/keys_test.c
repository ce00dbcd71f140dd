/* SPDX-License-Identifier: Apache-2.0
 * One row per rule of keys.h. */
#include "verifier/keys/keys.h"

#include "platform/file.h"
#include "tests/tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct assay_crypto *crypto;
static char folder[64];
static struct platform_message why;

static const char *in_folder(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void write_key(const char *name, const void *p, size_t n, mode_t mode, long mtime)
{
	const struct timespec times[2] = { { .tv_sec = mtime }, { .tv_sec = mtime } };

	if (!platform_file_write_atomic(in_folder(name), (struct assay_slice){ p, n }, mode,
					&why) ||
	    utimensat(AT_FDCWD, in_folder(name), times, 0) != 0)
		abort();
}

static bool loads(struct keys *k)
{
	bool ok = keys_load(crypto, folder, 60000, k, &why);

	if (!ok)
		printf("# %s: %s\n", why.what, why.why);
	return ok;
}

static void refused(const char *name, const char *word, const char *what)
{
	struct keys k = { .nears = 77 };
	bool ok = keys_load(crypto, folder, 60000, &k, &why);

	tap_ok(!ok && k.nears == 77 && strstr(why.why, word), "%s", what);
	if (ok)
		keys_drop(&k);
	unlink(in_folder(name));
}

static void run_make(void)
{
	struct keys k;
	struct stat st;
	char name[KEYS_NAME_MAX];

	tap_ok(!keys_load(crypto, folder, 0, &k, &why), "no folder, no keys");
	tap_ok(keys_make(folder, &why), "a first set is made");
	if (!tap_ok(loads(&k), "and loaded"))
		return;
	tap_ok(k.secrets[KEYS_CHALLENGE].n == 1 && k.secrets[KEYS_RECEIPT].n == 1 &&
		       k.secrets[KEYS_COOKIE].n == 1 && k.nears == 1 &&
		       k.secrets[KEYS_CHALLENGE].secret[0].id == 1,
	       "one key of each kind");
	tap_ok(memcmp(k.secrets[KEYS_CHALLENGE].secret[0].b,
		      k.secrets[KEYS_RECEIPT].secret[0].b, 32) != 0,
	       "no two are the same");
	tap_ok(stat(in_folder("receipt/1.key"), &st) == 0 && (st.st_mode & 07777) == 0400 &&
		       st.st_size == 32,
	       "32 bytes, mode 0400");
	keys_drop(&k);
	tap_ok(keys_make(folder, &why) && loads(&k) && k.nears == 1,
	       "made again: left as it is");
	keys_drop(&k);
	tap_ok(keys_rotate(folder, KEYS_RECEIPT, name, &why) && strcmp(name, "2.key") == 0 &&
		       keys_rotate(folder, KEYS_EAR, name, &why) && loads(&k) &&
		       k.secrets[KEYS_RECEIPT].n == 2 && k.nears == 2,
	       "rotation adds one");
	keys_drop(&k);
}

static void run_refused(void)
{
	static const uint8_t b[33];

	write_key("challenge/9.key", b, 32, 0440, 1);
	refused("challenge/9.key", "others than its owner", "a key that its group may read");
	write_key("challenge/9.key", b, 32, 0404, 1);
	refused("challenge/9.key", "others than its owner", "a key that others may read");
	write_key("challenge/9.key", b, 33, 0400, 1);
	refused("challenge/9.key", "32 bytes", "33 bytes");
	write_key("challenge/9.key", b, 31, 0400, 1);
	refused("challenge/9.key", "32 bytes", "31 bytes");
	write_key("challenge/0.key", b, 32, 0400, 1);
	refused("challenge/0.key", "name", "id 0");
	write_key("challenge/256.key", b, 32, 0400, 1);
	refused("challenge/256.key", "name", "id 256");
	write_key("challenge/07.key", b, 32, 0400, 1);
	refused("challenge/07.key", "name", "a leading zero");
	write_key("challenge/notes.txt", b, 32, 0400, 1);
	refused("challenge/notes.txt", "name", "a file that is no key");
	write_key("ear/a.uri", "pkcs11:", 7, 0400, 1);
	refused("ear/a.uri", "name", "a result's key that is no PEM file");
	write_key("ear/a b.pem", b, 1, 0400, 1);
	refused("ear/a b.pem", "name", "a space in a kid");
	write_key("ear/a.pem", "x", 1, 0400, 1);
	refused("ear/a.pem", "PEM", "a result's key that is none");
	if (mkdir(in_folder("challenge/9.key"), 0700) != 0)
		abort();
	refused("", "regular", "a folder in a key's place");
	rmdir(in_folder("challenge/9.key"));
	for (int i = 100; i < 116; i++) {
		char name[32];
		snprintf(name, sizeof name, "cookie/%d.key", i);
		write_key(name, b, 32, 0400, 1);
	}
	refused("cookie/115.key", "more than 16", "seventeen keys");
	for (int i = 100; i < 115; i++) {
		char name[32];
		snprintf(name, sizeof name, "cookie/%d.key", i);
		unlink(in_folder(name));
	}
	write_key("challenge/.9.key", b, 1, 0444, 1);
	struct keys k;
	tap_ok(loads(&k), "a hidden name is passed over");
	keys_drop(&k);
}

static void run_maker(void)
{
	struct keys k = { .settle = 10 };
	struct keys_secrets *s = &k.secrets[KEYS_CHALLENGE];

	s->n = 3;
	s->since[0] = 100, s->since[1] = 120, s->since[2] = 110;
	tap_ok(keys_maker(&k, KEYS_CHALLENGE, 1000) == 1, "the youngest makes");
	tap_ok(keys_maker(&k, KEYS_CHALLENGE, 129) == 2, "not before it has settled");
	tap_ok(keys_maker(&k, KEYS_CHALLENGE, 130) == 1, "and from then on");
	tap_ok(keys_maker(&k, KEYS_CHALLENGE, 105) == 0, "none has settled: the oldest");
	tap_ok(keys_maker(&k, KEYS_CHALLENGE, 90) == 0, "from the future: the oldest");
	k.nears = 2;
	k.ear[0].since = 100, k.ear[1].since = 120;
	tap_ok(keys_maker(&k, KEYS_EAR, 129) == 0 && keys_maker(&k, KEYS_EAR, 130) == 1,
	       "so for results' keys");
}

static void run_full(void)
{
	static const uint8_t b[32];
	char name[KEYS_NAME_MAX], path[32];

	write_key("cookie/255.key", b, 32, 0400, 4000000000);
	tap_ok(keys_rotate(folder, KEYS_COOKIE, name, &why) && strcmp(name, "2.key") == 0,
	       "after 255 comes the next that is free");
	for (int i = 2; i < 256; i++) {
		snprintf(path, sizeof path, "cookie/%d.key", i);
		write_key(path, b, 32, 0400, 1);
	}
	tap_ok(!keys_rotate(folder, KEYS_COOKIE, name, &why), "no id is left");
}

int main(void)
{
	char command[128];

	snprintf(folder, sizeof folder, "/tmp/assay-keys-XXXXXX");
	crypto = assay_crypto_new(NULL, NULL);
	if (!mkdtemp(folder) || !crypto)
		return 1;
	strcat(folder, "/keys");
	run_make();
	run_refused();
	run_maker();
	run_full();
	tap_ok(keys_kind_by_word("ear") == KEYS_EAR && keys_kind_by_word("x") < 0, "words");
	*strrchr(folder, '/') = '\0';
	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (system(command) != 0)
		return 1;
	assay_crypto_free(crypto);
	return tap_done();
}
