/* SPDX-License-Identifier: Apache-2.0
 *
 * A key is written whole under a hidden name and then linked to its own: it never lies there in
 * part, and of two who make the same one the second fails. */
#include "platform/file.h"
#include "platform/hex.h"
#include "platform/random.h"
#include "verifier/keys/folder.h"

#include <errno.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool failed(struct platform_message *why, const char *path, int errnum)
{
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot make a key in %s", path);
	if (errnum)
		platform_message_errno(why, errnum);
	else
		platform_message_why(why, "OpenSSL gives no P-256");
	return false;
}

static bool make_folder(const char *path, struct platform_message *why)
{
	return mkdir(path, 0700) == 0 || errno == EEXIST || failed(why, path, errno);
}

static bool put_file(const char *folder, enum keys_kind kind, const char *name,
		     struct assay_slice bytes, struct platform_message *why)
{
	char hidden[4096], path[4096];

	snprintf(hidden, sizeof hidden, "%s/%s/.new-%s", folder, keys_kind_word(kind), name);
	if ((size_t)snprintf(path, sizeof path, "%s/%s/%s", folder, keys_kind_word(kind),
			     name) >= sizeof path - 8)
		return failed(why, folder, ENAMETOOLONG);
	if (!platform_file_write_atomic(hidden, bytes, 0400, why))
		return false;
	int problem = link(hidden, path) == 0 ? 0 : errno;
	unlink(hidden);
	return problem == 0 || failed(why, path, problem);
}

static bool make_secret(const char *folder, enum keys_kind kind, const char *name,
			struct platform_message *why)
{
	uint8_t b[ASSAY_AEAD_KEY];

	platform_random(b, sizeof b);
	bool ok = put_file(folder, kind, name, (struct assay_slice){ b, sizeof b }, why);
	assay_secret_wipe(b, sizeof b);
	return ok;
}

static bool make_ear(const char *folder, char name[KEYS_NAME_MAX], struct platform_message *why)
{
	uint8_t random[8];
	char kid[2 * sizeof random + 1];
	EVP_PKEY *key = EVP_EC_gen("P-256");
	BIO *bio = BIO_new(BIO_s_secmem());
	char *pem = NULL;
	bool ok = key && bio &&
		  PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;
	long n = ok ? BIO_get_mem_data(bio, &pem) : 0;

	if (n > 0) {
		platform_random(random, sizeof random);
		platform_hex_write((struct assay_slice){ random, sizeof random }, kid);
		snprintf(name, KEYS_NAME_MAX, "%s.pem", kid);
		ok = put_file(folder, KEYS_EAR, name,
			      (struct assay_slice){ (const uint8_t *)pem, (size_t)n }, why);
	} else {
		ok = failed(why, folder, 0);
	}
	BIO_free(bio);
	EVP_PKEY_free(key);
	return ok;
}

struct ids {
	bool taken[256];
	unsigned youngest; /* 0: none */
	struct timespec at;
	size_t n;
};

static bool note_id(void *ctx, const char *path, const char *name)
{
	struct ids *ids = ctx;
	struct stat st;
	uint8_t id;

	ids->n++;
	if (!keys_name_secret(name, &id) || stat(path, &st) != 0)
		return true;
	ids->taken[id] = true;
	bool younger =
		st.st_mtim.tv_sec > ids->at.tv_sec ||
		(st.st_mtim.tv_sec == ids->at.tv_sec && st.st_mtim.tv_nsec >= ids->at.tv_nsec);
	if (ids->youngest == 0 || younger) {
		ids->youngest = id;
		ids->at = st.st_mtim;
	}
	return true;
}

bool keys_rotate(const char *folder, enum keys_kind kind, char name[KEYS_NAME_MAX],
		 struct platform_message *why)
{
	struct ids ids = { 0 };
	unsigned id;

	if (kind == KEYS_EAR)
		return make_ear(folder, name, why);
	if (!keys_folder_walk(folder, keys_kind_word(kind), note_id, &ids, why))
		return false;
	for (unsigned i = 0; i < 255; i++) {
		id = (ids.youngest + i) % 255 + 1;
		if (ids.taken[id])
			continue;
		snprintf(name, KEYS_NAME_MAX, "%u.key", id);
		return make_secret(folder, kind, name, why);
	}
	return failed(why, folder, ENOSPC);
}

bool keys_make(const char *folder, struct platform_message *why)
{
	char name[KEYS_NAME_MAX], path[4096];

	if (!make_folder(folder, why))
		return false;
	for (int i = 0; i < KEYS_KINDS_N; i++) {
		enum keys_kind kind = (enum keys_kind)i;
		struct ids ids = { 0 };
		snprintf(path, sizeof path, "%s/%s", folder, keys_kind_word(kind));
		if (!make_folder(path, why) ||
		    !keys_folder_walk(folder, keys_kind_word(kind), note_id, &ids, why))
			return false;
		if (ids.n == 0 && !keys_rotate(folder, kind, name, why))
			return false;
	}
	return true;
}
