/* SPDX-License-Identifier: Apache-2.0
 * Target: every reader of a message; the first byte chooses one. Properties: what was read is
 * written to the same bytes again, by measure and in a buffer of just that size; what was not
 * has a fault and a field, at an offset inside the input. */
#include <assay/message.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct assay_err err;

#define AGAIN(write, ...)                                                                      \
	do {                                                                                   \
		assert(write(__VA_ARGS__, NULL, 0) == in.n);                                   \
		assert(write(__VA_ARGS__, out, in.n) == in.n);                                 \
		assert(memcmp(out, in.p, in.n) == 0);                                          \
		assert(write(__VA_ARGS__, out, in.n - 1) == 0);                                \
	} while (0)

static bool attestation(uint8_t which, struct assay_slice in, uint8_t *out)
{
	static struct assay_slice messages[ASSAY_MESSAGE_BATCH_MAX];
	struct assay_challenge_request request;
	struct assay_evidence_message evidence;
	struct assay_slice challenge;
	struct assay_answer answer;
	size_t n;

	if (which == 0 && assay_challenge_request_read(in, &request, &err))
		AGAIN(assay_challenge_request_write, &request);
	else if (which == 1 && assay_challenge_answer_read(in, &challenge, &err))
		AGAIN(assay_challenge_answer_write, challenge);
	else if (which == 2 && assay_evidence_message_read(in, &evidence, &err))
		AGAIN(assay_evidence_message_write, &evidence);
	else if (which == 3 && assay_answer_read(in, &answer, &err))
		AGAIN(assay_answer_write, &answer);
	else if (which == 4 &&
		 assay_batch_read(in, messages, ASSAY_MESSAGE_BATCH_MAX, &n, &err))
		AGAIN(assay_batch_write, messages, n);
	else
		return false;
	return true;
}

static bool enrolment(uint8_t which, struct assay_slice in, uint8_t *out)
{
	struct assay_enrol_request request;
	struct assay_enrol_answer answer;

	if (which == 5 && assay_enrol_request_read(in, &request, &err))
		AGAIN(assay_enrol_request_write, &request);
	else if (which == 6 && assay_enrol_answer_read(in, &answer, &err))
		AGAIN(assay_enrol_answer_write, &answer);
	else
		return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t which, *out = malloc(size + 1);

	assert(out);
	if (size > 0) {
		which = (uint8_t)(data[0] - '0') % 7;
		struct assay_slice in = { data + 1, size - 1 };
		bool ok = which < 5 ? attestation(which, in, out) : enrolment(which, in, out);
		assert(ok == (err.fault == ASSAY_F_OK));
		assert(ok || (err.field && err.offset <= in.n));
	}
	free(out);
	return 0;
}
