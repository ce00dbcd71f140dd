/* SPDX-License-Identifier: Apache-2.0
 *
 * Roots and intermediates from a folder. PEM is taken apart here, so that what stands between
 * the lines goes to the core as it is: vendors' certificates are not all strict DER. */
#include "platform/base64.h"
#include "platform/file.h"
#include "verifier/enrol/enrol.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 4 * 1024 * 1024 };

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

struct load {
	struct assay_anchors *anchors;
	enum assay_anchor kind;
	const char *path; /* of the file */
	size_t n;
	struct platform_message *why;
};

static bool refuse(struct load *l, const char *why)
{
	platform_message_what(l->why, "cannot take %s as a root", l->path);
	platform_message_why(l->why, "%s", why);
	platform_message_hint(l->why, "a file holds certificates in PEM, or one in DER");
	return false;
}

static bool add(struct load *l, struct assay_slice der)
{
	struct assay_err err;

	if (!assay_anchors_add(l->anchors, l->kind, der, &err))
		return refuse(l, assay_fault_text(err.fault));
	l->n++;
	return true;
}

static bool add_pem(struct load *l, const char *text)
{
	uint8_t *der = malloc(ASSAY_CERT_MAX);
	bool ok = der != NULL;

	for (const char *at = text; ok && (at = strstr(at, BEGIN)) != NULL;) {
		size_t n = 0;
		at += sizeof BEGIN - 1;
		const char *end = strstr(at, END);
		struct assay_slice body = { (const uint8_t *)at, end ? (size_t)(end - at) : 0 };

		if (!end ||
		    !platform_base64_read(PLATFORM_BASE64, body, der, ASSAY_CERT_MAX, &n))
			ok = refuse(l, "its PEM is broken");
		else
			ok = add(l, (struct assay_slice){ der, n });
	}
	free(der);
	return ok;
}

static bool add_file(struct load *l)
{
	struct assay_slice file;

	if (!platform_file_read(l->path, FILE_MAX, &file, l->why))
		return false;
	/* one zero byte follows a file that was read */
	const char *text = (const char *)file.p;
	bool pem = strlen(text) == file.n && strstr(text, BEGIN);
	bool ok = pem ? add_pem(l, text) : add(l, file);
	platform_file_drop(&file);
	return ok;
}

/* False when the folder cannot be opened: *why is filled unless it may be missing. */
static bool add_folder(struct load *l, const char *folder, bool may_miss)
{
	DIR *dir = opendir(folder);
	bool ok = true;

	if (!dir && may_miss)
		return true;
	if (!dir) {
		platform_message_what(l->why, "cannot read the folder of roots %s", folder);
		platform_message_errno(l->why, errno);
		return false;
	}
	for (const struct dirent *e; ok && (e = readdir(dir)) != NULL;) {
		char path[4096];
		int n = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);

		if (e->d_name[0] == '.' || n < 0 || (size_t)n >= sizeof path ||
		    platform_is_folder(path))
			continue;
		l->path = path;
		ok = add_file(l);
		l->path = NULL;
	}
	closedir(dir);
	return ok;
}

struct assay_anchors *enrol_anchors_load(struct assay_crypto *crypto, const char *folder,
					 size_t *n, struct platform_message *why)
{
	struct load l = { .anchors = assay_anchors_new(crypto), .why = why };
	char inner[4096];
	bool ok = l.anchors != NULL;

	if (!ok) {
		platform_message_what(why, "cannot hold roots of EK certificates");
		platform_message_why(why, "out of memory");
	}
	if (ok && folder) {
		l.kind = ASSAY_ANCHOR_ROOT;
		ok = add_folder(&l, folder, false);
		l.kind = ASSAY_ANCHOR_INTERMEDIATE;
		snprintf(inner, sizeof inner, "%s/intermediates", folder);
		ok = ok && add_folder(&l, inner, true);
	}
	if (!ok) {
		assay_anchors_free(l.anchors);
		return NULL;
	}
	*n = l.n;
	return l.anchors;
}
