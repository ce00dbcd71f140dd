/* SPDX-License-Identifier: Apache-2.0
 *
 * secure_boot - the Secure Boot state, from what PCR 7 proves: variables whose
 * whole UEFI_VARIABLE_DATA the digest covers, before the separator. What comes
 * after the separator may come from anybody (TCG PFP 1.06, 3.3.4.8). */
#pragma once
#include "core/appraisal/judge.h"

struct secure_boot {
	unsigned seen[5]; /* SecureBoot, PK, KEK, db, dbx */
	bool measured;    /* an SbatLevel was */
	char sbat[16];    /* the date of the last one, "" when it has none */
};

/* One proven event of PCR 7. */
void secure_boot_event(struct judge *j, struct secure_boot *sb, const struct assay_event *ev,
		       const struct assay_event_facts *facts, bool after_separator);
/* At the log's end: what was never said, and the level. */
void secure_boot_end(struct judge *j, const struct secure_boot *sb);
