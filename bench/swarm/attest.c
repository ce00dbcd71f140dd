/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/swarm/swarm.h"

#include "platform/base64.h"

#include <stdlib.h>
#include <string.h>

static bool post(struct http_client *client, const char *path, const uint8_t *body, size_t n,
		 struct http_answer_in *in, struct swarm_count *c)
{
	struct platform_message why;
	struct assay_slice s = { body, n };

	c->bytes += n;
	if (!http_client_request(client, "POST", path, ASSAY_MEDIA_MESSAGE, s, in, &why)) {
		c->failed++;
		return false;
	}
	c->status[in->status < 600 ? in->status : 0]++;
	if (in->status == 200)
		return true;
	c->refused++;
	return false;
}

static bool ask_challenge(struct http_client *client, struct swarm_node *n, uint8_t *buffer,
			  struct swarm_count *c)
{
	struct assay_challenge_request q = { { (const uint8_t *)n->id, strlen(n->id) },
					     { n->ak_name, n->ak_name_n } };
	struct http_answer_in in;
	struct assay_slice challenge;
	struct assay_err err;
	size_t size = assay_challenge_request_write(&q, buffer, SWARM_MESSAGE);

	if (!post(client, "/v1/challenge", buffer, size, &in, c))
		return false;
	if (!assay_challenge_answer_read(in.body, &challenge, &err) ||
	    challenge.n != sizeof n->challenge)
		bench_die("a challenge that is none");
	memcpy(n->challenge, challenge.p, challenge.n);
	return n->has_challenge = true;
}

/* What the token says of the machine; the generator believes TLS and leaves the signature. */
static bool says(struct assay_slice token, const char *status)
{
	static _Thread_local uint8_t payload[ASSAY_RESULT_MAX];
	const uint8_t *dot = memchr(token.p, '.', token.n), *end;
	char want[64];
	size_t n = 0;

	if (!dot)
		return false;
	dot++;
	end = memchr(dot, '.', token.n - (size_t)(dot - token.p));
	if (!end || !platform_base64_read(PLATFORM_BASE64URL,
					  (struct assay_slice){ dot, (size_t)(end - dot) },
					  payload, sizeof payload, &n))
		return false;
	int w = snprintf(want, sizeof want, "\"ear.status\":\"%s\"", status);
	return memmem(payload, n, want, (size_t)w) != NULL;
}

static void keep(struct swarm_node *n, const struct assay_answer *a)
{
	memcpy(n->challenge, a->challenge.p, sizeof n->challenge);
	if (a->outcome != ASSAY_OUTCOME_APPRAISED)
		return;
	if (a->receipt.n > 0) {
		uint8_t *p = realloc(n->receipt, a->receipt.n);
		if (!p)
			bench_die("memory");
		memcpy(p, a->receipt.p, a->receipt.n);
		n->receipt = p;
	}
	n->receipt_n = a->receipt.n;
}

void swarm_attest(struct http_client *client, struct swarm_node *n,
		  const struct swarm_machine *m, uint8_t *buffer, struct swarm_count *c)
{
	bool whole = false;

	if (!n->has_challenge && !ask_challenge(client, n, buffer, c))
		return;
	for (int tries = 0; tries < 4; tries++) {
		struct http_answer_in in;
		struct assay_answer a;
		struct assay_err err;
		bool warm = !whole && n->receipt_n > 0;
		size_t size = swarm_node_message(n, m, whole, buffer, SWARM_MESSAGE);
		double from = bench_wall();

		if (!post(client, "/v1/evidence", buffer, size, &in, c)) {
			n->has_challenge = false;
			n->receipt_n = 0; /* what it covers is not known */
			return;
		}
		if (!assay_answer_read(in.body, &a, &err) ||
		    a.challenge.n != sizeof n->challenge)
			bench_die("an answer that is none");
		keep(n, &a);
		if (a.outcome == ASSAY_OUTCOME_APPRAISED) {
			bool tampered = swarm_node_tampered(n);
			swarm_count_latency(c, bench_wall() - from);
			c->appraised++;
			c->warm += warm;
			c->affirming += !tampered;
			c->wrong += !says(a.result, tampered ? "contraindicated" : "affirming");
			return;
		}
		whole = true;
		c->send_all += a.outcome == ASSAY_OUTCOME_SEND_ALL;
		c->challenged += a.outcome == ASSAY_OUTCOME_CHALLENGE;
	}
}
