/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/base.h - the words that every other header of libassay uses: a slice
 * of bytes, the error that says why bytes could not be read, the arena that
 * what must outlive a call is written to, and every limit.
 *
 * libassay is pure: it never opens, connects, sleeps, logs or reads a clock,
 * and it never calls malloc. What it returns either points into its input
 * (and lives as long as that) or into an arena that the caller handed in.
 *
 *   threads   no global state at all; one object belongs to one thread at a
 *             time unless its header says more
 */
#ifndef ASSAY_BASE_H
#define ASSAY_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASSAY_MUST_USE __attribute__((warn_unused_result))
#define ASSAY_API __attribute__((visibility("default")))

#define ASSAY_VERSION "0.1.0"

/* Bytes that somebody else owns. An empty slice may have p == NULL. */
struct assay_slice {
	const uint8_t *p;
	size_t n;
};

/* A part of an artefact, in bytes from its start. */
struct assay_range {
	size_t offset, n;
};

/* Why bytes could not be read. One line per fault: code, the word used in
 * JSON and logs, the sentence for people. A fault is never a verdict. */
#define ASSAY_FAULTS(X)                                                                        \
	X(OK, "ok", "no error")                                                                \
	X(TRUNCATED, "truncated", "the input ends inside this field")                          \
	X(TRAILING, "trailing", "bytes remain after the structure")                            \
	X(LIMIT, "limit", "a count or size is above assay's limit")                            \
	X(RANGE, "range", "the value is outside the range that the specification allows")      \
	X(DUPLICATE, "duplicate", "the item appears twice")                                    \
	X(MAGIC, "magic", "the magic number or signature string is wrong")                     \
	X(UNSUPPORTED, "unsupported", "a valid form that assay does not read")                 \
	X(ENCODING, "encoding", "the text encoding (hex, base64, UTF-8, PEM) is wrong")        \
	X(CANONICAL, "canonical", "not the one canonical encoding of this value")              \
	X(MISSING, "missing", "a part that is required is not there")                          \
	X(CONFLICT, "conflict", "two parts of the input contradict each other")                \
	X(MEMORY, "memory", "the memory handed in is too small")                               \
	X(CRYPTO, "crypto", "the cryptographic library failed")

enum assay_fault {
#define X(code, word, text) ASSAY_F_##code,
	ASSAY_FAULTS(X)
#undef X
		ASSAY_FAULTS_N
};

struct assay_err {
	enum assay_fault fault; /* ASSAY_F_OK until something fails, then never changes */
	const char *field;      /* static string: the specification's name of the field */
	size_t offset;        /* where that field starts, in bytes from the artefact's start */
	const char *artefact; /* static string: which artefact, NULL when there is only one */
};

ASSAY_API const char *assay_fault_word(enum assay_fault fault); /* "truncated" */
ASSAY_API const char *assay_fault_text(enum assay_fault fault); /* a sentence */

/* Memory that the caller owns and libassay fills from the front. Nothing is
 * ever given back; the caller drops the whole. */
struct assay_arena {
	uint8_t *p;
	size_t n;  /* bytes that may be used */
	size_t at; /* bytes used */
};

/* Zeroed memory for count objects of size bytes, aligned for any type; NULL
 * when the arena is too small (or the product overflows). */
ASSAY_API void *assay_arena_take(struct assay_arena *arena, size_t count, size_t size);
/* n bytes that are not zeroed, unaligned: for what is written before it is read. */
ASSAY_API void *assay_arena_raw(struct assay_arena *arena, size_t n);

/* Every limit of libassay in one table: what is larger is a fault (LIMIT). */
enum {
	ASSAY_PCRS = 24,                   /* PCR indices 0..23 */
	ASSAY_DIGEST_MAX = 64,             /* bytes of the longest digest */
	ASSAY_PCR_BANKS_MAX = 16,          /* banks in a TPML_PCR_SELECTION */
	ASSAY_PCR_SELECT_MAX = 4,          /* octets of one bitmap */
	ASSAY_LOG_ALGS_MAX = 8,            /* algorithms in a SpecID event */
	ASSAY_LOG_MAX = 16 * 1024 * 1024,  /* bytes of a TCG event log */
	ASSAY_EVENT_MAX = 4 * 1024 * 1024, /* bytes of one event's data */
	ASSAY_IMA_MAX = 256 * 1024 * 1024, /* bytes of an IMA list */
	ASSAY_IMA_DATA_MAX = 1024 * 1024,  /* bytes of one entry's template data */
	ASSAY_IMA_NAME_MAX = 255,          /* bytes of a template's name */
	ASSAY_IMA_FIELDS_MAX = 16,         /* fields of one template */
	ASSAY_CERT_MAX = 16 * 1024,        /* bytes of a certificate, with its padding */
	ASSAY_BUNDLE_ITEMS_MAX = 32,       /* entries of a CMW collection */
	ASSAY_REASONS_MAX = 256,           /* reasons in a verdict; the rest is counted */
	ASSAY_COMPONENTS_MAX = 1024,       /* components told of one boot */
	ASSAY_JWS_MAX = 4 * 1024 * 1024,   /* bytes of a compact JWS */
	ASSAY_USER_EVENTS_MAX = 4096,      /* events of user space logs */
	ASSAY_BATCH_MAX = 65536,           /* askers that one quote answers */
	ASSAY_DEVIATIONS_MAX = 256,    /* deviations in a receipt; with more there is none */
	ASSAY_RECEIPT_MAX = 48 * 1024, /* bytes of a sealed receipt */
	ASSAY_NODE_ID_MAX = 128,       /* bytes of a node's id */
	ASSAY_AK_NAME_MAX = 66,        /* bytes of a TPM Name */
};

#endif
