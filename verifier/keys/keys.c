/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/keys/keys.h"

#include "platform/file.h"
#include "verifier/keys/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const words[] = {
#define X(code, word) word,
	KEYS_KINDS(X)
#undef X
};

int keys_kind_by_word(const char *word)
{
	for (int i = 0; i < KEYS_KINDS_N; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	return -1;
}

const char *keys_kind_word(enum keys_kind kind)
{
	return words[kind];
}

struct loader {
	struct assay_crypto *crypto;
	struct keys *keys;
	enum keys_kind kind;
	struct platform_message *why;
};

static bool refuse(struct loader *l, const char *path, const char *because, const char *hint)
{
	*l->why = (struct platform_message){ 0 };
	platform_message_what(l->why, "cannot take the key %s", path);
	platform_message_why(l->why, "%s", because);
	platform_message_hint(l->why, "%s", hint);
	return false;
}

/* The file, when nobody but its owner may read it; *since is its mtime. */
static bool read_private(struct loader *l, const char *path, size_t limit,
			 struct assay_slice *out, uint64_t *since)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		*l->why = (struct platform_message){ 0 };
		platform_message_what(l->why, "cannot read %s", path);
		platform_message_errno(l->why, errno);
		return false;
	}
	if (!S_ISREG(st.st_mode))
		return refuse(l, path, "it is not a regular file", "");
	if (st.st_mode & 077)
		return refuse(l, path, "others than its owner may read or write it",
			      "chmod 0400 it; if others could read it, make a new one");
	*since = (uint64_t)st.st_mtim.tv_sec * 1000 + (uint64_t)st.st_mtim.tv_nsec / 1000000;
	return platform_file_read(path, limit, out, l->why);
}

static bool take_secret(struct loader *l, const char *path, uint8_t id)
{
	struct keys_secrets *s = &l->keys->secrets[l->kind];
	struct assay_slice file;
	uint64_t since;

	if (s->n == KEYS_SECRETS_MAX)
		return refuse(l, path, "there are more than 16", "remove the oldest");
	if (!read_private(l, path, 4096, &file, &since))
		return false;
	bool fits = file.n == sizeof s->secret->b;
	if (fits) {
		memcpy(s->secret[s->n].b, file.p, file.n);
		s->secret[s->n].id = id;
		s->since[s->n++] = since;
	}
	assay_secret_wipe((void *)(uintptr_t)file.p, file.n);
	platform_file_drop(&file);
	return fits || refuse(l, path, "it has not 32 bytes", "remove it and make another");
}

static bool take_ear(struct loader *l, const char *path, const char kid[KEYS_KID_MAX + 1])
{
	struct keys *k = l->keys;

	if (k->nears == KEYS_EARS_MAX)
		return refuse(l, path, "there are more than 16", "remove the oldest");
	struct keys_ear *ear = &k->ear[k->nears];
	if (!read_private(l, path, 64 * 1024, &ear->pem, &ear->since))
		return false;
	k->nears++; /* keys_drop wipes it from here on */
	memcpy(ear->kid, kid, sizeof ear->kid);
	struct assay_key *key = assay_key_pem(l->crypto, ear->pem, true);
	bool signs = key && assay_key_jose_alg(key);
	assay_key_free(key);
	return signs || refuse(l, path,
			       "it is not an unencrypted PEM private key of P-256, P-384 or "
			       "Ed25519",
			       "remove it and make another");
}

static bool take(void *ctx, const char *path, const char *name)
{
	struct loader *l = ctx;
	char kid[KEYS_KID_MAX + 1];
	uint8_t id;

	if (l->kind == KEYS_EAR && keys_name_ear(name, kid))
		return take_ear(l, path, kid);
	if (l->kind != KEYS_EAR && keys_name_secret(name, &id))
		return take_secret(l, path, id);
	return refuse(l, path,
		      l->kind == KEYS_EAR ? "its name is not KID.pem"
					  : "its name is not ID.key, ID from 1 to 255",
		      "move it elsewhere; nothing but keys may lie here");
}

static size_t count(const struct keys *k, enum keys_kind kind)
{
	return kind == KEYS_EAR ? k->nears : k->secrets[kind].n;
}

bool keys_load(struct assay_crypto *crypto, const char *folder, uint64_t settle,
	       struct keys *out, struct platform_message *why)
{
	struct keys keys = { .settle = settle };
	struct loader l = { crypto, &keys, KEYS_CHALLENGE, why };
	bool ok = true;

	for (int i = 0; ok && i < KEYS_KINDS_N; i++) {
		l.kind = (enum keys_kind)i;
		ok = keys_folder_walk(folder, words[i], take, &l, why);
		if (ok && count(&keys, l.kind) == 0)
			ok = refuse(&l, words[i], "there is none",
				    "`assayd --make-keys` makes a first set");
	}
	if (ok)
		*out = keys;
	else
		keys_drop(&keys);
	assay_secret_wipe(&keys, sizeof keys);
	return ok;
}

void keys_drop(struct keys *k)
{
	for (size_t i = 0; i < k->nears; i++) {
		assay_secret_wipe((void *)(uintptr_t)k->ear[i].pem.p, k->ear[i].pem.n);
		platform_file_drop(&k->ear[i].pem);
	}
	assay_secret_wipe(k, sizeof *k);
}

static uint64_t since(const struct keys *k, enum keys_kind kind, size_t i)
{
	return kind == KEYS_EAR ? k->ear[i].since : k->secrets[kind].since[i];
}

size_t keys_maker(const struct keys *k, enum keys_kind kind, uint64_t now)
{
	size_t youngest = 0, oldest = 0;
	bool settled = false;

	for (size_t i = 0; i < count(k, kind); i++) {
		uint64_t at = since(k, kind, i);
		if (at < since(k, kind, oldest))
			oldest = i;
		if (at > now || now - at < k->settle)
			continue;
		if (!settled || at >= since(k, kind, youngest))
			youngest = i;
		settled = true;
	}
	return settled ? youngest : oldest;
}
