/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/receipt.h - what a verifier remembers of a node, as bytes that the node keeps: the
 * challenge that makes its next message fresh, and the receipt that says how far its logs
 * were judged. With both, any verifier that holds the keys takes any node's next message
 * without looking anything up.
 *
 * All of it is pure: times are handed in (milliseconds since 1970), and so is the salt.
 *
 *   memory    the caller's; slices of an opened receipt point into its buffer
 *   threads   as struct assay_crypto: one at a time
 */
#ifndef ASSAY_RECEIPT_H
#define ASSAY_RECEIPT_H

#include <assay/crypto.h>

/* What became of a thing that a verifier gave out and got back: code, word, sentence. None but
 * GOOD may be relied upon; each costs a full appraisal or another challenge, and none of them
 * is a verdict. */
#define ASSAY_RECALLS(X)                                                                       \
	X(GOOD, "good", "it may be relied upon")                                               \
	X(ERROR, "error", "the cryptographic library failed")                                  \
	X(MALFORMED, "malformed", "it has not the form that a verifier gives out")             \
	X(KEY_UNKNOWN, "key-unknown", "it was made under a key that is not held here")         \
	X(FORGED, "forged", "altered, or made for another node, key or purpose")               \
	X(UNREADABLE, "unreadable", "authentic, but of a form that this verifier cannot read") \
	X(BEHIND, "behind", "made under a newer generation than this verifier's")              \
	X(REVOKED, "revoked", "older than a revocation that concerns the node")                \
	X(FUTURE, "future", "made later than now: a clock is off")                             \
	X(ENDED, "ended", "its life is over")                                                  \
	X(STALE, "stale", "something that it covers has ceased to be good")

enum assay_recall {
#define X(code, word, text) ASSAY_RECALL_##code,
	ASSAY_RECALLS(X)
#undef X
		ASSAY_RECALLS_N
};

ASSAY_API const char *assay_recall_word(enum assay_recall recall); /* "key-unknown" */
ASSAY_API const char *assay_recall_text(enum assay_recall recall); /* a sentence */

/* A key of the verifiers' own: 32 random bytes and the number that names it, in clear, in what
 * is made with it. Rotation: verifiers first learn the new key, then make with it, and drop the
 * old one when all that was made with it has ended. One secret for challenges, another for
 * receipts. */
struct assay_secret {
	uint8_t id;
	uint8_t b[ASSAY_AEAD_KEY];
};

/* How far clocks of verifiers may differ. */
enum { ASSAY_CLOCK_SKEW = 2000 };

/* ---- The challenge ------------------------------------------------------------------
 *
 *   offset  size  field
 *        0     8  issued   milliseconds since 1970, big-endian
 *        8     1  id       of the secret
 *        9    23  mac      HMAC-SHA-256, its first 23 bytes, over the CBOR array
 *                          ["assay-challenge-1", id, purpose, AK name, issued]
 *
 * 32 bytes, because it is a TPM's qualifyingData: that is a TPM2B_DATA, which holds the largest
 * digest that the TPM has and two bytes more, 34 where SHA-256 is the largest. 184 bits of
 * MAC are far beyond guessing: a guess costs a request, and it is good for one life.
 *
 * Challenges for one AK within one millisecond are equal. That is no loss: a challenge is not
 * used up, so it may come back many times in its life; what orders messages is the TPM's clock.
 */
enum { ASSAY_CHALLENGE_SIZE = 32 };

enum assay_purpose { ASSAY_PURPOSE_EVIDENCE = 1, ASSAY_PURPOSE_ENROL = 2 };

/* Writes ASSAY_CHALLENGE_SIZE bytes. False when the AK name is empty or above
 * ASSAY_AK_NAME_MAX, or the library fails. */
ASSAY_API ASSAY_MUST_USE bool assay_challenge_make(struct assay_crypto *crypto,
						   const struct assay_secret *secret,
						   enum assay_purpose purpose,
						   struct assay_slice ak_name, uint64_t now,
						   uint8_t *out);

/* GOOD, and *issued written, when one of the secrets made it for this purpose and AK no
 * more than ASSAY_CLOCK_SKEW after now and less than life milliseconds before: at the very
 * end of its life a result of it would already have ended. Otherwise ERROR, MALFORMED,
 * KEY_UNKNOWN, FORGED, FUTURE or ENDED. A result's life counts from *issued. */
ASSAY_API ASSAY_MUST_USE enum assay_recall
assay_challenge_check(struct assay_crypto *crypto, const struct assay_secret *secrets,
		      size_t nsecrets, enum assay_purpose purpose, struct assay_slice ak_name,
		      uint64_t now, uint64_t life, struct assay_slice challenge,
		      uint64_t *issued);

/* ---- The receipt --------------------------------------------------------------------
 *
 *   offset  size  field
 *        0     1  version     1
 *        1     1  id          of the secret
 *        2    32  salt        random, never twice
 *       34     n  contents    encrypted
 *     34+n    16  tag
 *
 * AES-256-GCM; key and nonce are HKDF-SHA-256 of the secret, salted with salt, and used once.
 * info and associated data are both the CBOR array ["assay-receipt-1", id, node, AK name]: a
 * receipt opens for the node and AK that it was made for, and even a salt that came twice
 * gives two nodes two keys. Contents, in deterministic CBOR:
 *
 *   receipt = [ 1, generation, issued, ends, good-until, heard, resetCount, clock,
 *               [ alg, mask, values ], [ * [ alg, index, pcr10 ] ],
 *               [ * [ reason, index, alg, digest ] ] ]
 *
 * all of them uint, but for values, pcr10 and digest (bytes) and reason (text). */

enum {
	ASSAY_RECEIPT_SALT = 32,
	ASSAY_RECEIPT_BANKS = 4,
	ASSAY_REASON_WORD_MAX = 48,
	ASSAY_RECEIPT_LIFE_MAX = 24 * 60 * 60 * 1000,
};

/* good_until when nothing that is covered has an end. */
#define ASSAY_RECEIPT_NEVER UINT64_MAX

/* Something that was not good. The reason is its word and not its number, which differs from
 * version to version. digest names the thing so that it is known again when it is sent
 * again: of an IMA entry its template data's in the judged bank, of an event its digest. */
struct assay_deviation {
	struct assay_slice reason; /* area.what: a-z, 0-9, '-' and '.', at most 48 bytes */
	uint64_t index;            /* of the entry or event in its list */
	uint16_t alg;
	struct assay_slice digest; /* of alg's size */
};

struct assay_receipt {
	struct assay_slice node;    /* id, 1 to ASSAY_NODE_ID_MAX bytes; not in the contents */
	struct assay_slice ak_name; /* 1 to ASSAY_AK_NAME_MAX bytes; not in the contents */
	uint64_t generation;        /* the newest that something in it was judged under */
	uint64_t issued, ends;      /* ends after issued, by at most ASSAY_RECEIPT_LIFE_MAX */
	uint64_t good_until;        /* when the first thing it covers ceases to be good */
	/* Every revocation up to and with this moment (of the store's clock, or a counter of
	 * the store's) had reached the verifier that sealed, when it began with the message.
	 * Not `issued`: a verifier that lags seals after a revocation that it has not heard of.
	 */
	uint64_t heard;
	uint32_t resetCount;     /* one boot; a resume from suspend leaves it alone */
	uint64_t clock;          /* the TPM's, which never goes back */
	uint16_t pcr_alg;        /* the judged bank */
	uint32_t pcr_mask;       /* what was quoted of it, without PCR 10; not empty */
	struct assay_slice pcrs; /* the quoted values one after the other, from the lowest */
	size_t nbanks;
	struct {
		uint16_t alg;             /* ascending */
		uint64_t index;           /* entries of the IMA list that were judged */
		struct assay_slice pcr10; /* the value that they lead to */
	} bank[ASSAY_RECEIPT_BANKS];
	size_t ndeviations;
	struct assay_deviation deviation[ASSAY_DEVIATIONS_MAX];
};

/* Appends a deviation unless it is there. False when there are ASSAY_DEVIATIONS_MAX: then no
 * receipt may be made, and each message of the node costs a full appraisal. */
ASSAY_API ASSAY_MUST_USE bool assay_receipt_deviate(struct assay_receipt *r,
						    const struct assay_deviation *deviation);

/* Makes *next, which says what a message showed beyond *last, cover all that *last covers.
 * Going on from a receipt never improves a verdict:
 *
 *   deviations   those of *last are added to those of *next; none is dropped
 *   good_until   the earlier one
 *   ends         the earlier one: a receipt renews no life, so every node's whole list is
 *                judged again at least once a day, under what then holds
 *
 * False, and *next must not be sealed, when *next does not go on from *last (another node, AK
 * or boot; clock, generation or an index going back; other quoted PCRs; a bank that is not
 * there any more), when there are too many deviations, or when *last has ended at next->issued.
 * Slices are shared: *last's buffer lives until *next is sealed. */
ASSAY_API ASSAY_MUST_USE bool assay_receipt_merge(struct assay_receipt *next,
						  const struct assay_receipt *last);

/* Seals r into out; returns the length, at most ASSAY_RECEIPT_MAX. salt: ASSAY_RECEIPT_SALT
 * bytes from a random generator, fresh for each call: one that comes twice for one node gives
 * its contents away and lets them be forged. All zeros are refused. 0, and out wiped, when
 * it does not fit, when a rule above is broken, or the library fails. */
ASSAY_API size_t assay_receipt_seal(struct assay_crypto *crypto,
				    const struct assay_secret *secret, const uint8_t *salt,
				    const struct assay_receipt *r, uint8_t *out, size_t cap);

/* What a verifier knows when it opens a receipt. */
struct assay_receipt_want {
	struct assay_slice node, ak_name; /* whose evidence came with it */
	uint64_t now;
	uint64_t generation; /* this verifier's */
	uint64_t revoked;    /* the last revocation that concerns the node, 0 when none does */
};

/* GOOD, and *out filled, when all of it holds; otherwise the first that does not, in the order
 * of ASSAY_RECALLS. BEHIND and UNREADABLE mean that this verifier is old: it catches up or does
 * not affirm. All others cost a full appraisal. plain: sealed.n bytes for the contents, wiped
 * unless GOOD. An older generation than the verifier's is GOOD: what was judged under it stays
 * so until the receipt ends, but deviations are judged anew. */
ASSAY_API ASSAY_MUST_USE enum assay_recall
assay_receipt_open(struct assay_crypto *crypto, const struct assay_secret *secrets,
		   size_t nsecrets, const struct assay_receipt_want *want,
		   struct assay_slice sealed, uint8_t *plain, struct assay_receipt *out);

#endif
