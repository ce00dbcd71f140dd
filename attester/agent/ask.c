/* SPDX-License-Identifier: Apache-2.0 */
#include "attester/agent/ask.h"

#include <string.h>

/* RFC 8949: the only first bytes that a question has. */
enum {
	ARRAY_OF_2 = 0x82,
	VERSION_1 = 0x01,
	BYTES = 0x40,   /* and a length up to 23 */
	BYTES_1 = 0x58, /* a length of one byte follows, 24 at least */
	TEXT = 0x60,
	SHORT_MAX = 23,
};

enum agent_question agent_question_read(struct assay_slice in, struct assay_slice *nonce)
{
	static const uint8_t begin[] = { ARRAY_OF_2, VERSION_1 };
	size_t head = 3, n = 0;

	if (memcmp(in.p, begin, in.n < 2 ? in.n : 2) != 0)
		return AGENT_QUESTION_MALFORMED;
	if (in.n < 3)
		return AGENT_QUESTION_MORE;
	if (in.p[2] >= BYTES && in.p[2] <= BYTES + SHORT_MAX) {
		n = in.p[2] - (size_t)BYTES;
	} else if (in.p[2] == BYTES_1) {
		if (in.n < 4)
			return AGENT_QUESTION_MORE;
		head = 4;
		n = in.p[3] > SHORT_MAX ? in.p[3] : 0;
	}
	if (n < ASSAY_BATCH_NONCE_MIN || n > ASSAY_BATCH_NONCE_MAX)
		return AGENT_QUESTION_MALFORMED;
	if (in.n < head + n)
		return AGENT_QUESTION_MORE;
	if (in.n > head + n)
		return AGENT_QUESTION_MALFORMED;
	*nonce = (struct assay_slice){ in.p + head, n };
	return AGENT_QUESTION_WHOLE;
}

size_t agent_refusal_write(const char *word, uint8_t *out, size_t cap)
{
	size_t n = strlen(word);

	if (n > SHORT_MAX || cap < 3 + n)
		return 0;
	out[0] = ARRAY_OF_2;
	out[1] = VERSION_1;
	out[2] = (uint8_t)(TEXT + n);
	memcpy(out + 3, word, n);
	return 3 + n;
}
