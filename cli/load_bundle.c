/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/exit.h"
#include "cli/load.h"
#include "platform/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* An infrastructure error is never a verdict, nor the fault of the bundle. */
static int status_of(enum assay_fault fault)
{
	return fault == ASSAY_F_CRYPTO || fault == ASSAY_F_MEMORY ? EXIT_ENVIRONMENT
								  : EXIT_MALFORMED;
}

void load_malformed(struct load_error *e, const char *path, const struct assay_err *err)
{
	*e = (struct load_error){ .status = status_of(err->fault), .err = *err };
	platform_message_what(&e->why, "cannot appraise %s", path);
	platform_message_why(&e->why, "%s%s%s: %s (%s at offset %zu)",
			     err->artefact ? err->artefact : "", err->artefact ? ": " : "",
			     assay_fault_word(err->fault), assay_fault_text(err->fault),
			     err->field ? err->field : "?", err->offset);
	platform_message_hint(&e->why, "`assay inspect` shows what can be read of it");
}

static size_t part_limit(enum assay_part part)
{
	switch (part) {
	case ASSAY_PART_EVENTLOG:
	case ASSAY_PART_USERSPACE_LOG:
		return ASSAY_LOG_MAX;
	case ASSAY_PART_IMA_BINARY:
	case ASSAY_PART_IMA_ASCII:
		return ASSAY_IMA_MAX;
	default:
		return 64 * 1024;
	}
}

/* A folder may come from the machine that is judged: a pipe in it would wait for ever. */
static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static bool load_folder(const char *path, struct loaded_bundle *b, struct load_error *e)
{
	for (int i = 0; i < ASSAY_PARTS_N; i++) {
		enum assay_part part = (enum assay_part)i;
		char name[4096];
		int n = snprintf(name, sizeof name, "%s/%s", path, assay_part_name(part));
		if (n < 0 || (size_t)n >= sizeof name) {
			platform_message_what(&e->why, "cannot read %s", path);
			platform_message_errno(&e->why, ENAMETOOLONG);
			return false;
		}
		if (is_special(name)) {
			e->status = EXIT_MALFORMED;
			platform_message_what(&e->why, "cannot read %s", name);
			platform_message_why(&e->why, "it is not a regular file");
			return false;
		}
		if (platform_file_read(name, part_limit(part), &b->owned[i], &e->why)) {
			b->bundle.present[i] = true;
			b->bundle.part[i] = b->owned[i];
		} else if (e->why.errnum != ENOENT) {
			e->status = e->why.errnum == EFBIG ? EXIT_MALFORMED : EXIT_ENVIRONMENT;
			return false;
		}
	}
	return true;
}

static bool load_file(const char *path, struct loaded_bundle *b, struct load_error *e)
{
	struct assay_slice *whole = &b->owned[ASSAY_PARTS_N];
	struct assay_err err;

	if (!platform_file_read(path, (size_t)ASSAY_IMA_MAX + 4 * (size_t)ASSAY_LOG_MAX, whole,
				&e->why)) {
		e->status = e->why.errnum == EFBIG ? EXIT_MALFORMED : EXIT_ENVIRONMENT;
		return false;
	}
	if (!assay_bundle_read(*whole, &b->bundle, &err)) {
		load_malformed(e, path, &err);
		return false;
	}
	return true;
}

static bool load_userlog(struct loaded_bundle *b, struct load_error *e)
{
	struct userlog_fault fault;

	if (userlog_read(b->bundle.part[ASSAY_PART_USERSPACE_LOG], &b->user, &fault, &e->why))
		return true;
	e->status = status_of(fault.fault);
	e->err = (struct assay_err){ fault.fault, fault.field, fault.offset,
				     assay_part_name(ASSAY_PART_USERSPACE_LOG) };
	return false;
}

bool load_bundle(const char *path, struct loaded_bundle *out, struct load_error *e)
{
	struct loaded_bundle b = { 0 };

	*e = (struct load_error){ .status = EXIT_ENVIRONMENT };
	bool ok = platform_is_folder(path) ? load_folder(path, &b, e) : load_file(path, &b, e);
	if (ok && b.bundle.present[ASSAY_PART_USERSPACE_LOG])
		ok = load_userlog(&b, e);
	if (!ok) {
		load_bundle_drop(&b);
		return false;
	}
	*out = b;
	return true;
}

void load_bundle_drop(struct loaded_bundle *b)
{
	for (size_t i = 0; i < sizeof b->owned / sizeof *b->owned; i++)
		platform_file_drop(&b->owned[i]);
	userlog_drop(&b->user);
	*b = (struct loaded_bundle){ 0 };
}

bool load_ak(struct assay_crypto *crypto, const char *path, struct loaded_ak *out,
	     struct load_error *e)
{
	struct loaded_ak ak = { 0 };
	struct assay_err err;

	*e = (struct load_error){ .status = EXIT_ENVIRONMENT };
	if (!platform_file_read(path, 64 * 1024, &ak.file, &e->why))
		return false;
	if (!assay_ak_read(crypto, ak.file, &ak.ak, &err)) {
		platform_file_drop(&ak.file);
		load_malformed(e, path, &err);
		return false;
	}
	*out = ak;
	return true;
}

void load_ak_drop(struct loaded_ak *ak)
{
	assay_key_free(ak->ak.key);
	platform_file_drop(&ak->file);
	*ak = (struct loaded_ak){ 0 };
}
