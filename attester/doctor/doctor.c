/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/doctor/doctor.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	const char *word, *text;
} names[] = {
#define X(code, word, text) { word, text },
	ATTESTER_CHECKS(X)
#undef X
};

const char *attester_check_word(enum attester_check_code code)
{
	return names[code].word;
}

const char *attester_check_text(enum attester_check_code code)
{
	return names[code].text;
}

void attester_check_yes(struct attester_check *check, const char *format, ...)
{
	va_list ap;

	*check = (struct attester_check){ .good = true };
	va_start(ap, format);
	vsnprintf(check->found, sizeof check->found, format, ap);
	va_end(ap);
}

void attester_check_no(struct attester_check *check, const char *hint, const char *format, ...)
{
	va_list ap;

	*check = (struct attester_check){ .good = false };
	va_start(ap, format);
	vsnprintf(check->found, sizeof check->found, format, ap);
	va_end(ap);
	snprintf(check->hint, sizeof check->hint, "%s", hint);
}

void attester_doctor(const char *conf, const char *root,
		     struct attester_check checks[ATTESTER_CHECKS_N])
{
	attester_doctor_tpm(conf, checks);
	attester_doctor_system(root, checks);
}
