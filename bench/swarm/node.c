/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/swarm/swarm.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESET_COUNT = 84 }; /* where it stands in what bench_attest() writes */

void swarm_node_make(struct swarm_node *n, struct assay_crypto *crypto, const char *prefix,
		     size_t number, bool rsa, bool bad)
{
	struct assay_public pub;
	struct assay_err err;

	*n = (struct swarm_node){ .bad = bad, .boots = 1, .clock = 1000 };
	snprintf(n->id, sizeof n->id, "%.16s-%07zu", prefix, number);
	n->key = rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	if (!n->key)
		bench_die("a key");
	bench_public(&n->ak_pub, n->key);
	if (!assay_public_read((struct assay_slice){ n->ak_pub.b, n->ak_pub.n }, &pub, &err))
		bench_die("a public area");
	n->ak_name_n = assay_public_name(crypto, &pub, n->ak_name);
}

bool swarm_node_tampered(const struct swarm_node *n)
{
	return n->bad && n->step > 0;
}

void swarm_node_live(struct swarm_node *n)
{
	if (++n->step < SWARM_STEPS)
		return;
	n->step = 0;
	n->boots++;
	n->receipt_n = 0;
}

static void part(struct assay_bundle *b, enum assay_part which, const void *p, size_t n)
{
	b->present[which] = true;
	b->part[which] = (struct assay_slice){ p, n };
}

static void quote(struct swarm_node *n, const struct swarm_step *step, struct bench_out *msg,
		  struct bench_out *sig)
{
	n->clock += 100;
	bench_attest(msg, step->pcr_digest, n->challenge, n->clock);
	for (size_t i = 0; i < 4; i++)
		msg->b[RESET_COUNT + i] = (uint8_t)(n->boots >> 8 * (3 - i));
	bench_sign(sig, n->key, msg);
}

size_t swarm_node_message(struct swarm_node *n, const struct swarm_machine *m, bool whole,
			  uint8_t *out, size_t cap)
{
	static _Thread_local uint8_t packed[SWARM_MESSAGE];
	const struct swarm_list *l = swarm_node_tampered(n) ? &m->tampered : &m->good;
	const struct swarm_step *step = &l->step[n->step];
	struct bench_out msg = { .n = 0 }, sig = { .n = 0 };
	struct assay_bundle b = { 0 };
	size_t from = 0;

	whole = whole || n->receipt_n == 0;
	for (size_t i = 0; !whole && i < SWARM_STEPS; i++)
		if (l->step[i].entries == n->from)
			from = l->step[i].bytes;
	quote(n, step, &msg, &sig);
	part(&b, ASSAY_PART_QUOTE_MSG, msg.b, msg.n);
	part(&b, ASSAY_PART_QUOTE_SIG, sig.b, sig.n);
	part(&b, ASSAY_PART_AK_PUB, n->ak_pub.b, n->ak_pub.n);
	part(&b, ASSAY_PART_IMA_BINARY, l->bytes.p + from, step->bytes - from);
	if (whole)
		part(&b, ASSAY_PART_EVENTLOG, m->log.p, m->log.n);
	struct assay_evidence_message message = {
		.node = { (const uint8_t *)n->id, strlen(n->id) },
		.challenge = { n->challenge, sizeof n->challenge },
		.receipt = { n->receipt, whole ? 0 : n->receipt_n },
		.from = whole ? 0 : n->from,
		.bundle = { packed, assay_bundle_write(&b, packed, sizeof packed) },
	};
	size_t size = assay_evidence_message_write(&message, out, cap);
	if (size == 0)
		bench_die("a message");
	n->from = step->entries;
	return size;
}
