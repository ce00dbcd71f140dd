/* SPDX-License-Identifier: Apache-2.0
 * What assayd gives up: root, every capability but the port's, every path that its
 * configuration does not name, every system call that it has no use for. */
#include "platform/log.h"
#include "platform/sandbox.h"
#include "verifier/serve/serve.h"

#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

enum { PATHS_MAX = SETTINGS_REFS_MAX + 3 * SETTINGS_HOOKS_MAX + 32 };

struct paths {
	struct platform_sandbox_path path[PATHS_MAX + 1];
	char *owned[PATHS_MAX];
	size_t n, nowned;
};

static void add(struct paths *p, const char *path, enum platform_sandbox_may may)
{
	if (path && p->n < PATHS_MAX)
		p->path[p->n++] = (struct platform_sandbox_path){ path, may };
}

/* The folder of a file: a file that is replaced by rename is another one, and a rule for the
 * old one would not let it be read again. */
static void add_folder(struct paths *p, const char *file, enum platform_sandbox_may may)
{
	char *folder = file && p->nowned < PATHS_MAX ? strdup(file) : NULL;
	char *slash = folder ? strrchr(folder, '/') : NULL;

	if (!folder)
		return;
	if (!slash)
		folder[0] = '.', slash = folder;
	slash[slash == folder] = 0;
	p->owned[p->nowned++] = folder;
	add(p, folder, may);
}

/* What the C library, OpenSSL and libpq look at: names and addresses, the system's roots,
 * modules, time zones. */
static void add_system(struct paths *p)
{
	static const char *const read[] = { "/etc/hosts",
					    "/etc/resolv.conf",
					    "/etc/nsswitch.conf",
					    "/etc/host.conf",
					    "/etc/gai.conf",
					    "/etc/services",
					    "/etc/ssl",
					    "/etc/pki",
					    "/etc/crypto-policies",
					    "/etc/localtime",
					    "/usr/share/zoneinfo",
					    "/usr/share/ca-certificates",
					    "/usr/lib/ssl",
					    "/usr/lib",
					    "/lib",
					    "/lib64",
					    "/run/systemd/resolve",
					    "/etc/passwd",
					    "/dev/urandom",
					    "/etc/postgresql-common",
					    NULL };

	for (size_t i = 0; read[i] && p->n < PATHS_MAX; i++)
		add(p, read[i], strstr(read[i], "lib") ? PLATFORM_MAY_RUN : PLATFORM_MAY_READ);
}

static void collect(struct paths *p, const struct settings *s)
{
	static const char sqlite[] = "sqlite:";

	add_system(p);
	add_folder(p, s->http.cert, PLATFORM_MAY_READ);
	add_folder(p, s->http.key, PLATFORM_MAY_READ);
	add_folder(p, s->http.client_ca, PLATFORM_MAY_READ);
	add_folder(p, s->http.client_crl, PLATFORM_MAY_READ);
	add_folder(p, s->engine.policy, PLATFORM_MAY_READ);
	for (size_t i = 0; i < s->engine.nrefs; i++) {
		add(p, s->refs[i], PLATFORM_MAY_READ);
		add_folder(p, s->refs[i], PLATFORM_MAY_READ);
	}
	add(p, s->engine.ek_roots, PLATFORM_MAY_READ);
	/* the epoch of the database is noted there */
	add(p, s->engine.keys, PLATFORM_MAY_WRITE);
	if (strncmp(s->engine.store, sqlite, sizeof sqlite - 1) == 0)
		add_folder(p, s->engine.store + sizeof sqlite - 1, PLATFORM_MAY_WRITE);
	for (size_t i = 0; i < s->notify.nhooks; i++) {
		add_folder(p, s->hooks[i].secret_file, PLATFORM_MAY_READ);
		add_folder(p, s->hooks[i].ca, PLATFORM_MAY_READ);
	}
}

bool confine(const struct settings *s, struct platform_message *why)
{
	/* beside what platform's lists have: what SQLite and libpq do */
	static const char *const calls[] = {
		"fchmod",  "fchown",    "geteuid",  "lstat",      "mkdir",       "mkdirat",
		"rmdir",   "fallocate", "umask",    "getsockopt", "chmod",       "utimensat",
		"fstatfs", "statfs",    "flock",    "membarrier", "getcwd",      "msync",
		"writev",  "prlimit64", "sendfile", "fadvise64",  "getpeername", NULL
	};
	const char *all[64];
	size_t n = 0;
	bool port = s->http.listen_fd < 0 && s->http.port > 0 && s->http.port < 1024;
	bool enforced = false;
	struct paths p = { 0 };

	for (size_t i = 0; platform_sandbox_network[i] && n < 63; i++)
		all[n++] = platform_sandbox_network[i];
	for (size_t i = 0; calls[i] && n < 63; i++)
		all[n++] = calls[i];
	all[n] = NULL;
	if (!s->confine) {
		platform_log(
			PLATFORM_LOG_WARNING,
			"not confined: any file and any system call is open to this process",
			LOG_END);
		return platform_sandbox_user(s->user, port ? 1ULL << CAP_NET_BIND_SERVICE : 0,
					     why);
	}
	collect(&p, s);
	bool good =
		platform_sandbox_user(s->user, port ? 1ULL << CAP_NET_BIND_SERVICE : 0, why) &&
		platform_sandbox_files(p.path, &enforced, why) &&
		platform_sandbox_calls(all, why);
	for (size_t i = 0; i < p.nowned; i++)
		free(p.owned[i]);
	if (good && !enforced)
		platform_log(PLATFORM_LOG_WARNING,
			     "this kernel has no Landlock: files are not confined", LOG_END);
	return good;
}
