/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FORMAT_INTO(buffer)                                                                    \
	do {                                                                                   \
		va_list ap;                                                                    \
		va_start(ap, format);                                                          \
		vsnprintf((buffer), sizeof(buffer), format, ap);                               \
		va_end(ap);                                                                    \
	} while (0)

void platform_message_what(struct platform_message *m, const char *format, ...)
{
	FORMAT_INTO(m->what);
}

void platform_message_why(struct platform_message *m, const char *format, ...)
{
	FORMAT_INTO(m->why);
}

void platform_message_hint(struct platform_message *m, const char *format, ...)
{
	FORMAT_INTO(m->hint);
}

void platform_message_errno(struct platform_message *m, int errnum)
{
	m->errnum = errnum;
	platform_message_why(m, "%s", strerror(errnum));
	switch (errnum) {
	case ENOENT:
		platform_message_hint(m, "check the path");
		break;
	case EACCES:
	case EPERM:
		platform_message_hint(m, "run as root, or give yourself access to it");
		break;
	case ENOSPC:
		platform_message_hint(m, "free some space on that file system");
		break;
	case EISDIR:
		platform_message_hint(m, "name a file, not a folder");
		break;
	case EFBIG:
		platform_message_hint(m, "is this the right file?");
		break;
	default:
		break;
	}
}

/* Bytes of UTF-8 above 0x7f pass: the rest of a terminal's control codes are below 0x20, 0x7f
 * or (as UTF-8) start with 0xc2 0x80..0x9f. */
static void print_safe(FILE *out, const char *s)
{
	for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
		bool c1 = p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0;

		if (*p < 0x20 || *p == 0x7f || c1)
			fprintf(out, "\\x%02x", *p);
		else
			fputc(*p, out);
		if (c1)
			fprintf(out, "\\x%02x", *++p);
	}
}

static void print_json(FILE *out, const char *s)
{
	fputc('"', out);
	for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(out, "\\%c", *p);
		else if (*p < 0x20 || *p >= 0x7f) /* may be broken UTF-8: as Latin-1 */
			fprintf(out, "\\u%04x", *p);
		else
			fputc(*p, out);
	}
	fputc('"', out);
}

void platform_message_print(const char *program, const struct platform_message *m, bool json)
{
	if (json) {
		printf("{\"error\":{\"what\":");
		print_json(stdout, m->what);
		printf(",\"why\":");
		print_json(stdout, m->why);
		printf(",\"hint\":");
		print_json(stdout, m->hint);
		printf("}}\n");
		return;
	}
	fprintf(stderr, "%s: ", program);
	print_safe(stderr, m->what);
	if (m->why[0]) {
		fputs(": ", stderr);
		print_safe(stderr, m->why);
	}
	fputc('\n', stderr);
	if (m->hint[0]) {
		fputs("  hint: ", stderr);
		print_safe(stderr, m->hint);
		fputc('\n', stderr);
	}
}

void platform_note(const char *program, const char *format, ...)
{
	char text[1024];

	FORMAT_INTO(text);
	fprintf(stderr, "%s: note: ", program);
	print_safe(stderr, text);
	fputc('\n', stderr);
}
