/* SPDX-License-Identifier: Apache-2.0
 *
 * keys - the verifiers' own secrets, in a folder outside the database, so that whoever reads
 * or restores the one has not the other:
 *
 *   challenge/ID.key  receipt/ID.key  cookie/ID.key   32 random bytes; ID 1 to 255, decimal
 *   ear/KID.pem                                       private key that signs results (PKCS#8,
 *                                                     P-256, P-384 or Ed25519); KID 1 to 64 of
 *                                                     A-Z a-z 0-9 . _ -
 *
 * Each file is readable by its owner alone, else all are refused. Names that begin with "."
 * are passed over; any other is refused: a key that is not read would be missed later.
 *
 * Rotation without a pause: every key that is there is accepted; the youngest by mtime that is
 * at least `settle` old makes. So a key is put into every verifier's folder (or the one they
 * share), all read it, and only then does one of them make with it. A file that is gone is no
 * longer accepted. Where none has settled (a first set) the oldest makes.
 *
 *   ownership  keys_drop wipes and frees
 *   threads    read by any number once loaded
 */
#pragma once
#include "platform/message.h"

#include <assay/receipt.h>

#define KEYS_KINDS(X)                                                                          \
	X(CHALLENGE, "challenge")                                                              \
	X(RECEIPT, "receipt")                                                                  \
	X(COOKIE, "cookie")                                                                    \
	X(EAR, "ear")

enum keys_kind {
#define X(code, word) KEYS_##code,
	KEYS_KINDS(X)
#undef X
		KEYS_KINDS_N
};

/* -1: no kind has this word. */
int keys_kind_by_word(const char *word);

enum {
	KEYS_SECRETS_MAX = 16, /* of one kind at a time */
	KEYS_EARS_MAX = 16,
	KEYS_KID_MAX = 64,
	KEYS_SETTLE = 60 * 1000 /* ms, unless a configuration says otherwise */
};

struct keys_secrets {
	struct assay_secret secret[KEYS_SECRETS_MAX]; /* in order of id */
	uint64_t since[KEYS_SECRETS_MAX];             /* mtime, ms */
	size_t n;                                     /* at least 1 */
};

struct keys_ear {
	char kid[KEYS_KID_MAX + 1];
	struct assay_slice pem; /* private, malloced, wiped */
	uint64_t since;
};

struct keys {
	struct keys_secrets secrets[KEYS_EAR]; /* by kind: challenge, receipt, cookie */
	struct keys_ear ear[KEYS_EARS_MAX];    /* in order of kid */
	size_t nears;                          /* at least 1 */
	uint64_t settle;                       /* ms */
};

/* The whole folder, or false with *why and *out untouched. Each EAR key is tried. */
ASSAY_MUST_USE bool keys_load(struct assay_crypto *crypto, const char *folder, uint64_t settle,
			      struct keys *out, struct platform_message *why);
void keys_drop(struct keys *k);

/* Index of the key that makes now (ms since 1970). */
size_t keys_maker(const struct keys *k, enum keys_kind kind, uint64_t now);

/* Makes a first set in a folder that has none (it is made, mode 0700, when it is not there). A
 * kind that has keys already is left as it is. */
ASSAY_MUST_USE bool keys_make(const char *folder, struct platform_message *why);
/* Adds a key of this kind; its name goes to name. The id is the one after the youngest's, the
 * next that is free; false when 255 are there. */
enum { KEYS_NAME_MAX = KEYS_KID_MAX + 8 };
ASSAY_MUST_USE bool keys_rotate(const char *folder, enum keys_kind kind,
				char name[KEYS_NAME_MAX], struct platform_message *why);
