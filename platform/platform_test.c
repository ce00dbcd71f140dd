/* SPDX-License-Identifier: Apache-2.0
 * One row per rule of platform/'s headers. */
#include "platform/base64.h"
#include "platform/file.h"
#include "platform/hex.h"
#include "platform/json.h"
#include "tests/tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct assay_slice text(const char *s)
{
	return (struct assay_slice){ (const uint8_t *)s, strlen(s) };
}

static void run_hex(void)
{
	static const struct {
		const char *name, *in;
		size_t cap;
		bool good;
		size_t n;
	} rows[] = {
		{ "hex: none", "", 4, true, 0 },
		{ "hex: both cases", "0aFf", 4, true, 2 },
		{ "hex: fills the buffer", "00112233", 4, true, 4 },
		{ "hex: one byte too many", "0011223344", 4, false, 0 },
		{ "hex: odd", "0", 4, false, 0 },
		{ "hex: space", "0 ", 4, false, 0 },
		{ "hex: 0x", "0x11", 4, false, 0 },
		{ "hex: behind 9", "0:", 4, false, 0 },
		{ "hex: behind f", "0g", 4, false, 0 },
		{ "hex: behind F", "G0", 4, false, 0 },
		{ "hex: newline", "00\n", 4, false, 0 },
	};
	uint8_t out[4];
	char back[9];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t n = 77;
		bool good = platform_hex_read(text(rows[i].in), out, rows[i].cap, &n);
		tap_ok(good == rows[i].good && n == (good ? rows[i].n : 77), "%s",
		       rows[i].name);
	}
	size_t n = 0;
	bool read = platform_hex_read(text("00fF80Ab"), out, sizeof out, &n);
	platform_hex_write((struct assay_slice){ out, n }, back);
	tap_ok(read && strcmp(back, "00ff80ab") == 0, "hex: written in lower case");
}

static void run_base64(void)
{
	static const char *const std[] = { "", "+w==", "+/8=", "+/8Q", "+/8QPg==" };
	static const char *const url[] = { "", "-w", "-_8", "-_8Q", "-_8QPg" };
	static const uint8_t bytes[] = { 0xfb, 0xff, 0x10, 0x3e };
	char out[16];

	for (size_t n = 0; n <= sizeof bytes; n++) {
		platform_base64_write(PLATFORM_BASE64, (struct assay_slice){ bytes, n }, out);
		bool good = strcmp(out, std[n]) == 0;
		platform_base64_write(PLATFORM_BASE64URL, (struct assay_slice){ bytes, n },
				      out);
		tap_ok(good && strcmp(out, url[n]) == 0, "base64: %zu bytes written", n);
	}
}

static void run_json(void)
{
	static const struct {
		const char *name, *in;
		bool good;
		int line, column;
	} rows[] = {
		{ "json: object", "{\"a\":[1,2]}", true, 0, 0 },
		{ "json: any value", "1", true, 0, 0 },
		{ "json: key twice", "{\"a\":1,\n\"a\":2}", false, 2, 3 },
		{ "json: bytes after the value", "{} x", false, 1, 4 },
		{ "json: empty", "", false, 1, 0 },
		{ "json: not UTF-8", "\"\xff\"", false, 1, 1 },
		{ "json: NUL", "\"\\u0000\"", false, 1, 8 },
		{ "json: number too big", "123456789012345678901234567890", false, 1, 30 },
	};
	struct platform_message why;
	struct platform_json_error at;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		json_t *v = platform_json_read(text(rows[i].in), "x", 1000, &at, &why);
		bool pass = (v != NULL) == rows[i].good;
		if (!v)
			pass = pass && at.line == rows[i].line && at.column == rows[i].column &&
			       why.why[0] && why.hint[0];
		if (!tap_ok(pass, "%s", rows[i].name))
			printf("# line %d column %d %s\n", at.line, at.column, why.why);
		json_decref(v);
	}
	tap_ok(!platform_json_read(text("[1234]"), "x", 5, &at, &why), "json: above the limit");
	json_t *v = platform_json_read(text("[1234]"), "x", 6, &at, &why);
	tap_ok(v != NULL, "json: at the limit");
	json_decref(v);

	char deep[2 * PLATFORM_JSON_DEPTH + 3];
	memset(deep, '[', PLATFORM_JSON_DEPTH);
	memset(deep + PLATFORM_JSON_DEPTH, ']', PLATFORM_JSON_DEPTH);
	deep[2 * PLATFORM_JSON_DEPTH] = '\0';
	v = platform_json_read(text(deep), "x", 1000, &at, &why);
	tap_ok(v != NULL, "json: deepest");
	json_decref(v);
	memset(deep, '[', PLATFORM_JSON_DEPTH + 1);
	memset(deep + PLATFORM_JSON_DEPTH + 1, ']', PLATFORM_JSON_DEPTH + 1);
	deep[2 * PLATFORM_JSON_DEPTH + 2] = '\0';
	tap_ok(!platform_json_read(text(deep), "x", 1000, &at, &why) &&
		       at.offset == PLATFORM_JSON_DEPTH,
	       "json: one deeper");
	v = platform_json_read(
		text("\"[[\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
		     "[[[[[[[[[[[[[[[[[[[[[\""),
		"x", 1000, &at, &why);
	tap_ok(v != NULL, "json: brackets in a string are no depth");
	json_decref(v);
}

static void run_file(const char *folder)
{
	struct platform_message why = { 0 };
	struct assay_slice in;
	struct stat st;
	char path[256], away[256];

	snprintf(path, sizeof path, "%s/f", folder);
	snprintf(away, sizeof away, "%s/none/f", folder);
	tap_ok(!platform_file_read(path, 10, &in, &why) && why.errnum == ENOENT &&
		       why.hint[0] && strstr(why.what, path),
	       "file: not there");
	tap_ok(platform_file_write_atomic(path, text("0123456789"), 0640, &why) &&
		       stat(path, &st) == 0 && (st.st_mode & 07777) == 0640,
	       "file: written with its mode");
	bool read = platform_file_read(path, 10, &in, &why);
	if (tap_ok(read && in.n == 10 && memcmp(in.p, "0123456789", 11) == 0,
		   "file: at the limit"))
		platform_file_drop(&in);
	tap_ok(!platform_file_read(path, 9, &in, &why) && why.errnum == EFBIG,
	       "file: above it");
	tap_ok(platform_file_write_atomic(path, text("new"), 0600, &why) &&
		       platform_file_read(path, 10, &in, &why) && in.n == 3,
	       "file: replaced");
	platform_file_drop(&in);
	tap_ok(!platform_file_write_atomic(away, text("x"), 0600, &why) &&
		       why.errnum == ENOENT && why.hint[0],
	       "file: no folder");
	snprintf(away, sizeof away, "%s/folder", folder);
	tap_ok(mkdir(away, 0700) == 0 &&
		       !platform_file_write_atomic(away, text("x"), 0600, &why) &&
		       why.errnum == EISDIR && rmdir(away) == 0,
	       "file: onto a folder");
	tap_ok(!platform_file_read(folder, 10, &in, &why) && why.errnum == EISDIR,
	       "file: a folder is not read");
	tap_ok(platform_file_read("/proc/self/status", 100000, &in, &why) && in.n > 100,
	       "file: one whose size is said to be 0");
	platform_file_drop(&in);
	tap_ok(platform_is_folder(folder) && !platform_is_folder(path), "file: folder or not");
	unlink(path);
	tap_ok(rmdir(folder) == 0, "file: nothing else is left behind");
}

int main(void)
{
	char folder[] = "/tmp/assay-platform-XXXXXX";

	run_hex();
	run_base64();
	run_json();
	if (mkdtemp(folder))
		run_file(folder);
	return tap_done();
}
