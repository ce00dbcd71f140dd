/* SPDX-License-Identifier: Apache-2.0
 * What the agent may still do once it has begun: read the kernel's lists, talk to the TPM and
 * to one server, write its state. */
#include "attester/agent/loop.h"
#include "platform/log.h"
#include "platform/sandbox.h"

#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATHS_MAX = 40, PATH = 640 };

struct paths {
	char text[PATHS_MAX][PATH];
	struct platform_sandbox_path list[PATHS_MAX + 1];
	size_t n;
};

static void may(struct paths *p, enum platform_sandbox_may what, const char *root,
		const char *path)
{
	if (p->n == PATHS_MAX || !*path)
		return;
	snprintf(p->text[p->n], PATH, "%s%s", root, path);
	p->list[p->n] = (struct platform_sandbox_path){ p->text[p->n], what };
	p->n++;
}

/* The folder that a file is made or removed in. */
static void may_beside(struct paths *p, const char *file)
{
	char folder[PATH];

	snprintf(folder, sizeof folder, "%s", file);
	char *slash = strrchr(folder, '/');
	if (!slash)
		return;
	slash[slash == folder] = '\0';
	may(p, PLATFORM_MAY_WRITE, "", folder);
}

/* Libraries that come as late as the TPM is opened, names, and certificates. */
static void may_system(struct paths *p)
{
	static const char *const read[] = {
		"/usr/lib",
		"/usr/lib64",
		"/usr/local/lib",
		"/lib",
		"/lib64",
		"/etc/ld.so.cache",
		"/etc/ssl",
		"/usr/share/ca-certificates",
		"/etc/resolv.conf",
		"/run/systemd/resolve",
		"/run/NetworkManager",
		"/run/resolvconf",
		"/etc/hosts",
		"/etc/host.conf",
		"/etc/nsswitch.conf",
		"/etc/gai.conf",
		"/etc/services",
		"/etc/localtime",
	};

	for (size_t i = 0; i < sizeof read / sizeof *read; i++)
		may(p, PLATFORM_MAY_READ, "", read[i]);
	may(p, PLATFORM_MAY_WRITE, "", "/dev");
}

static bool confine_files(const struct agent_config *c, struct platform_message *why)
{
	struct paths *p = calloc(1, sizeof *p);
	bool enforced = false, good = p != NULL;

	if (good) {
		may_system(p);
		may(p, PLATFORM_MAY_READ, c->root, "/sys/kernel/security");
		may(p, PLATFORM_MAY_READ, c->root, "/run/log/systemd");
		may(p, PLATFORM_MAY_READ, "", c->ca);
		may(p, PLATFORM_MAY_WRITE, "", c->state);
		may_beside(p, c->token);
		may_beside(p, c->socket);
		good = platform_sandbox_files(p->list, &enforced, why);
	}
	free(p);
	if (good && !enforced)
		platform_log(PLATFORM_LOG_NOTICE,
			     "this kernel has no Landlock: files are not confined", LOG_END);
	return good;
}

/* Beside the network's: whole files, the local socket, locks on systemd's log. */
static bool confine_calls(struct platform_message *why)
{
	static const char *const more[] = { "chmod",  "eventfd2", "fchmod", "flock",
					    "statfs", "truncate", "umask" };
	const char *names[96];
	size_t n = 0;

	while (n < 80 && platform_sandbox_network[n]) {
		names[n] = platform_sandbox_network[n];
		n++;
	}
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		names[n++] = more[i];
	names[n] = NULL;
	return platform_sandbox_calls(names, why);
}

bool agent_confine(const struct agent_config *c, struct platform_message *why)
{
	if (!c->sandbox)
		return true;
	/* securityfs is for root alone: this is the one privilege that stays */
	return platform_sandbox_user(c->user[0] ? c->user : NULL, 1ull << CAP_DAC_READ_SEARCH,
				     why) &&
	       confine_files(c, why) && confine_calls(why);
}
