/* SPDX-License-Identifier: Apache-2.0 */
#include "verifier/keys/folder.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool keys_name_secret(const char *name, uint8_t *id)
{
	unsigned v = 0;
	const char *p = name;

	if (*p < '1' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9' && v < 256; p++)
		v = 10 * v + (unsigned)(*p - '0');
	if (v > 255 || strcmp(p, ".key") != 0)
		return false;
	*id = (uint8_t)v;
	return true;
}

bool keys_name_ear(const char *name, char kid[KEYS_KID_MAX + 1])
{
	size_t n = strlen(name);

	if (n < 5 || n - 4 > KEYS_KID_MAX || strcmp(name + n - 4, ".pem") != 0)
		return false;
	for (size_t i = 0; i < n - 4; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
			return false;
	memcpy(kid, name, n - 4);
	kid[n - 4] = '\0';
	return true;
}

static bool failed(const char *path, struct platform_message *why)
{
	int problem = errno;

	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot read the keys in %s", path);
	platform_message_errno(why, problem);
	return false;
}

static int shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

bool keys_folder_walk(const char *folder, const char *kind, keys_folder_fn each, void *ctx,
		      struct platform_message *why)
{
	struct dirent **names = NULL;
	char path[4096], file[4096 + 256];
	bool ok = true;

	snprintf(path, sizeof path, "%s/%s", folder, kind);
	int n = scandir(path, &names, shown, versionsort);
	if (n < 0)
		return failed(path, why);
	for (int i = 0; i < n; i++) {
		snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
		ok = ok && each(ctx, file, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return ok;
}
