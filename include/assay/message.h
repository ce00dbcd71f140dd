/* SPDX-License-Identifier: Apache-2.0
 *
 * assay/message.h - what a node and a verifier say to each other, as bytes
 * (docs/formats/protocol.md). Deterministic CBOR; what is read aliases the input, what is
 * written goes to the caller's buffer.
 *
 * Each reader checks form alone: lengths, counts, the node id's characters. Whether what is
 * said is true is for others.
 */
#ifndef ASSAY_MESSAGE_H
#define ASSAY_MESSAGE_H

#include <assay/base.h>

#define ASSAY_MEDIA_MESSAGE "application/vnd.assay.message+cbor"

enum {
	ASSAY_MESSAGE_BATCH_MAX = 4096, /* messages in a batch */
	ASSAY_TOKEN_MAX = 128,          /* bytes of an enrolment token */
	ASSAY_COOKIE_MAX =
		8 * 1024, /* bytes of the state between two messages of an enrolment */
	ASSAY_PUBLIC_MAX = 2 * 1024,   /* bytes of a TPM2B_PUBLIC */
	ASSAY_RESULT_MAX = 512 * 1024, /* bytes of a result in an answer */
};

/* 1 to ASSAY_NODE_ID_MAX of A-Z a-z 0-9 . _ : - and a letter or digit first. */
ASSAY_API bool assay_node_id_valid(struct assay_slice id);

/* [ 1, node, ak-name ] */
struct assay_challenge_request {
	struct assay_slice node, ak_name;
};
ASSAY_API ASSAY_MUST_USE bool assay_challenge_request_read(struct assay_slice in,
							   struct assay_challenge_request *out,
							   struct assay_err *err);
/* Every _write returns the bytes written, 0 when cap is too small or a rule of the reader would
 * be broken; out == NULL measures. */
ASSAY_API size_t assay_challenge_request_write(const struct assay_challenge_request *m,
					       uint8_t *out, size_t cap);

/* [ 1, challenge ] */
ASSAY_API ASSAY_MUST_USE bool assay_challenge_answer_read(struct assay_slice in,
							  struct assay_slice *challenge,
							  struct assay_err *err);
ASSAY_API size_t assay_challenge_answer_write(struct assay_slice challenge, uint8_t *out,
					      size_t cap);

/* [ 1, node, challenge, receipt, from, bundle ] */
struct assay_evidence_message {
	struct assay_slice node, challenge, receipt, bundle;
	uint64_t from; /* 0 unless there is a receipt */
};
ASSAY_API ASSAY_MUST_USE bool assay_evidence_message_read(struct assay_slice in,
							  struct assay_evidence_message *out,
							  struct assay_err *err);
ASSAY_API size_t assay_evidence_message_write(const struct assay_evidence_message *m,
					      uint8_t *out, size_t cap);

#define ASSAY_OUTCOMES(X)                                                                      \
	X(APPRAISED, "appraised")                                                              \
	X(SEND_ALL, "send-all")                                                                \
	X(CHALLENGE, "challenge")

enum assay_outcome {
#define X(code, word) ASSAY_OUTCOME_##code,
	ASSAY_OUTCOMES(X)
#undef X
		ASSAY_OUTCOMES_N
};
ASSAY_API const char *assay_outcome_word(enum assay_outcome outcome);

/* [ 1, outcome, result, challenge, receipt, life, interval ]; result is not empty exactly when
 * the outcome is "appraised". */
struct assay_answer {
	enum assay_outcome outcome;
	struct assay_slice result;             /* compact JWS */
	struct assay_slice challenge, receipt; /* receipt may be empty */
	uint64_t life, interval;               /* milliseconds */
};
ASSAY_API ASSAY_MUST_USE bool assay_answer_read(struct assay_slice in, struct assay_answer *out,
						struct assay_err *err);
ASSAY_API size_t assay_answer_write(const struct assay_answer *m, uint8_t *out, size_t cap);

/* [ 1, "begin", node, token, ek-cert, ek-pub, ak-pub ] or [ 1, "finish", cookie, secret ] */
struct assay_enrol_request {
	bool finish;
	struct assay_slice node, token, ek_cert, ek_pub, ak_pub; /* begin */
	struct assay_slice cookie, secret;                       /* finish */
};
ASSAY_API ASSAY_MUST_USE bool assay_enrol_request_read(struct assay_slice in,
						       struct assay_enrol_request *out,
						       struct assay_err *err);
ASSAY_API size_t assay_enrol_request_write(const struct assay_enrol_request *m, uint8_t *out,
					   size_t cap);

/* [ 1, "credential", id-object, secret, cookie ] or [ 1, "done", node, challenge ] */
struct assay_enrol_answer {
	bool done;
	struct assay_slice id_object, secret, cookie; /* credential */
	struct assay_slice node, challenge;           /* done */
};
ASSAY_API ASSAY_MUST_USE bool assay_enrol_answer_read(struct assay_slice in,
						      struct assay_enrol_answer *out,
						      struct assay_err *err);
ASSAY_API size_t assay_enrol_answer_write(const struct assay_enrol_answer *m, uint8_t *out,
					  size_t cap);

/* [ 1, [ * bytes ] ], both ways: at most max messages. */
ASSAY_API ASSAY_MUST_USE bool assay_batch_read(struct assay_slice in, struct assay_slice *out,
					       size_t max, size_t *n, struct assay_err *err);
ASSAY_API size_t assay_batch_write(const struct assay_slice *messages, size_t n, uint8_t *out,
				   size_t cap);

#endif
