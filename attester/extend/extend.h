/* SPDX-License-Identifier: Apache-2.0
 *
 * extend - measuring what firmware does not measure, in the log that systemd
 * keeps for user space: /run/log/systemd/tpm2-measure.log, a JSON text sequence
 * (RFC 7464) whose records are close to TCG's Canonical Event Log.
 *
 * Its rules, as in systemd's src/shared/tpm2-util.c, and where ours differ:
 *   - whoever writes holds an exclusive flock over log *and* PCR;
 *   - the file's sticky bit is set while a record is incomplete; a file found
 *     with it set was left by a writer that died, and nobody adds to it;
 *   - systemd extends first and logs after. Here the record is on disk before
 *     the PCR changes: a crash in between leaves a record too many, which
 *     the next extend completes, never a PCR that no log explains.
 */
#pragma once
#include "platform/message.h"

#include <assay/base.h>
#include <tss2/tss2_tpm2_types.h>

/* The open log; the lock is held until attester_userlog_close. */
struct attester_userlog {
	int fd;
	char path[4096];
	struct assay_slice bytes; /* what was in it when it was locked */
};

/* root: "" or the folder below which /run is. Makes the log when there is none. */
ASSAY_MUST_USE bool attester_userlog_open(struct attester_userlog *log, const char *root,
					  struct platform_message *why);
/* Adds a record and waits until it is on disk. string: UTF-8. After a failure the log is as
 * before. */
ASSAY_MUST_USE bool attester_userlog_append(struct attester_userlog *log, const char *root,
					    uint32_t pcr, const TPML_DIGEST_VALUES *digests,
					    const char *event_type, const char *string,
					    struct platform_message *why);
void attester_userlog_close(struct attester_userlog *log);

/* Digests of the file in each of the banks that assay computes (at least one,
 * else false), all over the same single pass of reading. */
ASSAY_MUST_USE bool attester_file_hash(const char *path, const TPML_PCR_SELECTION *banks,
				       TPML_DIGEST_VALUES *out, struct platform_message *why);
