/* SPDX-License-Identifier: Apache-2.0
 *
 * ask - what an asker at the local socket says and gets, as bytes (deterministic CBOR):
 *
 *   question = [ 1, nonce: bytes .size (8..64) ]
 *   answer   = a bundle (CMW collection): quote.msg, quote.sig, ak.pub, batch
 *            / [ 1, word: text ]        "malformed", "busy", "tpm"
 *
 * One question on a connection; the answer ends with it.
 */
#pragma once
#include <assay/merkle.h>

enum { AGENT_QUESTION_MAX = 4 + ASSAY_BATCH_NONCE_MAX };

enum agent_question { AGENT_QUESTION_WHOLE, AGENT_QUESTION_MORE, AGENT_QUESTION_MALFORMED };

/* MORE: what came is the beginning of a question. The nonce aliases the input. */
enum agent_question agent_question_read(struct assay_slice in, struct assay_slice *nonce);

/* [ 1, word ] to out; returns its length, 0 when it does not fit. word: at most 23 bytes. */
size_t agent_refusal_write(const char *word, uint8_t *out, size_t cap);
