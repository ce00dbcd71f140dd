/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 4096, TAIL = 16 };

/* Written once by platform_log_open, before there are threads. */
static struct {
	char program[32];
	enum platform_log_level least;
	bool json, priority;
} log_to = { "assay", PLATFORM_LOG_INFO, true, false };
static _Thread_local char request[64];

struct platform_log_field log_slice(const char *name, struct assay_slice text)
{
	return (struct platform_log_field){ name, text.p ? (const char *)text.p : "", text.n,
					    0 };
}

struct platform_log_field log_text(const char *name, const char *text)
{
	return (struct platform_log_field){ name, text ? text : "", text ? strlen(text) : 0,
					    0 };
}

struct platform_log_field log_number(const char *name, int64_t number)
{
	return (struct platform_log_field){ name, NULL, 0, number };
}

/* JOURNAL_STREAM is "device:inode" of the socket that systemd gave; another stderr, put there
 * since by a shell, wants no priorities. */
static bool journal(void)
{
	const char *named = getenv("JOURNAL_STREAM"); // NOLINT(concurrency-mt-unsafe): at start
	unsigned long device, inode;
	struct stat s;

	return named &&
	       sscanf(named, "%lu:%lu", &device, &inode) == 2 && // NOLINT(cert-err34-c)
	       fstat(STDERR_FILENO, &s) == 0 && s.st_dev == device && s.st_ino == inode;
}

void platform_log_open(const char *program, enum platform_log_level least)
{
	snprintf(log_to.program, sizeof(log_to.program), "%s", program);
	log_to.least = least;
	log_to.json = !isatty(STDERR_FILENO);
	log_to.priority = journal();
}

void platform_log_request(const char *id)
{
	snprintf(request, sizeof(request), "%s", id ? id : "");
}

struct line {
	char *p;
	size_t n, cap; /* cap leaves room for the tail */
	bool cut;
};

static void add(struct line *l, const char *p, size_t n)
{
	if (l->cut || n > l->cap - l->n) {
		l->cut = true;
		return;
	}
	memcpy(l->p + l->n, p, n); /* BOUNDS: checked above */
	l->n += n;
}

static void add_text(struct line *l, const char *s)
{
	add(l, s, strlen(s));
}

/* Bytes of the UTF-8 character at p, 0 when it is none. */
static size_t character(const unsigned char *p, size_t n)
{
	size_t size = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

	if (size == 1)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n < size)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return p[0] == 0xc2 && p[1] < 0xa0 ? 0 : size; /* C1 controls speak to terminals */
}

static void add_escaped(struct line *l, const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;

	for (size_t i = 0; i < n && !l->cut;) {
		size_t size = character(p + i, n - i);
		char escape[8];
		if (p[i] == '"' || p[i] == '\\') {
			snprintf(escape, sizeof(escape), "\\%c", p[i]);
			add_text(l, escape);
		} else if (p[i] < 0x20 || p[i] == 0x7f) {
			snprintf(escape, sizeof(escape), "\\u%04x", p[i]);
			add_text(l, escape);
		} else if (size == 0) {
			add_text(l, "\\ufffd");
		} else {
			add(l, text + i, size);
		}
		i += size ? size : 1;
	}
}

static void add_field(struct line *l, bool json, const struct platform_log_field *f)
{
	char number[32];
	size_t before = l->n;

	add_text(l, json ? ",\"" : " ");
	add_text(l, f->name);
	add_text(l, json ? "\":" : "=");
	snprintf(number, sizeof(number), "%lld", (long long)f->number);
	if (f->text) {
		add_text(l, "\"");
		add_escaped(l, f->text, f->n);
		add_text(l, "\"");
	} else {
		add_text(l, number);
	}
	if (l->cut) /* a field is there in whole or not at all */
		l->n = before;
}

static void add_time(struct line *l, bool json)
{
	struct timespec now;
	struct tm tm;
	char text[40];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof(text), json ? "%Y-%m-%dT%H:%M:%S" : "%H:%M:%S", &tm);
	add_text(l, text);
	snprintf(text, sizeof(text), ".%03ld%s", now.tv_nsec / 1000000, json ? "Z" : "");
	add_text(l, text);
}

static const char *word(enum platform_log_level level)
{
	static const char *const words[] = {
		[PLATFORM_LOG_ERROR] = "error",   [PLATFORM_LOG_WARNING] = "warning",
		[PLATFORM_LOG_NOTICE] = "notice", [PLATFORM_LOG_INFO] = "info",
		[PLATFORM_LOG_DEBUG] = "debug",
	};
	return words[level];
}

static void begin(struct line *l, bool json, enum platform_log_level level, const char *message)
{
	add_text(l, json ? "{\"time\":\"" : "");
	add_time(l, json);
	if (!json) {
		char level_text[16];
		snprintf(level_text, sizeof(level_text), " %-7s ", word(level));
		add_text(l, level_text);
		add_escaped(l, message, strlen(message));
		return;
	}
	add_text(l, "\",\"level\":\"");
	add_text(l, word(level));
	add_text(l, "\",\"program\":\"");
	add_text(l, log_to.program);
	add_text(l, "\",\"message\":\"");
	size_t n = strlen(message);
	add_escaped(l, message, n > 1024 ? 1024 : n);
	add_text(l, "\"");
}

size_t platform_log_format(bool json, enum platform_log_level level, const char *message,
			   const struct platform_log_field *fields, char *out, size_t cap)
{
	struct line l = { out, 0, cap - TAIL, false };
	const struct platform_log_field asked = log_text("request", request);

	begin(&l, json, level, message);
	if (*request)
		add_field(&l, json, &asked);
	bool cut = l.cut;
	for (const struct platform_log_field *f = fields; f->name; f++) {
		l.cut = false;
		add_field(&l, json, f);
		cut |= l.cut;
	}
	l.cut = false;
	l.cap = cap;
	if (cut)
		add_text(&l, json ? ",\"cut\":true" : " ...");
	add_text(&l, json ? "}" : "");
	return l.n;
}

void platform_log_fields(enum platform_log_level level, const char *message,
			 const struct platform_log_field *fields)
{
	char out[LINE + 8];
	size_t n = 0;

	if (level > log_to.least)
		return;
	if (log_to.priority)
		n = (size_t)snprintf(out, 8, "<%d>", (int)level);
	n += platform_log_format(log_to.json, level, message, fields, out + n, LINE - 4);
	out[n++] = '\n';
	(void)!write(STDERR_FILENO, out, n);
}
