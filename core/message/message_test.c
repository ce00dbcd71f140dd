/* SPDX-License-Identifier: Apache-2.0
 * Messages: one row per rule, the name says which; a message of each kind at each length; what
 * the writers refuse. The first byte of a row names the reader, as in the fuzz target's
 * corpus; offsets count from the byte behind it. */
#include "core/base/slice.h"
#include "tests/rows.h"
#include <assay/message.h>

static struct assay_slice messages[3];

static bool read_any(uint8_t which, struct assay_slice in, struct assay_err *err, void *out,
		     size_t *size)
{
	size_t n = 0;

	switch (which) {
	case '0':
		*size = sizeof(struct assay_challenge_request);
		return assay_challenge_request_read(in, out, err);
	case '1':
		*size = sizeof(struct assay_slice);
		return assay_challenge_answer_read(in, out, err);
	case '2':
		*size = sizeof(struct assay_evidence_message);
		return assay_evidence_message_read(in, out, err);
	case '3':
		*size = sizeof(struct assay_answer);
		return assay_answer_read(in, out, err);
	case '4':
		*size = 0; /* messages may be written; how many they are is not */
		n = 77;
		bool ok = assay_batch_read(in, messages, 3, &n, err);
		return ok || n != 77 ? ok : false;
	case '5':
		*size = sizeof(struct assay_enrol_request);
		return assay_enrol_request_read(in, out, err);
	default:
		*size = sizeof(struct assay_enrol_answer);
		return assay_enrol_answer_read(in, out, err);
	}
}

static bool read(struct assay_slice in, struct assay_err *err, bool *untouched)
{
	uint8_t out[256];
	size_t size;

	memset(out, 0x55, sizeof out);
	bool ok = read_any(in.p[0], slice_part(in, 1, in.n), err, out, &size);
	*untouched = slice_all((struct assay_slice){ out, sizeof out }, 0x55);
	return ok;
}

/* offsets in evidence: 0 array, 1 version, 2 node, 5 challenge, 14 receipt, 15 from, 16 bundle
 */
#define C8                                                                                     \
	"\x48"                                                                                 \
	"8 bytes!"
#define C7                                                                                     \
	"\x47"                                                                                 \
	"7 bytes"
#define C65                                                                                    \
	"\x58\x41"                                                                             \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"                     \
	"x"
#define EVIDENCE "2\x86\x01\x62n1" C8
#define ANSWER "3\x87\x01"
#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16
#define BEGIN                                                                                  \
	"5\x87\x01\x65"                                                                        \
	"begin"                                                                                \
	"\x62n1"
#define FINISH                                                                                 \
	"5\x84\x01\x66"                                                                        \
	"finish"
#define CREDENTIAL                                                                             \
	"6\x85\x01\x6a"                                                                        \
	"credential"
#define DONE                                                                                   \
	"6\x84\x01\x64"                                                                        \
	"done"

/* clang-format off */
static const struct row rows[] = {
	{ "challenge-request", IN("0\x83\x01\x62n1\x42\x00\x0b"), READS },
	{ "nothing", IN("0"), ASSAY_F_TRUNCATED, "challenge-request", 0 },
	{ "not an array", IN("0\xa0"), ASSAY_F_UNSUPPORTED, "challenge-request", 0 },
	{ "an array of no items", IN("0\x80"), ASSAY_F_MISSING, "challenge-request", 0 },
	{ "an item too few", IN("0\x82\x01\x62n1"), ASSAY_F_MISSING, "challenge-request", 0 },
	{ "an item too many", IN("0\x84\x01\x62n1\x42\x00\x0b\x00"), ASSAY_F_LIMIT, "challenge-request", 0 },
	{ "an array in more bytes than needed", IN("0\x98\x03\x01"), ASSAY_F_CANONICAL, "challenge-request", 0 },
	{ "version 0", IN("0\x83\x00\x62n1\x42\x00\x0b"), ASSAY_F_UNSUPPORTED, "version", 1 },
	{ "version 2", IN("0\x83\x02\x62n1\x42\x00\x0b"), ASSAY_F_UNSUPPORTED, "version", 1 },
	{ "version as text", IN("0\x83\x61" "1\x62n1\x42\x00\x0b"), ASSAY_F_UNSUPPORTED, "version", 1 },
	{ "node as bytes", IN("0\x83\x01\x42n1\x42\x00\x0b"), ASSAY_F_UNSUPPORTED, "node", 2 },
	{ "a node of no letters", IN("0\x83\x01\x60\x42\x00\x0b"), ASSAY_F_RANGE, "node", 2 },
	{ "a node with a slash", IN("0\x83\x01\x62n/\x42\x00\x0b"), ASSAY_F_RANGE, "node", 2 },
	{ "a node that is no UTF-8", IN("0\x83\x01\x62n\xff\x42\x00\x0b"), ASSAY_F_ENCODING, "node", 2 },
	{ "an AK name of no bytes", IN("0\x83\x01\x62n1\x40"), ASSAY_F_RANGE, "ak-name", 5 },
	{ "an AK name of 67 bytes", IN("0\x83\x01\x62n1\x58\x43" X64 "xxx"), ASSAY_F_LIMIT, "ak-name", 5 },
	{ "an AK name of 66 bytes", IN("0\x83\x01\x62n1\x58\x42" X64 "xx"), READS },
	{ "an AK name as text", IN("0\x83\x01\x62n1\x62xx"), ASSAY_F_UNSUPPORTED, "ak-name", 5 },
	{ "bytes behind it", IN("0\x83\x01\x62n1\x42\x00\x0b\x00"), ASSAY_F_TRAILING, "challenge-request", 8 },

	{ "challenge-answer", IN("1\x82\x01" C8), READS },
	{ "a challenge of 7 bytes", IN("1\x82\x01" C7), ASSAY_F_RANGE, "challenge", 2 },
	{ "a challenge of 65 bytes", IN("1\x82\x01" C65), ASSAY_F_LIMIT, "challenge", 2 },

	{ "evidence, whole", IN(EVIDENCE "\x40\x00\x41x"), READS },
	{ "evidence behind a receipt", IN(EVIDENCE "\x42rr\x18\x64\x41x"), READS },
	{ "a receipt from the first entry on", IN(EVIDENCE "\x42rr\x00\x41x"), READS },
	{ "from without a receipt", IN(EVIDENCE "\x40\x01\x41x"), ASSAY_F_CONFLICT, "from", 15 },
	{ "from below zero", IN(EVIDENCE "\x40\x20\x41x"), ASSAY_F_UNSUPPORTED, "from", 15 },
	{ "from in more bytes than needed", IN(EVIDENCE "\x41r\x18\x01\x41x"), ASSAY_F_CANONICAL, "from", 16 },
	{ "a bundle of no bytes", IN(EVIDENCE "\x40\x00\x40"), ASSAY_F_RANGE, "bundle", 16 },
	{ "a bundle longer than the input", IN(EVIDENCE "\x40\x00\x5b\xff\xff\xff\xff\xff\xff\xff\xffx"), ASSAY_F_TRUNCATED, "bundle", 16 },
	{ "evidence with a challenge too short", IN("2\x86\x01\x62n1" C7), ASSAY_F_RANGE, "challenge", 5 },
	{ "evidence with a challenge too long", IN("2\x86\x01\x62n1" C65), ASSAY_F_LIMIT, "challenge", 5 },
	{ "evidence of a node with a capital and marks", IN("2\x86\x01\x66" "A9._:-" C8 "\x40\x00\x41x"), READS },
	{ "evidence of a node that begins with a mark", IN("2\x86\x01\x62-1" C8), ASSAY_F_RANGE, "node", 2 },

	{ "an answer: appraised", IN(ANSWER "\x69" "appraised" "\x65" "e.a.r" C8 "\x41r\x18\x64\x18\x65"), READS },
	{ "an answer: appraised, without a receipt", IN(ANSWER "\x69" "appraised" "\x61" "e" C8 "\x40\x00\x00"), READS },
	{ "an answer: send-all", IN(ANSWER "\x68" "send-all" "\x60" C8 "\x40\x00\x00"), READS },
	{ "an answer: challenge", IN(ANSWER "\x69" "challenge" "\x60" C8 "\x40\x00\x00"), READS },
	{ "an outcome that nobody knows", IN(ANSWER "\x69" "Appraised" "\x61" "e" C8 "\x40\x00\x00"), ASSAY_F_UNSUPPORTED, "outcome", 2 },
	{ "an outcome of no letters", IN(ANSWER "\x60"), ASSAY_F_RANGE, "outcome", 2 },
	{ "an outcome of 17 letters", IN(ANSWER "\x71" X16 "x"), ASSAY_F_LIMIT, "outcome", 2 },
	{ "appraised, and no result", IN(ANSWER "\x69" "appraised" "\x60" C8 "\x40\x00\x00"), ASSAY_F_CONFLICT, "result", 12 },
	{ "send-all, and a result", IN(ANSWER "\x68" "send-all" "\x61" "e" C8 "\x40\x00\x00"), ASSAY_F_CONFLICT, "result", 11 },
	{ "challenge, and a result", IN(ANSWER "\x69" "challenge" "\x61" "e" C8 "\x40\x00\x00"), ASSAY_F_CONFLICT, "result", 12 },
	{ "a result with a space", IN(ANSWER "\x69" "appraised" "\x62" "e " C8 "\x40\x00\x00"), ASSAY_F_RANGE, "result", 12 },
	{ "a result with a letter beyond ASCII", IN(ANSWER "\x69" "appraised" "\x62" "\xc3\xa9" C8 "\x40\x00\x00"), ASSAY_F_RANGE, "result", 12 },
	{ "a result as bytes", IN(ANSWER "\x69" "appraised" "\x41" "e"), ASSAY_F_UNSUPPORTED, "result", 12 },
	{ "an answer without a challenge", IN(ANSWER "\x68" "send-all" "\x60\x40\x40\x00\x00"), ASSAY_F_RANGE, "challenge", 12 },
	{ "an answer with a challenge too long", IN(ANSWER "\x68" "send-all" "\x60" C65), ASSAY_F_LIMIT, "challenge", 12 },
	{ "a life below zero", IN(ANSWER "\x68" "send-all" "\x60" C8 "\x40\x20\x00"), ASSAY_F_UNSUPPORTED, "life", 22 },
	{ "an interval as bytes", IN(ANSWER "\x68" "send-all" "\x60" C8 "\x40\x00\x40"), ASSAY_F_UNSUPPORTED, "interval", 23 },

	{ "a batch of none", IN("4\x82\x01\x80"), READS },
	{ "a batch of three", IN("4\x82\x01\x83\x41" "a\x40\x41" "b"), READS },
	{ "a batch of more than there is room for", IN("4\x82\x01\x84"), ASSAY_F_LIMIT, "messages", 2 },
	{ "a batch of one item", IN("4\x81\x01"), ASSAY_F_MISSING, "batch", 0 },
	{ "a batch of three items", IN("4\x83\x01"), ASSAY_F_LIMIT, "batch", 0 },
	{ "a batch of version 2", IN("4\x82\x02\x80"), ASSAY_F_UNSUPPORTED, "version", 1 },
	{ "a message that is text", IN("4\x82\x01\x82\x41" "a\x61" "b"), ASSAY_F_UNSUPPORTED, "message", 5 },
	{ "bytes behind a batch", IN("4\x82\x01\x80\x00"), ASSAY_F_TRAILING, "batch", 3 },

	{ "begin", IN(BEGIN "\x61t\x42" "cc" "\x41" "e\x41" "a"), READS },
	{ "begin without a certificate", IN(BEGIN "\x61t\x40\x41" "e\x41" "a"), READS },
	{ "begin of a node with a space", IN("5\x87\x01\x65" "begin" "\x62n "), ASSAY_F_RANGE, "node", 8 },
	{ "a token of no letters", IN(BEGIN "\x60"), ASSAY_F_RANGE, "token", 11 },
	{ "a token with a space", IN(BEGIN "\x62t "), ASSAY_F_RANGE, "token", 11 },
	{ "a token with DEL", IN(BEGIN "\x62t\x7f"), ASSAY_F_RANGE, "token", 11 },
	{ "a token of 129 letters", IN(BEGIN "\x78\x81" X64 X64 "x"), ASSAY_F_LIMIT, "token", 11 },
	{ "a token of 128 letters", IN(BEGIN "\x78\x80" X64 X64 "\x40\x41" "e\x41" "a"), READS },
	{ "no EK", IN(BEGIN "\x61t\x40\x40"), ASSAY_F_RANGE, "ek-pub", 14 },
	{ "no AK", IN(BEGIN "\x61t\x40\x41" "e\x40"), ASSAY_F_RANGE, "ak-pub", 16 },
	{ "begin of six items", IN("5\x86\x01\x65" "begin"), ASSAY_F_MISSING, "enrol", 0 },
	{ "finish", IN(FINISH "\x41" "c\x41s"), READS },
	{ "finish of seven items", IN("5\x87\x01\x66" "finish"), ASSAY_F_LIMIT, "enrol", 0 },
	{ "finish without a cookie", IN(FINISH "\x40\x41s"), ASSAY_F_RANGE, "cookie", 9 },
	{ "finish without a secret", IN(FINISH "\x41" "c\x40"), ASSAY_F_RANGE, "secret", 11 },
	{ "finish with a secret of 65 bytes", IN(FINISH "\x41" "c\x58\x41" X64 "x"), ASSAY_F_LIMIT, "secret", 11 },
	{ "a kind that nobody knows", IN("5\x84\x01\x63" "end"), ASSAY_F_UNSUPPORTED, "kind", 2 },
	{ "the kind of an answer", IN("5\x84\x01\x64" "done"), ASSAY_F_UNSUPPORTED, "kind", 2 },
	{ "an array of the version alone", IN("5\x81\x01"), ASSAY_F_MISSING, "enrol", 0 },
	{ "an array of eight", IN("5\x88\x01"), ASSAY_F_LIMIT, "enrol", 0 },

	{ "credential", IN(CREDENTIAL "\x41i\x41s\x41" "c"), READS },
	{ "credential of four items", IN("6\x84\x01\x6a" "credential"), ASSAY_F_MISSING, "enrol-answer", 0 },
	{ "credential without its blob", IN(CREDENTIAL "\x40"), ASSAY_F_RANGE, "id-object", 13 },
	{ "credential without its secret", IN(CREDENTIAL "\x41i\x40"), ASSAY_F_RANGE, "secret", 15 },
	{ "credential without a cookie", IN(CREDENTIAL "\x41i\x41s\x40"), ASSAY_F_RANGE, "cookie", 17 },
	{ "done", IN(DONE "\x62n1" C8), READS },
	{ "done for no node", IN(DONE "\x60" C8), ASSAY_F_RANGE, "node", 7 },
	{ "done with a challenge too short", IN(DONE "\x62n1" C7), ASSAY_F_RANGE, "challenge", 10 },
	{ "done with a challenge too long", IN(DONE "\x62n1" C65), ASSAY_F_LIMIT, "challenge", 10 },
};
/* clang-format on */

/* A message that reads is a message at its whole length alone, and its fault is never told of
 * a place outside it. */
static void test_truncations(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct assay_slice in = { (const uint8_t *)rows[i].in, rows[i].n };
		bool refused = true;

		if (rows[i].want != ASSAY_F_OK)
			continue;
		for (size_t cut = 1; cut < in.n; cut++) {
			struct assay_err err;
			uint8_t out[256], *copy = malloc(cut);
			size_t size;

			if (!copy)
				exit(1);
			memcpy(copy, in.p, cut);
			refused = refused &&
				  !read_any(copy[0], (struct assay_slice){ copy + 1, cut - 1 },
					    &err, out, &size) &&
				  err.fault == ASSAY_F_TRUNCATED && err.offset < cut;
			free(copy);
		}
		tap_ok(refused, "%s: truncated at each length", rows[i].name);
	}
}

#define BIG(n) ((struct assay_slice){ big, n })

/* Each limit, from both sides: what the writer refuses and what it does not. */
static void test_limits(void)
{
	static uint8_t big[ASSAY_RESULT_MAX + 1];
	struct assay_slice c = slice_str("8 bytes!"), s = slice_str("x"), none = { 0 };

	memset(big, 'x', sizeof big);
#define EV(...)                                                                                \
	assay_evidence_message_write(&(struct assay_evidence_message){ __VA_ARGS__ }, NULL, 0)
#define AN(...) assay_answer_write(&(struct assay_answer){ __VA_ARGS__ }, NULL, 0)
#define BEGIN_OF(cert, ek, ak)                                                                 \
	assay_enrol_request_write(                                                             \
		&(struct assay_enrol_request){                                                 \
			.node = s, .token = s, .ek_cert = cert, .ek_pub = ek, .ak_pub = ak },  \
		NULL, 0)
#define FINISH_OF(...)                                                                         \
	assay_enrol_request_write(                                                             \
		&(struct assay_enrol_request){ .finish = true, .secret = s, __VA_ARGS__ },     \
		NULL, 0)
#define CREDENTIAL_OF(i, e, c)                                                                 \
	assay_enrol_answer_write(                                                              \
		&(struct assay_enrol_answer){ .id_object = i, .secret = e, .cookie = c },      \
		NULL, 0)
	const struct {
		const char *name;
		size_t n;
		bool writes;
	} limits[] = {
		{ "a receipt of the limit", EV(s, c, BIG(ASSAY_RECEIPT_MAX), s, 1), true },
		{ "a receipt above it", EV(s, c, BIG(ASSAY_RECEIPT_MAX + 1), s, 1), false },
		{ "from without a receipt", EV(s, c, none, s, 1), false },
		{ "a node of 128", EV(BIG(128), c, none, s, 0), true },
		{ "a node of 129", EV(BIG(129), c, none, s, 0), false },
		{ "no node", EV(none, c, none, s, 0), false },
		{ "no bundle", EV(s, c, none, none, 0), false },
		{ "a result of the limit", AN(0, BIG(ASSAY_RESULT_MAX), c, none, 0, 0), true },
		{ "a result above it", AN(0, BIG(ASSAY_RESULT_MAX + 1), c, none, 0, 0), false },
		{ "appraised without a result", AN(0, none, c, none, 0, 0), false },
		{ "send-all with a result", AN(ASSAY_OUTCOME_SEND_ALL, s, c, none, 0, 0),
		  false },
		{ "no such outcome", AN(ASSAY_OUTCOMES_N, none, c, none, 0, 0), false },
		{ "a certificate of the limit", BEGIN_OF(BIG(ASSAY_CERT_MAX), s, s), true },
		{ "a certificate above it", BEGIN_OF(BIG(ASSAY_CERT_MAX + 1), s, s), false },
		{ "an EK of the limit", BEGIN_OF(none, BIG(ASSAY_PUBLIC_MAX), s), true },
		{ "an EK above it", BEGIN_OF(none, BIG(ASSAY_PUBLIC_MAX + 1), s), false },
		{ "an AK above it", BEGIN_OF(none, s, BIG(ASSAY_PUBLIC_MAX + 1)), false },
		{ "a cookie of the limit", FINISH_OF(.cookie = BIG(ASSAY_COOKIE_MAX)), true },
		{ "a cookie above it", FINISH_OF(.cookie = BIG(ASSAY_COOKIE_MAX + 1)), false },
		{ "an answer's cookie above it", CREDENTIAL_OF(s, s, BIG(ASSAY_COOKIE_MAX + 1)),
		  false },
		{ "a credential above the limit",
		  CREDENTIAL_OF(BIG(ASSAY_PUBLIC_MAX + 1), s, s), false },
		{ "its secret above it", CREDENTIAL_OF(s, BIG(ASSAY_PUBLIC_MAX + 1), s),
		  false },
		{ "a batch above the limit",
		  assay_batch_write(messages, ASSAY_MESSAGE_BATCH_MAX + 1, NULL, 0), false },
	};

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		tap_ok((limits[i].n > 0) == limits[i].writes, "written: %s", limits[i].name);
}

int main(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		test_row(&rows[i], read);
	test_truncations();
	test_limits();
	tap_ok(strcmp(assay_outcome_word(ASSAY_OUTCOMES_N), "unknown") == 0,
	       "no such outcome has no word");
	return tap_done();
}
