/* SPDX-License-Identifier: Apache-2.0
 *
 * userlog - reads systemd's log of user space measurements, tpm2-measure.log.
 * A JSON text sequence (RFC 7464); one record, one line:
 *
 *     RS {"pcr":N, "digests":[{"hashAlg":NAME,"digest":HEX}...],
 *         "content_type":"systemd", "content":{"eventType":..,"string":..,...}} LF
 *
 * Stricter than systemd's own reader: no bytes before the first RS, every record
 * ends in LF and holds no other, no key twice, one digest per algorithm and of
 * that algorithm's size. As there: algorithms that assay does not compute
 * are skipped, and so are keys that it does not know. A record with an
 * "nv_index" in place of "pcr" extends an NV index and no PCR: it is skipped.
 *
 *   ownership  userlog_drop; the events' slices point into it
 */
#pragma once
#include "platform/message.h"

#include <assay/evidence/bundle.h>

struct userlog {
	struct assay_user_event *events;
	size_t n;
	uint8_t *text; /* what the slices point to */
};

/* Where a log is malformed, for callers that report {fault, field, offset}. */
struct userlog_fault {
	enum assay_fault fault;
	const char *field; /* "digests[].digest" */
	size_t line;       /* 1 is the first record */
	size_t offset;     /* of that record, from the log's start */
};

/* An empty log has no events. False otherwise with *why (the record by its line) and,
 * when not NULL, *fault filled, *out untouched. */
ASSAY_MUST_USE bool userlog_read(struct assay_slice file, struct userlog *out,
				 struct userlog_fault *fault, struct platform_message *why);
void userlog_drop(struct userlog *log);
