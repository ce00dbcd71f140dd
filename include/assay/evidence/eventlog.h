/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/evidence/eventlog.h - the TCG event log of a PC client platform.
 * TCG PC Client Platform Firmware Profile 1.06 (PFP), names as there.
 *
 * A log proves nothing by itself: what counts is what its digests, replayed,
 * make of the PCRs that a TPM signed. Of an event, the digest in the quoted
 * bank and the PCR index are then proven; its type is covered by nothing, the
 * digests of other banks neither, and its data only as far as
 * assay_event_prove() finds it hashed in the digest.
 */
#ifndef ASSAY_EVENTLOG_H
#define ASSAY_EVENTLOG_H

#include <assay/crypto.h>

/* TCG_EVENTTYPE (PFP 10.4.1). One line per type: code, value, name. */
#define ASSAY_EVENT_TYPES(X)                                                                   \
	X(PREBOOT_CERT, 0x00000000)                                                            \
	X(POST_CODE, 0x00000001)                                                               \
	X(NO_ACTION, 0x00000003)                                                               \
	X(SEPARATOR, 0x00000004)                                                               \
	X(ACTION, 0x00000005)                                                                  \
	X(EVENT_TAG, 0x00000006)                                                               \
	X(S_CRTM_CONTENTS, 0x00000007)                                                         \
	X(S_CRTM_VERSION, 0x00000008)                                                          \
	X(CPU_MICROCODE, 0x00000009)                                                           \
	X(PLATFORM_CONFIG_FLAGS, 0x0000000a)                                                   \
	X(TABLE_OF_DEVICES, 0x0000000b)                                                        \
	X(COMPACT_HASH, 0x0000000c)                                                            \
	X(IPL, 0x0000000d)                                                                     \
	X(IPL_PARTITION_DATA, 0x0000000e)                                                      \
	X(NONHOST_CODE, 0x0000000f)                                                            \
	X(NONHOST_CONFIG, 0x00000010)                                                          \
	X(NONHOST_INFO, 0x00000011)                                                            \
	X(OMIT_BOOT_DEVICE_EVENTS, 0x00000012)                                                 \
	X(POST_CODE2, 0x00000013)                                                              \
	X(EFI_VARIABLE_DRIVER_CONFIG, 0x80000001)                                              \
	X(EFI_VARIABLE_BOOT, 0x80000002)                                                       \
	X(EFI_BOOT_SERVICES_APPLICATION, 0x80000003)                                           \
	X(EFI_BOOT_SERVICES_DRIVER, 0x80000004)                                                \
	X(EFI_RUNTIME_SERVICES_DRIVER, 0x80000005)                                             \
	X(EFI_GPT_EVENT, 0x80000006)                                                           \
	X(EFI_ACTION, 0x80000007)                                                              \
	X(EFI_PLATFORM_FIRMWARE_BLOB, 0x80000008)                                              \
	X(EFI_HANDOFF_TABLES, 0x80000009)                                                      \
	X(EFI_PLATFORM_FIRMWARE_BLOB2, 0x8000000a)                                             \
	X(EFI_HANDOFF_TABLES2, 0x8000000b)                                                     \
	X(EFI_VARIABLE_BOOT2, 0x8000000c)                                                      \
	X(EFI_GPT_EVENT2, 0x8000000d)                                                          \
	X(EFI_HCRTM_EVENT, 0x80000010)                                                         \
	X(EFI_VARIABLE_AUTHORITY, 0x800000e0)                                                  \
	X(EFI_SPDM_FIRMWARE_BLOB, 0x800000e1)                                                  \
	X(EFI_SPDM_FIRMWARE_CONFIG, 0x800000e2)                                                \
	X(EFI_SPDM_DEVICE_POLICY, 0x800000e3)                                                  \
	X(EFI_SPDM_DEVICE_AUTHORITY, 0x800000e4)

enum assay_event_type {
#define X(code, value) ASSAY_EV_##code = (int)(value),
	ASSAY_EVENT_TYPES(X)
#undef X
};

/* "EV_SEPARATOR"; NULL for a type that PFP 1.06 does not name. */
ASSAY_API const char *assay_event_type_name(uint32_t eventType);

struct assay_event {
	size_t index;      /* 0 is the log's first record */
	size_t offset;     /* bytes from the log's start */
	uint32_t pcrIndex; /* < ASSAY_PCRS; in an EV_NO_ACTION also 0xffffffff */
	uint32_t eventType;
	size_t ndigests;
	struct {
		uint16_t alg;
		struct assay_slice digest;
		size_t offset;
	} digests[ASSAY_LOG_ALGS_MAX];
	struct assay_slice data; /* the event field */
	size_t data_offset;
};

/* Reads a log record by record; nothing is allocated. */
struct assay_eventlog {
	struct assay_slice log;
	struct assay_err *err;
	size_t at, index;
	size_t first_end; /* where the second record starts */
	size_t pad;  /* where the 0x00 or 0xff bytes begin that end the log; log.n if none */
	bool agile;  /* TCG_PCR_EVENT2 after a "Spec ID Event03" */
	bool padded; /* ended at 0x00 or 0xff padding, see end */
	size_t end;  /* offset where the records end; log.n unless padded */
	const char *format; /* "tcg-agile", "tcg-sha1" */
	const char *quirk;  /* NULL, or what is odd about the header (static text) */
	uint32_t platformClass;
	uint8_t specVersionMinor, specVersionMajor, specErrata, uintnSize;
	size_t nalgs;
	struct {
		uint16_t algorithmId, digestSize;
	} algs[ASSAY_LOG_ALGS_MAX];
};

/* Reads the first record. An empty log (0 bytes) is F_MISSING "TCG_PCR_EVENT". */
ASSAY_API ASSAY_MUST_USE bool assay_eventlog_open(struct assay_eventlog *log,
						  struct assay_slice in, struct assay_err *err);
/* The next record, the header included. False at the end and on a fault: ask
 * log->err. A second SpecID header is a fault (DUPLICATE). */
ASSAY_API ASSAY_MUST_USE bool assay_eventlog_next(struct assay_eventlog *log,
						  struct assay_event *out);

/* The digest of ev in bank alg; an empty slice when it has none. */
ASSAY_API struct assay_slice assay_event_digest(const struct assay_event *ev, uint16_t alg);

/* What PCR 0 starts at. */
struct assay_startup {
	uint8_t locality;  /* 0, 3, or 4 after an H-CRTM sequence */
	bool stated;       /* by a StartupLocality event */
	bool hcrtm;        /* an EV_EFI_HCRTM_EVENT was there */
	const char *quirk; /* NULL, or what is odd (static text): short, repeated, late */
};

/* Replays a whole log into the banks (each reset by this call; banks whose
 * algorithm the log lacks stay reset with extended == 0). */
ASSAY_API ASSAY_MUST_USE bool assay_eventlog_replay(struct assay_crypto *crypto,
						    struct assay_slice in,
						    struct assay_bank *banks, size_t nbanks,
						    struct assay_startup *startup,
						    struct assay_err *err);

/* How far a digest covers an event's data, found by hashing and never from
 * the event's type. */
enum assay_binding {
	ASSAY_BOUND_NOTHING = 0,  /* the digest covers something that is not in the log */
	ASSAY_BOUND_DATA,         /* all of the data */
	ASSAY_BOUND_TEXT,         /* the data without its trailing NUL */
	ASSAY_BOUND_AFTER_PREFIX, /* what follows "word: ", without the trailing NUL (GRUB) */
	ASSAY_BOUND_VARIABLE, /* UEFI_VARIABLE_DATA.VariableData alone (EV_EFI_VARIABLE_BOOT) */
	ASSAY_BOUND_CONTENT,  /* some other part, see proven (e.g. UTF-16 text as ASCII) */
};

/* UEFI_VARIABLE_DATA (PFP 10.2.6). */
struct assay_variable {
	struct assay_slice guid; /* 16 bytes, mixed-endian */
	struct assay_slice name; /* UTF-16LE, no NUL */
	struct assay_slice data;
};

/* What an event is, told by the bytes that its digest proves, whatever its type and the
 * prefix or wrapping around those bytes say. IMAGE, BLOB, FILE and TAG have no proven bytes:
 * their kind, text and path are hints for people, from the type. A COMMAND is a TEXT with a
 * prefix that nothing covers: no rule may treat the two differently. */
enum assay_event_kind {
	ASSAY_KIND_OPAQUE = 0,      /* only the digest is known */
	ASSAY_KIND_HEADER,          /* SpecID */
	ASSAY_KIND_NO_ACTION,       /* not extended */
	ASSAY_KIND_SEPARATOR,       /* digest = H(00000000) or H(ffffffff) */
	ASSAY_KIND_SEPARATOR_ERROR, /* digest = H(00000001), or typed a separator with another
				       digest */
	ASSAY_KIND_VARIABLE,        /* UEFI_VARIABLE_DATA, bound */
	ASSAY_KIND_ACTION,  /* an ASCII string that is EV_EFI_ACTION's or EV_ACTION's, bound */
	ASSAY_KIND_COMMAND, /* text after a "word: " prefix, bound (GRUB, Xen) */
	ASSAY_KIND_GPT,     /* partition table, bound */
	ASSAY_KIND_TEXT,    /* other bound text */
	ASSAY_KIND_DATA,    /* other bound data */
	ASSAY_KIND_IMAGE,   /* UEFI_IMAGE_LOAD_EVENT: the digest is Authenticode's */
	ASSAY_KIND_BLOB,    /* firmware blob: base and length only */
	ASSAY_KIND_FILE,    /* EV_IPL whose data is a name that nothing covers */
	ASSAY_KIND_TAG,     /* EV_EVENT_TAG: Linux initrd, LoadOptions, systemd */
};

struct assay_event_facts {
	enum assay_event_kind kind;
	enum assay_binding binding;
	struct assay_slice proven; /* the part of the event's data that the digest covers */
	bool type_known;           /* PFP 1.06 names the type */
	bool must_bind;            /* the type says that its data is hashed as it stands... */
	bool agrees;               /* ...and so it is (always true when !must_bind) */
	/* KIND_VARIABLE: proven, name included. Any other kind: what the data looks like, its
	 * name unproven; so for Boot####, whose content alone is hashed and gives the kind. */
	struct assay_variable variable;
	struct assay_slice prefix; /* "grub_cmd" of a COMMAND: unproven */
	struct assay_slice
		text; /* COMMAND, ACTION, TEXT: proven text; IPL name, tag text: unproven */
	bool text_utf16;
	struct assay_slice path; /* IMAGE: device path bytes, unproven */
	uint32_t tagged_id;      /* TAG: taggedEventID, unproven */
};

/* Judges one event in bank alg. Candidates are tried whatever the type says,
 * the one that the type suggests first. Fails only when the library does. */
ASSAY_API ASSAY_MUST_USE bool assay_event_prove(struct assay_crypto *crypto,
						const struct assay_event *ev, uint16_t alg,
						struct assay_event_facts *out);

/* The parts of a log that nothing signed covers, when bank alg is quoted in all PCRs.
 * Writes at most max ranges in order, neighbours merged; returns how many
 * there are. 0 and a fault in *err when the log cannot be read. */
ASSAY_API size_t assay_eventlog_unbound(struct assay_crypto *crypto, struct assay_slice in,
					uint16_t alg, struct assay_range *out, size_t max,
					struct assay_err *err);

/* EFI_SIGNATURE_LIST walk over a db, dbx, KEK or PK (UEFI 2.10, 32.4.1). */
struct assay_siglist {
	struct assay_slice type;  /* GUID */
	struct assay_slice owner; /* GUID */
	struct assay_slice data;  /* certificate (DER) or digest */
};
/* *at: 0 at first. False at the end and on a fault. */
ASSAY_API ASSAY_MUST_USE bool assay_siglist_next(struct assay_slice in, size_t *at,
						 size_t *inner, struct assay_siglist *out,
						 struct assay_err *err);

/* The last FilePath node of a UEFI device path as UTF-16LE; empty when none
 * or malformed (it is unproven anyway). */
ASSAY_API struct assay_slice assay_device_path_file(struct assay_slice path);

#endif
