/* SPDX-License-Identifier: Apache-2.0
 * One row per rule of userlog.h; the name says which rule. */
#include "verifier/load/userlog.h"

#include "tests/tap.h"

#include <stdlib.h>
#include <string.h>

#define RS "\x1e"
#define H1 "0000000000000000000000000000000000000001"
#define H256 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define D1 "{\"hashAlg\":\"sha1\",\"digest\":\"" H1 "\"}"
#define D256 "{\"hashAlg\":\"sha256\",\"digest\":\"" H256 "\"}"
#define CONTENT                                                                                \
	"\"content_type\":\"systemd\",\"content\":{\"string\":\"/etc/"                         \
	"x\",\"eventType\":\"file\"}"
#define REC(pcr, digests, rest) RS "{\"pcr\":" pcr ",\"digests\":[" digests "]" rest "}\n"
#define GOOD REC("12", D1 "," D256, "," CONTENT)

static const struct {
	const char *name, *in;
	size_t n; /* events, when good */
	enum assay_fault fault;
	const char *field;
	size_t line, offset;
} rows[] = {
	{ "an empty log", "", 0, 0, 0, 0, 0 },
	{ "one record", GOOD, 1, 0, 0, 0, 0 },
	{ "two records", GOOD GOOD, 2, 0, 0, 0, 0 },
	{ "no content", REC("0", D256, ""), 1, 0, 0, 0, 0 },
	{ "unknown keys are skipped", REC("23", D256, ",\"recnum\":7"), 1, 0, 0, 0, 0 },
	{ "unknown algorithm is skipped",
	  REC("9", D256 ",{\"hashAlg\":\"sha9\",\"digest\":\"00\"}", ""), 1, 0, 0, 0, 0 },
	{ "an NV record extends no PCR", RS "{\"nv_index\":1,\"digests\":[" D256 "]}\n" GOOD, 1,
	  0, 0, 0, 0 },
	{ "an NV index beside a PCR hides nothing", REC("9", D256, ",\"nv_index\":1"), 1, 0, 0,
	  0, 0 },
	{ "bytes before the first RS", "x" GOOD, 0, ASSAY_F_MAGIC, "RS", 1, 0 },
	{ "no LF at the end", RS "{}", 0, ASSAY_F_TRUNCATED, "record", 1, 0 },
	{ "an RS alone", GOOD RS, 0, ASSAY_F_TRUNCATED, "record", 2, sizeof GOOD - 1 },
	{ "two lines in a record", RS "{\n}\n", 0, ASSAY_F_CANONICAL, "record", 1, 0 },
	{ "an empty record", RS "\n", 0, ASSAY_F_ENCODING, "record", 1, 0 },
	{ "no JSON", GOOD RS "{\"pcr\":}\n", 0, ASSAY_F_ENCODING, "record", 2,
	  sizeof GOOD - 1 },
	{ "a key twice", RS "{\"pcr\":1,\"pcr\":1}\n", 0, ASSAY_F_ENCODING, "record", 1, 0 },
	{ "bytes after the object", RS "{} {}\n", 0, ASSAY_F_ENCODING, "record", 1, 0 },
	{ "not UTF-8", RS "{\"a\":\"\xff\"}\n", 0, ASSAY_F_ENCODING, "record", 1, 0 },
	{ "not an object", RS "[]\n", 0, ASSAY_F_RANGE, "record", 1, 0 },
	{ "no pcr", RS "{\"digests\":[" D256 "]}\n", 0, ASSAY_F_MISSING, "pcr", 1, 0 },
	{ "pcr a string", REC("\"1\"", D256, ""), 0, ASSAY_F_RANGE, "pcr", 1, 0 },
	{ "pcr not whole", REC("1.0", D256, ""), 0, ASSAY_F_RANGE, "pcr", 1, 0 },
	{ "pcr below 0", REC("-1", D256, ""), 0, ASSAY_F_RANGE, "pcr", 1, 0 },
	{ "pcr above 23", REC("24", D256, ""), 0, ASSAY_F_RANGE, "pcr", 1, 0 },
	{ "no digests", RS "{\"pcr\":1}\n", 0, ASSAY_F_MISSING, "digests", 1, 0 },
	{ "digests empty", REC("1", "", ""), 0, ASSAY_F_RANGE, "digests", 1, 0 },
	{ "digests no array", RS "{\"pcr\":1,\"digests\":{}}\n", 0, ASSAY_F_RANGE, "digests", 1,
	  0 },
	{ "nine digests", REC("1", "1,2,3,4,5,6,7,8,9", ""), 0, ASSAY_F_LIMIT, "digests", 1,
	  0 },
	{ "no hashAlg", REC("1", "{\"digest\":\"00\"}", ""), 0, ASSAY_F_MISSING,
	  "digests[].hashAlg", 1, 0 },
	{ "hashAlg a number", REC("1", "{\"hashAlg\":1,\"digest\":\"00\"}", ""), 0,
	  ASSAY_F_RANGE, "digests[].hashAlg", 1, 0 },
	{ "no digest", REC("1", "{\"hashAlg\":\"sha1\"}", ""), 0, ASSAY_F_MISSING,
	  "digests[].digest", 1, 0 },
	{ "digest a number", REC("1", "{\"hashAlg\":\"sha1\",\"digest\":1}", ""), 0,
	  ASSAY_F_RANGE, "digests[].digest", 1, 0 },
	{ "digest not hex", REC("1", "{\"hashAlg\":\"sha1\",\"digest\":\"0g\"}", ""), 0,
	  ASSAY_F_ENCODING, "digests[].digest", 1, 0 },
	{ "digest of another size",
	  REC("1", "{\"hashAlg\":\"sha256\",\"digest\":\"" H1 "\"}", ""), 0, ASSAY_F_RANGE,
	  "digests[].digest", 1, 0 },
	{ "an algorithm twice", REC("1", D256 "," D256, ""), 0, ASSAY_F_DUPLICATE,
	  "digests[].hashAlg", 1, 0 },
	{ "content no object", REC("1", D256, ",\"content\":1"), 0, ASSAY_F_RANGE, "content", 1,
	  0 },
	{ "eventType a number", REC("1", D256, ",\"content\":{\"eventType\":1}"), 0,
	  ASSAY_F_RANGE, "content.eventType", 1, 0 },
	{ "string a number", GOOD REC("1", D256, ",\"content\":{\"string\":1}"), 0,
	  ASSAY_F_RANGE, "content.string", 2, sizeof GOOD - 1 },
};

static void run_rows(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct userlog log = { .n = 77 };
		struct userlog_fault f = { 0 };
		struct platform_message why;
		bool good = userlog_read(
			(struct assay_slice){ (const uint8_t *)rows[i].in, strlen(rows[i].in) },
			&log, &f, &why);
		bool pass = good == !rows[i].field;
		if (good)
			pass = pass && log.n == rows[i].n;
		else
			pass = pass && log.n == 77 && f.fault == rows[i].fault &&
			       strcmp(f.field, rows[i].field) == 0 && f.line == rows[i].line &&
			       f.offset == rows[i].offset && why.why[0] && why.hint[0];
		if (!tap_ok(pass, "%s", rows[i].name))
			printf("# got %d %s line %zu at %zu: %s\n", f.fault,
			       f.field ? f.field : "-", f.line, f.offset, why.why);
		if (good)
			userlog_drop(&log);
	}
}

static bool is(struct assay_slice s, const char *text)
{
	return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

static void run_content(void)
{
	struct platform_message why;
	struct userlog log;
	static const char in[] =
		GOOD REC("15", D256, ",\"content\":{\"string\":\"a\\u0007b\"}");

	if (!tap_ok(userlog_read((struct assay_slice){ (const uint8_t *)in, sizeof in - 1 },
				 &log, NULL, &why),
		    "a log is read"))
		return;
	const struct assay_user_event *ev = log.events;
	tap_ok(ev[0].line == 1 && ev[0].pcr == 12 && ev[0].ndigests == 2, "line, pcr, digests");
	tap_ok(ev[0].digests[0].alg == ASSAY_SHA1 && ev[0].digests[0].n == 20 &&
		       ev[0].digests[0].b[19] == 1 && ev[0].digests[1].alg == ASSAY_SHA256 &&
		       ev[0].digests[1].b[1] == 0x11,
	       "digest bytes");
	tap_ok(is(ev[0].type, "file") && is(ev[0].string, "/etc/x"), "content");
	tap_ok(ev[1].line == 2 && ev[1].type.n == 0 && is(ev[1].string, "a\ab"),
	       "escapes are decoded, an absent type is empty");
	userlog_drop(&log);
}

/* As many records as there may be, and one more. */
static void run_limit(void)
{
	static const char record[] = RS "{\"pcr\":1,\"digests\":[" D1 "]}\n";
	const size_t size = sizeof record - 1, n = ASSAY_USER_EVENTS_MAX;
	uint8_t *all = malloc((n + 1) * size);
	struct platform_message why;
	struct userlog_fault f;
	struct userlog log;

	if (!all)
		return;
	for (size_t i = 0; i <= n; i++)
		memcpy(all + i * size, record, size);
	if (tap_ok(userlog_read((struct assay_slice){ all, n * size }, &log, &f, &why) &&
			   log.n == n,
		   "as many records as there may be"))
		userlog_drop(&log);
	tap_ok(!userlog_read((struct assay_slice){ all, (n + 1) * size }, &log, &f, &why) &&
		       f.fault == ASSAY_F_LIMIT && f.line == n + 1 && f.offset == n * size,
	       "one record more");
	free(all);
}

int main(void)
{
	run_rows();
	run_content();
	run_limit();
	return tap_done();
}
