/* SPDX-License-Identifier: Apache-2.0 */
#include "core/appraisal/component.h"

enum { COMMAND_MAX = 4096 };

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

bool component_mentions(struct assay_slice s, bool utf16, const char *word)
{
	size_t step = utf16 ? 2 : 1, n = strlen(word);

	for (size_t i = 0; i + n * step <= s.n; i += step) {
		size_t k = 0;
		while (k < n && lower(s.p[i + k * step]) == lower((uint8_t)word[k]) &&
		       (!utf16 || s.p[i + k * step + 1] == 0))
			k++;
		if (k == n)
			return true;
	}
	return false;
}

bool component_is_ritual(const struct assay_event_facts *facts)
{
	static const char *const actions[] = {
		"Calling EFI Application from Boot Option",
		"Returning from EFI Application from Boot Option",
		"Exit Boot Services Invocation",
		"Exit Boot Services Returned with Success",
	};

	if (facts->kind == ASSAY_KIND_SEPARATOR)
		return true;
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (slice_is(facts->proven, actions[i]))
			return true;
	return false;
}

static enum assay_kind image_kind(struct boot_walk *w, const struct assay_event_facts *facts)
{
	struct assay_slice file = assay_device_path_file(facts->path);
	bool linux_name = component_mentions(file, true, "\\linux") ||
			  component_mentions(file, true, "vmlinuz");

	w->images++;
	if (linux_name)
		return ASSAY_REF_KERNEL;
	/* shim measures what GRUB hands it for verification, without a path */
	return facts->path.n == 0 && w->images > 1 ? ASSAY_REF_KERNEL : ASSAY_REF_BOOT_LOADER;
}

static bool word_starts(struct assay_slice text, const char *const *words)
{
	for (; *words; words++) {
		size_t n = strlen(*words);
		if (slice_starts(text, *words) && (text.n == n || text.p[n] == ' '))
			return true;
	}
	return false;
}

/* What the boot loader's last command made of a file: "linux /vmlinuz ..."
 * then "/vmlinuz". A command that does not name the file says nothing. */
static enum assay_kind file_kind(const struct boot_walk *w, struct assay_slice name)
{
	static const char *const kernel[] = { "linux",  "linuxefi", "linux16",
					      "module", "module2",  NULL };
	static const char *const initrd[] = { "initrd", "initrdefi", "initrd16", NULL };
	static const char *const hypervisor[] = { "multiboot", "multiboot2", "xen_hypervisor",
						  NULL };
	char word[256];

	if (component_mentions(name, false, "initrd") ||
	    component_mentions(name, false, "initramfs"))
		return ASSAY_REF_INITRD;
	if (name.n == 0 || name.n >= sizeof word)
		return ASSAY_REF_BOOT_FILE;
	memcpy(word, name.p, name.n);
	word[name.n] = '\0';
	if (!component_mentions(w->command, false, word))
		return ASSAY_REF_BOOT_FILE;
	if (word_starts(w->command, hypervisor))
		return ASSAY_REF_HYPERVISOR;
	if (word_starts(w->command, initrd))
		return ASSAY_REF_INITRD;
	return word_starts(w->command, kernel) ? ASSAY_REF_KERNEL : ASSAY_REF_BOOT_FILE;
}

static enum assay_kind section_kind(const struct assay_event_facts *facts)
{
	static const struct {
		const char *section;
		enum assay_kind kind;
	} sections[] = {
		{ ".linux", ASSAY_REF_KERNEL },
		{ ".initrd", ASSAY_REF_INITRD },
		{ ".cmdline", ASSAY_REF_COMMAND_LINE },
	};
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		if (component_mentions(facts->text, facts->text_utf16, sections[i].section))
			return sections[i].kind;
	return ASSAY_REF_BOOT_FILE;
}

static enum assay_kind command_kind(struct boot_walk *w, const struct assay_event_facts *facts)
{
	if (facts->kind != ASSAY_KIND_COMMAND)
		return ASSAY_REF_BOOT_COMMAND;
	/* searched for each file that follows: no longer than a command line may be */
	w->command = slice_part(facts->text, 0, COMMAND_MAX);
	return component_mentions(facts->prefix, false, "cmdline") ? ASSAY_REF_COMMAND_LINE
								   : ASSAY_REF_BOOT_COMMAND;
}

enum assay_kind component_kind(struct boot_walk *w, const struct assay_event *ev,
			       const struct assay_event_facts *facts)
{
	const uint32_t LINUX_INITRD_TAG = 0x8f3b22ec, LINUX_LOAD_OPTIONS_TAG = 0x8f3b22ed;

	if (facts->kind == ASSAY_KIND_SEPARATOR) {
		w->separators |= 1u << (ev->pcrIndex % ASSAY_PCRS);
		return ASSAY_REF_OTHER;
	}
	if (facts->kind == ASSAY_KIND_TAG && facts->tagged_id == LINUX_INITRD_TAG)
		return ASSAY_REF_INITRD;
	if (facts->kind == ASSAY_KIND_TAG && facts->tagged_id == LINUX_LOAD_OPTIONS_TAG)
		return ASSAY_REF_COMMAND_LINE;
	switch (ev->pcrIndex) {
	case 0:
		return ASSAY_REF_FIRMWARE;
	case 1:
	case 3:
		return ASSAY_REF_FIRMWARE_CONFIG;
	case 2:
		return ASSAY_REF_DRIVER;
	case 4:
		return facts->kind == ASSAY_KIND_IMAGE ? image_kind(w, facts) : ASSAY_REF_OTHER;
	case 5:
		return facts->kind == ASSAY_KIND_GPT ? ASSAY_REF_PARTITION_TABLE
						     : ASSAY_REF_OTHER;
	case 7:
		return w->separators & 1u << 7 ? ASSAY_REF_AUTHORITY : ASSAY_REF_VARIABLE;
	case 8:
		return command_kind(w, facts);
	case 9:
		return file_kind(w, facts->text);
	case 11:
		return section_kind(facts);
	case 12:
		return ASSAY_REF_COMMAND_LINE;
	case 13:
		return ASSAY_REF_BOOT_FILE;
	case 14:
		return ASSAY_REF_MOK;
	case 15:
		return ASSAY_REF_USERSPACE;
	default:
		return ASSAY_REF_OTHER;
	}
}

void component_name(struct text *t, const struct assay_event *ev,
		    const struct assay_event_facts *facts, bool *proven)
{
	const char *type = assay_event_type_name(ev->eventType);

	*proven = false;
	switch (facts->kind) {
	case ASSAY_KIND_VARIABLE:
		*proven = true;
		text_safe_utf16(t, facts->variable.name, 256);
		break;
	case ASSAY_KIND_COMMAND:
	case ASSAY_KIND_ACTION:
	case ASSAY_KIND_TEXT:
		*proven = true;
		if (facts->text_utf16)
			text_safe_utf16(t, facts->text, JUDGE_NAME);
		else
			text_safe(t, facts->text, JUDGE_NAME);
		break;
	case ASSAY_KIND_IMAGE:
		text_safe_utf16(t, assay_device_path_file(facts->path), 256);
		break;
	case ASSAY_KIND_GPT:
		text_str(t, "GPT");
		break;
	default:
		if (facts->text_utf16)
			text_safe_utf16(t, facts->text, 256);
		else
			text_safe(t, facts->text, 256);
	}
	if (t->n == 0)
		text_str(t, type ? type : "event of unknown type");
}
