/* SPDX-License-Identifier: Apache-2.0
 *
 * doctor - is this machine ready to be attested? Each check is answered with
 * yes or no, what was found, and for a no what a person does about it.
 * Nothing is changed on the machine.
 */
#pragma once
#include "attester/tpm/tpm.h"

/* One line per check: code, name in JSON, the question in words. */
#define ATTESTER_CHECKS(X)                                                                     \
	X(TPM, "tpm", "TPM reachable")                                                         \
	X(RM, "resource-manager", "TPM may be shared")                                         \
	X(BANK, "bank-sha256", "SHA-256 PCR bank")                                             \
	X(KEY, "attestation-key", "attestation key")                                           \
	X(EK, "ek-certificate", "EK certificate")                                              \
	X(SECURE_BOOT, "secure-boot", "Secure Boot")                                           \
	X(EVENTLOG, "event-log", "boot event log")                                             \
	X(IMA_LIST, "ima-list", "IMA measures files")                                          \
	X(IMA_POLICY, "ima-policy", "IMA policy from the start")

enum attester_check_code {
#define X(code, word, text) ATTESTER_CHECK_##code,
	ATTESTER_CHECKS(X)
#undef X
		ATTESTER_CHECKS_N
};

struct attester_check {
	bool good;
	char found[256];
	char hint[512]; /* "" when good */
};

const char *attester_check_word(enum attester_check_code code);
const char *attester_check_text(enum attester_check_code code);

/* conf: as for attester_tpm_open; root: "" or where /sys and /proc lie. */
void attester_doctor(const char *conf, const char *root,
		     struct attester_check checks[ATTESTER_CHECKS_N]);

/* The parts of it. */
void attester_doctor_tpm(const char *conf, struct attester_check checks[ATTESTER_CHECKS_N]);
void attester_doctor_system(const char *root, struct attester_check checks[ATTESTER_CHECKS_N]);
__attribute__((format(printf, 2, 3))) void attester_check_yes(struct attester_check *check,
							      const char *format, ...);
/* hint follows the format's arguments' text, kept as it is. */
__attribute__((format(printf, 3, 4))) void
attester_check_no(struct attester_check *check, const char *hint, const char *format, ...);
