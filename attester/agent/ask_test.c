/* SPDX-License-Identifier: Apache-2.0
 * What an asker may say: one row for each rule. */
#include "attester/agent/ask.h"
#include "tests/tap.h"

#include <string.h>

static uint8_t in[256];

static size_t question(size_t n, bool long_head)
{
	size_t at = 0;

	in[at++] = 0x82;
	in[at++] = 0x01;
	if (n > 23 || long_head) {
		in[at++] = 0x58;
		in[at++] = (uint8_t)n;
	} else {
		in[at++] = (uint8_t)(0x40 + n);
	}
	memset(in + at, 0xa5, n);
	return at + n;
}

static enum agent_question ask(size_t n)
{
	struct assay_slice nonce = { 0 };

	return agent_question_read((struct assay_slice){ in, n }, &nonce);
}

int main(void)
{
	struct assay_slice nonce = { 0 };
	bool all = true, more = true;
	uint8_t out[32];

	for (size_t n = 0; n <= 80; n++) {
		size_t size = question(n, false);
		bool good = n >= 8 && n <= 64;
		enum agent_question said =
			agent_question_read((struct assay_slice){ in, size }, &nonce);
		all &= said == (good ? AGENT_QUESTION_WHOLE : AGENT_QUESTION_MALFORMED);
		all &= !good || (nonce.n == n && nonce.p == in + size - n);
		for (size_t cut = 0; good && cut < size; cut++)
			more &= ask(cut) == AGENT_QUESTION_MORE;
	}
	tap_ok(all, "a nonce has 8 to 64 bytes");
	tap_ok(more, "what is cut short is not yet all");
	tap_ok(ask(question(23, true)) == AGENT_QUESTION_MALFORMED,
	       "a length that could be shorter is none");
	tap_ok(ask(question(32, false) + 1) == AGENT_QUESTION_MALFORMED,
	       "nothing comes behind");
	question(32, false);
	in[0] = 0x83;
	tap_ok(ask(1) == AGENT_QUESTION_MALFORMED, "an array of two");
	question(32, false);
	in[1] = 0x02;
	tap_ok(ask(2) == AGENT_QUESTION_MALFORMED, "of version 1");
	question(32, false);
	in[2] = 0x78;
	tap_ok(ask(3) == AGENT_QUESTION_MALFORMED, "a text is no nonce");
	tap_ok(agent_refusal_write("busy", out, sizeof out) == 7 && memcmp(out,
									   "\x82\x01\x64"
									   "busy",
									   7) == 0,
	       "a refusal is a word");
	tap_ok(agent_refusal_write("busy", out, 6) == 0, "which must fit");
	return tap_done();
}
