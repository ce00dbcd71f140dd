/* SPDX-License-Identifier: Apache-2.0
 * The two questions and two answers of an enrolment. */
#include "core/message/form.h"
#include <assay/message.h>

static const struct form request_forms[] = {
	{ "enrol",
	  "begin",
	  5,
	  { { ITEM_NODE, 0, 0, "node" },
	    { ITEM_WORD, 1, ASSAY_TOKEN_MAX, "token" },
	    { ITEM_BYTES, 0, ASSAY_CERT_MAX, "ek-cert" },
	    { ITEM_BYTES, 1, ASSAY_PUBLIC_MAX, "ek-pub" },
	    { ITEM_BYTES, 1, ASSAY_PUBLIC_MAX, "ak-pub" } } },
	{ "enrol",
	  "finish",
	  2,
	  { { ITEM_BYTES, 1, ASSAY_COOKIE_MAX, "cookie" },
	    { ITEM_BYTES, 1, ASSAY_DIGEST_MAX, "secret" } } },
};

bool assay_enrol_request_read(struct assay_slice in, struct assay_enrol_request *out,
			      struct assay_err *err)
{
	struct item i[ITEMS_MAX];
	int form = message_read(in, request_forms, 2, i, err);

	if (form < 0)
		return false;
	if (form == 1)
		*out = (struct assay_enrol_request){ .finish = true,
						     .cookie = i[0].s,
						     .secret = i[1].s };
	else
		*out = (struct assay_enrol_request){ .node = i[0].s,
						     .token = i[1].s,
						     .ek_cert = i[2].s,
						     .ek_pub = i[3].s,
						     .ak_pub = i[4].s };
	return true;
}

size_t assay_enrol_request_write(const struct assay_enrol_request *m, uint8_t *out, size_t cap)
{
	const struct item begin[ITEMS_MAX] = { { .s = m->node },
					       { .s = m->token },
					       { .s = m->ek_cert },
					       { .s = m->ek_pub },
					       { .s = m->ak_pub } };
	const struct item finish[ITEMS_MAX] = { { .s = m->cookie }, { .s = m->secret } };

	return message_write(&request_forms[m->finish], m->finish ? finish : begin, out, cap);
}

/* id-object and secret: TPM2B_ID_OBJECT and TPM2B_ENCRYPTED_SECRET, which for an RSA key is as
 * long as its modulus. */
static const struct form answer_forms[] = {
	{ "enrol-answer",
	  "credential",
	  3,
	  { { ITEM_BYTES, 1, ASSAY_PUBLIC_MAX, "id-object" },
	    { ITEM_BYTES, 1, ASSAY_PUBLIC_MAX, "secret" },
	    { ITEM_BYTES, 1, ASSAY_COOKIE_MAX, "cookie" } } },
	{ "enrol-answer",
	  "done",
	  2,
	  { { ITEM_NODE, 0, 0, "node" }, { ITEM_BYTES, 8, 64, "challenge" } } },
};

bool assay_enrol_answer_read(struct assay_slice in, struct assay_enrol_answer *out,
			     struct assay_err *err)
{
	struct item i[ITEMS_MAX];
	int form = message_read(in, answer_forms, 2, i, err);

	if (form < 0)
		return false;
	if (form == 1)
		*out = (struct assay_enrol_answer){ .done = true,
						    .node = i[0].s,
						    .challenge = i[1].s };
	else
		*out = (struct assay_enrol_answer){ .id_object = i[0].s,
						    .secret = i[1].s,
						    .cookie = i[2].s };
	return true;
}

size_t assay_enrol_answer_write(const struct assay_enrol_answer *m, uint8_t *out, size_t cap)
{
	const struct item credential[ITEMS_MAX] = { { .s = m->id_object },
						    { .s = m->secret },
						    { .s = m->cookie } };
	const struct item done[ITEMS_MAX] = { { .s = m->node }, { .s = m->challenge } };

	return message_write(&answer_forms[m->done], m->done ? done : credential, out, cap);
}
