/* SPDX-License-Identifier: Apache-2.0
 * What a digest proves: one row per candidate and per rule of a type. */
#include "core/evidence/eventlog/eventlog_internal.h"
#include "tests/eventlog_build.h"
#include "tests/tap.h"

#define S(s)                                                                                   \
	{                                                                                      \
		(const uint8_t *)s, sizeof(s) - 1                                              \
	}
#define VAR_GUID "0123456789abcdef"
/* "db" = "xyz" */
#define VAR                                                                                    \
	VAR_GUID "\2\0\0\0\0\0\0\0"                                                            \
		 "\3\0\0\0\0\0\0\0"                                                            \
		 "d\0b\0"                                                                      \
		 "xyz"
#define BOOT                                                                                   \
	VAR_GUID "\2\0\0\0\0\0\0\0"                                                            \
		 "\3\0\0\0\0\0\0\0"                                                            \
		 "B\0O\0"                                                                      \
		 "\1\0\2"
/* a variable named BO whose data is VAR, 39 bytes */
#define WRAPPED                                                                                \
	VAR_GUID "\2\0\0\0\0\0\0\0"                                                            \
		 "\x27\0\0\0\0\0\0\0"                                                          \
		 "B\0O\0" VAR
#define HUGE_NAME                                                                              \
	VAR_GUID "\2\0\0\0\0\0\0\x80"                                                          \
		 "\3\0\0\0\0\0\0\0"                                                            \
		 "d\0b\0"                                                                      \
		 "xyz"
#define SHIM_TAIL "\0\0\0\0\0"

static const struct {
	const char *name;
	enum assay_event_type type;
	struct assay_slice data, hashed;
	enum assay_event_kind kind;
	enum assay_binding binding;
	struct assay_slice proven;
	bool must_bind, agrees;
} rows[] = {
	/* separators: by digest, whatever type or data say */
	{ "separator 0", ASSAY_EV_SEPARATOR, S("\0\0\0\0"), S("\0\0\0\0"), ASSAY_KIND_SEPARATOR,
	  ASSAY_BOUND_DATA, S("\0\0\0\0"), true, true },
	{ "separator -1", ASSAY_EV_SEPARATOR, S("\xff\xff\xff\xff"), S("\xff\xff\xff\xff"),
	  ASSAY_KIND_SEPARATOR, ASSAY_BOUND_DATA, S("\xff\xff\xff\xff"), true, true },
	{ "separator whose data is the other one", ASSAY_EV_SEPARATOR, S("\xff\xff\xff\xff"),
	  S("\0\0\0\0"), ASSAY_KIND_SEPARATOR, ASSAY_BOUND_NOTHING, S(""), true, false },
	{ "separator with other data", ASSAY_EV_SEPARATOR, S("\0\0\0\0\0"), S("\0\0\0\0"),
	  ASSAY_KIND_SEPARATOR, ASSAY_BOUND_NOTHING, S(""), true, false },
	{ "separator relabelled", ASSAY_EV_IPL, S("some file"), S("\0\0\0\0"),
	  ASSAY_KIND_SEPARATOR, ASSAY_BOUND_NOTHING, S(""), false, true },
	{ "error separator", ASSAY_EV_SEPARATOR, S("free text"), S("\1\0\0\0"),
	  ASSAY_KIND_SEPARATOR_ERROR, ASSAY_BOUND_NOTHING, S(""), true, true },
	{ "error separator relabelled", ASSAY_EV_ACTION, S("\0\0\0\0"), S("\1\0\0\0"),
	  ASSAY_KIND_SEPARATOR_ERROR, ASSAY_BOUND_NOTHING, S(""), true, true },
	{ "typed a separator, other digest", ASSAY_EV_SEPARATOR, S("\0\0\0\0"), S("xx"),
	  ASSAY_KIND_SEPARATOR_ERROR, ASSAY_BOUND_NOTHING, S(""), true, false },
	{ "typed a separator, other data hashed", ASSAY_EV_SEPARATOR, S("WBCL"), S("WBCL"),
	  ASSAY_KIND_SEPARATOR_ERROR, ASSAY_BOUND_DATA, S("WBCL"), true, true },
	/* variables */
	{ "variable", ASSAY_EV_EFI_VARIABLE_DRIVER_CONFIG, S(VAR), S(VAR), ASSAY_KIND_VARIABLE,
	  ASSAY_BOUND_DATA, S(VAR), true, true },
	{ "variable relabelled", ASSAY_EV_EVENT_TAG, S(VAR), S(VAR), ASSAY_KIND_VARIABLE,
	  ASSAY_BOUND_DATA, S(VAR), false, true },
	{ "variable with another digest", ASSAY_EV_EFI_VARIABLE_AUTHORITY, S(VAR), S("x"),
	  ASSAY_KIND_OPAQUE, ASSAY_BOUND_NOTHING, S(""), true, false },
	{ "variable of which the content alone is hashed", ASSAY_EV_EFI_VARIABLE_DRIVER_CONFIG,
	  S(VAR), S("xyz"), ASSAY_KIND_TEXT, ASSAY_BOUND_VARIABLE, S("xyz"), true, false },
	{ "boot variable: content alone", ASSAY_EV_EFI_VARIABLE_BOOT, S(BOOT), S("\1\0\2"),
	  ASSAY_KIND_DATA, ASSAY_BOUND_VARIABLE, S("\1\0\2"), true, true },
	{ "boot variable: whole", ASSAY_EV_EFI_VARIABLE_BOOT, S(BOOT), S(BOOT),
	  ASSAY_KIND_VARIABLE, ASSAY_BOUND_DATA, S(BOOT), true, true },
	{ "boot variable: another digest", ASSAY_EV_EFI_VARIABLE_BOOT, S(BOOT), S("x"),
	  ASSAY_KIND_OPAQUE, ASSAY_BOUND_NOTHING, S(""), true, false },
	{ "variable 2 need not be hashed as it stands", ASSAY_EV_EFI_VARIABLE_BOOT2, S(BOOT),
	  S("x"), ASSAY_KIND_OPAQUE, ASSAY_BOUND_NOTHING, S(""), false, true },
	{ "variable cut short is data",
	  ASSAY_EV_EVENT_TAG,
	  { (const uint8_t *)VAR, sizeof VAR - 2 },
	  { (const uint8_t *)VAR, sizeof VAR - 2 },
	  ASSAY_KIND_DATA,
	  ASSAY_BOUND_DATA,
	  { (const uint8_t *)VAR, sizeof VAR - 2 },
	  false,
	  true },
	{ "variable whose name is of 2^63 + 2 characters", ASSAY_EV_EVENT_TAG, S(HUGE_NAME),
	  S(HUGE_NAME), ASSAY_KIND_DATA, ASSAY_BOUND_DATA, S(HUGE_NAME), false, true },
	{ "old shim: six bytes too many, five hashed", ASSAY_EV_EFI_VARIABLE_AUTHORITY,
	  S(VAR SHIM_TAIL "\xaf"), S(VAR SHIM_TAIL), ASSAY_KIND_VARIABLE, ASSAY_BOUND_CONTENT,
	  S(VAR SHIM_TAIL), true, true },
	{ "variable wrapped in another is itself", ASSAY_EV_EFI_VARIABLE_BOOT, S(WRAPPED),
	  S(VAR), ASSAY_KIND_VARIABLE, ASSAY_BOUND_VARIABLE, S(VAR), true, true },
	{ "variable behind a prefix is itself", ASSAY_EV_IPL, S("grub_cmd: " VAR), S(VAR),
	  ASSAY_KIND_VARIABLE, ASSAY_BOUND_AFTER_PREFIX, S(VAR), true, true },
	/* texts */
	{ "action", ASSAY_EV_EFI_ACTION, S("Exit Boot Services Invocation"),
	  S("Exit Boot Services Invocation"), ASSAY_KIND_ACTION, ASSAY_BOUND_DATA,
	  S("Exit Boot Services Invocation"), true, true },
	{ "action relabelled", ASSAY_EV_IPL, S("UEFI Debug Mode"), S("UEFI Debug Mode"),
	  ASSAY_KIND_ACTION, ASSAY_BOUND_DATA, S("UEFI Debug Mode"), false, true },
	{ "action that PFP does not name", ASSAY_EV_EFI_ACTION, S("hello"), S("hello"),
	  ASSAY_KIND_TEXT, ASSAY_BOUND_DATA, S("hello"), true, true },
	{ "action logged with a NUL", ASSAY_EV_ACTION, S("UEFI Debug Mode\0"),
	  S("UEFI Debug Mode"), ASSAY_KIND_ACTION, ASSAY_BOUND_TEXT, S("UEFI Debug Mode"), true,
	  true },
	{ "action with another digest", ASSAY_EV_EFI_ACTION, S("UEFI Debug Mode"), S("x"),
	  ASSAY_KIND_OPAQUE, ASSAY_BOUND_NOTHING, S(""), true, false },
	{ "command", ASSAY_EV_IPL, S("grub_cmd: set a=b: c\0"), S("set a=b: c"),
	  ASSAY_KIND_COMMAND, ASSAY_BOUND_AFTER_PREFIX, S("set a=b: c"), true, true },
	{ "command under an odd prefix", ASSAY_EV_IPL, S("x-y z: text\0"), S("text"),
	  ASSAY_KIND_COMMAND, ASSAY_BOUND_AFTER_PREFIX, S("text"), false, true },
	{ "command relabelled", ASSAY_EV_NONHOST_INFO, S("grub_cmd: x\0"), S("x"),
	  ASSAY_KIND_COMMAND, ASSAY_BOUND_AFTER_PREFIX, S("x"), false, true },
	{ "command of no text", ASSAY_EV_IPL, S("module_cmdline: \0"), S(""),
	  ASSAY_KIND_COMMAND, ASSAY_BOUND_AFTER_PREFIX, S(""), true, true },
	{ "command with another digest", ASSAY_EV_IPL, S("kernel_cmdline: x\0"), S("y"),
	  ASSAY_KIND_FILE, ASSAY_BOUND_NOTHING, S(""), true, false },
	{ "command hashed with its prefix", ASSAY_EV_IPL, S("grub_cmd: x\0"), S("grub_cmd: x"),
	  ASSAY_KIND_TEXT, ASSAY_BOUND_TEXT, S("grub_cmd: x"), true, true },
	{ "file name that nothing covers", ASSAY_EV_IPL, S("/vmlinuz\0"), S("content"),
	  ASSAY_KIND_FILE, ASSAY_BOUND_NOTHING, S(""), false, true },
	{ "UTF-16 text without its NUL", ASSAY_EV_IPL, S("r\0o\0\0\0"), S("r\0o\0"),
	  ASSAY_KIND_TEXT, ASSAY_BOUND_TEXT, S("r\0o\0"), false, true },
	{ "UTF-16 name hashed as ASCII with NUL", ASSAY_EV_IPL, S(".\0t\0\0\0"), S(".t\0"),
	  ASSAY_KIND_TEXT, ASSAY_BOUND_CONTENT, S(".\0t\0\0\0"), false, true },
	{ "UTF-16 name hashed as ASCII without NUL", ASSAY_EV_IPL, S(".\0t\0\0\0"), S(".t"),
	  ASSAY_KIND_TEXT, ASSAY_BOUND_CONTENT, S(".\0t\0\0\0"), false, true },
	{ "UTF-16 name without its NUL is not tried as ASCII", ASSAY_EV_IPL, S("r\0o\0"),
	  S("ro"), ASSAY_KIND_FILE, ASSAY_BOUND_NOTHING, S(""), false, true },
	/* the rest */
	{ "partition table", ASSAY_EV_EFI_GPT_EVENT, S("EFI PART\0\0\1\0"),
	  S("EFI PART\0\0\1\0"), ASSAY_KIND_GPT, ASSAY_BOUND_DATA, S("EFI PART\0\0\1\0"), true,
	  true },
	{ "partition table with another digest", ASSAY_EV_EFI_GPT_EVENT, S("EFI PART\0\0\1\0"),
	  S("x"), ASSAY_KIND_OPAQUE, ASSAY_BOUND_NOTHING, S(""), true, false },
	{ "version that is not hashed", ASSAY_EV_S_CRTM_VERSION, S("2\0.\0\0\0"), S("x"),
	  ASSAY_KIND_OPAQUE, ASSAY_BOUND_NOTHING, S(""), false, true },
	{ "image", ASSAY_EV_EFI_BOOT_SERVICES_APPLICATION, S("not a load event"), S("x"),
	  ASSAY_KIND_IMAGE, ASSAY_BOUND_NOTHING, S(""), false, true },
	{ "blob", ASSAY_EV_EFI_PLATFORM_FIRMWARE_BLOB, S("0123456789abcdef"), S("x"),
	  ASSAY_KIND_BLOB, ASSAY_BOUND_NOTHING, S(""), false, true },
	{ "tag", ASSAY_EV_EVENT_TAG, S("\xec\x22\x3b\x8f\3\0\0\0ab\0"), S("x"), ASSAY_KIND_TAG,
	  ASSAY_BOUND_NOTHING, S(""), false, true },
	{ "tag cut short", ASSAY_EV_EVENT_TAG, S("\xec\x22\x3b\x8f\4\0\0\0ab\0"), S("x"),
	  ASSAY_KIND_OPAQUE, ASSAY_BOUND_NOTHING, S(""), false, true },
	{ "EV_NO_ACTION with a digest", ASSAY_EV_NO_ACTION, S("x"), S("x"),
	  ASSAY_KIND_NO_ACTION, ASSAY_BOUND_NOTHING, S(""), true, false },
};

static bool prove(struct build *l, uint16_t alg, struct assay_event *ev,
		  struct assay_event_facts *f)
{
	struct assay_eventlog log;
	struct assay_err err;

	return assay_eventlog_open(&log, build_log(l), &err) && assay_eventlog_next(&log, ev) &&
	       assay_eventlog_next(&log, ev) && assay_event_prove(l->crypto, ev, alg, f);
}

static void check_row(struct build *l, size_t i)
{
	static const uint16_t algs[2] = { ASSAY_SHA1, ASSAY_SHA256 };
	bool pass = true;

	l->n = 0;
	build_header(l);
	build_event(l, 8, (uint32_t)rows[i].type, rows[i].data, rows[i].hashed);
	for (size_t a = 0; a < 2; a++) {
		struct assay_event ev;
		struct assay_event_facts f;
		bool ok = prove(l, algs[a], &ev, &f) && f.kind == rows[i].kind &&
			  f.binding == rows[i].binding && slice_eq(f.proven, rows[i].proven) &&
			  f.must_bind == rows[i].must_bind && f.agrees == rows[i].agrees &&
			  f.type_known;
		if (!ok)
			printf("# got kind %d binding %d proven %zu must %d agrees %d\n",
			       f.kind, f.binding, f.proven.n, f.must_bind, f.agrees);
		pass = pass && ok;
	}
	tap_ok(pass, "%s", rows[i].name);
}

/* The parts of the facts that the table does not show. */
static void check_parts(struct build *l)
{
	const struct assay_slice none = { 0 }, var = S(VAR), boot = S(BOOT);
	const struct assay_slice image = S("\0\1\2\3\4\5\6\7"
					   "01234567"
					   "01234567"
					   "\4\0\0\0\0\0\0\0"
					   "\x7f\xff\4\0");
	const struct assay_slice tag = S("\xec\x22\x3b\x8f\3\0\0\0ab\0"),
				 utf16 = S(".\0t\0\0\0");
	struct assay_event ev;
	struct assay_event_facts f;

	l->n = 0;
	build_header(l);
	build_event(l, 7, 0x12345678, var, var);
	tap_ok(prove(l, ASSAY_SHA256, &ev, &f) && !f.type_known &&
		       f.kind == ASSAY_KIND_VARIABLE && slice_is(f.variable.guid, VAR_GUID) &&
		       f.variable.name.n == 4 && slice_is(f.variable.data, "xyz"),
	       "a variable's parts, under an unknown type");
	tap_ok(prove(l, ASSAY_SHA384, &ev, &f) && f.binding == ASSAY_BOUND_NOTHING &&
		       f.variable.name.n == 4,
	       "a bank without digests proves nothing");
	tap_ok(prove(l, ASSAY_SM3_256, &ev, &f) && f.binding == ASSAY_BOUND_NOTHING,
	       "a bank that cannot be computed proves nothing");

	l->n = 69;
	build_event(l, 1, (uint32_t)ASSAY_EV_EFI_VARIABLE_BOOT, boot,
		    (struct assay_slice)S("\1\0\2"));
	tap_ok(prove(l, ASSAY_SHA256, &ev, &f) && f.kind == ASSAY_KIND_DATA &&
		       slice_is(f.variable.name, "B") == false && f.variable.name.n == 4,
	       "a boot variable's name is told, unproven");

	l->n = 69;
	build_event(l, 4, (uint32_t)ASSAY_EV_EFI_BOOT_SERVICES_DRIVER, image, text_of("x"));
	tap_ok(prove(l, ASSAY_SHA256, &ev, &f) && f.path.n == 4 && f.path.p[0] == 0x7f,
	       "an image's device path");
	l->n = 69;
	build_event(l, 9, (uint32_t)ASSAY_EV_EVENT_TAG, tag, text_of("x"));
	tap_ok(prove(l, ASSAY_SHA256, &ev, &f) && f.tagged_id == 0x8f3b22ec &&
		       slice_is(f.text, "ab"),
	       "a tag's identifier and text");
	l->n = 69;
	build_event(l, 11, (uint32_t)ASSAY_EV_IPL, utf16, text_of("content"));
	tap_ok(prove(l, ASSAY_SHA256, &ev, &f) && f.kind == ASSAY_KIND_FILE && f.text_utf16 &&
		       f.text.n == 4,
	       "a name in UTF-16 that nothing covers");
	l->n = 69;
	build_event(l, 8, (uint32_t)ASSAY_EV_IPL, text_of("kernel_cmdline: a b"),
		    text_of("a b"));
	tap_ok(prove(l, ASSAY_SHA256, &ev, &f) && slice_is(f.prefix, "kernel_cmdline") &&
		       slice_is(f.text, "a b") && !f.text_utf16,
	       "a command's prefix and text");
	l->n = 69;
	build_event(l, 0, (uint32_t)ASSAY_EV_NO_ACTION, text_of("x"), none);
	tap_ok(prove(l, ASSAY_SHA256, &ev, &f) && f.must_bind && f.agrees,
	       "EV_NO_ACTION with zero digests");
	l->n = 69;
	build_event(l, UINT32_MAX, (uint32_t)ASSAY_EV_NO_ACTION, text_of("x"), text_of("x"));
	tap_ok(prove(l, ASSAY_SHA256, &ev, &f) && !f.must_bind && f.agrees,
	       "EV_NO_ACTION on PCR 0xffffffff may have a digest");
}

static void check_separators(struct build *l)
{
	static const uint16_t algs[] = { ASSAY_SHA1, ASSAY_SHA256, ASSAY_SHA384, ASSAY_SHA512 };
	static const struct {
		struct assay_slice data;
		enum separator which;
	} known[] = { { S("\0\0\0\0"), SEPARATOR_ZERO },
		      { S("\xff\xff\xff\xff"), SEPARATOR_ONES },
		      { S("\1\0\0\0"), SEPARATOR_ERROR },
		      { S("\0\0\0\1"), SEPARATOR_NONE } };

	for (size_t a = 0; a < 4; a++) {
		bool pass = true;
		for (size_t k = 0; k < 4; k++) {
			uint8_t d[ASSAY_DIGEST_MAX];
			struct assay_slice digest = { d, assay_alg_size(algs[a]) };
			pass = pass && assay_hash1(l->crypto, algs[a], known[k].data, d) &&
			       separator_by_digest(algs[a], digest) == known[k].which;
			digest.n--;
			pass = pass && separator_by_digest(algs[a], digest) == SEPARATOR_NONE;
		}
		tap_ok(pass, "digests of the separators, bank 0x%04x", algs[a]);
	}
}

int main(void)
{
	static struct build l;

	l.crypto = assay_crypto_new(NULL, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check_row(&l, i);
	check_parts(&l);
	check_separators(&l);
	assay_crypto_free(l.crypto);
	return tap_done();
}
