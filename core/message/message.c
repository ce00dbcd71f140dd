/* SPDX-License-Identifier: Apache-2.0
 * What goes back and forth for one attestation, and many of them in one request. */
#include "core/base/slice.h"
#include "core/message/form.h"
#include <assay/message.h>

/* A challenge may be a leaf of a batch: EAT's nonce, RFC 9711. */
enum { CHALLENGE_MIN = 8, CHALLENGE_MAX = 64, OUTCOME_MAX = 16 };

static const struct form request_form = { "challenge-request",
					  NULL,
					  2,
					  { { ITEM_NODE, 0, 0, "node" },
					    { ITEM_BYTES, 1, ASSAY_AK_NAME_MAX, "ak-name" } } };

bool assay_challenge_request_read(struct assay_slice in, struct assay_challenge_request *out,
				  struct assay_err *err)
{
	struct item i[ITEMS_MAX];

	if (message_read(in, &request_form, 1, i, err) < 0)
		return false;
	*out = (struct assay_challenge_request){ i[0].s, i[1].s };
	return true;
}

size_t assay_challenge_request_write(const struct assay_challenge_request *m, uint8_t *out,
				     size_t cap)
{
	const struct item i[ITEMS_MAX] = { { .s = m->node }, { .s = m->ak_name } };

	return message_write(&request_form, i, out, cap);
}

static const struct form challenge_form = { "challenge-answer",
					    NULL,
					    1,
					    { { ITEM_BYTES, CHALLENGE_MIN, CHALLENGE_MAX,
						"challenge" } } };

bool assay_challenge_answer_read(struct assay_slice in, struct assay_slice *challenge,
				 struct assay_err *err)
{
	struct item i[ITEMS_MAX];

	if (message_read(in, &challenge_form, 1, i, err) < 0)
		return false;
	*challenge = i[0].s;
	return true;
}

size_t assay_challenge_answer_write(struct assay_slice challenge, uint8_t *out, size_t cap)
{
	const struct item i[ITEMS_MAX] = { { .s = challenge } };

	return message_write(&challenge_form, i, out, cap);
}

static const struct form evidence_form = { "evidence",
					   NULL,
					   5,
					   { { ITEM_NODE, 0, 0, "node" },
					     { ITEM_BYTES, CHALLENGE_MIN, CHALLENGE_MAX,
					       "challenge" },
					     { ITEM_BYTES, 0, ASSAY_RECEIPT_MAX, "receipt" },
					     { ITEM_UINT, 0, 0, "from" },
					     { ITEM_BYTES, 1, SIZE_MAX, "bundle" } } };

bool assay_evidence_message_read(struct assay_slice in, struct assay_evidence_message *out,
				 struct assay_err *err)
{
	struct item i[ITEMS_MAX];

	if (message_read(in, &evidence_form, 1, i, err) < 0)
		return false;
	/* without a receipt nothing was told before: the bundle is whole */
	if (i[2].s.n == 0 && i[3].n != 0)
		return message_fail(err, ASSAY_F_CONFLICT, "from", i[3].start);
	*out = (struct assay_evidence_message){ .node = i[0].s,
						.challenge = i[1].s,
						.receipt = i[2].s,
						.from = i[3].n,
						.bundle = i[4].s };
	return true;
}

size_t assay_evidence_message_write(const struct assay_evidence_message *m, uint8_t *out,
				    size_t cap)
{
	const struct item i[ITEMS_MAX] = { { .s = m->node },
					   { .s = m->challenge },
					   { .s = m->receipt },
					   { .n = m->from },
					   { .s = m->bundle } };

	if (m->receipt.n == 0 && m->from != 0)
		return 0;
	return message_write(&evidence_form, i, out, cap);
}

static const struct {
	const char *word;
} outcomes[] = {
#define X(code, word) { word },
	ASSAY_OUTCOMES(X)
#undef X
};

const char *assay_outcome_word(enum assay_outcome outcome)
{
	return (size_t)outcome < ASSAY_OUTCOMES_N ? outcomes[outcome].word : "unknown";
}

static const struct form answer_form = { "answer",
					 NULL,
					 6,
					 { { ITEM_WORD, 1, OUTCOME_MAX, "outcome" },
					   { ITEM_WORD, 0, ASSAY_RESULT_MAX, "result" },
					   { ITEM_BYTES, CHALLENGE_MIN, CHALLENGE_MAX,
					     "challenge" },
					   { ITEM_BYTES, 0, ASSAY_RECEIPT_MAX, "receipt" },
					   { ITEM_UINT, 0, 0, "life" },
					   { ITEM_UINT, 0, 0, "interval" } } };

bool assay_answer_read(struct assay_slice in, struct assay_answer *out, struct assay_err *err)
{
	struct item i[ITEMS_MAX];
	unsigned outcome = 0;

	if (message_read(in, &answer_form, 1, i, err) < 0)
		return false;
	while (outcome < ASSAY_OUTCOMES_N &&
	       !slice_is(i[0].s, assay_outcome_word((enum assay_outcome)outcome)))
		outcome++;
	if (outcome == ASSAY_OUTCOMES_N)
		return message_fail(err, ASSAY_F_UNSUPPORTED, "outcome", i[0].start);
	if ((i[1].s.n > 0) != (outcome == ASSAY_OUTCOME_APPRAISED))
		return message_fail(err, ASSAY_F_CONFLICT, "result", i[1].start);
	*out = (struct assay_answer){ .outcome = (enum assay_outcome)outcome,
				      .result = i[1].s,
				      .challenge = i[2].s,
				      .receipt = i[3].s,
				      .life = i[4].n,
				      .interval = i[5].n };
	return true;
}

size_t assay_answer_write(const struct assay_answer *m, uint8_t *out, size_t cap)
{
	const struct item i[ITEMS_MAX] = { { .s = slice_str(assay_outcome_word(m->outcome)) },
					   { .s = m->result },
					   { .s = m->challenge },
					   { .s = m->receipt },
					   { .n = m->life },
					   { .n = m->interval } };

	if ((unsigned)m->outcome >= ASSAY_OUTCOMES_N ||
	    (m->result.n > 0) != (m->outcome == ASSAY_OUTCOME_APPRAISED))
		return 0;
	return message_write(&answer_form, i, out, cap);
}

bool assay_batch_read(struct assay_slice in, struct assay_slice *out, size_t max, size_t *n,
		      struct assay_err *err)
{
	struct cur c = cur_over(in, err);
	size_t items = cbor_array(&c, 2, "batch");

	if (cur_ok(&c) && items != 2)
		cur_fail(&c, ASSAY_F_MISSING, "batch");
	if (!cur_ok(&c) || !message_version(&c))
		return false;

	size_t count = cbor_array(
		&c, max < ASSAY_MESSAGE_BATCH_MAX ? max : ASSAY_MESSAGE_BATCH_MAX, "messages");

	for (size_t i = 0; i < count && cur_ok(&c); i++)
		out[i] = cbor_bytes(&c, "message");
	if (!cur_done(&c, "batch"))
		return false;
	*n = count;
	return true;
}

size_t assay_batch_write(const struct assay_slice *messages, size_t n, uint8_t *out, size_t cap)
{
	struct cbor_out o = { .p = out, .cap = out ? cap : 0 };

	if (n > ASSAY_MESSAGE_BATCH_MAX)
		return 0;
	cbor_put_head(&o, CBOR_ARRAY, 2);
	message_put_version(&o);
	cbor_put_head(&o, CBOR_ARRAY, n);
	for (size_t i = 0; i < n; i++)
		cbor_put_bytes(&o, messages[i]);
	return out && o.full ? 0 : o.n;
}
