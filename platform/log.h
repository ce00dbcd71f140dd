/* SPDX-License-Identifier: Apache-2.0
 *
 * log - what a daemon tells its operator: one line on stderr for one event, with named fields.
 *
 *     platform_log(PLATFORM_LOG_INFO, "node is known", log_text("node", id), LOG_END);
 *
 * JSON when stderr is no terminal, else aligned text. Under systemd (JOURNAL_STREAM names this
 * stderr) each line begins with its priority, "<6>". All text is escaped: it may come from
 * anybody, and never makes a second line or a second field.
 *
 *   threads   any; a line is one write. The request id belongs to the thread that set it
 *   limits    a line has at most 4 KiB: text above it is cut, and "cut":true says so
 */
#pragma once
#include <assay/base.h>

/* The numbers are syslog's and journald's. */
enum platform_log_level {
	PLATFORM_LOG_ERROR = 3,
	PLATFORM_LOG_WARNING = 4,
	PLATFORM_LOG_NOTICE = 5,
	PLATFORM_LOG_INFO = 6,
	PLATFORM_LOG_DEBUG = 7,
};

struct platform_log_field {
	const char *name; /* a word of ours; NULL ends the list */
	const char *text; /* NULL: number */
	size_t n;         /* bytes of text */
	int64_t number;
};

#define LOG_END ((struct platform_log_field){ NULL, NULL, 0, 0 })
struct platform_log_field log_text(const char *name, const char *text); /* NULL: "" */
struct platform_log_field log_slice(const char *name, struct assay_slice text);
struct platform_log_field log_number(const char *name, int64_t number);

/* Before the first line: who speaks, and down to which level. Looks at stderr and the
 * environment once. Without it: "assay", down to INFO. */
void platform_log_open(const char *program, enum platform_log_level least);
/* A field "request" on each line of this thread from now on; NULL: none. Copied, cut to 63. */
void platform_log_request(const char *id);
/* fields end with LOG_END. */
void platform_log_fields(enum platform_log_level level, const char *message,
			 const struct platform_log_field *fields);
#define platform_log(level, message, ...)                                                      \
	platform_log_fields(level, message, (const struct platform_log_field[]){ __VA_ARGS__ })
/* For tests: the line that would be written, without a newline; its length. */
size_t platform_log_format(bool json, enum platform_log_level level, const char *message,
			   const struct platform_log_field *fields, char *out, size_t cap);
