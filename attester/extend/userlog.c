/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/extend/extend.h"

#include "platform/file.h"
#include "platform/hex.h"

#include <assay/crypto.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOG_MAX = 16 * 1024 * 1024, RECORD_SEPARATOR = 0x1e };

static bool fail(struct attester_userlog *log, int problem, struct platform_message *why)
{
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot use the log %s", log->path);
	platform_message_errno(why, problem);
	if (problem == ESTALE) {
		platform_message_why(why, "a writer died while it added a record");
		platform_message_hint(why, "what was measured cannot be told any more: reboot");
	}
	attester_userlog_close(log);
	return false;
}

static void make_parents(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0755); /* what matters is whether the file opens */
		*slash = '/';
	}
}

/* Locked, regular, complete: 0, else an errno. */
static int lock(int fd)
{
	struct stat st;

	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return errno;
	if (fstat(fd, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EINVAL;
	if (st.st_size > LOG_MAX)
		return EFBIG;
	return st.st_mode & S_ISVTX ? ESTALE : 0;
}

static int read_back(int fd, struct assay_slice *out)
{
	uint8_t *p = malloc(LOG_MAX);
	size_t n = 0;
	ssize_t got = 1;

	if (!p)
		return ENOMEM;
	while (got > 0 && n < LOG_MAX) {
		got = pread(fd, p + n, LOG_MAX - n, (off_t)n);
		if (got > 0)
			n += (size_t)got;
	}
	int problem = got < 0 ? errno : 0;
	if (problem)
		free(p);
	else
		*out = (struct assay_slice){ p, n };
	return problem;
}

bool attester_userlog_open(struct attester_userlog *log, const char *root,
			   struct platform_message *why)
{
	*log = (struct attester_userlog){ .fd = -1 };
	int n = snprintf(log->path, sizeof log->path, "%s/run/log/systemd/tpm2-measure.log",
			 root);
	if ((size_t)n >= sizeof log->path)
		return fail(log, ENAMETOOLONG, why);
	make_parents(log->path);
	/* 0600, although nothing in it is secret: whoever could open it could lock it */
	log->fd = open(log->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0600);
	int problem = log->fd < 0 ? errno : lock(log->fd);
	if (!problem)
		problem = read_back(log->fd, &log->bytes);
	return problem ? fail(log, problem, why) : true;
}

void attester_userlog_close(struct attester_userlog *log)
{
	platform_file_drop(&log->bytes);
	if (log->fd >= 0)
		close(log->fd); /* and with it the lock */
	log->fd = -1;
}

static json_t *digest_list(const TPML_DIGEST_VALUES *digests)
{
	json_t *list = json_array();

	for (size_t i = 0; i < digests->count; i++) {
		const TPMT_HA *ha = &digests->digests[i];
		char hex[2 * ASSAY_DIGEST_MAX + 1];

		platform_hex_write((struct assay_slice){ (const uint8_t *)&ha->digest,
							 assay_alg_size(ha->hashAlg) },
				   hex);
		json_array_append_new(list,
				      json_pack("{s:s, s:s}", "hashAlg",
						assay_alg_name(ha->hashAlg), "digest", hex));
	}
	return list;
}

/* The boot's id as systemd writes it, without dashes; NULL when it is not known. */
static json_t *boot_id(const char *root)
{
	char path[4096], id[33];
	struct platform_message ignored;
	struct assay_slice text;
	size_t n = 0;

	snprintf(path, sizeof path, "%s/proc/sys/kernel/random/boot_id", root);
	if (!platform_file_read(path, 64, &text, &ignored))
		return NULL;
	for (size_t i = 0; i < text.n && n < sizeof id - 1; i++)
		if (strchr("0123456789abcdef", text.p[i]) && text.p[i])
			id[n++] = (char)text.p[i];
	platform_file_drop(&text);
	id[n] = '\0';
	return n == sizeof id - 1 ? json_string(id) : NULL;
}

/* RS, JSON, LF in malloced memory; NULL when string is not UTF-8 or memory is short. */
static char *record_text(const char *root, uint32_t pcr, const TPML_DIGEST_VALUES *digests,
			 const char *event_type, const char *string)
{
	struct timespec now = { 0 };
	char *text = NULL, *out = NULL;

	clock_gettime(CLOCK_BOOTTIME, &now);
	json_int_t usec = (json_int_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	json_t *record = json_pack(
		"{s:I, s:o, s:s, s:{s:s, s:o*, s:I, s:s}}", "pcr", (json_int_t)pcr, "digests",
		digest_list(digests), "content_type", "systemd", "content", "string", string,
		"bootId", boot_id(root), "timestamp", usec, "eventType", event_type);
	if (record)
		text = json_dumps(record, JSON_COMPACT);
	if (text && asprintf(&out, "%c%s\n", RECORD_SEPARATOR, text) < 0)
		out = NULL;
	free(text);
	json_decref(record);
	return out;
}

/* 0 when the record is on disk; else an errno, and the log as it was. */
static int append(int fd, const char *text)
{
	off_t end = lseek(fd, 0, SEEK_END);

	if (end < 0 || fchmod(fd, 0600 | S_ISVTX) < 0)
		return errno;
	int problem = platform_fd_write(fd, text, strlen(text)) && fsync(fd) == 0 ? 0 : errno;
	if (problem && ftruncate(fd, end) < 0)
		return problem; /* the sticky bit stays: nobody adds to a torn record */
	if ((fchmod(fd, 0600) < 0 || fsync(fd) < 0) && !problem)
		problem = errno;
	return problem;
}

bool attester_userlog_append(struct attester_userlog *log, const char *root, uint32_t pcr,
			     const TPML_DIGEST_VALUES *digests, const char *event_type,
			     const char *string, struct platform_message *why)
{
	char *text = record_text(root, pcr, digests, event_type, string);
	int problem = text ? append(log->fd, text) : 0;

	if (text && !problem) {
		free(text);
		return true;
	}
	*why = (struct platform_message){ 0 };
	platform_message_what(why, "cannot add to %s", log->path);
	if (problem)
		platform_message_errno(why, problem);
	else
		platform_message_why(why, "the file's name is not UTF-8");
	free(text);
	return false;
}
