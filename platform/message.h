/* SPDX-License-Identifier: Apache-2.0
 *
 * message - what a person is told when something outside the core fails:
 * what could not be done, why, and what to do next.
 *
 * Functions that can fail fill one of these and print nothing; only cli/
 * prints. All text is escaped when printed: a file name or a server's answer
 * never reaches a terminal raw.
 *
 *   ownership  none, the texts are copied (and cut) into the struct
 */
#pragma once
#include <stdbool.h>

struct platform_message {
	int errnum;     /* errno that led here (EFBIG: above a limit), 0 when there is none */
	char what[512]; /* "cannot read /x/y" */
	char why[512];  /* "Permission denied" */
	char hint[512]; /* what to do next, "" when there is nothing to say */
};

/* The three texts, cut to their size. */
__attribute__((format(printf, 2, 3))) void platform_message_what(struct platform_message *m,
								 const char *format, ...);
__attribute__((format(printf, 2, 3))) void platform_message_why(struct platform_message *m,
								const char *format, ...);
__attribute__((format(printf, 2, 3))) void platform_message_hint(struct platform_message *m,
								 const char *format, ...);
/* why and errnum from an errno, and a hint for those that people meet. */
void platform_message_errno(struct platform_message *m, int errnum);

/* To stderr:
 *     assay verify: WHAT: WHY
 *       hint: HINT
 * With json instead to stdout: {"error":{"what":..,"why":..,"hint":..}}. */
void platform_message_print(const char *program, const struct platform_message *m, bool json);

/* One line to stderr, "PROGRAM: note: TEXT", for what a person should know
 * although nothing failed. */
__attribute__((format(printf, 2, 3))) void platform_note(const char *program,
							 const char *format, ...);
