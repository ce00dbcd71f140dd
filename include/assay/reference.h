/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/reference.h - what the owner of a machine expects: components by
 * digest, each in its place. A digest that is good in one place says nothing
 * about another: a boot component matches by (register, digest), a file that
 * IMA measured by (path, digest).
 *
 * A set is built once in memory that the caller hands in, and read by any
 * number of threads after that.
 */
#ifndef ASSAY_REFERENCE_H
#define ASSAY_REFERENCE_H

#include <assay/crypto.h>

/* Where a reference holds: PCR 0..23, or the IMA list. */
enum { ASSAY_PLACE_IMA = 0x80 };

/* What a component is. One line per kind: code, the word in reference files,
 * the stage it belongs to. */
#define ASSAY_KINDS(X)                                                                         \
	X(OTHER, "other", OTHER)                                                               \
	X(FIRMWARE, "firmware", FIRMWARE)                                                      \
	X(FIRMWARE_CONFIG, "firmware-config", FIRMWARE)                                        \
	X(DRIVER, "driver", FIRMWARE)                                                          \
	X(VARIABLE, "variable", FIRMWARE)                                                      \
	X(AUTHORITY, "authority", FIRMWARE)                                                    \
	X(PARTITION_TABLE, "partition-table", FIRMWARE)                                        \
	X(BOOT_LOADER, "boot-loader", BOOT_LOADER)                                             \
	X(BOOT_COMMAND, "boot-command", BOOT_LOADER)                                           \
	X(BOOT_FILE, "boot-file", BOOT_LOADER)                                                 \
	X(MOK, "mok", BOOT_LOADER)                                                             \
	X(HYPERVISOR, "hypervisor", HYPERVISOR)                                                \
	X(KERNEL, "kernel", KERNEL)                                                            \
	X(INITRD, "initrd", INITRD)                                                            \
	X(COMMAND_LINE, "command-line", COMMAND_LINE)                                          \
	X(USERSPACE, "userspace", RUNTIME)                                                     \
	X(FILE, "file", RUNTIME)                                                               \
	X(BUFFER, "buffer", RUNTIME)                                                           \
	X(PCR_VALUE, "pcr-value", FIRMWARE)

enum assay_kind {
#define X(code, word, stage) ASSAY_REF_##code,
	ASSAY_KINDS(X)
#undef X
		ASSAY_REF_KINDS_N
};

#define ASSAY_STAGES(X)                                                                        \
	X(FIRMWARE, "firmware")                                                                \
	X(BOOT_LOADER, "boot loader")                                                          \
	X(HYPERVISOR, "hypervisor")                                                            \
	X(KERNEL, "kernel")                                                                    \
	X(INITRD, "initrd")                                                                    \
	X(COMMAND_LINE, "command line")                                                        \
	X(RUNTIME, "runtime")                                                                  \
	X(OTHER, "other")

enum assay_stage {
#define X(code, word) ASSAY_STAGE_##code,
	ASSAY_STAGES(X)
#undef X
		ASSAY_STAGES_N
};

ASSAY_API const char *assay_kind_word(enum assay_kind kind);
ASSAY_API int assay_kind_by_word(struct assay_slice word); /* -1: no such kind */
ASSAY_API enum assay_stage assay_kind_stage(enum assay_kind kind);
ASSAY_API const char *assay_stage_word(enum assay_stage stage);

/* A reference's place in time. ANNOUNCED is expected soon and already good,
 * RETIRING is good for now, REVOKED is bad wherever it is seen. */
enum assay_ref_state {
	ASSAY_REF_CURRENT = 0,
	ASSAY_REF_ANNOUNCED,
	ASSAY_REF_RETIRING,
	ASSAY_REF_REVOKED,
	ASSAY_REF_STATES_N
};

ASSAY_API const char *assay_ref_state_word(enum assay_ref_state state);
ASSAY_API int assay_ref_state_by_word(struct assay_slice word);

struct assay_ref {
	uint8_t place; /* PCR index, or ASSAY_PLACE_IMA */
	enum assay_kind kind;
	enum assay_ref_state state;
	uint16_t alg; /* TPM_ALG_ID of the digest */
	struct assay_slice digest;
	struct assay_slice name; /* IMA: the path, or a folder ending in "/" + two asterisks */
	struct assay_slice signer;     /* who signed it, as the reference tells; may be empty */
	struct assay_slice provenance; /* where the reference comes from */
};

struct assay_ref_record; /* one reference as kept: 32 bytes and its strings */

struct assay_refs {
	struct assay_ref_record *records;
	uint32_t n, max;
	uint32_t *by_digest, *by_name;
	uint32_t buckets; /* of by_name, a power of two; by_digest has half of it */
	uint8_t *pool;
	uint32_t pool_n, pool_max;
	uint32_t algs;   /* the hashes of PCR references, see assay_refs_has_alg() */
	uint32_t places; /* bit i: some reference holds in PCR i */
	bool revoked;    /* some reference is revoked */
};

/* Bytes of arena that a set of at most max references needs, with pool_max
 * bytes of names, signers and provenances (6 more are used for each string). */
ASSAY_API size_t assay_refs_bytes(uint32_t max, uint32_t pool_max);
ASSAY_API ASSAY_MUST_USE bool assay_refs_init(struct assay_refs *refs,
					      struct assay_arena *arena, uint32_t max,
					      uint32_t pool_max);
/* Copies ref. MEMORY when the set is full; RANGE when the digest is empty, of
 * the wrong length or all zero (a zero digest matches nothing, ever), or the place does
 * not exist. An exact duplicate is dropped. */
ASSAY_API enum assay_fault assay_refs_add(struct assay_refs *refs, const struct assay_ref *ref);

/* The i-th reference, i < refs->n. Slices alias the set. */
ASSAY_API struct assay_ref assay_refs_get(const struct assay_refs *refs, uint32_t i);
/* True when some PCR reference has a digest of alg. */
ASSAY_API bool assay_refs_has_alg(const struct assay_refs *refs, uint16_t alg);

enum { ASSAY_REF_NONE = -1 };

/* First / next reference with this place and digest; ASSAY_REF_NONE at the end. */
ASSAY_API int64_t assay_refs_find(const struct assay_refs *refs, uint8_t place, uint16_t alg,
				  struct assay_slice digest);
ASSAY_API int64_t assay_refs_find_next(const struct assay_refs *refs, int64_t i);
/* First / next reference in this place with this name (paths compared after
 * the /usr merge; no patterns). */
ASSAY_API int64_t assay_refs_named(const struct assay_refs *refs, uint8_t place,
				   struct assay_slice name);
ASSAY_API int64_t assay_refs_named_next(const struct assay_refs *refs, int64_t i);

enum assay_match {
	ASSAY_MATCH_UNKNOWN = 0, /* neither the path nor the digest is known */
	ASSAY_MATCH_GOOD,
	ASSAY_MATCH_MODIFIED,  /* the path is known, with other digests: *at is one of them */
	ASSAY_MATCH_MISPLACED, /* the digest is known, at another path: *at */
	ASSAY_MATCH_REVOKED,   /* *at */
};

/* A file (or a named buffer) that IMA measured. *at may become ASSAY_REF_NONE. */
ASSAY_API enum assay_match assay_refs_match_file(const struct assay_refs *refs, uint16_t alg,
						 struct assay_slice digest,
						 struct assay_slice path, int64_t *at);
/* In a large set a look-up waits for memory several times in a row. Who is about to look up
 * several files has what they need fetched beforehand, all at once: it changes no answer. At
 * most ASSAY_REFS_BATCH paths are looked at. */
enum { ASSAY_REFS_BATCH = 16 };
ASSAY_API void assay_refs_prefetch(const struct assay_refs *refs,
				   const struct assay_slice *paths, size_t n);
/* A component measured into PCR place: GOOD, REVOKED or UNKNOWN. */
ASSAY_API enum assay_match assay_refs_match_pcr(const struct assay_refs *refs, uint8_t place,
						uint16_t alg, struct assay_slice digest,
						int64_t *at);

#endif
