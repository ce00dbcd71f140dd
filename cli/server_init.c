/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/server_init.h"

#include "platform/file.h"
#include "verifier/keys/keys.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MADE = SERVER_PATH_MAX + 16, FULL = SERVER_PATH_MAX + 64 };

static const struct {
	const char *name;
	mode_t mode;
	bool assayd; /* assayd's to read, and to write where it must */
} folders[] = {
	{ "keys", 0700, true },       { "tls", 0700, true },      { "data", 0700, true },
	{ "references", 0755, true }, { "ek-roots", 0755, true }, { "ca", 0700, false },
	{ "clients", 0700, false },
};

static bool failed(struct platform_message *why, const char *what, const char *path, int errnum)
{
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "%s %s", what, path);
	platform_message_errno(why, errnum);
	return false;
}

static bool copy(const char *dir, const char *from, const char *to,
		 struct platform_message *why)
{
	char a[FULL], b[FULL];
	struct assay_slice file = { 0 };

	snprintf(a, sizeof a, "%s/%s", dir, from);
	snprintf(b, sizeof b, "%s/%s", dir, to);
	bool good = platform_file_read(a, 1024 * 1024, &file, why) &&
		    platform_file_write_atomic(b, file, 0444, why);
	platform_file_drop(&file);
	return good;
}

static bool make_folders(const char *dir, struct platform_message *why)
{
	char path[FULL];

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, folders[i].name);
		if (mkdir(path, folders[i].mode) != 0 || chmod(path, folders[i].mode) != 0)
			return failed(why, "cannot make", path, errno);
	}
	return true;
}

/* assayd refuses a folder without a file: a mistyped path must not look like knowing nothing.
 */
static bool make_references(const char *dir, struct platform_message *why)
{
	static const char text[] =
		"# Nothing is known yet. Beside this file: assay refs learn BUNDLE --ak KEY -o "
		"NAME.jsonl\n";
	char path[FULL];

	snprintf(path, sizeof path, "%s/references/none.jsonl", dir);
	return platform_file_write_atomic(
		path, (struct assay_slice){ (const uint8_t *)text, sizeof text - 1 }, 0644,
		why);
}

static void server_url(const struct server_init *in, char *out, size_t cap)
{
	unsigned char ip[16];
	bool six = inet_pton(AF_INET6, in->hosts.item[0], ip) == 1;

	snprintf(out, cap, "https://%s%s%s:%u", six ? "[" : "", in->hosts.item[0],
		 six ? "]" : "", in->port);
}

bool server_client_make(const char *dir, const char *url, const struct server_client *client,
			const char *settings, struct platform_message *why)
{
	const struct pki_wanted wanted = { client->name, client->role, NULL, client->days };
	char ca[FULL], path[FULL + 256], yaml[FULL + 256];

	snprintf(ca, sizeof ca, "%s/ca/ca", dir);
	snprintf(path, sizeof path, "%s/clients/%s.pem", dir, client->name);
	if (access(path, F_OK) == 0)
		return failed(why, "will not replace", path, EEXIST);
	path[strlen(path) - strlen(".pem")] = '\0';
	if (!pki_make(ca, path, &wanted, why))
		return false;
	if (settings) {
		snprintf(yaml, sizeof yaml, "%s/%s", dir, settings);
		return server_text_client(yaml, url, "clients/", client->name, why);
	}
	snprintf(yaml, sizeof yaml, "%s.yaml", path);
	return server_text_client(yaml, url, "", client->name, why);
}

static bool make_certificates(const char *dir, const struct server_init *in,
			      struct platform_message *why)
{
	const struct pki_wanted server = { in->hosts.item[0], NULL, &in->hosts, PKI_DAYS };
	const struct server_client operator= { "operator", "operator", PKI_DAYS };
	char ca[FULL], path[FULL], url[512], name[300];

	snprintf(ca, sizeof ca, "%s/ca/ca", dir);
	snprintf(path, sizeof path, "%s/tls/server", dir);
	snprintf(name, sizeof name, "assay CA of %.40s", in->hosts.item[0]);
	server_url(in, url, sizeof url);
	return pki_make_ca(ca, name, why) && copy(dir, "ca/ca.pem", "tls/ca.pem", why) &&
	       copy(dir, "ca/ca.pem", "clients/ca.pem", why) &&
	       pki_make(ca, path, &server, why) &&
	       server_client_make(dir, url, &operator, "client.yaml", why);
}

static uid_t give_uid;
static gid_t give_gid;

static int give_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return lchown(path, give_uid, give_gid) == 0 ? 0 : errno;
}

/* To the user that assayd is: its own files, and neither the CA's key nor the operator's. */
static bool give(const char *dir, const char *user, struct platform_message *why)
{
	char path[FULL];

	errno = 0;
	const struct passwd *who = getpwnam(user);
	if (!who)
		return failed(why, "there is no user", user, errno ? errno : ENOENT);
	give_uid = who->pw_uid;
	give_gid = who->pw_gid;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, folders[i].name);
		int problem = folders[i].assayd ? nftw(path, give_one, 8, FTW_PHYS) : 0;
		if (problem != 0)
			return failed(why, "cannot give away", path,
				      problem > 0 ? problem : errno);
	}
	snprintf(path, sizeof path, "%s/assayd.yaml", dir);
	if (lchown(path, give_uid, give_gid) != 0 || chmod(dir, 0755) != 0)
		return failed(why, "cannot give away", path, errno);
	return true;
}

static bool fill(const char *dir, const struct server_init *in, struct platform_message *why)
{
	char keys[FULL], yaml[FULL];

	snprintf(keys, sizeof keys, "%s/keys", dir);
	snprintf(yaml, sizeof yaml, "%s/assayd.yaml", dir);
	return make_folders(dir, why) && make_references(dir, why) && keys_make(keys, why) &&
	       make_certificates(dir, in, why) && server_text_assayd(yaml, in, why) &&
	       (!in->user || give(dir, in->user, why));
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

/* rename() itself refuses a folder that is not empty, and what is no folder. */
static bool put(const char *made, const char *dir, struct platform_message *why)
{
	if (rename(made, dir) == 0)
		return true;
	failed(why, "cannot make", dir, errno);
	if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
		platform_message_hint(why,
				      "it is there, and is not replaced: take another name, "
				      "or remove it");
	return false;
}

static bool is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return d && n <= 2; /* itself and the one above */
}

static bool is_free(const char *dir, struct platform_message *why)
{
	struct stat st;

	if (lstat(dir, &st) != 0 || (S_ISDIR(st.st_mode) && is_empty(dir)))
		return true;
	failed(why, "cannot make", dir, EEXIST);
	platform_message_hint(
		why, "it is not replaced: take another name, or `assay server "
		     "rotate` and `assay server cert` for one more key or certificate");
	return false;
}

bool server_init_make(const struct server_init *in, struct platform_message *why)
{
	char made[MADE];

	if (!is_free(in->dir, why))
		return false;
	snprintf(made, sizeof made, "%s.new-XXXXXX", in->dir);
	if (!mkdtemp(made))
		return failed(why, "cannot make", made, errno);
	if (fill(made, in, why) && put(made, in->dir, why))
		return true;
	nftw(made, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return false;
}
