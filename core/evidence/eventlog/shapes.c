/* SPDX-License-Identifier: Apache-2.0
 *
 * Structures inside event data (PFP 1.06, 10.2), little-endian. Lengths are
 * never trusted; what does not end exactly where the data ends is not that
 * structure.
 *
 *   UEFI_VARIABLE_DATA                    UEFI_IMAGE_LOAD_EVENT
 *    0 16 VariableName (GUID)              0 8 ImageLocationInMemory
 *   16  8 UnicodeNameLength (characters)   8 8 ImageLengthInMemory
 *   24  8 VariableDataLength              16 8 ImageLinkTimeAddress
 *   32 2n UnicodeName (UTF-16LE)          24 8 LengthOfDevicePath
 *       m VariableData                    32 n DevicePath
 *
 *   TCG_PCClientTaggedEvent               EFI_DEVICE_PATH_PROTOCOL node (UEFI 2.10, 10.2)
 *    0  4 taggedEventID                    0 1 Type, 1 SubType
 *    4  4 taggedEventDataSize              2 2 Length (these four bytes included)
 *    8  n taggedEventData                  4 n
 */
#include "core/base/utf8.h"
#include "core/evidence/eventlog/eventlog_internal.h"

enum {
	GUID_SIZE = 16,
	SHIM_TRAILING = 5,
	NODE_HEADER = 4,
	NODE_MEDIA = 4,
	NODE_FILE_PATH = 4,
	NODE_END = 0x7f
};

static bool read_variable(struct assay_slice data, size_t trailing, struct assay_variable *out)
{
	struct assay_err err;
	struct cur c = cur_over(data, &err);
	struct assay_variable v = { .guid = cur_bytes(&c, GUID_SIZE, "VariableName") };
	uint64_t chars = cur_le(&c, 8, "UnicodeNameLength");
	uint64_t bytes = cur_le(&c, 8, "VariableDataLength");

	/* BOUNDS: both are 64 bits wide and doubled or narrowed next. */
	if (chars > data.n || bytes > data.n)
		return false;
	v.name = cur_bytes(&c, (size_t)chars * 2, "UnicodeName");
	v.data = cur_bytes(&c, (size_t)bytes, "VariableData");
	cur_bytes(&c, trailing, "VariableData");
	if (!cur_done(&c, "VariableData"))
		return false;
	*out = v;
	return true;
}

bool shape_variable(struct assay_slice data, struct assay_variable *out)
{
	return read_variable(data, 0, out);
}

bool shape_variable_shim(struct assay_slice data, struct assay_variable *out)
{
	return read_variable(data, SHIM_TRAILING, out);
}

bool shape_image(struct assay_slice data, struct assay_slice *path)
{
	struct assay_err err;
	struct cur c = cur_over(data, &err);

	(void)cur_le(&c, 8, "ImageLocationInMemory");
	(void)cur_le(&c, 8, "ImageLengthInMemory");
	(void)cur_le(&c, 8, "ImageLinkTimeAddress");
	uint64_t n = cur_le(&c, 8, "LengthOfDevicePath");
	if (n > data.n)
		return false;
	struct assay_slice p = cur_bytes(&c, (size_t)n, "DevicePath");
	if (!cur_done(&c, "DevicePath"))
		return false;
	*path = p;
	return true;
}

bool shape_tag(struct assay_slice data, uint32_t *id, struct assay_slice *text)
{
	struct assay_err err;
	struct cur c = cur_over(data, &err);
	uint32_t tag = (uint32_t)cur_le(&c, 4, "taggedEventID");
	uint32_t n = (uint32_t)cur_le(&c, 4, "taggedEventDataSize");
	struct assay_slice d = cur_bytes(&c, n, "taggedEventData");

	if (!cur_done(&c, "taggedEventData"))
		return false;
	*id = tag;
	*text = d;
	return true;
}

static bool is_word(uint8_t b)
{
	return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') ||
	       b == '_';
}

bool shape_prefixed(struct assay_slice data, struct assay_slice *word, struct assay_slice *rest)
{
	size_t n = 0;

	while (n + 1 < data.n && !(data.p[n] == ':' && data.p[n + 1] == ' '))
		n++;
	if (n == 0 || n + 1 >= data.n)
		return false;

	size_t end = data.n;
	if (end > n + 2 && data.p[end - 1] == '\0')
		end--;
	*word = slice_part(data, 0, n);
	*rest = slice_part(data, n + 2, end);
	return true;
}

bool shape_is_word(struct assay_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_word(s.p[i]))
			return false;
	return s.n > 0;
}

static bool is_control(uint32_t c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c < 0xa0);
}

bool shape_is_text(struct assay_slice s)
{
	uint32_t c;

	for (size_t at = 0, n; at < s.n; at += n) {
		n = utf8_read(s.p + at, s.n - at, &c);
		if (n == 0 || is_control(c))
			return false;
	}
	return true;
}

bool shape_is_utf16(struct assay_slice s)
{
	if (s.n == 0 || s.n % 2 != 0)
		return false;
	for (size_t i = 0; i < s.n; i += 2) {
		uint32_t unit = (uint32_t)s.p[i] | (uint32_t)s.p[i + 1] << 8;
		if (is_control(unit) || (unit >= 0xd800 && unit <= 0xdfff) || unit >= 0xfffe)
			return false;
	}
	return true;
}

bool shape_is_action(struct assay_slice s)
{
	/* PFP 1.06, 10.4.4 and 3.3.4.8; TCG EFI Platform 1.22, 7.8. */
	static const char *const actions[] = {
		"Calling EFI Application from Boot Option",
		"Returning from EFI Application from Boot Option",
		"Exit Boot Services Invocation",
		"Exit Boot Services Returned with Success",
		"Exit Boot Services Returned with Failure",
		"UEFI Debug Mode",
		"DMA Protection Disabled",
		"Entering ROM Based Setup",
		"Calling INT 19h",
		"Returned INT 19h",
		"Return via INT 18h",
		"User Password Entered",
		"Administrator Password Entered",
		"Password Failure",
		"BIOS Recovery",
		"Start Option ROM Scan",
	};

	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (slice_is(s, actions[i]))
			return true;
	return false;
}

struct assay_slice assay_device_path_file(struct assay_slice path)
{
	struct assay_err err;
	struct cur c = cur_over(path, &err);
	struct assay_slice file = { 0 };

	while (cur_ok(&c) && cur_left(&c) > 0) {
		uint8_t type = (uint8_t)cur_le(&c, 1, "Type");
		uint8_t sub = (uint8_t)cur_le(&c, 1, "SubType");
		size_t length = cur_le(&c, 2, "Length");
		if (length < NODE_HEADER)
			return (struct assay_slice){ 0 };
		struct assay_slice body = cur_bytes(&c, length - NODE_HEADER, "PathName");
		if (type == NODE_END)
			break;
		if (type == NODE_MEDIA && sub == NODE_FILE_PATH)
			file = body;
	}
	if (!cur_ok(&c) || file.n % 2 != 0)
		return (struct assay_slice){ 0 };
	while (file.n >= 2 && file.p[file.n - 1] == 0 && file.p[file.n - 2] == 0)
		file.n -= 2;
	return file.n > 0 ? file : (struct assay_slice){ 0 };
}
