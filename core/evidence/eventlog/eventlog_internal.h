/* SPDX-License-Identifier: Apache-2.0
 *
 * eventlog_internal - what the files of this room share. */
#pragma once
#include "core/base/cursor.h"
#include "core/base/slice.h"
#include <assay/evidence/eventlog.h>

#define SPECID_NAME "Spec ID Event"
#define STARTUP_LOCALITY_NAME "StartupLocality" /* and its NUL: 16 bytes */

/* Fixed part of a TCG_PCR_EVENT: pcrIndex, eventType, digest[20], eventSize. */
enum { PCR_EVENT_FIXED = 32, SHA1_SIZE = 20, STARTUP_LOCALITY_SIZE = 17 };

/* specid.c: reads the first record, an event_is_specid(), into log. */
ASSAY_MUST_USE bool specid_read(struct assay_eventlog *log, const struct assay_event *ev);

/* eventlog.c: true for an EV_NO_ACTION that says it is a SpecID event. */
bool event_is_specid(const struct assay_event *ev);
/* Index in log->algs; log->nalgs when it is not there. */
size_t eventlog_alg_index(const struct assay_eventlog *log, uint16_t alg);

/* replay.c: what the whole log says about PCR 0's start, without hashing. */
struct startup_scan {
	struct assay_startup startup;
	size_t stated_index; /* the record honoured, SIZE_MAX when none */
	size_t hcrtms;       /* EV_EFI_HCRTM_EVENT records */
};
ASSAY_MUST_USE bool startup_scan(struct assay_slice in, struct startup_scan *out,
				 struct assay_err *err);

/* shapes.c: structures inside event data. Each reads strictly (everything
 * must be consumed) and writes *out only on success. */
bool shape_variable(struct assay_slice data, struct assay_variable *out);
/* The same with five bytes behind it, as old shim hashed it. */
bool shape_variable_shim(struct assay_slice data, struct assay_variable *out);
bool shape_image(struct assay_slice data, struct assay_slice *path);
ASSAY_MUST_USE bool shape_tag(struct assay_slice data, uint32_t *id, struct assay_slice *text);
/* What stands before and behind the first ": ", the latter without its
 * trailing NUL. */
ASSAY_MUST_USE bool shape_prefixed(struct assay_slice data, struct assay_slice *word,
				   struct assay_slice *rest);
/* Letters, digits and '_', as the prefixes of GRUB and Xen are. */
bool shape_is_word(struct assay_slice s);
/* Printable ASCII or UTF-8 without a NUL; empty counts. */
bool shape_is_text(struct assay_slice s);
/* UTF-16LE without a control character; empty does not count. */
bool shape_is_utf16(struct assay_slice s);
/* A string that PFP names for EV_EFI_ACTION or EV_ACTION. */
bool shape_is_action(struct assay_slice s);

/* separators.c: PFP 1.06, 10.4.1, EV_SEPARATOR: told by the digest alone. */
enum separator {
	SEPARATOR_NONE,
	SEPARATOR_ZERO,  /* H(00000000) */
	SEPARATOR_ONES,  /* H(ffffffff) */
	SEPARATOR_ERROR, /* H(01000000): firmware met an error */
};
enum separator separator_by_digest(uint16_t alg, struct assay_slice digest);
