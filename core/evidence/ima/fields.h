/* SPDX-License-Identifier: Apache-2.0
 *
 * fields - templates and their fields (ima_template.c, ima_template_lib.c of
 * Linux 6.12). One line per field: how it looks in an ASCII list follows from
 * its form.
 */
#pragma once
#include <assay/evidence/ima.h>

#include "core/base/cursor.h"

/* field of template data, its name in a descriptor, its form */
#define IMA_FIELDS(X)                                                                          \
	X(D, "d", HEX)                                                                         \
	X(N, "n", TEXT)                                                                        \
	X(D_NG, "d-ng", ALG_HEX)                                                               \
	X(N_NG, "n-ng", TEXT)                                                                  \
	X(D_NGV2, "d-ngv2", ALG_HEX)                                                           \
	X(SIG, "sig", HEX)                                                                     \
	X(BUF, "buf", HEX)                                                                     \
	X(D_MODSIG, "d-modsig", ALG_HEX)                                                       \
	X(MODSIG, "modsig", HEX)                                                               \
	X(EVMSIG, "evmsig", HEX)                                                               \
	X(IUID, "iuid", UINT32)                                                                \
	X(IGID, "igid", UINT32)                                                                \
	X(IMODE, "imode", UINT16)                                                              \
	X(XATTRNAMES, "xattrnames", TEXT_OR_NONE)                                              \
	X(XATTRLENGTHS, "xattrlengths", HEX)                                                   \
	X(XATTRVALUES, "xattrvalues", HEX)

enum ima_field {
#define X(code, id, form) IMA_##code,
	IMA_FIELDS(X)
#undef X
		IMA_FIELDS_N
};

enum ima_form {
	FORM_HEX,
	FORM_ALG_HEX,
	FORM_TEXT,
	FORM_TEXT_OR_NONE,
	FORM_UINT32,
	FORM_UINT16
};

enum { IMA_LEGACY_DIGEST = 20, IMA_LEGACY_NAME_MAX = 255 };

const char *ima_field_id(enum ima_field field); /* "d-ng" */
enum ima_form ima_field_form(enum ima_field field);

/* Puts the fields of the template called name into ima->fields. False when
 * assay does not read it: unknown, or not exactly one digest and one name. */
ASSAY_MUST_USE bool ima_template_find(struct assay_ima *ima, struct assay_slice name);
/* The template found has something else in front of its digest and its name. */
bool ima_template_loose(const struct assay_ima *ima);
/* Template "ima", whose data has no lengths. */
bool ima_template_legacy(struct assay_slice name);

/* Reads all of value as the content of one field; faults latch at its start. */
void ima_field_read(enum ima_field field, struct cur *value, struct assay_ima_entry *e);

/* The next line of an ASCII list: fills *e and moves *ima only on success. */
ASSAY_MUST_USE bool ima_ascii_next(struct assay_ima *ima, struct assay_ima_entry *out);
